//! Kills: the shop dies at random moments while people buy, agents sell on credit and are cut off and restored, and admins
//! approve, reject, and refund what was delivered and what was not; then everything is counted.
use crate::agents::{self, Agent, Doubtful};
use crate::checks::{self, Books};
use crate::people::{self, Dice, Hand};
use crate::refunds::Refunded;
use crate::shop::{self, Place};
use crate::watch::Watch;
use crate::world::World;
use anyhow::{Context, bail};
use clap::Args;
use futures::future::join_all;
use serde_json::json;
use souk::base::{Clock, MINUTE, Time};
use souk::db::Db;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;
use tokio::process::Child;
use tokio::time::Instant;

#[derive(Args)]
pub struct Plan {
    #[arg(long)]
    souk: PathBuf,
    /// An empty folder for files and logs.
    #[arg(long)]
    folder: PathBuf,
    #[arg(long)]
    database: String,
    #[arg(long, default_value_t = 50)]
    kills: u64,
    #[arg(long, default_value_t = 500)]
    pub purchases: u64,
    #[arg(long, default_value_t = 1)]
    processes: usize,
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// The mean time between two kills.
    #[arg(long, default_value_t = 1_000)]
    every_ms: u64,
}

const ADMINS: [i64; 8] = [1001, 1002, 1003, 1004, 1005, 1006, 1007, 1008];
const FIRST_CUSTOMER: i64 = 100_000;
const FIRST_AGENT: i64 = 200_000;
const FIRST_REFUNDED: i64 = 300_000;
const FIRST_GIVEN_BACK: i64 = 400_000;
/// Taps of one purchase, with the first message and the photo.
const STEPS: u64 = 10;
/// Methods of which one call in ten is answered 429.
const SENDS: [&str; 5] = ["sendMessage", "sendPhoto", "editMessageText", "editMessageCaption", "editMessageReplyMarkup"];

impl Plan {
    /// Agents, half of whom pay in the end.
    pub const fn agents(&self) -> u64 {
        2 + self.purchases / 50 * 2
    }

    /// People whose orders cannot be delivered.
    pub const fn refunded(&self) -> u64 {
        2 + self.purchases / 100
    }

    /// People whose delivered orders go back: every second by the plan's rule.
    pub const fn given_back(&self) -> u64 {
        4 + self.purchases / 100 * 2
    }
}

fn ids(first: i64, count: u64) -> impl Iterator<Item = i64> {
    first..first.saturating_add_unsigned(count)
}

/// A kill, and what was being sent at that moment.
pub struct Kill {
    pub at: Time,
    pub in_hand: Vec<checks::InHand>,
}

pub async fn run(plan: Plan) -> anyhow::Result<()> {
    let world = Arc::new(World::start(&plan.souk, &plan.folder).await?);
    world.settings(json!({ "calls_keep": 2_000_000 })).await?;
    world.add_group(&ADMINS).await?;
    for admin in ADMINS {
        world.add_person(admin, "en").await?;
    }
    let place = Place::new(&plan.souk, &plan.folder, &plan.database, &world, &ADMINS);
    place.ends_well(&["migrate"]).await?;
    place.furnish(&shop::troubled()).await?;
    agents::become_agents(&place.database, ids(FIRST_AGENT, plan.agents()).collect(), ADMINS[0]).await?;
    world.fault(json!({ "kind": "deliver_twice" })).await?;
    for method in SENDS {
        world.fault(json!({ "kind": "too_many", "retry_after": 1, "method": method, "every": 10 })).await?;
    }
    let epoch = Clock::system().now().0 - i64::try_from(world.counter("log_ms").await?)?;
    let watch = Arc::new(Watch::start(Arc::clone(&world)).await?);
    let began = Instant::now();
    let mut shops = Shops::open(&plan, &place).await?;
    let (kills, complaints) = play(&plan, &watch, &mut shops).await?;
    println!("  everybody is done after {} s; waiting for quiet", began.elapsed().as_secs());
    let quiet = checks::quiet(&world, &place.database).await;
    let mut findings: Vec<String> = complaints;
    findings.extend(quiet.err().map(|error| error.to_string()));
    shops.stop().await?;
    let books = Books { world: &world, place: &place, plan: &plan, kills: &kills, epoch };
    findings.extend(books.check().await?);
    if findings.is_empty() {
        println!("  held, in {} s", began.elapsed().as_secs());
        return Ok(());
    }
    for finding in findings.iter().take(40) {
        println!("  BREACH: {finding}");
    }
    bail!("{} breaches; the files are in {}", findings.len(), plan.folder.display())
}

