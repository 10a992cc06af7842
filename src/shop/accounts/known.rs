//! What changes about a person.
use super::audit::{Deed, audit};
use super::role::{Admin, Right};
use super::store::person;
use super::{Person, PersonError};
use crate::base::{Fault, Lang, PersonId, Time};
use crate::db::{self, Tx};

/// What Telegram tells of somebody who comes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hello {
    pub id: PersonId,
    pub name: String,
    pub username: Option<String>,
    /// The payload of a deep link that brought him: `plan_<code>`, `ref_<id>`, `give_<token>`.
    pub came_by: Option<String>,
}

/// As [`greet`]; answers with the person.
pub async fn know(tx: &Tx, hello: &Hello, now: Time) -> Result<Person, Fault> {
    greet(tx, hello, now).await?;
    person(tx, hello.id).await?.ok_or_else(|| Fault::new("a person just written is absent"))
}

/// Makes the person known, or brings his names up to date. The first deep link stays; a `ref_<id>` of somebody else
/// who is known is kept as the referrer.
pub async fn greet(tx: &Tx, hello: &Hello, now: Time) -> Result<(), Fault> {
    let name: String = hello.name.chars().take(128).collect();
    let username = hello.username.as_ref().map(|name| name.to_lowercase());
    let came_by: Option<String> = hello.came_by.as_ref().map(|payload| payload.chars().take(64).collect());
    let referrer = referrer(tx, hello).await?;
    let sql = "INSERT INTO people (id, name, username, came_by, referred_by, first_seen) VALUES ($1, $2, $3, $4, $5, $6) \
               ON CONFLICT (id) DO UPDATE SET name = excluded.name, username = excluded.username, \
               came_by = COALESCE(people.came_by, excluded.came_by), \
               referred_by = COALESCE(people.referred_by, excluded.referred_by), blocked_at = NULL";
    let values = vec![hello.id.into(), name.into(), username.into(), came_by.into(), referrer.into(), now.into()];
    db::submit(tx, sql, values).await
}

async fn referrer(tx: &Tx, hello: &Hello) -> Result<Option<PersonId>, Fault> {
    let Some(code) = hello.came_by.as_deref().and_then(|payload| payload.strip_prefix("ref_")) else { return Ok(None) };
    let Ok(id) = code.parse::<i64>() else { return Ok(None) };
    if id == hello.id.0 || person(tx, hello.id).await?.is_some() {
        return Ok(None);
    }
    Ok(person(tx, PersonId(id)).await?.map(|person| person.id))
}

pub async fn set_lang(tx: &Tx, id: PersonId, lang: Lang) -> Result<(), Fault> {
    db::submit(tx, "UPDATE people SET lang = $2 WHERE id = $1", vec![id.into(), lang.code().into()]).await?;
    Ok(())
}

/// The person blocked the bot: he is left alone, and counted.
pub async fn blocked(tx: &Tx, id: PersonId, now: Time) -> Result<(), Fault> {
    db::submit(tx, "UPDATE people SET blocked_at = $2 WHERE id = $1 AND blocked_at IS NULL", vec![id.into(), now.into()]).await?;
    Ok(())
}

pub async fn unblocked(tx: &Tx, id: PersonId) -> Result<(), Fault> {
    db::submit(tx, "UPDATE people SET blocked_at = NULL WHERE id = $1 AND blocked_at IS NOT NULL", vec![id.into()]).await?;
    Ok(())
}

/// Counts a receipt that was decided.
pub async fn receipt_was(tx: &Tx, id: PersonId, good: bool) -> Result<(), Fault> {
    let column = if good { "receipts_good" } else { "receipts_bad" };
    db::submit(tx, &format!("UPDATE people SET {column} = {column} + 1 WHERE id = $1"), vec![id.into()]).await?;
    Ok(())
}

/// Takes a count back, when its decision was undone.
pub async fn receipt_taken_back(tx: &Tx, id: PersonId, good: bool) -> Result<(), Fault> {
    let column = if good { "receipts_good" } else { "receipts_bad" };
    db::submit(tx, &format!("UPDATE people SET {column} = {column} - 1 WHERE id = $1 AND {column} > 0"), vec![id.into()]).await?;
    Ok(())
}

/// Bars a person from the shop. Whoever holds a role by a row cannot be barred; an owner of the environment has none, so the caller
/// sees to that.
pub async fn ban(tx: &Tx, by: &Admin, id: PersonId, reason: &str, now: Time) -> Result<(), PersonError> {
    if !by.may(Right::Talk) {
        return Err(PersonError::NotAllowed);
    }
    let holds_role: Option<String> = db::scalar(tx, "SELECT role AS v FROM roles WHERE person = $1", vec![id.into()]).await?;
    if holds_role.is_some() {
        return Err(PersonError::Staff);
    }
    let sql = "UPDATE people SET state = 'banned', ban_reason = $2 WHERE id = $1 AND state = 'welcome'";
    let rows = db::execute(tx, sql, vec![id.into(), reason.into()]).await?;
    if rows == 0 {
        return Err(if person(tx, id).await?.is_some() { PersonError::Already } else { PersonError::Unknown });
    }
    let deed = Deed {
        by: by.person(),
        act: "person.ban",
        subject: format!("person:{id}"),
        was: None,
        became: Some(reason.to_owned()),
        origin: by.origin(),
    };
    audit(tx, &deed, now).await?;
    Ok(())
}

pub async fn unban(tx: &Tx, by: &Admin, id: PersonId, now: Time) -> Result<(), PersonError> {
    if !by.may(Right::Talk) {
        return Err(PersonError::NotAllowed);
    }
    let was = person(tx, id).await?.ok_or(PersonError::Unknown)?.banned;
    let sql = "UPDATE people SET state = 'welcome', ban_reason = NULL WHERE id = $1 AND state = 'banned'";
    if db::execute(tx, sql, vec![id.into()]).await? == 0 {
        return Err(PersonError::Already);
    }
    let deed =
        Deed { by: by.person(), act: "person.unban", subject: format!("person:{id}"), was, became: None, origin: by.origin() };
    audit(tx, &deed, now).await?;
    Ok(())
}
