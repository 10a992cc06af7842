//! Agencies as they lie in the database, and who asks for one.
use super::agency::{Agency, Agent, State};
use super::prices::Prices;
use super::selling::Selling;
use super::tier::{Tier, tier, tiers};
use crate::base::{ApplicationId, Fault, Page, PersonId, Time, ascii_digits};
use crate::db::{self, Tx};
use crate::shop::accounts::Customer;
use crate::shop::catalog::TierCode;
use sea_orm::{ConnectionTrait, FromQueryResult, Value};

#[derive(FromQueryResult)]
struct Row {
    person: PersonId,
    application: ApplicationId,
    first_name: String,
    last_name: String,
    shop_name: String,
    tier: String,
    state: String,
    line: Option<i64>,
    prices: String,
    selling: String,
    until: Option<Time>,
    digest: i64,
    since: Time,
}

impl Row {
    fn read(self, tier: Tier) -> Result<Agency, Fault> {
        Ok(Agency {
            person: self.person,
            application: self.application,
            first_name: self.first_name,
            last_name: self.last_name,
            shop_name: self.shop_name,
            tier,
            state: State::read(&self.state)?,
            line: self.line,
            prices: Prices::read(&self.prices)?,
            selling: Selling::read(&self.selling)?,
            until: self.until,
            digest: self.digest != 0,
            since: self.since,
        })
    }
}

const SELECT: &str = "SELECT a.person, a.application, f.first_name, f.last_name, f.shop_name, a.tier, a.state, a.line, a.prices, \
     a.selling, a.until, a.digest, a.since FROM agents a JOIN agent_applications f ON f.id = a.application JOIN people p ON p.id = a.person";

/// A person's agency, closed or not: for admins and jobs.
pub async fn agency(conn: &impl ConnectionTrait, person: PersonId) -> Result<Option<Agency>, Fault> {
    let row: Option<Row> = db::one(conn, &format!("{SELECT} WHERE a.person = $1"), vec![person.into()]).await?;
    let Some(row) = row else { return Ok(None) };
    let gone = || Fault::new(format!("agent {person} is of a tier that is gone"));
    let code: TierCode = row.tier.parse().map_err(|_| gone())?;
    let tier = tier(conn, &code).await?.ok_or_else(gone)?;
    row.read(tier).map(Some)
}

/// The agency, and nobody else changes it until this transaction ends. Its row is locked alone: who waits for it while it is
/// given another application must find that.
pub(super) async fn locked(tx: &Tx, person: PersonId) -> Result<Option<Agency>, Fault> {
    lock(tx, " FOR UPDATE", person).await?;
    agency(tx, person).await
}

async fn lock(tx: &Tx, clause: &str, person: PersonId) -> Result<(), Fault> {
    let sql = format!("SELECT person AS v FROM agents WHERE person = $1{}", db::locking(tx, clause));
    db::scalar::<i64>(tx, &sql, vec![person.into()]).await.map(drop)
}

/// Has the person an agency that is not closed? It stays so until this transaction ends.
pub(in crate::shop) async fn stays_open(tx: &Tx, person: PersonId) -> Result<bool, Fault> {
    lock(tx, " FOR SHARE", person).await?;
    Ok(agency(tx, person).await?.is_some_and(|agency| agency.state != State::Closed))
}

/// The proof of an agent, if the person is one and his agency is not closed.
pub async fn agent(conn: &impl ConnectionTrait, customer: &Customer) -> Result<Option<Agent>, Fault> {
    Ok(agency(conn, customer.id).await?.filter(|agency| agency.state != State::Closed).map(Agent))
}

/// Agents of a tier after `after`, by their ids.
pub async fn of_tier(conn: &impl ConnectionTrait, tier: &TierCode, after: PersonId, limit: i64) -> Result<Vec<PersonId>, Fault> {
    #[derive(FromQueryResult)]
    struct Found {
        person: PersonId,
    }
    let sql = "SELECT person FROM agents WHERE tier = $1 AND person > $2 ORDER BY person LIMIT $3";
    let rows: Vec<Found> = db::query(conn, sql, vec![tier.as_str().into(), after.into(), limit.into()]).await?;
    Ok(rows.into_iter().map(|row| row.person).collect())
}

/// Everything by which somebody may look for an agent.
const WORDS: &str = "LOWER(f.first_name || ' ' || f.last_name || ' ' || f.shop_name || ' ' || p.name || ' ' \
     || COALESCE(p.username, '') || ' ' || CAST(a.person AS TEXT))";

/// Which agencies are asked for; all of it must fit.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Search {
    /// A part of a name or of the shop's name, an id, or an `@name`.
    pub text: Option<String>,
    pub tier: Option<TierCode>,
    pub state: Option<State>,
}

/// The agencies asked for, the newest first, and how many there are.
pub async fn list(conn: &impl ConnectionTrait, search: &Search, page: Page) -> Result<(Vec<Agency>, i64), Fault> {
    let mut conditions = vec!["1 = 1".to_owned()];
    let mut values: Vec<Value> = Vec::new();
    let mut add = |condition: &str, value: Value| {
        values.push(value);
        conditions.push(condition.replace('?', &format!("${}", values.len())));
    };
    if let Some(text) = search.text.as_deref().map(str::trim).filter(|text| !text.is_empty()) {
        let text = ascii_digits(text).to_lowercase();
        let text = text.trim_start_matches('@').replace('!', "!!").replace('%', "!%").replace('_', "!_");
        add(&format!("{WORDS} LIKE ? ESCAPE '!'"), format!("%{text}%").into());
    }
    if let Some(tier) = &search.tier {
        add("a.tier = ?", tier.as_str().into());
    }
    if let Some(state) = search.state {
        add("a.state = ?", state.code().into());
    }
    let filter = conditions.join(" AND ");
    let count = "SELECT COUNT(*) AS v FROM agents a JOIN agent_applications f ON f.id = a.application \
                 JOIN people p ON p.id = a.person";
    let total: Option<i64> = db::scalar(conn, &format!("{count} WHERE {filter}"), values.clone()).await?;
    let place = values.len();
    let sql = format!("{SELECT} WHERE {filter} ORDER BY a.since DESC, a.person LIMIT ${} OFFSET ${}", place + 1, place + 2);
    values.extend([Value::from(page.limit()), page.offset().into()]);
    let tiers = tiers(conn).await?;
    let mut found = Vec::new();
    for row in db::query::<Row>(conn, &sql, values).await? {
        let tier = tiers.iter().find(|tier| tier.code.as_str() == row.tier).cloned();
        found.push(row.read(tier.ok_or_else(|| Fault::new("an agent is of a tier that is gone"))?)?);
    }
    Ok((found, total.unwrap_or_default()))
}
