//! The real binary, as an operator runs it: what it says of a broken environment, of a broken ledger and of a shop; and a shop
//! that gets its updates by webhook.

use std::net::TcpListener;
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use souk::base::{Clock, Fault};
use souk::db;
use souk::sim::marzban::Down;
use souk::sim::telegram::{Actor, NewGroup, Paid, Person, Telegram};
use tokio::process::{Child, Command};
use tokio::time::{interval, timeout};

use crate::backups::{Folder, said, souk};
use crate::queue_doors::browser;
use crate::world::postgres::{Kind, TestDb, fresh};
use crate::world::shop::{KEY, Setup, World, world_in};
use crate::world::world;

pub const TOKEN: &str = "42:a-simulated-token-of-some-length";
const SECRET: &str = "a-webhook-secret-of-some-length";
pub const GROUP: i64 = -1_001_234_567_890;
const SARA: i64 = 2_001;
/// What only the screen of help says.
const HELP: &str = "Transfer the exact amount";
/// How long a person would wait for an answer before giving up.
pub const PATIENCE: Duration = Duration::from_secs(20);
pub const STOP_MAX: Duration = Duration::from_secs(5);

/// All that a shop reads from its environment must be named here, so that no story reads the environment of whoever runs it.
const NAMES: [&str; 13] = [
    "TELEGRAM_BOT_TOKEN",
    "TELEGRAM_API_URL",
    "DATABASE_URL",
    "ADMIN_CHAT_ID",
    "OWNER_IDS",
    "SECRET_KEY",
    "PUBLIC_URL",
    "LISTEN_ADDR",
    "TELEGRAM_WEBHOOK_SECRET",
    "SHOP_FILE",
    "LOG",
    "LOG_FORMAT",
    "LOG_DIR",
];

pub fn command(words: &[&str], environment: &[(&str, &str)]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_souk"));
    for name in NAMES {
        command.env_remove(name);
    }
    command.args(words).envs(environment.iter().copied()).current_dir(env!("CARGO_TARGET_TMPDIR")).kill_on_drop(true);
    command
}

#[tokio::test]
async fn a_broken_environment_is_told_whole_and_nothing_starts() {
    let wrong = [
        ("TELEGRAM_BOT_TOKEN", "hunter2"),
        ("DATABASE_URL", "mysql://root:hunter2@db/souk"),
        ("ADMIN_CHAT_ID", "the group"),
        ("OWNER_IDS", "1001,nobody"),
        ("SECRET_KEY", "hunter2"),
        ("LISTEN_ADDR", "everywhere"),
        ("TELEGRAM_WEBHOOK_SECRET", "hunter2"),
        ("LOG_FORMAT", "xml"),
    ];
    for word in ["run", "check"] {
        let output = command(&[word], &wrong).output().await.expect("the binary runs");
        let said = said(&output);
        assert_eq!(output.status.code(), Some(2), "{said}");
        assert!(output.stdout.is_empty(), "{said}");
        for (name, _) in wrong.iter().chain(&[("PUBLIC_URL", "webhooks need it")]) {
            assert!(said.contains(&format!("\n  {name}: ")), "{name} is not told:\n{said}");
        }
        assert!(said.contains("9 mistakes") && !said.contains("hunter2"), "{said}");
    }
}

#[tokio::test]
async fn the_ledger_is_verified_and_what_is_wrong_with_it_is_shown() {
    world(async |w: &World| {
        let sara = w.customer("Sara").await;
        sara.owns_a_service(1).await;
        let well = souk(&["ledger", "verify"], &w.database, KEY).await;
        assert!(well.status.success() && said(&well).contains("nothing found"), "{}", said(&well));
        let books = async |sign: char| {
            let sql = format!(
                "UPDATE ledger_accounts SET debits_posted = debits_posted {sign} 7, credits_posted = credits_posted {sign} 7 \
                 WHERE kind = 'wallet'"
            );
            let cooked = w.app.write::<_, Fault, _>(move |tx| Box::pin(async move { db::execute(tx, &sql, vec![]).await })).await;
            assert_eq!(cooked.expect("it is written"), 1);
        };
        books('+').await;
        let broken = souk(&["ledger", "verify"], &w.database, KEY).await;
        books('-').await;
        let shown = String::from_utf8_lossy(&broken.stdout);
        assert_eq!(broken.status.code(), Some(1), "{}", said(&broken));
        assert!(shown.lines().any(|line| line.contains("account") && line.contains('7')), "the row is not shown: {shown}");
        assert!(String::from_utf8_lossy(&broken.stderr).contains("does not hold"), "{}", said(&broken));
    })
    .await;
}

