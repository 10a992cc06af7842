//! A whole shop in one process: the simulated Telegram and panel on loopback, the bot, the jobs, the notices and the clock,
//! wired as `souk run` wires them, on a database of its own.
//!
//! Always: time stands still unless the story moves it, and it is one time for the shop, Telegram and the panel; nothing
//! runs by itself, so after each act the world is settled, and equal stories make equal ids. Never: a mock of anything ours.

use std::panic::{AssertUnwindSafe, resume_unwind};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures::FutureExt;
use souk::app::App;
use souk::base::{ChatId, Clock, DAY, Fault, Ids, Lang, MINUTE, PersonId, SECOND, Time, UpdateId};
use souk::bot::Bot;
use souk::bot::notices::Herald;
use souk::db::{Db, Seal};
use souk::queue::Owner;
use souk::queue::clock::Timetable;
use souk::queue::inbox::{Accept, Handle, Inbox, Incoming, Limits, Stored};
use souk::queue::jobs::Runner;
use souk::queue::outbox::Pacer;
use souk::run;
use souk::shop::accounts::{self, Hello, Role};
use souk::shop::shopfile::{self, ShopFile};
use souk::sim::marzban::Marzban;
use souk::sim::telegram::{NewGroup, Person, Telegram};

use super::actor::Actor;
use super::ending::{Allowed, Ending};
use super::postgres::{self, Kind, TestDb};

const SHOP_FILE: &str = include_str!("../../../assets/shop.example.toml");
/// What `SECRET_KEY` would say.
pub const KEY: [u8; 32] = [7; 32];
const OWNER: i64 = 1001;
const CASHIER: i64 = 1002;
const FIRST: i64 = 2001;
const GROUP: i64 = -1_001_234_567_890;
/// Rounds of jobs and notices after which nothing more should follow from one act.
const ROUNDS_MAX: usize = 40;

/// How a story's shop differs from the example.
#[derive(Debug, Clone, Default)]
pub struct Setup {
    /// Lines of the shop file, each put in the place of another.
    pub shop_file: Vec<(String, String)>,
    /// The admin group is a small group, not yet a supergroup.
    pub small_group: bool,
    /// Every update is handled a second time, as after a crash before its mark.
    pub updates_twice: bool,
    /// Every job that went well runs a second time.
    pub jobs_twice: bool,
    /// Where the clock's backups go; without a folder it makes none.
    pub backups: Option<PathBuf>,
}

impl Setup {
    #[must_use]
    pub fn with(mut self, line: &str, instead: &str) -> Self {
        self.shop_file.push((line.to_owned(), instead.to_owned()));
        self
    }
}

/// What is there besides the shop, and stays when the shop moves to another database.
#[derive(Clone)]
struct Outside {
    clock: Clock,
    telegram: Telegram,
    telegram_url: String,
    panel: Marzban,
    panel_url: String,
    ids: Ids,
}

impl Outside {
    async fn open() -> Self {
        // A day in the middle of a week and of an afternoon in the shop's zone: nothing waits for quiet hours.
        let clock = Clock::stopped_at(Time::from_unix(1_773_144_000));
        let hand = clock.clone();
        let seconds: Arc<dyn Fn() -> i64 + Send + Sync> = Arc::new(move || hand.now().unix());
        let telegram = Telegram::new(Arc::clone(&seconds));
        let telegram_url = telegram.start().await.expect("Telegram starts");
        let panel = Marzban::new(seconds);
        panel.add_admin("souk", "change-me");
        let panel_url = panel.start().await.expect("the panel starts");
        Self { clock, telegram, telegram_url, panel, panel_url, ids: Ids::seeded(7) }
    }
}

/// The bot, and what went wrong in it.
struct Handler {
    bot: Bot,
    twice: bool,
    failures: Arc<Mutex<Vec<String>>>,
}

