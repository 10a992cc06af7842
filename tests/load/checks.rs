//! What must hold afterwards, counted from three sides: the shop's database, the world's log, the panel.
use crate::agents::EACH;
use crate::crash::{Kill, Plan};
use crate::disagreements::disagreements;
use crate::shop::Place;
use crate::world::{Call, GROUP, World};
use anyhow::bail;
use sea_orm::FromQueryResult;
use serde_json::Value;
use souk::base::{Clock, Fault};
use souk::db::{Db, query, scalar};
use std::collections::HashMap;
use std::time::Duration;
use tokio::time::Instant;

/// Admins have smaller ids than customers and agents, and are answered in the group.
const FIRST_PERSON: i64 = 2_000;
/// An update is answered with one message, and with a picture beside it at most.
const ANSWERS_MAX: usize = 2;
/// How long the shop may need to come to rest: notices go out at 25 a second.
const REST: Duration = Duration::from_mins(4);

/// Work whose end was not written down when its process died: an update, or a notice on its way.
#[derive(Debug, Clone, FromQueryResult)]
pub struct InHand {
    /// The person whose update it is, or the chat of the notice.
    pub chat: i64,
    /// Since when.
    pub since: i64,
    pub notice: i64,
}

async fn opened<T>(database: &str, ask: impl AsyncFnOnce(&Db) -> Result<T, Fault>) -> anyhow::Result<T> {
    let db = Db::connect(database).await?;
    let answer = ask(&db).await;
    db.close().await?;
    Ok(answer?)
}

/// What a process had in its hands when it died. It is asked at once, over a connection that is open: soon others take it up.
pub async fn in_hand(db: &Db, pid: u32) -> Result<Vec<InHand>, Fault> {
    let owner = format!("%|{pid}|%");
    query(
        db.read(),
        "SELECT lane AS chat, received_at AS since, CAST(0 AS BIGINT) AS notice FROM inbox WHERE state = 'new' AND owner LIKE $1
         UNION ALL
         SELECT chat, lease_until AS since, CAST(1 AS BIGINT) AS notice FROM outbox WHERE state = 'sending' AND owner LIKE $1
         UNION ALL
         SELECT CAST(0 AS BIGINT) AS chat, lease_until AS since, CAST(1 AS BIGINT) AS notice FROM jobs
         WHERE state = 'running' AND kind = 'review_card' AND owner LIKE $1",
        vec![owner.into()],
    )
    .await
}

/// Waits until nothing is due any more.
pub async fn quiet(world: &World, database: &str) -> anyhow::Result<()> {
    let db = Db::connect(database).await?;
    let deadline = Instant::now() + REST;
    let mut calm = 0;
    while calm < 3 {
        let now = Clock::system().now();
        let sql = "SELECT (SELECT COUNT(*) FROM inbox WHERE state = 'new')
            + (SELECT COUNT(*) FROM jobs WHERE state = 'running' OR (state = 'due' AND run_at < $1))
            + (SELECT COUNT(*) FROM outbox WHERE state IN ('due', 'sending')) AS v";
        let open = scalar::<i64>(db.read(), sql, vec![now.0.into()]).await?.unwrap_or_default();
        let pending = world.counter("updates_pending").await?;
        calm = if open == 0 && pending == 0 { calm + 1 } else { 0 };
        if Instant::now() > deadline {
            bail!("after {} s there are still {open} rows open and {pending} updates pending", REST.as_secs());
        }
        tokio::time::sleep(Duration::from_millis(300)).await;
    }
    Ok(db.close().await?)
}

/// Everything that the books are compared with.
pub struct Books<'a> {
    pub world: &'a World,
    pub place: &'a Place,
    pub plan: &'a Plan,
    pub kills: &'a [Kill],
    /// When the world's log began.
    pub epoch: i64,
}

/// What was never said though somebody was there; that an order is late may be past before it is said.
const DROPPED: &str = "SELECT COUNT(*) AS v FROM outbox WHERE state = 'dropped' AND error <> 'there is nothing to say any more'";

const OTHER: &str = "SELECT COUNT(*) AS v FROM ledger_transactions WHERE kind NOT IN ('topup', 'sale', 'refund')";
const CUT_OFF: &str = "SELECT COUNT(*) AS v FROM credit_episodes WHERE stage = 'cut' AND ended_at IS NULL AND services = 5";

