//! A shop that polls, as an operator runs it: told to stop with work in hand, asked about an invoice that is not its own, and
//! reading its environment from a file. The real binary.

use std::fs;
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use souk::base::Clock;
use souk::db::{Db, scalar};
use souk::sim::marzban::{self, Marzban};
use souk::sim::telegram::{Actor, Fault, FaultKind, NewGroup, Paid, Person, Telegram};
use tokio::process::{Child, Command};
use tokio::time::{interval, timeout};

use crate::backups::{Folder, said};
use crate::binary::{GROUP, PATIENCE, STOP_MAX, TOKEN, command, pays_a_strange_invoice};
use crate::world::postgres::{Kind, TestDb, fresh};

const SARA: i64 = 2_001;
/// Longer than anybody waits here.
const SILENCE_MS: u64 = 60_000;

/// The world around a shop in a process of its own, which gets its updates by polling.
struct Street {
    telegram: Telegram,
    api: String,
    panel: Marzban,
    folder: Folder,
    database: TestDb,
    db: Db,
}

impl Street {
    async fn build(kind: Kind) -> Self {
        let clock = Clock::system();
        let seconds: Arc<dyn Fn() -> i64 + Send + Sync> = Arc::new(move || clock.now().unix());
        let telegram = Telegram::new(Arc::clone(&seconds)).with_token(TOKEN);
        let api = telegram.start().await.expect("Telegram starts");
        let language_code = Some("en".to_owned());
        telegram.add_person(Person { id: SARA, first_name: "Sara".to_owned(), language_code, ..Person::default() });
        telegram.add_group(NewGroup { id: Some(GROUP), is_supergroup: true, ..NewGroup::default() });
        let panel = Marzban::new(seconds);
        panel.add_admin("souk", "change-me");
        let (folder, database) = (Folder::new(), fresh(kind).await);
        let url = panel.start().await.expect("the panel starts");
        let shop = include_str!("../../assets/shop.example.toml").replace("http://127.0.0.1:0", &url);
        fs::write(folder.path().join("shop.toml"), shop.replace("backups_kept = 30", "backups_kept = 0")).expect("a shop file");
        let db = Db::connect(&database.url).await.expect("the database opens");
        Self { telegram, api, panel, folder, database, db }
    }

    /// Opens the shop; all that it needs stands in `.env` of its folder.
    fn open(&self) -> Child {
        let Self { api, database: TestDb { url, .. }, .. } = self;
        let key = "07".repeat(32);
        let file = format!(
            "TELEGRAM_BOT_TOKEN={TOKEN}\nTELEGRAM_API_URL={api}\nDATABASE_URL='{url}'\nADMIN_CHAT_ID={GROUP}\nOWNER_IDS=1001\n\
             SECRET_KEY={key}\nLISTEN_ADDR=127.0.0.1:0\nSHOP_FILE=shop.toml\nLOG=warn\n"
        );
        fs::write(self.folder.path().join(".env"), file).expect("the environment's file");
        command(&["run"], &[]).current_dir(self.folder.path()).stdin(Stdio::null()).spawn().expect("the binary starts")
    }

    fn sara(&self) -> Actor {
        self.telegram.person(SARA)
    }

    async fn until(&self, what: &str, mut is_so: impl AsyncFnMut() -> bool) {
        let mut look = interval(Duration::from_millis(20));
        let came = timeout(PATIENCE, async {
            while !is_so().await {
                look.tick().await;
            }
        });
        assert!(came.await.is_ok(), "{what} does not come; there is:\n{}", self.sara().sees());
    }

    async fn hears(&self, words: &str) {
        self.until(words, async || self.sara().last().is_some_and(|message| message.text.contains(words))).await;
    }

    /// The shop that has stopped holds nothing: its job waits without a try or a death counted, and so do that many updates.
    async fn gave_back(&self, kind: Kind, updates: i64) {
        let held = "SELECT COUNT(*) AS v FROM jobs WHERE state = 'running'";
        assert_eq!(self.count(held).await, 0, "{kind:?}: a job is held by nobody");
        let parked = "SELECT COUNT(*) AS v FROM jobs WHERE kind = 'provision' AND state = 'due' AND attempts = 0 AND deaths = 0";
        assert_eq!(self.count(parked).await, 1, "{kind:?}: a stop is no try, and no death");
        let parked = "SELECT COUNT(*) AS v FROM inbox WHERE state = 'new' AND owner IS NULL";
        let unfinished = self.count("SELECT COUNT(*) AS v FROM inbox WHERE state = 'new'").await;
        assert_eq!((self.count(parked).await, unfinished), (updates, updates), "{kind:?}: {}", self.sara().sees());
    }