#[tokio::test]
async fn a_shop_is_checked_part_by_part() {
    for kind in Kind::BOTH {
        let copies = Folder::new();
        let setup = Setup::default().with("backup_folder = \"\"", &format!("backup_folder = \"{}\"", copies.path().display()));
        world_in(kind, &setup, async |w: &World| {
            let telegram = w.telegram.clone().with_token(TOKEN);
            let (api, group) = (w.app.telegram.api_url(), w.group_id().to_string());
            let key = format!("{:02x}", KEY[0]).repeat(KEY.len());
            let environment = [
                ("TELEGRAM_BOT_TOKEN", TOKEN),
                ("TELEGRAM_API_URL", api.as_str()),
                ("DATABASE_URL", w.database.url.as_str()),
                ("ADMIN_CHAT_ID", group.as_str()),
                ("OWNER_IDS", "1001"),
                ("SECRET_KEY", key.as_str()),
            ];
            let well = command(&["check"], &environment).output().await.expect("the binary runs");
            assert!(well.status.success() && said(&well).contains("Everything is well."), "{kind:?}: {}", said(&well));
            w.panel.set_down(Down::BadGateway).await;
            let ill = command(&["check"], &environment).output().await.expect("the binary runs");
            w.panel.set_down(Down::No).await;
            assert_eq!(ill.status.code(), Some(1), "{}", said(&ill));
            assert!(said(&ill).contains("WRONG  panel main: ") && said(&ill).contains("1 thing is wrong."), "{}", said(&ill));
            drop(telegram.with_token("42:sim"));
        })
        .await;
    }
}

/// A shop in a process of its own, that Telegram brings its updates.
struct Hooked {
    process: Child,
    telegram: Telegram,
    api: String,
    _database: TestDb,
}

impl Hooked {
    async fn open(kind: Kind) -> Self {
        let clock = Clock::system();
        let telegram = Telegram::new(Arc::new(move || clock.now().unix())).with_token(TOKEN);
        let api = telegram.start().await.expect("Telegram starts");
        telegram.add_person(Person { id: SARA, first_name: "Sara".to_owned(), ..Person::default() });
        telegram.add_group(NewGroup { id: Some(GROUP), is_supergroup: true, ..NewGroup::default() });
        let database = fresh(kind).await;
        // Free a moment ago.
        let listen = TcpListener::bind("127.0.0.1:0").and_then(|taken| taken.local_addr()).expect("a free port").to_string();
        let environment = [
            ("TELEGRAM_BOT_TOKEN", TOKEN),
            ("TELEGRAM_API_URL", api.as_str()),
            ("DATABASE_URL", database.url.as_str()),
            ("ADMIN_CHAT_ID", "-1001234567890"),
            ("OWNER_IDS", "1001"),
            ("SECRET_KEY", &"07".repeat(32)),
            ("PUBLIC_URL", &format!("http://{listen}")),
            ("LISTEN_ADDR", &listen),
            ("TELEGRAM_WEBHOOK_SECRET", SECRET),
            ("LOG", "warn"),
        ];
        let process = command(&["run"], &environment).stdin(Stdio::null()).spawn().expect("the binary starts");
        Self { process, telegram, api, _database: database }
    }