/// People at work, and kills until both are at their end.
async fn play(plan: &Plan, watch: &Arc<Watch>, shops: &mut Shops<'_>) -> anyhow::Result<(Vec<Kill>, Vec<String>)> {
    let mut dice = Dice::new(plan.seed);
    // Everybody comes at once, and takes so long over each step that there is work in flight at every kill.
    let pause_ms = 2 * plan.kills * plan.every_ms / STEPS;
    let progress = Progress {
        served: AtomicUsize::new(0),
        at_refunds: AtomicUsize::new(0),
        giving_back: AtomicBool::new(true),
        selling: AtomicBool::new(true),
    };
    let doubtful = Arc::new(Doubtful::default());
    let hand = |id: i64| {
        let dice = Dice::new(plan.seed.wrapping_add(id.unsigned_abs()));
        Hand { id, watch: Arc::clone(watch), dice, pause_ms }
    };
    let customers = ids(FIRST_CUSTOMER, plan.purchases).map(|id| {
        let (hand, served) = (hand(id), &progress.served);
        async move {
            let bought = hand.buys().await;
            served.fetch_add(1, Ordering::Relaxed);
            bought.err().map(|error| format!("customer {id}: {error}"))
        }
    });
    let refunded = ids(FIRST_REFUNDED, plan.refunded()).map(|id| {
        let hand = hand(id);
        async move { agents::is_refunded(hand, ADMINS[1]).await.err().map(|error| format!("customer {id}: {error}")) }
    });
    let db = shops.db.clone();
    let given_back = ids(FIRST_GIVEN_BACK, plan.given_back()).map(|id| {
        let (admins, by_rule) = ([ADMINS[3], ADMINS[4]], id % 2 == 0);
        let refunded = Refunded { hand: hand(id), admins, by_rule, db: &db, under_way: &progress.at_refunds };
        async move { refunded.gets_back().await.err().map(|error| format!("customer {id}: {error}")) }
    });
    let agents = ids(FIRST_AGENT, plan.agents()).map(|id| {
        let Hand { watch, dice, .. } = hand(id);
        let (admin, pays, doubtful) = (ADMINS[2], id % 2 == 0, Arc::clone(&doubtful));
        // They have more steps, and must be through before the clock cuts them off among the kills.
        let agent = Agent { id, watch, dice, pause_ms: pause_ms / 4, doubtful, admin, pays };
        async move { agent.sells().await.err().map(|error| format!("agent {id}: {error}")) }
    });
    let (stop, stopped) = tokio::sync::watch::channel(false);
    let buyers = async {
        let sellers = async {
            let told: Vec<Option<String>> = join_all(agents).await;
            progress.selling.store(false, Ordering::Relaxed);
            told
        };
        let refunds = async {
            let told: Vec<Option<String>> = join_all(given_back).await;
            progress.giving_back.store(false, Ordering::Relaxed);
            told
        };
        let (bought, refunded, refunds, sold) = futures::join!(join_all(customers), join_all(refunded), refunds, sellers);
        let told: Vec<Option<String>> = bought.into_iter().chain(refunded).chain(refunds).chain(sold).collect();
        // Whoever failed has no card: then the admins would wait for ever.
        if told.iter().any(Option::is_some) {
            tokio::time::sleep(Duration::from_secs(20)).await;
            let _heard = stop.send(true);
        }
        told
    };
    let enough = usize::try_from(plan.purchases + plan.refunded() + plan.given_back() + plan.agents() / 2)?;
    let admins = people::approve_all(watch, &ADMINS, (enough, &doubtful), stopped);
    let killing = kill_all(plan, shops, &mut dice, &progress);
    let (told, unanswered, kills) = futures::join!(buyers, admins, killing);
    let complaints = told.into_iter().flatten().chain(unanswered).collect();
    Ok((kills?, complaints))
}