const GIVEN_BACK: (&str, &str) = (
    "delivered orders given back once, with a word to whose they were",
    "SELECT COUNT(*) AS v FROM orders o WHERE o.person BETWEEN 400000 AND 499999 AND o.state = 'refunded' AND o.refunded > 0
        AND (SELECT COUNT(*) FROM refunds r WHERE r.order_id = o.id AND r.way = 'wallet' AND r.so_far = 0) = 1
        AND (SELECT COUNT(*) FROM refunds r WHERE r.order_id = o.id) = 1
        AND (SELECT COUNT(*) FROM outbox n WHERE n.chat = o.person AND n.body LIKE '%\"notice\":\"refunded\"%') = 1",
);
const BY_RULE: (&str, &str) = (
    "of these, by the plan's rule after a quarter was used",
    "SELECT COUNT(*) AS v FROM orders o JOIN refunds r ON r.order_id = o.id
        WHERE o.person BETWEEN 400000 AND 499999 AND r.amount = o.price * 3 / 4 AND r.reason LIKE '%left by traffic'",
);
const KEPT: (&str, &str) = (
    "wallets that hold what went back, beside what came above the price",
    "SELECT COUNT(*) AS v FROM orders o JOIN payments p ON p.order_id = o.id JOIN ledger_accounts a
        ON a.kind = 'wallet' AND a.owner = CAST(o.person AS TEXT) WHERE o.person BETWEEN 400000 AND 499999
        AND a.credits_posted - a.debits_posted = p.approved - o.price + o.refunded",
);

/// A question to the database whose answer is one number, and what it must be.
struct Count {
    what: &'static str,
    sql: &'static str,
    must: i64,
}

