//! Agents: people who sell on credit. One tops up, sells many services on what is pending, has the receipt rejected, is cut off
//! by the clock, and pays, or does not; who has paid is restored, and deletes one service within the refund window.
use crate::people::{self, Dice, Hand, PATIENCE};
use crate::watch::Watch;
use crate::world::{GROUP, Message};
use anyhow::Context;
use souk::base::{ApplicationId, Fault, PersonId, Time};
use souk::db::{Db, execute, write_tx};
use souk::shop::accounts::{self, Customer, Hello};
use souk::shop::agents::{self, Form};
use std::sync::{Arc, Mutex, PoisonError};

/// The tier of the load's shop file: no credit line, and all that is pending may be spent.
pub const TIER: &str = "load";
/// Services that each sells at once.
pub const EACH: u64 = 5;
/// What is put in at first: enough for them.
const FIRST: &str = "500000";
const ENOUGH: &str = "2000000";
/// The clock's line comes each minute.
const TICKS: std::time::Duration = std::time::Duration::from_mins(4);

/// Payments that no admin approves.
#[derive(Default)]
pub struct Doubtful(Mutex<Vec<String>>);

impl Doubtful {
    pub fn has(&self, payment: &str) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).iter().any(|known| known == payment)
    }

    fn add(&self, payment: String) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(payment);
    }
}

/// They became agents before the shop's processes start; what they were told then is history.
pub async fn become_agents(database: &str, ids: Vec<i64>, owner: i64) -> anyhow::Result<()> {
    let db = Db::connect(database).await?;
    let now = souk::base::Clock::system().now();
    let admin = async |db: &Db| accounts::admin(db.read(), PersonId(owner), &[PersonId(owner)]).await;
    know(&db, owner, now).await?;
    let admin = admin(&db).await?.context("an owner")?;
    for id in ids {
        know(&db, id, now).await?;
        let person = accounts::person(db.read(), PersonId(id)).await?.and_then(Customer::of).context("somebody")?;
        write_tx::<_, Fault, _>(&db, move |tx| {
            Box::pin(async move {
                let tier = TIER.parse().map_err(Fault::new)?;
                agents::apply(tx, &person, ApplicationId(id), &form(id), now).await.map_err(Fault::new)?;
                agents::accept(tx, &admin, ApplicationId(id), &tier, now).await.map_err(Fault::new)?;
                execute(tx, "DELETE FROM outbox", vec![]).await.map(drop)
            })
        })
        .await?;
    }
    Ok(db.close().await?)
}

async fn know(db: &Db, id: i64, now: Time) -> Result<(), Fault> {
    let hello = Hello { id: PersonId(id), name: format!("P{id}"), username: None, came_by: None };
    write_tx(db, move |tx| Box::pin(async move { accounts::know(tx, &hello, now).await.map(drop) })).await
}

fn form(id: i64) -> Form {
    let [first_name, phone, shop_name, province, city, address] =
        [&format!("Agent {id}"), "+989120000000", "Net", "Fars", "Shiraz", "Street 1"].map(|text: &str| text.to_owned());
    Form { first_name, last_name: "Karimi".to_owned(), phone, shop_name, province, city, address }
}

/// Somebody who sells on credit.
pub struct Agent {
    pub id: i64,
    pub watch: Arc<Watch>,
    pub dice: Dice,
    pub pause_ms: u64,
    pub doubtful: Arc<Doubtful>,
    /// Who rejects the receipt.
    pub admin: i64,
    /// Whether the debt is paid in the end.
    pub pays: bool,
}

impl Agent {
    pub async fn sells(self) -> anyhow::Result<()> {
        let Self { id, watch, dice, pause_ms, doubtful, admin, pays } = self;
        let mut hand = Hand { id, watch: Arc::clone(&watch), dice, pause_ms };
        hand.begins("").await?;
        let payment = tops_up(&mut hand, FIRST, "").await?;
        doubtful.add(payment.clone());
        hand.sends_receipt(&payment).await?;
        hand.says("/agent").await?;
        for step in ["1gs.", "1gsp.any-1m-30", "1gm."] {
            hand.tap(step).await?;
        }
        hand.says_when_asked("1gsp.", &EACH.to_string()).await?;
        hand.tap("1gmn").await?;
        hand.tap("1gmb.").await?;
        let links =
            |messages: &[Message]| messages.iter().find(|message| message.is_from_bot && message.media.is_some()).map(drop);
        watch.until(id, "the links of what was sold", PATIENCE * 2, links).await?;
        rejects(&watch, admin, &payment).await?;
        // Told that the account is below zero, and that the services are off: each leads to a top-up.
        let told = |messages: &[Message]| {
            let ways = messages.iter().filter(|message| message.is_from_bot && message.data().any(|data| data == "1gt"));
            (ways.count() >= 2).then_some(())
        };
        watch.until(id, "the word that the services are off", TICKS, told).await?;
        if !pays {
            return Ok(());
        }
        let payment = tops_up(&mut hand, ENOUGH, &payment).await?;
        hand.sends_receipt(&payment).await?;
        let restored = |messages: &[Message]| {
            messages.iter().find(|message| message.data().any(|data| data == "1gv.a.0") && message.data().count() == 1).map(drop)
        };
        watch.until(id, "the word that the services are on", TICKS, restored).await?;
        hand.says("/agent").await?;
        for step in ["1gv.", "1gvs.", "1gvd.", "1gvx."] {
            hand.tap(step).await?;
        }
        let gone = |messages: &[Message]| {
            (!messages.iter().any(|message| message.data().any(|data| data.starts_with("1gvx.")))).then_some(())
        };
        watch.until(id, "the word that one is deleted", PATIENCE, gone).await
    }
}

/// Puts credit in, once more than `before`; the payment, whose receipt is to come.
async fn tops_up(hand: &mut Hand, amount: &str, before: &str) -> anyhow::Result<String> {
    hand.says("/agent").await?;
    hand.tap("1gt").await?;
    hand.says_when_asked("1gtc.", amount).await?;
    hand.awaits_payment(before).await
}

/// An admin finds the card of a payment, and says that the money did not come.
async fn rejects(watch: &Watch, admin: i64, payment: &str) -> anyhow::Result<()> {
    let card = format!("1apr.{payment}");
    let message = people::in_group(watch, &card).await?;
    people::press(watch, admin, GROUP, message, &card).await?;
    let reason = format!("1apx.{payment}.n");
    let message = people::in_group(watch, &reason).await?;
    people::press(watch, admin, GROUP, message, &reason).await?;
    people::decided(watch, message, &reason).await
}

/// Somebody whose order is paid and cannot be delivered: an admin gives it back when the shop offers that.
pub async fn is_refunded(mut hand: Hand, admin: i64) -> anyhow::Result<()> {
    hand.begins("plan_nowhere").await?;
    hand.tap("1cpc.").await?;
    let order = hand.tap("1cpp.").await?;
    let order = order.split('.').nth(1).context("a button to pay names its order")?.to_owned();
    let payment = hand.awaits_payment("").await?;
    hand.sends_receipt(&payment).await?;
    let watch = &hand.watch;
    // The shop's minutes begin with the approval.
    people::reads_approval(&hand).await?;
    let (ask, yes) = (format!("1aor.{order}"), format!("1aoz.{order}"));
    let message = people::in_group(watch, &ask).await?;
    people::press(watch, admin, GROUP, message, &ask).await?;
    let message = people::in_group(watch, &yes).await?;
    people::press(watch, admin, GROUP, message, &yes).await?;
    people::decided(watch, message, &yes).await
}
