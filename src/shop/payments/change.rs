//! What staff does to a method in the bot: adds one, changes a limit, switches it on and off. Each act leaves an audit row.
//!
//! Always: only an owner adds one, since its number decides where the money goes; who decides about money may change limits. A
//! number or address is never changed, so nobody is shown another one for a payment that is open. Never: a method is deleted.
use super::audience::Audiences;
use super::hours::Hours;
use super::kind::Kind;
use super::limits::Limits;
use super::method::{Method, MethodCode, NewMethod, ending, insert, method, state_of, with_details};
use crate::base::{Fault, Time};
use crate::db::{self, Seal, Tx};
use crate::shop::accounts::{Admin, Deed, Right, audit};
use sea_orm::Value;
use secrecy::SecretString;

/// Methods of one kind that can be added in the bot.
const CODES_MAX: i64 = 999;

/// A method that an owner describes.
#[derive(Debug, Clone)]
pub struct Draft {
    pub kind: Kind,
    pub alias: String,
    /// As [`super::read_details`] gives them.
    pub details: SecretString,
    pub holder: Option<String>,
    pub bank: Option<String>,
    pub network: Option<String>,
}

/// One thing to change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    Alias(String),
    Note(Option<String>),
    Hours(Option<Hours>),
    DailyCount(Option<i64>),
    DailyLimit(Option<i64>),
    Minimum(Option<i64>),
    Maximum(Option<i64>),
    Audience(Audiences),
}