impl Handle for Handler {
    async fn handle(&self, update: UpdateId, raw: &str, stored: &Stored) -> Result<(), Fault> {
        let mut outcome = self.bot.update(update, raw, stored).await;
        if self.twice && outcome.is_ok() {
            outcome = self.bot.update(update, raw, stored).await;
        }
        if let Err(fault) = &outcome {
            self.failures.lock().unwrap_or_else(PoisonError::into_inner).push(format!("update {update}: {}", fault.chain()));
        }
        outcome
    }
}

/// A shop and everything around it.
pub struct World {
    pub app: App,
    pub clock: Clock,
    pub telegram: Telegram,
    pub panel: Marzban,
    pub ending: Ending,
    panel_url: String,
    inbox: Inbox<Handler>,
    runner: Runner<App>,
    pacer: Pacer<Herald>,
    table: Arc<Timetable>,
    group: Mutex<i64>,
    people: Mutex<i64>,
    is_patient: AtomicBool,
    outside: Outside,
    pub database: Arc<TestDb>,
}

/// Plays a story on SQLite and on PostgreSQL.
pub async fn world(story: impl AsyncFn(&World)) {
    world_on(Setup::default(), story).await;
}

/// The same in a shop of another kind.
pub async fn world_on(setup: Setup, story: impl AsyncFn(&World)) {
    for kind in Kind::BOTH {
        world_in(kind, &setup, &story).await;
    }
}

/// The same on one database.
pub async fn world_in(kind: Kind, setup: &Setup, story: impl AsyncFn(&World)) {
    let w = World::open(kind, setup).await;
    if let Err(panic) = AssertUnwindSafe(story(&w)).catch_unwind().await {
        w.tell(&format!("the story failed on {kind:?}"));
        resume_unwind(panic);
    }
    if let Err(panic) = AssertUnwindSafe(w.end()).catch_unwind().await {
        w.tell(&format!("the story's end failed on {kind:?}"));
        resume_unwind(panic);
    }
    w.app.db.close().await.expect("the database closes");
}

impl World {
    async fn open(kind: Kind, setup: &Setup) -> Self {
        let w = Self::on(postgres::fresh(kind).await, Outside::open().await, setup).await;
        if setup.updates_twice {
            w.ending.allow(Allowed::TapAgain);
        }
        w.furnish(setup).await;
        w
    }

    /// The same shop, people and panel, on another database that holds a copy of this one's.
    pub async fn moved_to(&self, database: TestDb) -> Self {
        let w = Self::on(database, self.outside.clone(), &Setup::default()).await;
        *w.group.lock().unwrap_or_else(PoisonError::into_inner) = self.group_id();
        w
    }

    /// The same shop, people and panel after a restart: nothing is left but what lies in the database.
    pub async fn restarted(&self) -> Self {
        let w = Self::on(Arc::clone(&self.database), self.outside.clone(), &Setup::default()).await;
        *w.group.lock().unwrap_or_else(PoisonError::into_inner) = self.group_id();
        w
    }

