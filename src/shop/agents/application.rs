//! Somebody wishes to become an agent; an admin accepts or rejects it.
use super::agency::{State, account};
use super::store::{agency, locked};
use super::tier::{Tier, tier};
use crate::base::{ApplicationId, DAY, Fault, PersonId, Time};
use crate::db::{self, Moved, Tx};
use crate::shop::accounts::{self, Admin, Customer, Deed, Right};
use crate::shop::catalog::TierCode;
use crate::shop::ledger;
use crate::shop::notices::{self, AgentNotice};
use crate::shop::settings;
use sea_orm::{ConnectionTrait, FromQueryResult};

/// No field of a form is longer.
const CHARS_MAX: usize = 200;

/// Where an application stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ApplicationState {
    Submitted,
    Accepted,
    Rejected { reason: String },
}

/// What an applicant tells of himself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Form {
    pub first_name: String,
    pub last_name: String,
    /// As Telegram's contact button gave it.
    pub phone: String,
    pub shop_name: String,
    pub province: String,
    pub city: String,
    pub address: String,
}

impl Form {
    fn fields(&self) -> [&String; 7] {
        let Self { first_name, last_name, phone, shop_name, province, city, address } = self;
        [first_name, last_name, phone, shop_name, province, city, address]
    }

    fn is_whole(&self) -> bool {
        self.fields().into_iter().all(|field| !field.trim().is_empty() && field.chars().count() <= CHARS_MAX)
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Application {
    pub id: ApplicationId,
    pub person: PersonId,
    pub form: Form,
    pub state: ApplicationState,
    pub submitted_at: Time,
    pub decided_at: Option<Time>,
    pub decided_by: Option<PersonId>,
}

#[derive(Debug, thiserror::Error)]
pub enum ApplicationError {
    #[error("there is no such application")]
    Unknown,
    /// A field is empty, or too long.
    #[error("a field is empty or too long")]
    BadForm,
    /// The person is an agent.
    #[error("the person is an agent already")]
    Agent,
    /// Another of his waits.
    #[error("application {0} waits already")]
    Waits(ApplicationId),
    #[error("the application was decided already")]
    Decided,
    #[error("there is no such tier, or it is off")]
    NoTier,
    /// Nobody who is banned becomes an agent.
    #[error("the person is banned")]
    Banned,
    /// The role does not allow it, or it is his own.
    #[error("not allowed")]
    NotAllowed,
    #[error(transparent)]
    Fault(#[from] Fault),
}

#[derive(FromQueryResult)]
struct Row {
    id: ApplicationId,
    person: PersonId,
    first_name: String,
    last_name: String,
    phone: String,
    shop_name: String,
    province: String,
    city: String,
    address: String,
    state: String,
    reason: Option<String>,
    submitted_at: Time,
    decided_at: Option<Time>,
    decided_by: Option<PersonId>,
}

const SELECT: &str = "SELECT id, person, first_name, last_name, phone, shop_name, province, city, address, state, reason, \
     submitted_at, decided_at, decided_by FROM agent_applications";

async fn select(conn: &impl ConnectionTrait, rest: &str, values: Vec<sea_orm::Value>) -> Result<Vec<Application>, Fault> {
    let read = |row: Row| {
        let state = match (row.state.as_str(), row.reason) {
            ("submitted", _) => ApplicationState::Submitted,
            ("accepted", _) => ApplicationState::Accepted,
            ("rejected", Some(reason)) => ApplicationState::Rejected { reason },
            (other, _) => return Err(Fault::new(format!("no application is {other}"))),
        };
        let Row { first_name, last_name, phone, shop_name, province, city, address, .. } = row;
        Ok(Application {
            id: row.id,
            person: row.person,
            form: Form { first_name, last_name, phone, shop_name, province, city, address },
            state,
            submitted_at: row.submitted_at,
            decided_at: row.decided_at,
            decided_by: row.decided_by,
        })
    };
    db::query::<Row>(conn, &format!("{SELECT} {rest}"), values).await?.into_iter().map(read).collect()
}

/// One application.
pub async fn application(conn: &impl ConnectionTrait, id: ApplicationId) -> Result<Option<Application>, Fault> {
    Ok(select(conn, "WHERE id = $1", vec![id.into()]).await?.pop())
}

/// The application of a person that waits.
pub async fn waiting(conn: &impl ConnectionTrait, person: PersonId) -> Result<Option<Application>, Fault> {
    Ok(select(conn, "WHERE person = $1 AND state = 'submitted'", vec![person.into()]).await?.pop())
}

/// Files an application and tells the group. The same id again is the same application.
pub async fn apply(
    tx: &Tx,
    customer: &Customer,
    id: ApplicationId,
    form: &Form,
    now: Time,
) -> Result<Application, ApplicationError> {
    if let Some(known) = application(tx, id).await? {
        return if known.person == customer.id { Ok(known) } else { Err(ApplicationError::Unknown) };
    }
    if !form.is_whole() {
        return Err(ApplicationError::BadForm);
    }
    if agency(tx, customer.id).await?.is_some_and(|agency| agency.state != State::Closed) {
        return Err(ApplicationError::Agent);
    }
    let sql = "INSERT INTO agent_applications (id, person, first_name, last_name, phone, shop_name, province, city, address, \
               state, submitted_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 'submitted', $10) ON CONFLICT DO NOTHING";
    let mut values: Vec<sea_orm::Value> = vec![id.into(), customer.id.into()];
    values.extend(form.fields().into_iter().map(|field| sea_orm::Value::from(field.trim())));
    values.push(now.into());
    if db::execute(tx, sql, values).await? == 1 {
        notices::tell_group(tx, &AgentNotice::Applied { application: id }.into(), now, None).await?;
    } else if let Some(other) = waiting(tx, customer.id).await?.filter(|other| other.id != id) {
        return Err(ApplicationError::Waits(other.id));
    }
    Ok(application(tx, id).await?.ok_or_else(|| Fault::new("an application just filed is absent"))?)
}

/// Makes the applicant an agent of this tier.
pub async fn accept(tx: &Tx, by: &Admin, id: ApplicationId, tier_code: &TierCode, now: Time) -> Result<(), ApplicationError> {
    let application = to_decide(tx, by, id).await?;
    if accounts::person(tx, application.person).await?.and_then(Customer::of).is_none() {
        return Err(ApplicationError::Banned);
    }
    // Filed while another of his was being accepted.
    if locked(tx, application.person).await?.is_some_and(|agency| agency.state != State::Closed) {
        return Err(ApplicationError::Agent);
    }
    let tier = tier(tx, tier_code).await?.filter(|tier| tier.on).ok_or(ApplicationError::NoTier)?;
    decide(tx, by, &application, None, now).await?;
    let person = application.person;
    begin(tx, &application, &tier, now).await?;
    let made = locked(tx, person).await?.ok_or_else(|| Fault::new("an agency just made is absent"))?;
    let ours = account(person, settings::load(tx).await?.asset);
    ledger::set_state(tx, &ours, ledger::State::Open, now).await.map_err(Fault::new)?;
    ledger::set_limits(tx, &ours, made.limits(), now).await.map_err(Fault::new)?;
    let told = AgentNotice::Accepted { tier: tier.code.to_string() };
    notices::tell(tx, person, &told.into(), now, Some(format!("application:{id}"))).await?;
    note(tx, by, &application, ("agent.accept", tier.code.to_string()), now).await?;
    Ok(())
}

/// Somebody who was an agent before becomes one again, with nothing of his own from then.
async fn begin(tx: &Tx, application: &Application, tier: &Tier, now: Time) -> Result<(), Fault> {
    let sql = "INSERT INTO agents (person, application, tier, state, prices, until, since) \
               VALUES ($1, $2, $3, 'active', '{}', $4, $5) \
               ON CONFLICT (person) DO UPDATE SET application = excluded.application, tier = excluded.tier, state = 'active', \
               line = NULL, prices = excluded.prices, selling = excluded.selling, until = excluded.until, \
               digest = excluded.digest, since = excluded.since";
    let until = tier.days.map(|days| now.after(days.saturating_mul(DAY)).0);
    let values = vec![application.person.into(), application.id.into(), tier.code.as_str().into(), until.into(), now.into()];
    db::submit(tx, sql, values).await?;
    Ok(())
}

/// Rejects an application, with words for the applicant.
pub async fn reject(tx: &Tx, by: &Admin, id: ApplicationId, reason: &str, now: Time) -> Result<(), ApplicationError> {
    let application = to_decide(tx, by, id).await?;
    decide(tx, by, &application, Some(reason), now).await?;
    let told = AgentNotice::Rejected { reason: reason.to_owned() };
    notices::tell(tx, application.person, &told.into(), now, Some(format!("application:{id}"))).await?;
    note(tx, by, &application, ("agent.reject", reason.to_owned()), now).await?;
    Ok(())
}

async fn to_decide(tx: &Tx, by: &Admin, id: ApplicationId) -> Result<Application, ApplicationError> {
    if !by.may(Right::Money) {
        return Err(ApplicationError::NotAllowed);
    }
    let application = application(tx, id).await?.ok_or(ApplicationError::Unknown)?;
    if application.person == by.person() {
        return Err(ApplicationError::NotAllowed);
    }
    if application.state == ApplicationState::Submitted { Ok(application) } else { Err(ApplicationError::Decided) }
}

/// The first decision wins.
async fn decide(tx: &Tx, by: &Admin, of: &Application, reason: Option<&str>, now: Time) -> Result<(), ApplicationError> {
    let state = if reason.is_none() { "accepted" } else { "rejected" };
    let sql = "UPDATE agent_applications SET state = $2, reason = $3, decided_at = $4, decided_by = $5 \
               WHERE id = $1 AND state = 'submitted'";
    let values = vec![of.id.into(), state.into(), reason.map(str::to_owned).into(), now.into(), by.person().into()];
    if Moved::from_rows(db::execute(tx, sql, values).await?).is_yes() { Ok(()) } else { Err(ApplicationError::Decided) }
}

async fn note(tx: &Tx, by: &Admin, of: &Application, (act, became): (&str, String), now: Time) -> Result<(), Fault> {
    let deed = Deed {
        by: by.person(),
        act,
        subject: format!("person:{}", of.person),
        was: Some(format!("application {}", of.id)),
        became: Some(became),
        origin: by.origin(),
    };
    accounts::audit(tx, &deed, now).await
}
