//! Payment methods: what lies on each today and what still fits, its limits, who it is for, on and off; and a new one.
//!
//! Every admin looks; who decides about money changes limits; only an owner adds a method, alone with the bot, since a number
//! is no business of the group. No number is shown here: a method is known by its last letters.
mod add;
mod change;
mod show;

use super::words;
use crate::base::Fault;
use crate::base::format::Voice;
use crate::base::texts::args;
use crate::bot::input::Input;
use crate::bot::route::{MethodField, MethodRoute as M};
use crate::bot::screen::{Answer, Button};
use crate::bot::turn::Turn;
use crate::shop::accounts::{Admin, Right};
use crate::shop::payments::{Audience, Kind, MethodError};

pub use show::list;

/// A tap.
pub async fn tap(turn: &Turn, by: Admin, route: M) -> Result<Answer, Fault> {
    match route {
        M::List { page } => show::list(turn, page).await,
        M::Show { method } => show::page(turn, &method).await,
        M::On { method } => change::switch(turn, by, &method, true).await,
        M::Off { method } => change::switch(turn, by, &method, false).await,
        M::Ask { method, field } => change::ask(turn, by, &method, field).await,
        M::Clear { method, field } => change::clear(turn, by, &method, field).await,
        M::Audience { method } => show::audience(turn, &method).await,
        M::Turn { method, audience } => change::turn_audience(turn, by, &method, audience).await,
        M::Add => add::begin(turn, by).await,
        M::AddKind { kind } => add::kind(turn, by, kind).await,
        M::AddNetwork { network } => add::network(turn, by, network.name()).await,
        M::AddNoBank => add::no_bank(turn, by).await,
        M::AddYes { key } => add::confirmed(turn, by, key).await,
    }
}

/// What was typed in answer to a question about methods; `None` when it is no answer.
pub async fn typed(turn: &Turn, by: Admin, input: &Input, text: &str) -> Result<Option<Answer>, Fault> {
    match input {
        Input::MethodField { method, field } => change::typed(turn, by, (method, *field), text).await.map(Some),
        Input::NewMethod { step } => add::typed(turn, by, step, text).await,
        _ => Ok(None),
    }
}

/// A button in the words of its route.
fn go(voice: &Voice, route: M) -> Button {
    let (icon, key) = match &route {
        M::List { .. } => ("💳", "methods-do-list"),
        M::Show { .. } => ("", "methods-do-show"),
        M::On { .. } => ("", "methods-do-on"),
        M::Off { .. } => ("", "methods-do-off"),
        M::Ask { field, .. } => ("", field_key(*field)),
        M::Clear { .. } => ("", "methods-do-clear"),
        M::Audience { .. } => ("", "methods-do-audience"),
        M::Turn { audience, .. } => ("", audience_key(*audience)),
        M::Add => ("➕", "methods-do-add"),
        M::AddKind { kind } => ("", kind_key(*kind)),
        M::AddNetwork { network } => return Button::Go(route.clone().into(), network.name().to_owned()),
        M::AddNoBank => ("", "methods-do-no-bank"),
        M::AddYes { .. } => ("", "methods-do-add-yes"),
    };
    let words = voice.t(key);
    let label = if icon.is_empty() { words.to_owned() } else { format!("{icon} {words}") };
    Button::Go(route.into(), label)
}

const fn field_key(field: MethodField) -> &'static str {
    match field {
        MethodField::Alias => "methods-do-alias",
        MethodField::Note => "methods-do-note",
        MethodField::Hours => "methods-do-hours",
        MethodField::DailyCount => "methods-do-count",
        MethodField::DailyLimit => "methods-do-limit",
        MethodField::Minimum => "methods-do-minimum",
        MethodField::Maximum => "methods-do-maximum",
    }
}

const fn audience_key(audience: Audience) -> &'static str {
    match audience {
        Audience::New => "methods-for-new",
        Audience::Known => "methods-for-known",
        Audience::Agents => "methods-for-agents",
    }
}

const fn kind_key(kind: Kind) -> &'static str {
    match kind {
        Kind::Card => "methods-kind-card",
        Kind::Sheba => "methods-kind-sheba",
        Kind::Crypto => "methods-kind-crypto",
    }
}

/// Why an act was not done. A fault is given back.
fn refusal(voice: &Voice, by: Admin, error: MethodError) -> Result<String, Fault> {
    Ok(match error {
        MethodError::NotAllowed => {
            words::lacks(voice, by, Right::Money).unwrap_or_else(|| voice.t("methods-add-owner").to_owned())
        }
        MethodError::Unknown => voice.t("methods-unknown").to_owned(),
        MethodError::Taken(known) => voice.label("methods-taken", &args!["alias" => known.alias.as_str()]),
        MethodError::Crossed => voice.t("methods-crossed").to_owned(),
        MethodError::Already => voice.t("admin-already").to_owned(),
        MethodError::Fault(fault) => return Err(fault),
    })
}