    async fn on(database: impl Into<Arc<TestDb>>, outside: Outside, setup: &Setup) -> Self {
        let database = database.into();
        let db = Db::connect(&database.url).await.expect("the database opens");
        let Outside { clock, telegram, telegram_url, panel, panel_url, ids } = outside.clone();
        let owner = Owner::this_process(&ids);
        let bot = teloxide::Bot::new("42:sim").set_api_url(telegram_url.parse().expect("an address"));
        let app = App {
            seal: Seal::new(&KEY, ids.clone()),
            owner: owner.clone().into(),
            owners: vec![PersonId(OWNER)].into(),
            admin_chat: Some(ChatId(if setup.small_group { -4_004 } else { GROUP })),
            stored: Stored::already(),
            public_url: Some("https://shop.example".into()),
            db: db.clone(),
            clock: clock.clone(),
            ids,
            telegram: bot,
        };
        let failures = Arc::<Mutex<Vec<String>>>::default();
        let handler = Handler {
            bot: Bot::new(app.clone(), Some("souk_sim_bot")),
            twice: setup.updates_twice,
            failures: Arc::clone(&failures),
        };
        let limits = Limits { retry: Duration::ZERO, ..Limits::default() };
        let inbox = Inbox::with_limits((&db, &clock, &owner), run::alarms(&app), handler, limits);
        let mut runner = Runner::new(db.clone(), run::registry(), app.clone(), clock.clone(), owner.clone());
        if setup.jobs_twice {
            runner = runner.twice();
        }
        let pacer = Pacer::new(db.clone(), clock.clone(), owner, Herald::new(app.clone())).on_alarm(run::alarms(&app));
        Self {
            runner: runner.on_alarm(run::alarms(&app)),
            pacer,
            table: Arc::new(Timetable::new(db, clock.clone(), run::timetable())),
            app,
            clock,
            telegram,
            panel,
            ending: Ending::new(failures),
            panel_url,
            inbox,
            outside,
            group: Mutex::new(if setup.small_group { -4_004 } else { GROUP }),
            people: Mutex::new(FIRST),
            is_patient: AtomicBool::new(false),
            database,
        }
    }

    /// The shop file, the group and its people.
    async fn furnish(&self, setup: &Setup) {
        let mut text = SHOP_FILE.replace("http://127.0.0.1:0", &self.panel_url);
        text = match &setup.backups {
            Some(folder) => text.replace("backup_folder = \"\"", &format!("backup_folder = \"{}\"", folder.display())),
            None => text.replace("backups_kept = 30", "backups_kept = 0"),
        };
        for (line, instead) in &setup.shop_file {
            assert!(text.contains(line.as_str()), "the shop file has no «{line}»");
            text = text.replace(line.as_str(), instead);
        }
        let file = ShopFile::parse(&text).expect("a good shop file");
        let (seal, now) = (self.app.seal.clone(), self.clock.now());
        self.app
            .write::<_, Fault, _>(move |tx| Box::pin(async move { shopfile::apply(tx, &file, &seal, now).await.map(drop) }))
            .await
            .expect("the shop file is applied");
        self.staff(OWNER, "Nima", None).await;
        self.staff(CASHIER, "Cyrus", Some(Role::Cashier)).await;
        self.telegram.add_group(NewGroup {
            id: Some(self.group_id()),
            title: "Bazaar admins".to_owned(),
            is_supergroup: !setup.small_group,
            is_forum: !setup.small_group,
            admins: vec![OWNER, CASHIER],
            ..NewGroup::default()
        });
        // What the shop file wants done is done before the story begins.
        self.run_jobs().await;
    }

    async fn staff(&self, id: i64, name: &str, role: Option<Role>) {
        let username = name.to_lowercase();
        self.telegram.add_person(person(id, name, &username, Lang::En));
        let (now, owners) = (self.clock.now(), Arc::clone(&self.app.owners));
        let hello = Hello { id: PersonId(id), name: name.to_owned(), username: Some(username), came_by: None };
        self.app
            .write::<_, Fault, _>(move |tx| {
                Box::pin(async move {
                    accounts::know(tx, &hello, now).await?;
                    accounts::set_lang(tx, hello.id, Lang::En).await?;
                    if let Some(role) = role {
                        let owner = accounts::admin(tx, PersonId(OWNER), &owners).await?.expect("an owner");
                        accounts::grant(tx, &owner, hello.id, role, now).await.expect("the role is granted");
                    }
                    Ok(())
                })
            })
            .await
            .expect("the admin is known");
    }

