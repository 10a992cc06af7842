//! Until when an agent sells: by a button, or by a day that is typed.
use super::{asked::AgencyAsked, changed, go, open};
use crate::base::format::Voice;
use crate::base::texts::args;
use crate::base::{DAY, Fault, PersonId, Time};
use crate::bot::admin::words;
use crate::bot::input;
use crate::bot::kit::pick;
use crate::bot::page::page;
use crate::bot::route::AgencyRoute as Y;
use crate::bot::screen::{Answer, Screen};
use crate::bot::turn::Turn;
use crate::shop::accounts::{Admin, Right};
use crate::shop::agents::{self, Agency};
use crate::shop::reports::{day_ends, day_number, typed_day};

/// Days that have a button.
const OFFERED: [i64; 3] = [30, 90, 365];

/// Until when?
pub async fn ask(turn: &Turn, by: Admin, person: PersonId) -> Result<Answer, Fault> {
    let voice = turn.voice();
    if let Some(told) = words::lacks(&voice, by, Right::Staff) {
        return Ok(Answer::alert(told));
    }
    let Some(agency) = agents::agency(turn.app.db.read(), person).await? else {
        return Ok(Answer::alert(voice.t("agencies-unknown")));
    };
    open(turn, AgencyAsked::Until { person }, view(&voice, &agency, "")).await
}

/// So many days on top of what he has.
fn later(voice: &Voice, agency: &Agency, days: i64) -> Time {
    agency.until.map_or(voice.now, |until| until.max(voice.now)).after(days * DAY)
}

pub(super) fn view(voice: &Voice, agency: &Agency, wrong: &str) -> Screen {
    let person = agency.person;
    let is = match agency.until {
        Some(at) => voice.t_args("agency-until", &args!["date" => voice.date(at)]),
        None => voice.t("agencies-forever").to_owned(),
    };
    let title =
        voice.t_args("agencies-until-title", &args!["first" => agency.first_name.as_str(), "last" => agency.last_name.as_str()]);
    let button = |days: i64| {
        let at = later(voice, agency, days);
        let label = voice.label("agencies-until-days", &args!["date" => voice.date(at)]);
        pick(Y::Until { person, last: day_number(voice.zone, at) }, label)
    };
    Screen::new(page(&title, [is, wrong.to_owned()], voice.t("agencies-until-ask")))
        .rows(OFFERED.map(|days| vec![button(days)]))
        .row([go(voice, Y::Forever { person })])
        .row([words::stop(voice)])
        .row([go(voice, Y::Show { person })])
}

/// Sells until the end of this day; `None` is for ever.
pub async fn set(turn: &Turn, by: Admin, person: PersonId, last: Option<u32>) -> Result<Answer, Fault> {
    let (now, mine, until) = (turn.now, turn.clone(), last.map(|last| day_ends(turn.settings.zone(), last)));
    if until.is_some_and(|until| until <= now) {
        return Ok(Answer::alert(turn.voice().t("agencies-until-past")));
    }
    let outcome = turn
        .app
        .write(move |tx| {
            Box::pin(async move {
                agents::set_until(tx, &by, person, until, now).await?;
                Ok(input::close(tx, &mine).await?)
            })
        })
        .await;
    changed(turn, by, person, outcome).await
}

/// The day was typed, in either calendar.
pub async fn typed(turn: &Turn, by: Admin, person: PersonId, text: &str) -> Result<Answer, Fault> {
    let voice = turn.voice();
    let zone = turn.settings.zone();
    let wrong = match typed_day(text) {
        Some(last) if day_ends(zone, last) > turn.now => return set(turn, by, person, Some(last)).await,
        Some(_) => "agencies-until-past",
        None => "agencies-until-unread",
    };
    let Some(agency) = agents::agency(turn.app.db.read(), person).await? else {
        return Ok(Answer::alert(voice.t("agencies-unknown")));
    };
    Ok(view(&voice, &agency, voice.t(wrong)).into())
}
