//! The methods that people pay by: a card, a Sheba number, an address for coins; and their rows.
use super::audience::Audiences;
use super::details::Network;
use super::hours::Hours;
use super::kind::Kind;
use super::limits::Limits;
use super::store::Payment;
use crate::base::Fault;
use crate::db::{self, Db, Moved, Seal, Tx};
use crate::shop::catalog::BadCode;
use sea_orm::{ConnectionTrait, FromQueryResult};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

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

/// A method, without its number or address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Method {
    pub code: MethodCode,
    pub kind: Kind,
    /// What admins call it.
    pub alias: String,
    /// How its number or address ends.
    pub last4: String,
    /// Whose account it is; coins have no name.
    pub holder: Option<String>,
    pub bank: Option<String>,
    /// Of coins: TRC20 and the like.
    pub network: Option<String>,
    /// For admins.
    pub note: Option<String>,
    pub limits: Limits,
    pub place: i64,
    pub on: bool,
    /// What the shop file last said of it; `None` when the file does not name it.
    pub filed: Option<String>,
}

impl Method {
    /// Could its address be checked?
    pub fn is_checked(&self) -> bool {
        self.kind != Kind::Crypto || self.network.as_deref().and_then(Network::known).is_some()
    }
}

/// A method as an operator describes it.
#[derive(Debug, Clone)]
pub struct NewMethod {
    /// Its `last4` and `filed` are not used.
    pub method: Method,
    /// As [`super::read_details`] gives them.
    pub details: SecretString,
}

/// A method as the one who pays sees it.
#[derive(Debug, Clone)]
pub struct Payee {
    pub method: Method,
    /// The number or the address.
    pub details: SecretString,
}

#[derive(FromQueryResult)]
pub(super) struct Row {
    code: String,
    kind: String,
    alias: String,
    last4: String,
    holder: Option<String>,
    bank: Option<String>,
    network: Option<String>,
    note: Option<String>,
    hours_from: Option<i64>,
    hours_to: Option<i64>,
    daily_count: Option<i64>,
    daily_limit: Option<i64>,
    minimum: Option<i64>,
    maximum: Option<i64>,
    audience: String,
    filed: Option<String>,
    place: i64,
    state: String,
}

pub(super) const COLUMNS: &str = "m.code, m.kind, m.alias, m.last4, m.holder, m.bank, m.network, m.note, m.hours_from, \
     m.hours_to, m.daily_count, m.daily_limit, m.minimum, m.maximum, m.audience, m.filed, m.place, m.state";

impl TryFrom<Row> for Method {
    type Error = Fault;

    fn try_from(row: Row) -> Result<Self, Fault> {
        let hours = row.hours_from.zip(row.hours_to).map(|(from, to)| Hours::stored(from, to));
        let limits = Limits {
            hours: hours.transpose().map_err(Fault::new)?,
            daily_count: row.daily_count,
            daily_limit: row.daily_limit,
            minimum: row.minimum,
            maximum: row.maximum,
            audience: Audiences::stored(&row.audience)?,
        };
        Ok(Self {
            code: MethodCode(row.code),
            kind: Kind::stored(&row.kind)?,
            alias: row.alias,
            last4: row.last4,
            holder: row.holder,
            bank: row.bank,
            network: row.network,
            note: row.note,
            limits,
            place: row.place,
            on: row.state == "on",
            filed: row.filed,
        })
    }
}

pub(super) async fn select(conn: &impl ConnectionTrait, rest: &str, values: Vec<sea_orm::Value>) -> Result<Vec<Method>, Fault> {
    let sql = format!("SELECT {COLUMNS} FROM payment_methods m {rest}");
    db::query::<Row>(conn, &sql, values).await?.into_iter().map(Method::try_from).collect()
}

/// All methods, those switched off too, in the operator's order.
pub async fn methods(conn: &impl ConnectionTrait) -> Result<Vec<Method>, Fault> {
    select(conn, "ORDER BY m.place, m.code", vec![]).await
}

