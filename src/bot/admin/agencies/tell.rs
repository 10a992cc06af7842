//! A message to all agents, or to those of a tier: typed, shown as they will read it with the exact number of receivers, and sent by
//! one tap.
//!
//! The message's key is minted with the screen that shows it, and lies with the words in the dialogue: a second tap finds nothing to do.
use super::{asked::AgencyAsked, go, open};
use crate::base::Fault;
use crate::base::format::{Voice, number};
use crate::base::texts::args;
use crate::bot::admin::words;
use crate::bot::input::{self, Input};
use crate::bot::kit::pick;
use crate::bot::page::{escaped, page};
use crate::bot::route::AgencyRoute as Y;
use crate::bot::screen::{Answer, Screen};
use crate::bot::turn::Turn;
use crate::shop::accounts::{Admin, Right};
use crate::shop::agents::{self, Audience, MESSAGE_CHARS_MAX, Message, TellError, Tier};

/// To whom?
pub async fn ask(turn: &Turn, by: Admin) -> Result<Answer, Fault> {
    let voice = turn.voice();
    if let Some(told) = words::lacks(&voice, by, Right::Staff) {
        return Ok(Answer::alert(told));
    }
    let conn = turn.app.db.read();
    let mut offered = vec![(Audience::All, None, agents::receivers(conn, &Audience::All).await?)];
    for tier in agents::tiers(conn).await? {
        let to = Audience::Tier(tier.code.clone());
        let count = agents::receivers(conn, &to).await?;
        offered.push((to, Some(tier), count));
    }
    Ok(whom_view(&voice, &offered).into())
}

pub(super) fn whom_view(voice: &Voice, offered: &[(Audience, Option<Tier>, i64)]) -> Screen {
    let row = |(to, tier, count): &(Audience, Option<Tier>, i64)| {
        let count = number(voice.lang, *count);
        let label = match tier {
            Some(tier) => voice.label("agencies-tell-tier", &args!["tier" => tier.title(voice.lang), "count" => count]),
            None => voice.label("agencies-tell-all", &args!["count" => count]),
        };
        vec![pick(Y::TellWhom { to: to.clone() }, label)]
    };
    let rows = offered.iter().filter(|(to, _, count)| *count > 0 || *to == Audience::All).map(row);
    Screen::new(page(voice.t("agencies-tell-title"), [], voice.t("agencies-tell-whom")))
        .rows(rows)
        .row([go(voice, Y::List { page: 0 })])
}

/// What are they told?
pub async fn ask_text(turn: &Turn, by: Admin, to: Audience) -> Result<Answer, Fault> {
    let voice = turn.voice();
    if let Some(told) = words::lacks(&voice, by, Right::Staff) {
        return Ok(Answer::alert(told));
    }
    if agents::receivers(turn.app.db.read(), &to).await? == 0 {
        return Ok(Answer::alert(voice.t("agencies-tell-nobody")));
    }
    open(turn, AgencyAsked::Tell { to }, question(&voice, "")).await
}

pub(super) fn question(voice: &Voice, wrong: &str) -> Screen {
    let most = i64::try_from(MESSAGE_CHARS_MAX).unwrap_or(i64::MAX);
    let ask = voice.t_args("agencies-tell-ask", &args!["most" => most]);
    Screen::new(page(voice.t("agencies-tell-title"), [wrong.to_owned()], &ask)).row([words::stop(voice)])
}

/// The words were typed: they are shown, with how many read them.
pub async fn typed(turn: &Turn, by: Admin, to: Audience, text: &str) -> Result<Answer, Fault> {
    let voice = turn.voice();
    if let Some(told) = words::lacks(&voice, by, Right::Staff) {
        return Ok(Answer::alert(told));
    }
    let text = text.trim();
    if text.is_empty() || text.chars().count() > MESSAGE_CHARS_MAX {
        return Ok(question(&voice, voice.t("agencies-tell-long")).into());
    }
    preview(turn, to, text).await
}

async fn preview(turn: &Turn, to: Audience, text: &str) -> Result<Answer, Fault> {
    let voice = turn.voice();
    let receivers = agents::receivers(turn.app.db.read(), &to).await?;
    if receivers == 0 {
        return Ok(Answer::alert(voice.t("agencies-tell-nobody")));
    }
    let key = turn.mint("agents message");
    let screen = preview_view(&voice, text, receivers, key);
    open(turn, AgencyAsked::Told { to, text: text.to_owned(), receivers, key }, screen).await
}

pub(super) fn preview_view(voice: &Voice, text: &str, receivers: i64, key: i64) -> Screen {
    let count = number(voice.lang, receivers);
    let shown = format!("<blockquote>{}</blockquote>", escaped(text));
    let title = voice.t_args("agencies-tell-preview", &args!["count" => count.as_str()]);
    let send = voice.label("agencies-tell-yes", &args!["count" => count.as_str()]);
    Screen::new(page(&title, [shown], "")).row([words::stop(voice)]).row([pick(Y::Tell { key }, send)])
}

/// The yes.
pub async fn confirmed(turn: &Turn, by: Admin, key: i64) -> Result<Answer, Fault> {
    let voice = turn.voice();
    let Some(Input::Agency(AgencyAsked::Told { to, text, receivers, key: asked })) = turn.who.input.clone() else {
        return Ok(Answer::alert(voice.t("admin-correction-gone")));
    };
    if asked != key {
        return Ok(Answer::alert(voice.t("admin-correction-gone")));
    }
    let (now, mine, message) = (turn.now, turn.clone(), Message { id: key, to: to.clone(), text: text.clone(), receivers });
    let outcome = turn
        .app
        .write::<_, TellError, _>(move |tx| {
            Box::pin(async move {
                agents::tell(tx, &by, &message, now).await?;
                Ok(input::close(tx, &mine).await?)
            })
        })
        .await;
    match outcome {
        Ok(()) => {
            let count = args!["count" => number(voice.lang, receivers)];
            Ok(Screen::new(voice.t_args("agencies-tell-done", &count)).row([go(&voice, Y::List { page: 0 })]).into())
        }
        Err(TellError::NotAllowed) => Ok(Answer::alert(words::lacks(&voice, by, Right::Staff).unwrap_or_default())),
        Err(TellError::BadText) => Ok(question(&voice, voice.t("agencies-tell-long")).into()),
        // The number that was agreed to is not the number any more: it is asked again.
        Err(TellError::Changed(_)) => Ok(preview(turn, to, &text).await?.saying(voice.t("agencies-tell-changed"))),
        Err(TellError::Fault(fault)) => Err(fault),
    }
}