    /// Somebody who never spoke with the bot.
    pub fn stranger(&self, name: &str, lang: Lang) -> Actor<'_> {
        let mut people = self.people.lock().unwrap_or_else(PoisonError::into_inner);
        let id = *people;
        *people += 1;
        let at = self.telegram.add_person(person(id, name, &format!("person_{id}"), lang));
        Actor::new(self, at, lang)
    }

    /// A customer who has chosen a language and stands at home.
    pub async fn customer_in(&self, lang: Lang, name: &str) -> Actor<'_> {
        let somebody = self.stranger(name, lang);
        somebody.says("/start").await;
        somebody.taps(lang.own_name()).await;
        somebody
    }

    /// The first customer of this story, once more.
    pub fn first(&self) -> Actor<'_> {
        Actor::new(self, self.telegram.person(FIRST), Lang::En)
    }

    pub async fn customer(&self, name: &str) -> Actor<'_> {
        self.customer_in(Lang::En, name).await
    }

    /// The owner, in the admin group.
    pub fn owner(&self) -> Actor<'_> {
        Actor::new(self, self.telegram.person(OWNER).in_chat(self.group_id()), Lang::En)
    }

    /// A cashier, in the admin group.
    pub fn cashier(&self) -> Actor<'_> {
        Actor::new(self, self.telegram.person(CASHIER).in_chat(self.group_id()), Lang::En)
    }

    pub fn group_id(&self) -> i64 {
        *self.group.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The admin group becomes a supergroup.
    pub async fn group_grows(&self) {
        let new = self.telegram.upgrade(self.group_id()).expect("the group becomes a supergroup");
        *self.group.lock().unwrap_or_else(PoisonError::into_inner) = new;
        self.settle().await;
    }

    /// The group as plain text.
    pub fn group(&self) -> String {
        self.shown(&self.telegram.transcript(self.group_id()))
    }

    /// What people see, without what differs between two runs.
    pub fn shown(&self, text: &str) -> String {
        text.replace(&self.panel_url, "https://panel.example")
    }

    /// Every update is taken in and handled, and what follows from it as well.
    pub async fn settle(&self) {
        loop {
            self.app.db.forget_cached();
            let updates = self.telegram.take_updates();
            if updates.is_empty() {
                return;
            }
            let incoming = updates.iter().map(|update| Incoming::read(update.to_string()).expect("an update")).collect();
            self.inbox.accept(incoming).await.expect("updates are stored");
            self.inbox.settle().await;
        }
    }

    /// Jobs and notices run until nothing is due.
    pub async fn run_jobs(&self) {
        for _ in 0..ROUNDS_MAX {
            self.settle().await;
            let jobs = self.runner.run_due().await.expect("jobs run");
            let notices = self.pacer.run_due().await.expect("notices go out");
            if jobs + notices == 0 {
                return;
            }
        }
        panic!("jobs and notices follow from one another without end");
    }

    /// So many milliseconds later: the clock ticks, and what is due runs.
    pub async fn later(&self, ms: i64) {
        self.clock.advance(ms);
        self.tick().await;
    }

    pub async fn tick(&self) {
        self.app.db.forget_cached();
        self.table.tick(self.clock.now()).await.expect("the clock ticks");
        self.run_jobs().await;
    }

    /// From now on people wait for what does not come at once.
    pub fn be_patient(&self) {
        self.is_patient.store(true, Ordering::Relaxed);
    }

    /// Waits until it has come, if people wait: as long as the shop takes to try again.
    pub async fn patience(&self, has_come: impl Fn() -> bool) {
        for wait in [11 * SECOND, 31 * SECOND, MINUTE] {
            if !self.is_patient.load(Ordering::Relaxed) || has_come() {
                return;
            }
            self.later(wait).await;
        }
    }

    /// So many minutes later, minute by minute, as the clock of a running shop goes.
    pub async fn minutes(&self, count: i64) {
        for _ in 0..count {
            self.later(MINUTE).await;
        }
    }

    /// So many days later, day by day.
    pub async fn days(&self, count: i64) {
        for _ in 0..count {
            self.later(DAY).await;
        }
    }
}

fn person(id: i64, name: &str, username: &str, lang: Lang) -> Person {
    Person {
        id,
        first_name: name.to_owned(),
        username: Some(username.to_owned()),
        language_code: Some(lang.code().to_owned()),
        ..Person::default()
    }
}
