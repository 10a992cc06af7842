//! A shop in three processes of the real binary over one PostgreSQL database: one answers, one delivers, one serves links. None of
//! them does another's work, so what a person gets here was passed on through the database.

use std::net::TcpListener;
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use souk::base::Clock;
use souk::base::Lang;
use souk::base::texts::t;
use souk::sim::marzban::Marzban;
use souk::sim::telegram::{Actor, NewGroup, Person, SeenMessage, Telegram};
use tokio::process::{Child, Command};
use tokio::time::{interval, timeout};

use crate::backups::Folder;
use crate::queue_doors::browser;
use crate::world::pictures;
use crate::world::postgres::{Kind, TestDb, fresh};

const TOKEN: &str = "42:a-simulated-token-of-some-length";
const GROUP: i64 = -1_001_234_567_890;
const OWNER: i64 = 1001;
const SARA: i64 = 2001;
const SHOP_FILE: &str = include_str!("../../assets/shop.example.toml");
const PATIENCE: Duration = Duration::from_secs(20);
const STOP_MAX: Duration = Duration::from_secs(5);

/// The world outside, and the three processes.
struct Shop {
    telegram: Telegram,
    processes: Vec<(&'static str, Child)>,
    /// Where links are served.
    web: String,
    _panel: Marzban,
    _database: TestDb,
    _folder: Folder,
}

impl Shop {
    async fn open() -> Self {
        let clock = Clock::system();
        let (hand, seconds) = (clock.clone(), Arc::new(move || clock.now().unix()));
        let telegram = Telegram::new(Arc::new(move || hand.now().unix())).with_token(TOKEN);
        let api = telegram.start().await.expect("Telegram starts");
        for (id, name) in [(OWNER, "Nima"), (SARA, "Sara")] {
            telegram.add_person(Person { id, first_name: name.to_owned(), ..Person::default() });
        }
        let admins = vec![OWNER];
        telegram.add_group(NewGroup { id: Some(GROUP), is_supergroup: true, admins, ..NewGroup::default() });
        let panel = Marzban::new(seconds);
        panel.add_admin("souk", "change-me");
        panel.start().await.expect("the panel starts");
        let (folder, database) = (Folder::new(), fresh(Kind::Postgres).await);
        let file = folder.path().join("shop.toml");
        let words = SHOP_FILE.replace("http://127.0.0.1:0", &panel.url().expect("the panel's address"));
        std::fs::write(&file, words).expect("the shop file is written");
        // Free a moment ago.
        let listen = TcpListener::bind("127.0.0.1:0").and_then(|taken| taken.local_addr()).expect("a free port").to_string();
        let web = format!("http://{listen}");
        let start = |role: &'static str| {
            let mut command = Command::new(env!("CARGO_BIN_EXE_souk"));
            command.args(["run", "--role", role]).current_dir(folder.path()).stdin(Stdio::null()).kill_on_drop(true);
            for (name, value) in [
                ("TELEGRAM_BOT_TOKEN", TOKEN),
                ("TELEGRAM_API_URL", &api),
                ("DATABASE_URL", &database.url),
                ("ADMIN_CHAT_ID", &GROUP.to_string()),
                ("OWNER_IDS", &OWNER.to_string()),
                ("SECRET_KEY", &"07".repeat(32)),
                ("PUBLIC_URL", &web),
                ("LISTEN_ADDR", &listen),
                ("SHOP_FILE", file.to_str().expect("a plain path")),
                ("LOG", "warn"),
            ] {
                command.env(name, value);
            }
            for name in ["TELEGRAM_WEBHOOK_SECRET", "LOG_FORMAT", "LOG_DIR"] {
                command.env_remove(name);
            }
            (role, command.spawn().expect("the binary starts"))
        };
        let processes = ["bot", "web", "worker"].map(start).into();
        Self { telegram, processes, web, _panel: panel, _database: database, _folder: folder }
    }

    fn sara(&self) -> Actor {
        self.telegram.person(SARA)
    }

    fn owner(&self) -> Actor {
        self.telegram.person(OWNER).in_chat(GROUP)
    }

    /// The newest message of the bot in a chat that fits, as soon as there is one.
    async fn sees(&self, who: &Actor, wish: &str, fits: impl Fn(&SeenMessage) -> bool) -> SeenMessage {
        let mut look = interval(Duration::from_millis(20));
        let seen = timeout(PATIENCE, async {
            loop {
                look.tick().await;
                let mut all = self.telegram.messages(who.chat()).into_iter().rev();
                let found = all.find(|message| message.is_from_bot && !message.is_deleted && fits(message));
                if let Some(found) = found {
                    return found;
                }
            }
        });
        seen.await.unwrap_or_else(|_| panic!("«{wish}» does not come; there is:\n{}", who.sees()))
    }

    async fn reads(&self, who: &Actor, key: &'static str) -> SeenMessage {
        let words = t(Lang::En, key).replace("<b>", "").replace("</b>", "");
        self.sees(who, &words, |message| message.text.contains(&words)).await
    }

    /// Taps the newest button that says this, as soon as it is there.
    async fn taps(&self, who: &Actor, words: &str) {
        let has = |message: &SeenMessage| message.labels().iter().any(|label| label.contains(words));
        let message = self.sees(who, words, has).await;
        let labels = message.labels();
        let label = labels.iter().find(|label| label.contains(words)).expect("it was just there");
        who.presses(message.id, label).expect("it can be tapped");
    }

    /// All three stop in order when they are told to.
    async fn close(self) {
        for (role, mut process) in self.processes {
            let id = process.id().unwrap_or_else(|| panic!("{role} has ended by itself")).to_string();
            assert!(Command::new("kill").args(["-TERM", &id]).status().await.expect("kill starts").success());
            let ended = timeout(STOP_MAX, process.wait()).await.expect("it stops in time").expect("it has a status");
            assert!(ended.success(), "{role}: {ended}");
        }
    }
}

#[tokio::test]
async fn a_shop_in_three_processes_answers_delivers_and_serves_its_links() {
    let shop = Shop::open().await;
    let (sara, owner) = (shop.sara(), shop.owner());
    sara.starts("").expect("she may start");
    shop.taps(&sara, "English").await;
    shop.taps(&sara, t(Lang::En, "button-buy")).await;
    for words in ["Dynamic", "Abroad", "1 month, 30 GB", t(Lang::En, "button-order"), t(Lang::En, "button-pay")] {
        shop.taps(&sara, words).await;
    }
    shop.reads(&sara, "pay-exact").await;
    sara.sends_photo(&pictures::receipt(1), "").expect("it is sent");
    shop.taps(&owner, t(Lang::En, "admin-do-approve")).await;
    shop.reads(&sara, "notice-ready").await;
    shop.taps(&sara, t(Lang::En, "button-apps")).await;
    let opens = |url: &str| url.starts_with(&shop.web);
    let has_link = |message: &SeenMessage| message.keyboard.iter().flatten().any(|key| key.url.as_deref().is_some_and(opens));
    let apps = shop.sees(&sara, "links of apps", has_link).await;
    let link = apps.keyboard.iter().flatten().find_map(|key| key.url.clone().filter(|url| opens(url))).expect("a link");
    let served = browser().get(&link).send().await.expect("the web process answers");
    assert_eq!(served.status().as_u16(), 200, "{link}");
    assert!(served.text().await.expect("it has a body").contains("/sub/"), "the page leads to no subscription");
    shop.close().await;
}