    async fn count(&self, sql: &str) -> i64 {
        scalar::<i64>(self.db.read(), sql, vec![]).await.expect("a count is read").unwrap_or_default()
    }
}

async fn stops_well(mut shop: Child, kind: Kind) {
    let id = shop.id().expect("the shop runs").to_string();
    assert!(Command::new("kill").args(["-TERM", &id]).status().await.expect("kill starts").success());
    let ended = timeout(STOP_MAX, shop.wait()).await.expect("it stops in time").expect("it has a status");
    assert!(ended.success(), "{kind:?}: {ended}");
}

#[tokio::test]
async fn a_shop_that_is_told_to_stop_gives_back_the_job_and_the_update_in_its_hands() {
    for kind in Kind::BOTH {
        let street = Street::build(kind).await;
        let (shop, sara) = (street.open(), street.sara());
        sara.starts("").expect("she may start");
        street.hears("Language").await;
        sara.taps("✅ English").expect("the button");
        street.until("home", async || sara.last().is_some_and(|home| !home.text.contains("Language"))).await;
        sara.says("/trial").expect("she may write");
        street.hears("One trial per person").await;
        let silence = marzban::FaultKind::Silent { ms: SILENCE_MS };
        street.panel.fault(marzban::Fault { path_prefix: String::new(), method: None, kind: silence, times: u32::MAX });
        sara.taps("🎁 Start the trial").expect("the button");
        let running = "SELECT COUNT(*) AS v FROM jobs WHERE kind = 'provision' AND state = 'running'";
        street.until("the job", async || street.count(running).await == 1).await;
        let fresh = "SELECT COUNT(*) AS v FROM inbox WHERE state = 'new'";
        street.until("the answer to the tap", async || street.count(fresh).await == 0).await;
        stops_well(shop, kind).await;
        street.gave_back(kind, 0).await;

        let shop = street.open();
        street.until("the job", async || street.count(running).await == 1).await;
        street.telegram.fault(Fault::new(FaultKind::Hang { ms: SILENCE_MS }).on("sendMessage").for_chat(SARA));
        sara.says("/wallet").expect("she may write");
        street.until("the update", async || street.count(fresh).await == 1).await;
        stops_well(shop, kind).await;
        street.gave_back(kind, 1).await;

        street.telegram.clear_faults(None);
        street.panel.clear_faults();
        let shop = street.open();
        let sees = async |words: &str| street.telegram.messages(SARA).iter().any(|message| message.text.contains(words));
        street.until("the wallet", async || sees("Wallet").await).await;
        street.until("the link", async || sees("/sub/").await).await;
        assert_eq!(street.panel.accounts().len(), 1, "{kind:?}");
        stops_well(shop, kind).await;
        street.db.close().await.expect("the database closes");
    }
}

#[tokio::test]
async fn an_invoice_that_is_not_ours_is_refused_on_its_way_in() {
    for kind in Kind::BOTH {
        let street = Street::build(kind).await;
        let shop = street.open();
        street.sara().starts("").expect("she may start");
        street.hears("Language").await;
        let paid = pays_a_strange_invoice(&street.telegram, &street.api, SARA).await;
        assert!(matches!(&paid, Paid::Refused(why) if why.contains("no longer valid")), "{kind:?}: {paid:?}");
        stops_well(shop, kind).await;
        street.db.close().await.expect("the database closes");
    }
}

#[tokio::test]
async fn every_mistake_of_the_environments_file_is_told_with_what_the_good_lines_miss() {
    let folder = Folder::new();
    let file = format!(
        "TELEGRAM_BOT_TOKEN={TOKEN}\nADMIN_CHAT_ID=my group of hunter2\nOWNER_IDS=1001\nSECRET_KEY={}\nSHOP_FILE=missing.toml\n\
         LOG_DIR=.env/logs\nDATABASE_URL=postgres://souk:hunter2@db/souk?sslmode=sometimes\n",
        "07".repeat(32)
    );
    fs::write(folder.path().join(".env"), file).expect("the environment's file");
    for word in ["run", "check"] {
        let output = command(&[word], &[]).current_dir(folder.path()).output().await.expect("the binary runs");
        let said = said(&output);
        assert_eq!(output.status.code(), Some(2), "{said}");
        for told in [
            ".env: line 2 cannot be read",
            "ADMIN_CHAT_ID: it is not set",
            "SHOP_FILE: the file missing.toml cannot be read",
            "LOG_DIR: the folder .env/logs cannot be written to",
            "DATABASE_URL: its sslmode is none of",
        ] {
            assert!(said.contains(told), "«{told}» is not told:\n{said}");
        }
        assert!(said.contains("5 mistakes") && !said.contains("hunter2"), "{said}");
    }
}