    /// Waits for a message of the bot that says this.
    async fn answers(&self, words: &str) {
        let sara: Actor = self.telegram.person(SARA);
        let mut look = interval(Duration::from_millis(20));
        let answered = timeout(PATIENCE, async {
            while !sara.last().is_some_and(|message| message.text.contains(words)) {
                look.tick().await;
            }
        });
        assert!(answered.await.is_ok(), "«{words}» is not said; there is:\n{}", sara.sees());
    }

    /// What Telegram was told: where it brings updates, and with which secret.
    fn hook(&self) -> String {
        let told = self.telegram.calls().into_iter().rfind(|call| call.method.eq_ignore_ascii_case("setWebhook"));
        told.expect("a webhook is set").params["url"].as_str().expect("an address").to_owned()
    }
}

/// Somebody holds an invoice that is not the shop's, and pays it.
pub async fn pays_a_strange_invoice(telegram: &Telegram, api: &str, who: i64) -> Paid {
    let price = serde_json::json!([{ "label": "Month", "amount": 250 }]);
    let invoice = serde_json::json!({ "chat_id": who, "title": "Month", "description": "30 days", "payload": "order-7",
        "currency": "XTR", "prices": price });
    let sent = browser().post(format!("{api}/bot{TOKEN}/sendInvoice")).body(invoice.to_string());
    let sent = sent.header("Content-Type", "application/json").send().await.expect("Telegram answers");
    let sent: serde_json::Value =
        serde_json::from_str(&sent.text().await.expect("an answer")).expect("Telegram answers with JSON");
    let message = sent["result"]["message_id"].as_i64().unwrap_or_else(|| panic!("no invoice is sent: {sent}"));
    telegram.person(who).pays(message).await.expect("she may pay")
}

#[tokio::test]
async fn a_shop_with_a_webhook_answers_what_it_is_brought_and_nobody_else() {
    for kind in Kind::BOTH {
        let mut shop = Hooked::open(kind).await;
        shop.telegram.person(SARA).starts("").expect("she may start");
        shop.answers("Language").await;
        let (hook, client) = (shop.hook(), browser());
        let knock = async |secret: Option<&str>, body: String| {
            let request = client.post(&hook).body(body);
            let request =
                secret.into_iter().fold(request, |request, secret| request.header("X-Telegram-Bot-Api-Secret-Token", secret));
            request.send().await.expect("it answers").status().as_u16()
        };
        let from = serde_json::json!({ "id": SARA, "is_bot": false, "first_name": "Sara" });
        let forged =
            serde_json::json!({ "update_id": 900_000_001, "message": { "message_id": 77, "date": 1_773_144_000, "from": from,
            "chat": { "id": SARA, "type": "private", "first_name": "Sara" }, "text": "/help" } })
            .to_string();
        assert_eq!(knock(None, forged.clone()).await, 401);
        assert_eq!(knock(Some("a-webhook-secret-of-some-lengtH"), forged.clone()).await, 401);
        assert_eq!(knock(Some(SECRET), "x".repeat(2 << 20)).await, 413);
        shop.telegram.person(SARA).says("/wallet").expect("she may write");
        shop.answers("Wallet").await;
        let help = shop.telegram.messages(SARA).iter().filter(|message| message.text.contains(HELP)).count();
        assert_eq!(help, 0, "{kind:?}: what came without the secret was answered");
        assert_eq!(knock(Some(SECRET), forged).await, 200);
        shop.answers(HELP).await;
        let paid = pays_a_strange_invoice(&shop.telegram, &shop.api, SARA).await;
        assert!(matches!(&paid, Paid::Refused(why) if why.contains("no longer valid")), "{kind:?}: {paid:?}");
        let asked = shop.telegram.calls().iter().filter(|call| call.method.eq_ignore_ascii_case("getUpdates")).count();
        assert_eq!((asked, shop.telegram.pending_updates()), (0, 0), "{kind:?}");
        let id = shop.process.id().expect("the shop runs").to_string();
        assert!(Command::new("kill").args(["-TERM", &id]).status().await.expect("kill starts").success());
        let ended = timeout(STOP_MAX, shop.process.wait()).await.expect("it stops in time").expect("it has a status");
        assert!(ended.success(), "{ended}");
    }
}