impl Books<'_> {
    /// What does not hold, in plain words.
    pub async fn check(&self) -> anyhow::Result<Vec<String>> {
        let mut findings = Vec::new();
        self.counts(&mut findings).await?;
        self.accounts(&mut findings).await?;
        findings.extend(opened(&self.place.database, async |db: &Db| disagreements(db).await).await?);
        if let Err(error) = self.place.ends_well(&["ledger", "verify"]).await {
            findings.push(error.to_string());
        }
        self.doubles(&mut findings).await?;
        Ok(findings)
    }

    async fn counts(&self, findings: &mut Vec<String>) -> anyhow::Result<()> {
        let made = i64::try_from(self.world.counter("updates_made").await?)?;
        let plan = self.plan;
        let [bought, agents, undelivered, back, each] = [plan.purchases, plan.agents(), plan.refunded(), plan.given_back(), EACH]
            .map(|count| i64::try_from(count).unwrap_or(0));
        let (on_credit, pay, refunded) = (agents * each, agents / 2, undelivered + back);
        let (sold, brought) = (bought + refunded + on_credit, bought + refunded + pay);
        let count = |what, sql, must| Count { what, sql, must };
        let all = [
            count("updates on disk, of those that Telegram made", "SELECT COUNT(*) AS v FROM inbox", made),
            count("updates not done", "SELECT COUNT(*) AS v FROM inbox WHERE state <> 'done'", 0),
            count("orders", "SELECT COUNT(*) AS v FROM orders", sold),
            count("orders delivered", "SELECT COUNT(*) AS v FROM orders WHERE state = 'delivered'", bought + on_credit - pay),
            count("orders refunded", "SELECT COUNT(*) AS v FROM orders WHERE state = 'refunded'", refunded + pay),
            count("payments approved", "SELECT COUNT(*) AS v FROM payments WHERE state = 'approved'", brought),
            count("payments rejected", "SELECT COUNT(*) AS v FROM payments WHERE state = 'rejected'", agents),
            count("transfers in", "SELECT COUNT(*) AS v FROM ledger_transactions WHERE kind = 'topup'", brought),
            count("charges", "SELECT COUNT(*) AS v FROM ledger_transactions WHERE kind = 'sale'", sold),
            count("orders charged", "SELECT COUNT(DISTINCT about) AS v FROM ledger_transactions WHERE kind = 'sale'", sold),
            count("refunds", "SELECT COUNT(*) AS v FROM ledger_transactions WHERE kind = 'refund'", refunded + pay),
            count("other transfers", OTHER, 0),
            count("holds still open", "SELECT COUNT(*) AS v FROM ledger_holds WHERE state = 'open'", 0),
            count(
                "batches sold whole and told of once",
                "SELECT COUNT(*) AS v FROM agent_batches b WHERE b.state = 'sold' AND b.told_at IS NOT NULL AND NOT EXISTS
                    (SELECT 1 FROM agent_batch_items i WHERE i.batch = b.id AND i.state <> 'sold')",
                agents,
            ),
            count("agents cut off and not back", CUT_OFF, agents - pay),
            count("agents restored", "SELECT COUNT(*) AS v FROM credit_episodes WHERE stage = 'over'", pay),
            count("other episodes", "SELECT COUNT(*) AS v FROM credit_episodes WHERE stage NOT IN ('cut', 'over')", 0),
            count(
                "services switched off for credit, and on the panel so",
                "SELECT COUNT(*) AS v FROM subscriptions WHERE state = 'disabled' AND off_for = 'credit' AND applied = revision",
                (agents - pay) * each,
            ),
            count(
                "services active and whole",
                "SELECT COUNT(*) AS v FROM subscriptions WHERE state = 'active' AND kind = 'full' AND applied = revision",
                bought + pay * (each - 1),
            ),
            count(
                "services deleted, and gone from the panel",
                "SELECT COUNT(*) AS v FROM subscriptions WHERE state = 'deleted' AND applied = revision",
                pay + back,
            ),
            count("services deleted", "SELECT COUNT(*) AS v FROM subscriptions WHERE state = 'deleted'", pay + back),
            count(GIVEN_BACK.0, GIVEN_BACK.1, back),
            count(BY_RULE.0, BY_RULE.1, back / 2),
            count(KEPT.0, KEPT.1, back),
            count("notices dropped", DROPPED, 0),
            count("jobs given up", "SELECT COUNT(*) AS v FROM jobs WHERE state = 'given_up'", 0),
        ];
        opened(&self.place.database, async |db: &Db| {
            for Count { what, sql, must } in all {
                let is = scalar::<i64>(db.read(), sql, vec![]).await?.unwrap_or_default();
                if is == must {
                    println!("  {what}: {is}");
                } else {
                    findings.push(format!("{what}: {is}, and not {must}"));
                }
            }
            Ok(())
        })
        .await
    }

    async fn accounts(&self, findings: &mut Vec<String>) -> anyhow::Result<()> {
        #[derive(FromQueryResult)]
        struct Owned {
            account: String,
            state: String,
        }
        let mut there: HashMap<String, Vec<String>> = HashMap::new();
        for (name, status) in self.world.accounts().await? {
            there.entry(name).or_default().push(status);
        }
        let sql = "SELECT account, state FROM subscriptions WHERE state <> 'deleted'";
        let ours: Vec<Owned> = opened(&self.place.database, async |db: &Db| query(db.read(), sql, vec![]).await).await?;
        println!("  accounts on the panel: {}", there.values().map(Vec::len).sum::<usize>());
        for Owned { account, state } in ours {
            let found = there.remove(&account).unwrap_or_default();
            if found.as_slice() != [state.as_str()] {
                findings.push(format!("account {account} is {found:?} on the panel, and {state} with us"));
            }
        }
        findings.extend(there.into_keys().map(|name| format!("account {name} is on the panel and nobody's")));
        Ok(())
    }

    /// Messages that came twice, against the sends that were under way when the shop was killed.
    async fn doubles(&self, findings: &mut Vec<String>) -> anyhow::Result<()> {
        let calls = self.world.calls().await?;
        let refused = calls.iter().filter(|call| call.code == 429).count();
        let sends: Vec<&Call> = calls.iter().filter(|call| arrived(call)).collect();
        let mut times: HashMap<(i64, String), usize> = HashMap::new();
        for call in &sends {
            *times.entry((chat(call), words(call))).or_default() += 1;
        }
        let doubled: usize = times.values().map(|times| times - 1).sum();
        let in_flight: usize = self.kills.iter().map(|kill| self.in_flight(kill, &sends)).sum();
        println!(
            "  {} kills; {} messages, {refused} calls answered 429; {doubled} messages doubled, {in_flight} sends in flight",
            self.kills.len(),
            sends.len()
        );
        if doubled > in_flight {
            findings.push(format!("{doubled} messages came twice, and only {in_flight} sends were in flight at the kills"));
            let mut worst: Vec<_> = times.into_iter().filter(|(_, times)| *times > 1).collect();
            worst.sort_by_key(|(_, times)| std::cmp::Reverse(*times));
            for ((chat, words), times) in worst.into_iter().take(5) {
                let words: String = words.chars().take(80).collect();
                findings.push(format!("{times} times in chat {chat}: {words}"));
            }
        }
        Ok(())
    }

    /// Sends of which the shop had no record when it died: those that the world did while updates of that chat were not marked yet,
    /// each counted once and no more than so many updates are answered with; and the notices and cards that were on their way.
    fn in_flight(&self, kill: &Kill, sends: &[&Call]) -> usize {
        let (updates, others): (Vec<&InHand>, Vec<&InHand>) = kill.in_hand.iter().partition(|work| work.notice == 0);
        let mut chats: HashMap<i64, (usize, i64)> = HashMap::new();
        for work in updates {
            let here = chats.entry(if work.chat < FIRST_PERSON { GROUP } else { work.chat }).or_insert((0, i64::MAX));
            *here = (here.0 + 1, here.1.min(work.since));
        }
        let answers = chats.into_iter().map(|(there, (updates, since))| {
            let time = |call: &Call| self.epoch + i64::try_from(call.ms).unwrap_or(0);
            let window = since - 20..=kill.at.0 + 20;
            let sent = sends.iter().filter(|call| chat(call) == there && window.contains(&time(call))).count();
            sent.min(updates * ANSWERS_MAX)
        });
        others.len() + answers.sum::<usize>()
    }
}

/// A message that people saw, whether or not the shop heard so.
fn arrived(call: &Call) -> bool {
    matches!(call.code, 0 | 200)
        && ["sendMessage", "sendPhoto", "sendDocument"].iter().any(|sends| call.method.eq_ignore_ascii_case(sends))
}

fn chat(call: &Call) -> i64 {
    match &call.params["chat_id"] {
        Value::String(text) => text.parse().unwrap_or_default(),
        id => id.as_i64().unwrap_or_default(),
    }
}

fn words(call: &Call) -> String {
    let word = |key: &str| call.params[key].as_str().unwrap_or_default().to_owned();
    word("text") + &word("caption")
}
