//! Refunds of what was delivered: an admin gives an order back to the wallet, all of it, or what the plan's rule leaves after a
//! part of the traffic was used. Two admins say yes at once, and the shop is killed while they do.
use crate::people::{self, Hand, PATIENCE};
use crate::watch::Watch;
use crate::world::{GROUP, Message};
use anyhow::Context;
use serde_json::json;
use souk::base::{Fault, OrderId};
use souk::db::{Db, query, scalar};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tokio::time::Instant;

/// What these people buy: of its kind, what is left of the traffic goes back.
const PLAN: &str = "any-1m-100";
/// They use a quarter of it.
const USED_BYTES: i64 = 25 << 30;
const AGAIN: Duration = Duration::from_secs(1);

/// Somebody whose delivered order goes back.
pub struct Refunded<'a> {
    pub hand: Hand,
    /// The first asks; both say yes.
    pub admins: [i64; 2],
    /// By the plan's rule, and not all of it.
    pub by_rule: bool,
    pub db: &'a Db,
    /// How many admins are at it just now.
    pub under_way: &'a AtomicUsize,
}

impl Refunded<'_> {
    pub async fn gets_back(self) -> anyhow::Result<()> {
        let Self { mut hand, admins, by_rule, db, under_way } = self;
        let order = buys(&mut hand).await?;
        let id = OrderId::parse(&order).context("an order's code")?;
        is_delivered(db, id).await?;
        if by_rule {
            uses(&mut hand, db, id).await?;
        }
        under_way.fetch_add(1, Ordering::Relaxed);
        let done = gives_back(&hand.watch, admins, &order, by_rule).await;
        under_way.fetch_sub(1, Ordering::Relaxed);
        done
    }
}

/// Until the QR code has come; the order's code.
async fn buys(hand: &mut Hand) -> anyhow::Result<String> {
    hand.begins(&format!("plan_{PLAN}")).await?;
    hand.tap("1cpc.").await?;
    let order = hand.tap("1cpp.").await?;
    let order = order.split('.').nth(1).context("a button to pay names its order")?.to_owned();
    let payment = hand.awaits_payment("").await?;
    hand.sends_receipt(&payment).await?;
    let link = |messages: &[Message]| messages.iter().find(|message| message.is_from_bot && message.media.is_some()).map(drop);
    hand.watch.until(hand.id, "the QR code of the service", PATIENCE * 2, link).await?;
    Ok(order)
}

#[derive(sea_orm::FromQueryResult)]
struct Account {
    account: String,
}

/// The QR code may have been that of what was lent.
async fn is_delivered(db: &Db, id: OrderId) -> anyhow::Result<()> {
    let sql = "SELECT COUNT(*) AS v FROM orders WHERE id = $1 AND state = 'delivered'";
    let deadline = Instant::now() + PATIENCE * 2;
    while scalar::<i64>(db.read(), sql, vec![id.into()]).await? != Some(1) {
        anyhow::ensure!(Instant::now() < deadline, "order {id} was not delivered");
        tokio::time::sleep(AGAIN).await;
    }
    Ok(())
}

/// Uses a part of the traffic, and looks how much is left until the shop has heard of it from the panel.
async fn uses(hand: &mut Hand, db: &Db, id: OrderId) -> anyhow::Result<()> {
    let sql = "SELECT s.account FROM subscriptions s JOIN orders o ON o.subscription = s.id WHERE o.id = $1";
    let mut found: Vec<Account> = query(db.read(), sql, vec![id.into()]).await?;
    let account = found.pop().context("a delivered order has a service")?.account;
    hand.watch.world.uses(&account, USED_BYTES).await?;
    hand.says("/services").await?;
    hand.tap("1csv.").await?;
    let deadline = Instant::now() + PATIENCE * 2;
    let sql = "SELECT s.used_bytes AS v FROM subscriptions s JOIN orders o ON o.subscription = s.id WHERE o.id = $1";
    let heard = async || Ok::<_, Fault>(scalar::<i64>(db.read(), sql, vec![id.into()]).await?.unwrap_or_default());
    while heard().await? != USED_BYTES {
        anyhow::ensure!(Instant::now() < deadline, "the shop did not hear what {account} used");
        hand.tap("1csr.").await?;
        tokio::time::sleep(AGAIN).await;
    }
    Ok(())
}

/// How much, whither, and a yes by two at once.
async fn gives_back(watch: &Watch, admins: [i64; 2], order: &str, by_rule: bool) -> anyhow::Result<()> {
    let act = json!({ "person": admins[0], "chat": GROUP, "act": "say", "text": format!("/refund {order}") });
    watch.world.post("/sim/act", &act).await?;
    let (message, amounts) = people::in_group_where(watch, &format!("1aoa.{order}.")).await?;
    anyhow::ensure!(amounts.len() == 1 + usize::from(by_rule), "order {order} may go back as {amounts:?}");
    // What the rule gives stands before all of it.
    let amount = amounts.first().context("an amount")?;
    people::press(watch, admins[0], GROUP, message, amount).await?;
    let (message, yes) = people::in_group_where(watch, &format!("1aoy.{order}.")).await?;
    let yes = yes.first().context("a button to the wallet")?;
    let both = admins.map(|admin| people::press(watch, admin, GROUP, message, yes));
    let [first, second] = both;
    let (first, second) = tokio::join!(first, second);
    // The second may find that the button is gone.
    first.or(second)?;
    people::decided(watch, message, yes).await
}