/// One method.
pub async fn method(conn: &impl ConnectionTrait, code: &MethodCode) -> Result<Option<Method>, Fault> {
    Ok(select(conn, "WHERE m.code = $1", vec![code.as_str().into()]).await?.pop())
}

/// All methods, in the operator's order.
pub(super) struct All(pub Vec<Method>);

/// All methods as they were at most five seconds ago: what they are, not what they may still take today.
pub(super) async fn lately(db: &Db) -> Result<Arc<All>, Fault> {
    db.fresh(|| async { methods(db.read()).await.map(All) }).await
}

/// One of them.
pub async fn method_lately(db: &Db, code: &MethodCode) -> Result<Option<Method>, Fault> {
    match lately(db).await?.0.iter().find(|method| method.code == *code) {
        Some(method) => Ok(Some(method.clone())),
        // It is newer than what is remembered.
        None => method(db.read(), code).await,
    }
}

#[derive(FromQueryResult)]
struct Sealed {
    details_sealed: String,
}

impl Sealed {
    fn open(&self, code: &MethodCode, seal: &Seal) -> Result<SecretString, Fault> {
        let details = seal.open(&place_of(code), &self.details_sealed);
        details.map_err(|error| Fault::new(error).context(format!("opening the details of payment method {code}")))
    }
}

fn place_of(code: &MethodCode) -> String {
    format!("payment_methods:details_sealed:{code}")
}

async fn open_details(conn: &impl ConnectionTrait, code: &MethodCode, seal: &Seal) -> Result<Option<SecretString>, Fault> {
    let sql = "SELECT details_sealed FROM payment_methods WHERE code = $1";
    let row: Option<Sealed> = db::one(conn, sql, vec![code.as_str().into()]).await?;
    row.map(|row| row.open(code, seal)).transpose()
}

/// Where a payment is to be paid to: for the person who is to pay it, and nobody else.
pub async fn payee_of(conn: &impl ConnectionTrait, payment: &Payment, seal: &Seal) -> Result<Payee, Fault> {
    #[derive(FromQueryResult)]
    struct Both {
        #[sea_orm(nested)]
        method: Row,
        #[sea_orm(nested)]
        sealed: Sealed,
    }
    let sql = format!("SELECT {COLUMNS}, m.details_sealed FROM payment_methods m WHERE m.code = $1");
    let both: Option<Both> = db::one(conn, &sql, vec![payment.method.as_str().into()]).await?;
    let both = both.ok_or_else(|| Fault::new(format!("payment {} names a method that is gone", payment.id)))?;
    Ok(Payee { method: both.method.try_into()?, details: both.sealed.open(&payment.method, seal)? })
}

/// Has the stored method these details?
pub async fn has_details(
    conn: &impl ConnectionTrait,
    code: &MethodCode,
    details: &SecretString,
    seal: &Seal,
) -> Result<bool, Fault> {
    let stored = open_details(conn, code, seal).await?;
    Ok(stored.is_some_and(|stored| stored.expose_secret() == details.expose_secret()))
}

/// The method that has these details already: two of them would mix up whose money came.
pub(super) async fn with_details(
    conn: &impl ConnectionTrait,
    details: &SecretString,
    seal: &Seal,
) -> Result<Option<Method>, Fault> {
    for method in methods(conn).await? {
        // What was sealed under another key is not comparable, and not payable.
        if has_details(conn, &method.code, details, seal).await.unwrap_or(false) {
            return Ok(Some(method));
        }
    }
    Ok(None)
}

/// Writes a method as it is described; its details are sealed anew only when they changed.
pub async fn save_method(tx: &Tx, new: &NewMethod, seal: &Seal) -> Result<(), Fault> {
    let keep = has_details(tx, &new.method.code, &new.details, seal).await.unwrap_or(false);
    let details_too = if keep { "" } else { "details_sealed = excluded.details_sealed, last4 = excluded.last4, " };
    let on_conflict = format!(
        "(code) DO UPDATE SET {details_too}kind = excluded.kind, alias = excluded.alias, holder = excluded.holder, \
         bank = excluded.bank, network = excluded.network, note = excluded.note, hours_from = excluded.hours_from, \
         hours_to = excluded.hours_to, daily_count = excluded.daily_count, daily_limit = excluded.daily_limit, \
         minimum = excluded.minimum, maximum = excluded.maximum, audience = excluded.audience, place = excluded.place, \
         state = excluded.state"
    );
    write(tx, new, seal, &on_conflict).await.map(drop)
}

