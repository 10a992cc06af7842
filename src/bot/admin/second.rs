//! A correction that waits for a second owner: its card in the group, and what an owner says by its buttons.
//!
//! The first word decides, and nobody's about his own; whoever comes later sees the card as it is.
use super::words::{self, go};
use crate::app::App;
use crate::base::format::Voice;
use crate::base::texts::{Arg, args};
use crate::base::{Fault, Money, PersonId};
use crate::bot::page::page;
use crate::bot::route::AdminRoute as A;
use crate::bot::screen::{Answer, Screen};
use crate::bot::turn::Turn;
use crate::shop::accounts::{self, Admin, Person, Right};
use crate::shop::checkout::{
    self, CorrectionRow, CorrectionState, NotAllowed, Purse, SecondError, confirm_correction, refuse_correction,
};

struct Facts {
    row: CorrectionRow,
    people: Vec<Person>,
}

impl Facts {
    fn known(&self, id: PersonId) -> Option<&Person> {
        self.people.iter().find(|person| person.id == id)
    }
}

async fn load(app: &App, key: &str) -> Result<Option<Facts>, Fault> {
    let conn = app.db.read();
    let Some(row) = checkout::correction(conn, key).await? else { return Ok(None) };
    let ids: Vec<PersonId> = [row.person, row.asked_by].into_iter().chain(row.decided_by).collect();
    Ok(Some(Facts { people: accounts::persons(conn, &ids).await?, row }))
}

/// The card; `None` when there is no such correction.
pub async fn card(app: &App, voice: &Voice, key: &str) -> Result<Option<Screen>, Fault> {
    Ok(load(app, key).await?.map(|facts| view(voice, &facts)))
}

fn view(voice: &Voice, facts: &Facts) -> Screen {
    let row = &facts.row;
    let (amount, whose) = (Money::new(row.amount.minor.abs(), row.amount.asset), facts.known(row.person));
    let what = match (row.purse, row.amount.minor > 0) {
        (Purse::Wallet, true) => "correction-card-wallet-add",
        (Purse::Wallet, false) => "correction-card-wallet-take",
        (Purse::Credit, true) => "correction-card-credit-add",
        (Purse::Credit, false) => "correction-card-credit-take",
    };
    let person = match whose {
        Some(person) => Arg::html(words::person(voice, person)),
        None => Arg::code(row.person.to_string()),
    };
    let asked = args![
        "who" => words::actor(voice, row.asked_by, facts.known(row.asked_by)),
        "when" => Arg::html(words::at(voice, row.asked_at)),
    ];
    let mut lines = vec![
        voice.t_args("admin-card-person", &args!["person" => person]),
        voice.t_args("correction-card-reason", &args!["reason" => row.reason.as_str()]),
        voice.t_args("correction-card-asked", &asked),
    ];
    let what = voice.t_args(what, &args!["amount" => voice.money(amount)]);
    if row.state == CorrectionState::Waiting {
        lines.push(voice.t_args("correction-card-until", &args!["when" => Arg::html(words::at(voice, row.expires_at))]));
        let key = row.key.parse().unwrap_or_default();
        return Screen::new(page(&what, lines, voice.t("correction-card-next")))
            .row([go(voice, A::Confirm { key })])
            .row([go(voice, A::Refuse { key })]);
    }
    let who = row.decided_by.map(|by| words::actor(voice, by, facts.known(by))).unwrap_or_default();
    let when = Arg::html(words::at(voice, row.decided_at.unwrap_or(row.expires_at)));
    lines.push(match row.state {
        CorrectionState::Expired => voice.t_args("correction-card-expired", &args!["when" => when]),
        CorrectionState::Refused => voice.t_args("correction-card-refused", &args!["who" => who, "when" => when]),
        CorrectionState::Done | CorrectionState::Waiting => {
            voice.t_args("correction-card-done", &args!["who" => who, "when" => when])
        }
    });
    Screen::new(page(&what, lines, ""))
}

pub async fn confirm(turn: &Turn, by: Admin, key: i64) -> Result<Answer, Fault> {
    let (now, name) = (turn.now, key.to_string());
    let outcome = turn.app.write(move |tx| Box::pin(async move { confirm_correction(tx, &by, &name, now).await })).await;
    after(turn, by, key, outcome.map(drop)).await
}

pub async fn refuse(turn: &Turn, by: Admin, key: i64) -> Result<Answer, Fault> {
    let (now, name) = (turn.now, key.to_string());
    let outcome = turn.app.write(move |tx| Box::pin(async move { refuse_correction(tx, &by, &name, now).await })).await;
    after(turn, by, key, outcome).await
}

async fn after(turn: &Turn, by: Admin, key: i64, outcome: Result<(), SecondError>) -> Result<Answer, Fault> {
    let voice = turn.voice();
    let told = match outcome {
        Ok(()) => None,
        Err(SecondError::Unknown) => return Ok(Answer::alert(voice.t("admin-correction-gone"))),
        Err(SecondError::NotAllowed(NotAllowed::Own)) => Some(voice.t("correction-own").to_owned()),
        Err(SecondError::NotAllowed(NotAllowed::Role)) => words::lacks(&voice, by, Right::Staff),
        Err(SecondError::Decided(_)) => Some(voice.t("correction-decided").to_owned()),
        Err(SecondError::Short { available }) => {
            Some(voice.label("correction-short", &args!["balance" => voice.money(available)]))
        }
        Err(SecondError::Frozen) => Some(voice.t("correction-frozen").to_owned()),
        Err(SecondError::Closed) => Some(voice.t("correction-closed").to_owned()),
        Err(SecondError::Fault(fault)) => return Err(fault),
    };
    let card = card(&turn.app, &voice, &key.to_string()).await?;
    let toast = told.map_or_else(|| Answer::toast(voice.t("admin-done")), Answer::alert).toast;
    Ok(Answer { screens: card.into_iter().collect(), toast })
}

#[cfg(test)]
mod tests {
    use super::{Facts, view};
    use crate::base::{Asset, DAY, HOUR, Money, PersonId};
    use crate::bot::admin::card::tests::person;
    use crate::bot::kit::tests::{NOW, in_every_language};
    use crate::shop::checkout::{CorrectionRow, CorrectionState, Purse};

    #[test]
    fn a_correction_that_waits_for_a_second_owner_in_every_language() {
        let facts = |purse, minor, state: CorrectionState| {
            let decided = matches!(state, CorrectionState::Done | CorrectionState::Refused);
            let row = CorrectionRow {
                key: "77".to_owned(),
                purse,
                person: PersonId(501),
                amount: Money::new(minor, Asset::Irt),
                reason: "paid twice <b>".to_owned(),
                state,
                asked_by: PersonId(77),
                asked_at: NOW.after(-HOUR),
                expires_at: NOW.after(DAY - HOUR),
                decided_by: decided.then_some(PersonId(78)),
                decided_at: decided.then_some(NOW),
            };
            Facts { row, people: vec![person(501, "Sara"), person(77, "Cyrus"), person(78, "Nima")] }
        };
        let all = [
            facts(Purse::Wallet, 6_000_000, CorrectionState::Waiting),
            facts(Purse::Wallet, -6_000_000, CorrectionState::Done),
            facts(Purse::Credit, 6_000_000, CorrectionState::Refused),
            facts(Purse::Credit, -6_000_000, CorrectionState::Expired),
        ];
        insta::assert_snapshot!(in_every_language(|voice| all.iter().map(|facts| view(voice, facts)).collect()));
    }
}