/// How far people are.
struct Progress {
    served: AtomicUsize,
    /// Admins who give something back just now.
    at_refunds: AtomicUsize,
    giving_back: AtomicBool,
    selling: AtomicBool,
}

/// At random moments, then while admins give back, then while the clock looks at agents.
async fn kill_all(plan: &Plan, shops: &mut Shops<'_>, dice: &mut Dice, progress: &Progress) -> anyhow::Result<Vec<Kill>> {
    let mut kills = Vec::new();
    for number in 1..=plan.kills {
        tokio::time::sleep(dice.ms(plan.every_ms / 4, plan.every_ms * 7 / 4)).await;
        kills.push(shops.kill_one(dice).await?);
        if number % 5 == 0 {
            println!("  {number} kills, {} of {} customers served", progress.served.load(Ordering::Relaxed), plan.purchases);
        }
    }
    // Refunds begin when much is delivered already: it is killed while admins give back, and left alone for long enough
    // to answer them in between.
    let mut more = plan.kills;
    while more > 0 && progress.giving_back.load(Ordering::Relaxed) {
        tokio::time::sleep(dice.ms(1_000, 4_000)).await;
        if progress.at_refunds.load(Ordering::Relaxed) > 0 {
            kills.push(shops.kill_one(dice).await?);
            more -= 1;
        }
    }
    // The clock looks at agents each minute: it is killed while it does, as long as some are not through.
    while progress.selling.load(Ordering::Relaxed) {
        let into_minute = Clock::system().now().0.rem_euclid(MINUTE).unsigned_abs();
        tokio::time::sleep(Duration::from_millis(MINUTE.unsigned_abs() - into_minute) + dice.ms(0, 1_500)).await;
        kills.push(shops.kill_one(dice).await?);
        tokio::time::sleep(dice.ms(200, 1_500)).await;
        kills.push(shops.kill_one(dice).await?);
    }
    Ok(kills)
}

/// The processes of one shop.
struct Shops<'a> {
    place: &'a Place,
    running: Vec<Child>,
    /// For a look at what a killed one had in its hands.
    db: Db,
}

impl<'a> Shops<'a> {
    async fn open(plan: &Plan, place: &'a Place) -> anyhow::Result<Self> {
        let db = Db::connect(&place.database).await?;
        let running = (0..plan.processes).map(|number| place.open(&format!("shop-{number}.log"))).collect::<Result<_, _>>()?;
        Ok(Self { place, running, db })
    }

    /// SIGKILL for one of them, and a new one in its place at once.
    async fn kill_one(&mut self, dice: &mut Dice) -> anyhow::Result<Kill> {
        let number = usize::try_from(dice.below(u64::try_from(self.running.len())?))?;
        let child = &mut self.running[number];
        let pid = child.id().with_context(|| format!("shop {number} ended by itself; see its log"))?;
        child.kill().await?;
        let at = Clock::system().now();
        let in_hand = checks::in_hand(&self.db, pid).await?;
        self.running[number] = self.place.open(&format!("shop-{number}.log"))?;
        Ok(Kill { at, in_hand })
    }

    /// Asks them to end, as a deploy does.
    async fn stop(&mut self) -> anyhow::Result<()> {
        for child in &mut self.running {
            if let Some(pid) = child.id() {
                tokio::process::Command::new("kill").arg(pid.to_string()).status().await?;
            }
            let ended = tokio::time::timeout(Duration::from_secs(5), child.wait()).await;
            let status = ended.context("the shop did not end within 5 s of SIGTERM")??;
            anyhow::ensure!(status.success(), "the shop ended with {status}");
        }
        Ok(self.db.close().await?)
    }
}