/// Writes a method whose code is free; `LostRace` when it is not.
pub(super) async fn insert(tx: &Tx, new: &NewMethod, seal: &Seal) -> Result<Moved, Fault> {
    write(tx, new, seal, "DO NOTHING").await
}

async fn write(tx: &Tx, NewMethod { method, details }: &NewMethod, seal: &Seal, on_conflict: &str) -> Result<Moved, Fault> {
    let sealed = seal.seal(&place_of(&method.code), details.expose_secret());
    let sealed = sealed.map_err(|error| Fault::new(error).context("sealing a payment method's details"))?;
    let sql = format!(
        "INSERT INTO payment_methods (code, kind, alias, details_sealed, last4, holder, bank, network, note, hours_from, hours_to, \
         daily_count, daily_limit, minimum, maximum, audience, place, state) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18) ON CONFLICT {on_conflict}"
    );
    let limits = &method.limits;
    let (from, to) = limits.hours.map(Hours::minutes).unzip();
    let values = vec![
        method.code.as_str().into(),
        method.kind.code().into(),
        method.alias.clone().into(),
        sealed.into(),
        ending(details).into(),
        method.holder.clone().into(),
        method.bank.clone().into(),
        method.network.clone().into(),
        method.note.clone().into(),
        from.into(),
        to.into(),
        limits.daily_count.into(),
        limits.daily_limit.into(),
        limits.minimum.into(),
        limits.maximum.into(),
        limits.audience.to_string().into(),
        method.place.into(),
        state_of(method.on).into(),
    ];
    tx.forget_cached();
    Ok(Moved::from_rows(db::execute(tx, &sql, values).await?))
}

/// How a number or an address ends: what admins know it by.
pub fn ending(details: &SecretString) -> String {
    let text = details.expose_secret();
    text.chars().skip(text.chars().count().saturating_sub(4)).collect()
}

pub(super) const fn state_of(on: bool) -> &'static str {
    if on { "on" } else { "off" }
}

/// Offers a method no more. What is open on it stays payable.
pub async fn switch_off(tx: &Tx, code: &MethodCode) -> Result<(), Fault> {
    tx.forget_cached();
    db::submit(tx, "UPDATE payment_methods SET state = 'off' WHERE code = $1", vec![code.as_str().into()]).await?;
    Ok(())
}

/// Remembers what the shop file says of a method, and where in the file it stands; `None`: it does not name it.
pub async fn set_filed(tx: &Tx, code: &MethodCode, said: Option<(&str, i64)>) -> Result<(), Fault> {
    tx.forget_cached();
    let (filed, place) = said.unzip();
    let sql = "UPDATE payment_methods SET filed = $2, place = COALESCE($3, place) WHERE code = $1";
    db::submit(tx, sql, vec![code.as_str().into(), filed.into(), place.into()]).await?;
    Ok(())
}

/// A network as it is shown: one that we know gets its own name, whatever it was called.
pub fn plain_network(words: &str) -> String {
    Network::known(words).map_or_else(|| words.trim().to_owned(), |network| network.name().to_owned())
}

#[cfg(test)]
pub(crate) mod sample {
    use super::{Kind, Limits, Method};

    /// A card without limits.
    pub fn method(kind: Kind) -> Method {
        let coins = kind == Kind::Crypto;
        Method {
            code: format!("{}-1", kind.code()).parse().unwrap(),
            kind,
            alias: "Mellat, Sara".to_owned(),
            last4: "1234".to_owned(),
            holder: (!coins).then(|| "Sara Ahmadi".to_owned()),
            bank: (!coins).then(|| "بانک ملت".to_owned()),
            network: coins.then(|| "TRC20".to_owned()),
            note: None,
            limits: Limits::none(),
            place: 1,
            on: true,
            filed: None,
        }
    }
}