#[derive(Debug, thiserror::Error)]
pub enum MethodError {
    #[error("the role does not allow it")]
    NotAllowed,
    #[error("there is no such payment method")]
    Unknown,
    /// Two methods of one number would mix up whose money came.
    #[error("the payment method {} has this number or address", .0.code)]
    Taken(Box<Method>),
    #[error("the least would be more than the most")]
    Crossed,
    #[error("it is so already")]
    Already,
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// Adds a method, switched off, without limits; its code is the first free one of its kind.
pub async fn add_method(tx: &Tx, by: &Admin, draft: Draft, seal: &Seal, now: Time) -> Result<Method, MethodError> {
    if !by.may(Right::Staff) {
        return Err(MethodError::NotAllowed);
    }
    if let Some(known) = with_details(tx, &draft.details, seal).await? {
        return Err(MethodError::Taken(Box::new(known)));
    }
    let last: Option<i64> =
        db::scalar(tx, "SELECT CAST(COALESCE(MAX(place), 0) AS BIGINT) AS v FROM payment_methods", vec![]).await?;
    let place = last.unwrap_or_default().saturating_add(1);
    for n in 1..=CODES_MAX {
        let code: MethodCode = format!("{}-{n}", draft.kind.code()).parse().map_err(Fault::new)?;
        if method(tx, &code).await?.is_some() {
            continue;
        }
        let new = NewMethod { method: drafted(&draft, code.clone(), place), details: draft.details.clone() };
        if insert(tx, &new, seal).await?.is_yes() {
            let became = said(&new.method);
            note(tx, by, Note { act: "method.add", code: &code, was: None, became: Some(became) }, now).await?;
            return Ok(new.method);
        }
    }
    Err(Fault::new("every code of this kind of payment method is taken").into())
}

fn drafted(draft: &Draft, code: MethodCode, place: i64) -> Method {
    Method {
        code,
        kind: draft.kind,
        alias: draft.alias.clone(),
        last4: ending(&draft.details),
        holder: draft.holder.clone(),
        bank: draft.bank.clone(),
        network: draft.network.clone(),
        note: None,
        limits: Limits::none(),
        place,
        on: false,
        filed: None,
    }
}

fn said(method: &Method) -> String {
    let place = method.network.as_ref().or(method.bank.as_ref());
    let parts = [Some(method.kind.code()), Some(method.alias.as_str()), Some(method.last4.as_str()), place.map(String::as_str)];
    parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

/// Changes one thing of a method.
pub async fn change_method(tx: &Tx, by: &Admin, code: &MethodCode, change: &Change, now: Time) -> Result<Method, MethodError> {
    if !by.may(Right::Money) {
        return Err(MethodError::NotAllowed);
    }
    let known = method(tx, code).await?.ok_or(MethodError::Unknown)?;
    let Step { set, values, was, became } = step(&known, change);
    if was == became {
        return Err(MethodError::Already);
    }
    tx.forget_cached();
    let sql = format!("UPDATE payment_methods SET {set} WHERE code = $1");
    db::submit(tx, &sql, [vec![code.as_str().into()], values].concat()).await?;
    let after = method(tx, code).await?.ok_or(MethodError::Unknown)?;
    if after.limits.minimum.zip(after.limits.maximum).is_some_and(|(least, most)| least > most) {
        return Err(MethodError::Crossed);
    }
    note(tx, by, Note { act: "method.change", code, was, became }, now).await?;
    Ok(after)
}

/// How a change is written, and what the audit log says of it.
struct Step {
    set: &'static str,
    values: Vec<Value>,
    was: Option<String>,
    became: Option<String>,
}

fn step(known: &Method, change: &Change) -> Step {
    let limits = &known.limits;
    let number = |set, word: &str, was: Option<i64>, is: Option<i64>| {
        let line =
            |value: Option<i64>| Some(format!("{word} {}", value.map_or_else(|| "-".to_owned(), |value| value.to_string())));
        Step { set, values: vec![is.into()], was: line(was), became: line(is) }
    };
    match change {
        Change::Alias(alias) => Step {
            set: "alias = $2",
            values: vec![alias.clone().into()],
            was: Some(known.alias.clone()),
            became: Some(alias.clone()),
        },
        Change::Note(words) => {
            Step { set: "note = $2", values: vec![words.clone().into()], was: known.note.clone(), became: words.clone() }
        }
        Change::Hours(hours) => {
            let (from, to) = hours.map(Hours::minutes).unzip();
            let line = |hours: Option<Hours>| Some(hours.map_or_else(|| "hours -".to_owned(), |hours| format!("hours {hours}")));
            let values = vec![from.into(), to.into()];
            Step { set: "hours_from = $2, hours_to = $3", values, was: line(limits.hours), became: line(*hours) }
        }
        Change::DailyCount(count) => number("daily_count = $2", "daily_count", limits.daily_count, *count),
        Change::DailyLimit(amount) => number("daily_limit = $2", "daily_limit", limits.daily_limit, *amount),
        Change::Minimum(least) => number("minimum = $2", "minimum", limits.minimum, *least),
        Change::Maximum(most) => number("maximum = $2", "maximum", limits.maximum, *most),
        Change::Audience(audience) => Step {
            set: "audience = $2",
            values: vec![audience.to_string().into()],
            was: Some(limits.audience.to_string()),
            became: Some(audience.to_string()),
        },
    }
}

/// Offers a method, or offers it no more. What is open on it stays payable.
pub async fn switch_method(tx: &Tx, by: &Admin, code: &MethodCode, on: bool, now: Time) -> Result<Method, MethodError> {
    if !by.may(Right::Money) {
        return Err(MethodError::NotAllowed);
    }
    let known = method(tx, code).await?.ok_or(MethodError::Unknown)?;
    tx.forget_cached();
    let sql = "UPDATE payment_methods SET state = $2 WHERE code = $1 AND state <> $2";
    if db::execute(tx, sql, vec![code.as_str().into(), state_of(on).into()]).await? == 0 {
        return Err(MethodError::Already);
    }
    let (was, became) = (Some(state_of(!on).to_owned()), Some(state_of(on).to_owned()));
    note(tx, by, Note { act: "method.switch", code, was, became }, now).await?;
    Ok(Method { on, ..known })
}

struct Note<'a> {
    act: &'a str,
    code: &'a MethodCode,
    was: Option<String>,
    became: Option<String>,
}

async fn note(tx: &Tx, by: &Admin, Note { act, code, was, became }: Note<'_>, now: Time) -> Result<(), Fault> {
    let subject = format!("method:{code}");
    audit(tx, &Deed { by: by.person(), act, subject, was, became, origin: by.origin() }, now).await
}
