//! The demo's agent: before anybody comes, Reza has applied and was accepted, has credit, and has sold a service, by the verbs
//! that the chat calls. A demo that was kept has him already.
use super::OWNER;
use crate::base::{ApplicationId, Clock, Fault, Ids, Lang, Money, OrderId, PersonId, SubscriptionId};
use crate::db::{Db, Seal, Tx, write_tx};
use crate::run::{Failed, tools};
use crate::shop::accounts::{self, Customer, Hello};
use crate::shop::agents::{self, Form};
use crate::shop::checkout::{self, Correction, Purse, Sale, Sell};
use crate::shop::settings;
use std::path::Path;

pub(super) const REZA: i64 = 2004;
/// In the example shop's asset.
const CREDIT: i64 = 500_000;
const TIER: &str = "gold";
const PLAN: &str = "any-1m-30";
const LABEL: &str = "Neda's laptop";

/// Makes the shop what its file says, and Reza its agent.
pub(super) async fn seed(url: &str, key: [u8; 32], shop_file: &Path, clock: &Clock) -> Result<(), Failed> {
    let ids = Ids::system(key);
    let db = Db::connect(url).await?;
    db.migrate().await?;
    tools::apply_to(&db, &Seal::new(&key, ids.clone()), clock, shop_file, false).await?;
    if agents::agency(db.read(), PersonId(REZA)).await?.is_none() {
        let clock = clock.clone();
        write_tx::<_, Fault, _>(&db, move |tx| Box::pin(async move { begin(tx, &ids, &clock).await })).await?;
    }
    Ok(db.close().await?)
}

async fn begin(tx: &Tx, ids: &Ids, clock: &Clock) -> Result<(), Fault> {
    let (owner, reza, now) = (PersonId(OWNER), PersonId(REZA), clock.now());
    for (id, name) in [(owner, "Nima"), (reza, "Reza")] {
        let hello = Hello { id, name: name.to_owned(), username: Some(name.to_lowercase()), came_by: None };
        accounts::know(tx, &hello, now).await?;
        accounts::set_lang(tx, id, Lang::En).await?;
    }
    let admin = accounts::admin(tx, owner, &[owner]).await?.ok_or_else(|| Fault::new("the demo has no owner"))?;
    let known = accounts::person(tx, reza).await?.and_then(Customer::of);
    let customer = known.ok_or_else(|| Fault::new("the demo's agent is unknown"))?;
    let application = ApplicationId(ids.fresh());
    agents::apply(tx, &customer, application, &form(), now).await.map_err(Fault::new)?;
    agents::accept(tx, &admin, application, &TIER.parse().map_err(Fault::new)?, now).await.map_err(Fault::new)?;
    let amount = Money::new(CREDIT, settings::load(tx).await?.asset);
    let correction = Correction { person: reza, amount, reason: "paid in cash".to_owned(), key: ids.fresh().to_string() };
    checkout::correct(tx, &admin, (Purse::Credit, true), &correction, now).await.map_err(Fault::new)?;
    let agent = agents::agent(tx, &customer).await?.ok_or_else(|| Fault::new("the demo's agent was not accepted"))?;
    let sale =
        Sale::New { plan: PLAN.parse().map_err(Fault::new)?, subscription: SubscriptionId(ids.fresh()), label: LABEL.to_owned() };
    let price_minor = checkout::quote_sale(tx, &agent, &sale, now).await.map_err(Fault::new)?.price.minor;
    let sell = Sell { order: OrderId(ids.fresh()), sale, price_minor, gives: None };
    checkout::sell(tx, &agent, &sell, now).await.map_err(Fault::new)?;
    Ok(())
}

fn form() -> Form {
    let [first_name, last_name, phone, shop_name, province, city, address] =
        ["Reza", "Karimi", "+989120000000", "Reza Net", "Fars", "Shiraz", "12 Zand Street"].map(str::to_owned);
    Form { first_name, last_name, phone, shop_name, province, city, address }
}
