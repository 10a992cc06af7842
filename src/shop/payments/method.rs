//! The cards we take money on.
use super::store::Payment;
use crate::base::Fault;
use crate::db::{self, Seal, Tx};
use crate::shop::catalog::BadCode;
use sea_orm::{ConnectionTrait, FromQueryResult};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// A payment method's code: 1 to 16 of `a-z`, `0-9` and `-`. It names an account of the ledger too.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct MethodCode(String);

impl MethodCode {
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// As a row has it: it was parsed when it was written.
    pub(super) fn stored(text: String) -> Self {
        Self(text)
    }
}

impl FromStr for MethodCode {
    type Err = BadCode;

    fn from_str(text: &str) -> Result<Self, BadCode> {
        text.parse::<crate::shop::catalog::PlanCode>().map(|code| Self(code.to_string()))
    }
}

impl fmt::Display for MethodCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A card, without its number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Method {
    pub code: MethodCode,
    /// What admins call it.
    pub alias: String,
    pub last4: String,
    pub holder: String,
    pub bank: Option<String>,
    /// For admins.
    pub note: Option<String>,
    /// The most it takes in a day of the shop's zone, in the shop's asset.
    pub daily_limit: Option<i64>,
    pub place: i64,
    pub on: bool,
}

/// A card as an operator describes it.
#[derive(Debug, Clone)]
pub struct NewMethod {
    pub code: MethodCode,
    pub alias: String,
    /// Digits only.
    pub number: SecretString,
    pub holder: String,
    pub bank: Option<String>,
    pub note: Option<String>,
    pub daily_limit: Option<i64>,
    pub place: i64,
}

/// A card as the one who pays sees it.
#[derive(Debug, Clone)]
pub struct Card {
    pub method: Method,
    pub number: SecretString,
}

#[derive(FromQueryResult)]
pub(super) struct Row {
    code: String,
    alias: String,
    last4: String,
    holder: String,
    bank: Option<String>,
    note: Option<String>,
    daily_limit: Option<i64>,
    place: i64,
    state: String,
}

pub(super) const COLUMNS: &str = "m.code, m.alias, m.last4, m.holder, m.bank, m.note, m.daily_limit, m.place, m.state";

impl From<Row> for Method {
    fn from(row: Row) -> Self {
        Self {
            code: MethodCode(row.code),
            alias: row.alias,
            last4: row.last4,
            holder: row.holder,
            bank: row.bank,
            note: row.note,
            daily_limit: row.daily_limit,
            place: row.place,
            on: row.state == "on",
        }
    }
}

/// All cards, those switched off too, in the operator's order.
pub async fn methods(conn: &impl ConnectionTrait) -> Result<Vec<Method>, Fault> {
    let sql = format!("SELECT {COLUMNS} FROM payment_methods m ORDER BY m.place, m.code");
    Ok(db::query::<Row>(conn, &sql, vec![]).await?.into_iter().map(Method::from).collect())
}

#[derive(FromQueryResult)]
struct Sealed {
    number_sealed: String,
}

fn place_of(code: &MethodCode) -> String {
    format!("payment_methods:number_sealed:{code}")
}

async fn open_number(conn: &impl ConnectionTrait, code: &MethodCode, seal: &Seal) -> Result<Option<SecretString>, Fault> {
    let sql = "SELECT number_sealed FROM payment_methods WHERE code = $1";
    let Some(row) = db::one::<Sealed>(conn, sql, vec![code.as_str().into()]).await? else { return Ok(None) };
    let number = seal.open(&place_of(code), &row.number_sealed);
    number.map(Some).map_err(|error| Fault::new(error).context(format!("opening the number of card {code}")))
}

/// The card of a payment, with its number: for the person who is to pay it, and nobody else.
pub async fn card_for(conn: &impl ConnectionTrait, payment: &Payment, seal: &Seal) -> Result<Card, Fault> {
    let missing = || Fault::new(format!("payment {} names a card that is gone", payment.id));
    let sql = format!("SELECT {COLUMNS} FROM payment_methods m WHERE m.code = $1");
    let row: Option<Row> = db::one(conn, &sql, vec![payment.method.as_str().into()]).await?;
    let number = open_number(conn, &payment.method, seal).await?;
    Ok(Card { method: row.ok_or_else(missing)?.into(), number: number.ok_or_else(missing)? })
}

/// Does the stored card have this number?
pub async fn has_number(
    conn: &impl ConnectionTrait,
    code: &MethodCode,
    number: &SecretString,
    seal: &Seal,
) -> Result<bool, Fault> {
    let stored = open_number(conn, code, seal).await?;
    Ok(stored.is_some_and(|stored| stored.expose_secret() == number.expose_secret()))
}

/// Writes a card and switches it on; its number is sealed anew only when it changed.
pub async fn save_method(tx: &Tx, new: &NewMethod, seal: &Seal) -> Result<(), Fault> {
    let number = new.number.expose_secret();
    let last4: String = number.chars().skip(number.chars().count().saturating_sub(4)).collect();
    let keep = has_number(tx, &new.code, &new.number, seal).await.unwrap_or(false);
    let sealed = seal.seal(&place_of(&new.code), number).map_err(|error| Fault::new(error).context("sealing a card number"))?;
    let number_too = if keep { "" } else { "number_sealed = excluded.number_sealed, last4 = excluded.last4, " };
    let sql = format!(
        "INSERT INTO payment_methods (code, kind, alias, number_sealed, last4, holder, bank, note, daily_limit, place, state) \
         VALUES ($1, 'card', $2, $3, $4, $5, $6, $7, $8, $9, 'on') \
         ON CONFLICT (code) DO UPDATE SET alias = excluded.alias, {number_too}holder = excluded.holder, \
         bank = excluded.bank, note = excluded.note, daily_limit = excluded.daily_limit, place = excluded.place, \
         state = excluded.state"
    );
    let values = vec![
        new.code.as_str().into(),
        new.alias.clone().into(),
        sealed.into(),
        last4.into(),
        new.holder.clone().into(),
        new.bank.clone().into(),
        new.note.clone().into(),
        new.daily_limit.into(),
        new.place.into(),
    ];
    db::execute(tx, &sql, values).await?;
    Ok(())
}

/// Offers a card no more. What is open on it stays payable.
pub async fn switch_off(tx: &Tx, code: &MethodCode) -> Result<(), Fault> {
    db::execute(tx, "UPDATE payment_methods SET state = 'off' WHERE code = $1", vec![code.as_str().into()]).await?;
    Ok(())
}
