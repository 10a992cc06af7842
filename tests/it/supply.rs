//! A shop with panels but without a chat: what is promised gets made, changed and deleted, whatever the panel does.
use crate::world::postgres::{Kind as Place, TestDb, fresh};
use sea_orm::FromQueryResult;
use souk::app::App;
use souk::base::{Clock, DAY, Fault, HOUR, Ids, MINUTE, Page, PersonId, SECOND, SubscriptionId, Time};
use souk::db::{self, Db, Seal, Tx};
use souk::jobs::clean_trials::CleanTrials;
use souk::jobs::end_services::EndServices;
use souk::jobs::panel_health::PanelHealth;
use souk::jobs::remind::Remind;
use souk::jobs::sync_usage::SyncUsage;
use souk::queue::Owner;
use souk::queue::jobs::{Payload, Registry, Runner, enqueue};
use souk::shop::accounts::{self, Hello};
use souk::shop::catalog::{self, PanelCode, Plan, Promise};
use souk::shop::notices::Notice;
use souk::shop::panels::{self, Health};
use souk::shop::shopfile::{self, ShopFile};
use souk::shop::subscriptions::{self, ChangeError, Kind, New, Provision, RemoveAccount, State, Subscription};
use souk::sim::marzban::{Down, FaultKind, Marzban};
use std::sync::Arc;

pub const START: Time = Time(1_700_000_000_000);
pub const SARA: PersonId = PersonId(11);
pub const GIGABYTE: i64 = 1 << 30;

pub struct Supply {
    pub app: App,
    /// The panel `main`, and a second one, `other`.
    pub main: Marzban,
    pub other: Marzban,
    runner: Runner<App>,
    /// Its drop removes the database.
    _place: TestDb,
}

#[derive(FromQueryResult)]
struct Told {
    chat: i64,
    body: String,
}

/// The shop's file, with its panels at these addresses.
pub fn file(main: &str, other: &str) -> String {
    format!(
        r#"
        [settings]
        languages = ["en"]
        trial_plan = "m1"
        trial_after_minutes = 0
        quiet_from_hour = 0
        quiet_to_hour = 0
        [[categories]]
        code = "dynamic"
        title = {{ en = "Dynamic" }}
        [[locations]]
        code = "de"
        title = {{ en = "Germany" }}
        [[panels]]
        code = "main"
        kind = "marzban"
        base_url = "{main}"
        username = "shop"
        password = "word"
        timeout_seconds = 1
        [[panels]]
        code = "other"
        kind = "marzban"
        base_url = "{other}"
        username = "shop"
        password = "word"
        timeout_seconds = 1
        [[plans]]
        code = "m1"
        category = "dynamic"
        location = "de"
        title = {{ en = "A month" }}
        days = 30
        traffic_gb = 10
        devices = 2
        price = 100000
        panels = ["main", "other"]
        "#
    )
}

impl Supply {
    pub async fn open(place: Place) -> Self {
        let place = fresh(place).await;
        let db = Db::connect(&place.url).await.expect("it opens");
        let (clock, ids) = (Clock::stopped_at(START), Ids::seeded(7));
        let app = App {
            seal: Seal::new(&[7; 32], ids.clone()),
            telegram: teloxide::Bot::new("1:x"),
            owner: "test".into(),
            owners: Arc::new([]),
            admin_chat: None,
            stored: souk::queue::inbox::Stored::already(),
            public_url: None,
            db,
            clock: clock.clone(),
            ids,
        };
        let panel = async || {
            let clock = clock.clone();
            let panel = Marzban::new(Arc::new(move || clock.now().unix()));
            panel.add_admin("shop", "word");
            let url = panel.start().await.expect("the panel serves");
            (panel, url)
        };
        let ((main, main_url), (other, other_url)) = (panel().await, panel().await);
        let registry = Registry::new()
            .with::<Provision>()
            .with::<RemoveAccount>()
            .with::<SyncUsage>()
            .with::<Remind>()
            .with::<EndServices>()
            .with::<CleanTrials>()
            .with::<PanelHealth>();
        let owner = Owner::named("test");
        let runner = Runner::new(app.db.clone(), registry, app.clone(), clock, owner).twice();
        let supply = Self { app, main, other, runner, _place: place };
        supply.apply(&file(&main_url, &other_url)).await;
        supply.meet(SARA).await;
        supply
    }

    pub async fn apply(&self, text: &str) -> Vec<String> {
        let file = ShopFile::parse(text).expect("a file without mistakes");
        let (seal, now) = (self.app.seal.clone(), self.now());
        let changes = self.write(move |tx| Box::pin(async move { shopfile::apply(tx, &file, &seal, now).await })).await;
        self.app.db.forget_cached();
        changes.iter().map(ToString::to_string).collect()
    }

    pub async fn meet(&self, id: PersonId) {
        let hello = Hello { id, name: format!("person {id}"), username: None, came_by: None };
        let now = self.now();
        self.write(move |tx| Box::pin(async move { accounts::know(tx, &hello, now).await })).await;
    }

    pub fn now(&self) -> Time {
        self.app.clock.now()
    }

    pub async fn write<T, F>(&self, work: F) -> T
    where
        F: for<'t> FnOnce(&'t Tx) -> futures::future::BoxFuture<'t, Result<T, Fault>> + Send + 'static,
        T: Send + 'static,
    {
        self.app.write(work).await.expect("the write is done")
    }

    pub async fn plan(&self) -> Plan {
        let code = "m1".parse().expect("a code");
        catalog::plan(self.app.db.read(), &code).await.expect("it answers").expect("the plan is there")
    }

    /// Promises a service on `main`.
    pub async fn promise(&self, kind: Kind) -> SubscriptionId {
        let id = SubscriptionId(self.app.ids.fresh());
        let (plan, now) = (self.plan().await, self.now());
        self.write(move |tx| {
            Box::pin(async move {
                let panel = "main".parse().expect("a code");
                let (days, traffic_bytes) = if kind == Kind::Provisional { (3, GIGABYTE) } else { (30, 10 * GIGABYTE) };
                let promised = Promise { days, traffic_bytes, ..plan.promise() };
                let new = New { id, person: SARA, plan: &plan.code, panel: &panel, kind, promised, sold_by: None, now };
                subscriptions::create(tx, &new).await
            })
        })
        .await;
        id
    }

    /// Promises a full service, and lets it be made.
    pub async fn sold(&self) -> SubscriptionId {
        let id = self.promise(Kind::Full).await;
        self.run().await;
        assert_eq!(self.service(id).await.state, State::Active);
        id
    }

    pub async fn service(&self, id: SubscriptionId) -> Subscription {
        subscriptions::get(self.app.db.read(), id).await.expect("it answers").expect("the service is there")
    }

    pub async fn link(&self, id: SubscriptionId) -> String {
        use secrecy::ExposeSecret as _;
        let link = self.service(id).await.open_link(&self.app.seal).expect("it opens").expect("there is a link");
        link.expose_secret().to_owned()
    }

    /// Runs what is due, each job twice.
    pub async fn run(&self) -> usize {
        self.runner.run_due().await.expect("the runner runs")
    }

    /// A line of the timetable comes due, and whatever follows from it is done.
    pub async fn tick<P: Payload + Sync + Clone>(&self, payload: P) {
        let now = self.now();
        self.write(move |tx| Box::pin(async move { enqueue(tx, &payload, now, None).await })).await;
        self.run().await;
    }

    /// Time passes, step by step, with its jobs.
    pub async fn pass(&self, ms: i64, step: i64) {
        let mut left = ms;
        while left > 0 {
            let part = left.min(step);
            self.app.clock.advance(part);
            self.run().await;
            left -= part;
        }
    }

    /// Everything that was told to Sara, or to the group, since the last look.
    pub async fn told(&self, chat: PersonId) -> Vec<Notice> {
        let rows: Vec<Told> =
            db::query(self.app.db.read(), "SELECT chat, body FROM outbox ORDER BY id", vec![]).await.expect("it reads");
        let bodies = rows.into_iter().filter(|row| row.chat == chat.0).map(|row| row.body);
        bodies.map(|body| serde_json::from_str(&body).expect("a notice")).collect()
    }

    pub async fn told_group(&self) -> Vec<Notice> {
        self.told(PersonId(0)).await
    }

    pub async fn jobs_left(&self) -> i64 {
        let sql = "SELECT COUNT(*) AS v FROM jobs WHERE state IN ('due', 'running')";
        db::scalar(self.app.db.read(), sql, vec![]).await.expect("it counts").unwrap_or(0)
    }

    pub async fn change<F>(&self, work: F)
    where
        F: for<'t> FnOnce(&'t Tx) -> futures::future::BoxFuture<'t, Result<(), ChangeError>> + Send + 'static,
    {
        self.app.write(work).await.expect("the service is changed");
    }

    pub async fn health(&self, code: &str) -> Health {
        let code: PanelCode = code.parse().expect("a code");
        panels::get(self.app.db.read(), &code).await.expect("it answers").expect("the panel is there").health
    }

    /// What every story ends with: the panel was called as its vendor allows, nothing waits, and no account is doubled.
    pub async fn at_peace(&self) {
        assert_eq!(self.main.violations(), Vec::<String>::new());
        assert_eq!(self.other.violations(), Vec::<String>::new());
        assert_eq!(self.jobs_left().await, 0, "jobs are left");
    }
}

fn ready(subscription: SubscriptionId, provisional: bool, renewed: bool) -> Notice {
    Notice::Ready { subscription, provisional, renewed }
}

#[tokio::test]
async fn what_is_promised_is_made_once_and_told_once() {
    for place in Place::BOTH {
        let shop = Supply::open(place).await;
        let id = shop.promise(Kind::Full).await;
        assert_eq!(shop.service(id).await.state, State::Pending);
        shop.run().await;
        let service = shop.service(id).await;
        assert_eq!((service.state, service.applied, service.ready_at), (State::Active, 1, Some(START)));
        let accounts = shop.main.accounts();
        assert_eq!(accounts.len(), 1);
        assert_eq!(accounts[0].username, service.account);
        assert_eq!(accounts[0].data_limit, Some(10 * GIGABYTE));
        assert_eq!(accounts[0].expire, Some(START.after(30 * DAY).unix()));
        assert_eq!(accounts[0].note.as_deref(), Some(service.note().as_str()));
        assert!(accounts[0].sub_updated_at.is_some(), "the link was fetched before anybody was told");
        assert_eq!(shop.told(SARA).await, [ready(id, false, false)]);
        let token = service.token.expect("a token of ours");
        let found = subscriptions::by_token(shop.app.db.read(), &token).await.expect("it answers");
        assert_eq!(found.map(|service| service.id), Some(id));
        let (list, total) = subscriptions::of_person(shop.app.db.read(), SARA, Page::new(0, 8)).await.expect("it answers");
        assert_eq!((list.len(), total), (1, 1));
        let strangers = subscriptions::get_for(shop.app.db.read(), PersonId(99), id).await.expect("it answers");
        assert_eq!(strangers, None);
        shop.at_peace().await;
    }
}

#[tokio::test]
async fn a_panel_that_is_down_delays_and_costs_no_time() {
    for place in Place::BOTH {
        let shop = Supply::open(place).await;
        shop.main.set_down(Down::Closed).await;
        let id = shop.promise(Kind::Full).await;
        shop.run().await;
        for step in [MINUTE; 6].into_iter().chain([10 * MINUTE; 36]) {
            shop.app.clock.advance(step);
            shop.tick(PanelHealth {}).await;
        }
        assert_eq!(shop.service(id).await.state, State::Pending);
        assert_eq!(shop.told(SARA).await, []);
        let alarms = shop.told_group().await;
        assert!(matches!(&alarms[..], [Notice::PanelDown { panel, minutes: 5, .. }] if panel == "main"), "{alarms:?}");
        shop.main.set_down(Down::No).await;
        shop.pass(MINUTE, 10 * SECOND).await;
        let service = shop.service(id).await;
        assert_eq!(service.state, State::Active);
        let given = service.until.since(shop.now().after(30 * DAY));
        assert!(given.abs() <= 11 * MINUTE, "six hours of waiting are given back but for {given} ms");
        assert_eq!(shop.told(SARA).await, [ready(id, false, false)]);
        shop.tick(PanelHealth {}).await;
        let alarms = shop.told_group().await;
        assert!(matches!(&alarms[..], [_, Notice::PanelWell { panel, .. }] if panel == "main"), "{alarms:?}");
        assert_eq!(shop.health("main").await, Health::Well);
        assert_eq!(shop.main.accounts().len(), 1);
        shop.at_peace().await;
    }
}

#[tokio::test]
async fn a_panel_that_locks_us_out_is_an_alarm_at_once() {
    let shop = Supply::open(Place::Sqlite).await;
    shop.main.set_auth_broken(true);
    let id = shop.promise(Kind::Full).await;
    shop.run().await;
    shop.tick(PanelHealth {}).await;
    let alarms = shop.told_group().await;
    assert!(matches!(&alarms[..], [Notice::PanelLockedOut { panel, .. }] if panel == "main"), "{alarms:?}");
    assert_eq!(shop.health("main").await, Health::LockedOut);
    shop.main.set_auth_broken(false);
    shop.pass(2 * MINUTE, 10 * SECOND).await;
    assert_eq!(shop.service(id).await.state, State::Active);
    assert_eq!(shop.told_group().await.len(), 2, "and one word when it is well");
    shop.at_peace().await;
}

#[tokio::test]
async fn nobody_is_told_ready_while_the_link_holds_no_server() {
    let shop = Supply::open(Place::Sqlite).await;
    shop.main.remove_inbounds();
    let id = shop.promise(Kind::Full).await;
    shop.pass(5 * MINUTE, 10 * SECOND).await;
    assert_eq!(shop.service(id).await.state, State::Pending);
    assert_eq!(shop.told(SARA).await, []);
    let alarms = shop.told_group().await;
    assert!(matches!(&alarms[..], [Notice::PanelRefused { .. }]), "one alarm: {alarms:?}");
    assert_eq!(shop.jobs_left().await, 1, "and it is tried again");
}

#[tokio::test]
async fn whatever_call_fails_and_however_there_is_one_account_and_one_word() {
    let steps = [("POST", "/api/admin/token"), ("POST", "/api/user"), ("GET", "/sub")];
    let ways = [
        FaultKind::Status(500, "Internal Server Error".to_owned()),
        FaultKind::Status(502, "<html>".to_owned()),
        FaultKind::StatusAfter(500),
        FaultKind::Cut,
        FaultKind::CutAfter,
        FaultKind::SilentAfter { ms: 1_500 },
    ];
    let shop = Supply::open(Place::Sqlite).await;
    for (method, path) in steps {
        for kind in &ways {
            shop.main.void_tokens();
            let fault =
                souk::sim::marzban::Fault { path_prefix: path.to_owned(), method: Some(method), kind: kind.clone(), times: 1 };
            shop.main.fault(fault);
            let id = shop.promise(Kind::Full).await;
            shop.pass(2 * MINUTE, 10 * SECOND).await;
            let service = shop.service(id).await;
            assert_eq!(service.state, State::Active, "{method} {path} {kind:?}");
            assert_eq!(shop.main.accounts_named(&service.account).len(), 1, "{method} {path} {kind:?}");
            let words = shop.told(SARA).await;
            let said = words.iter().filter(|word| **word == ready(id, false, false)).count();
            assert_eq!(said, 1, "{method} {path} {kind:?}");
            shop.main.clear_faults();
        }
    }
    shop.at_peace().await;
}

#[tokio::test]
async fn a_change_that_was_not_answered_is_carried_out_once() {
    let ways = [FaultKind::StatusAfter(500), FaultKind::Cut, FaultKind::CutAfter, FaultKind::Status(500, String::new())];
    let shop = Supply::open(Place::Sqlite).await;
    let id = shop.sold().await;
    let mut until = shop.service(id).await.until;
    for (method, path) in [("GET", "/api/user"), ("PUT", "/api/user")] {
        for kind in &ways {
            shop.main.fault(souk::sim::marzban::Fault {
                path_prefix: path.to_owned(),
                method: Some(method),
                kind: kind.clone(),
                times: 1,
            });
            renew(&shop, id).await;
            shop.pass(2 * MINUTE, 10 * SECOND).await;
            until = until.after(30 * DAY);
            let service = shop.service(id).await;
            assert_eq!((service.until, service.is_confirmed()), (until, true), "{method} {kind:?}");
            assert_eq!(shop.main.accounts()[0].expire, Some(until.unix()), "{method} {kind:?}");
            shop.main.clear_faults();
        }
    }
    assert_eq!(shop.told(SARA).await.len(), 1 + 2 * ways.len());
    shop.at_peace().await;
}

pub async fn renew(shop: &Supply, id: SubscriptionId) {
    let (promised, now) = (shop.plan().await.promise(), shop.now());
    let service = shop.service(id).await;
    shop.change(move |tx| Box::pin(async move { subscriptions::extend(tx, &service, &promised, now).await.map(drop) })).await;
}

#[tokio::test]
async fn what_was_lent_becomes_full_with_the_same_link() {
    for place in Place::BOTH {
        let shop = Supply::open(place).await;
        let id = shop.promise(Kind::Provisional).await;
        shop.run().await;
        let (link, account) = (shop.link(id).await, shop.main.accounts().remove(0));
        assert_eq!(account.data_limit, Some(GIGABYTE));
        shop.main.set_usage(&account.username, GIGABYTE / 2);
        shop.app.clock.advance(DAY);
        let (promised, now) = (shop.plan().await.promise(), shop.now());
        let lent = shop.service(id).await;
        shop.change(move |tx| Box::pin(async move { subscriptions::make_full(tx, &lent, &promised, now).await.map(drop) })).await;
        shop.run().await;
        let service = shop.service(id).await;
        assert_eq!((service.kind, service.state), (Kind::Full, State::Active));
        let account = shop.main.accounts().remove(0);
        assert_eq!((account.data_limit, account.expire), (Some(10 * GIGABYTE), Some(now.after(30 * DAY).unix())));
        assert_eq!(shop.link(id).await, link, "the same link");
        assert_eq!(shop.told(SARA).await, [ready(id, true, false), ready(id, false, false)]);
        shop.at_peace().await;
    }
}

#[tokio::test]
async fn what_is_over_comes_back_with_a_renewal() {
    let shop = Supply::open(Place::Sqlite).await;
    let id = shop.sold().await;
    let account = shop.service(id).await.account;
    shop.main.set_usage(&account, 4 * GIGABYTE);
    shop.app.clock.advance(20 * DAY);
    shop.tick(SyncUsage {}).await;
    shop.app.clock.advance(15 * DAY);
    shop.tick(EndServices {}).await;
    assert_eq!(shop.service(id).await.state, State::Ended);
    assert_eq!(shop.main.accounts()[0].status, "expired");
    renew(&shop, id).await;
    assert_eq!(shop.service(id).await.state, State::Pending);
    shop.run().await;
    let service = shop.service(id).await;
    assert_eq!((service.state, service.period), (State::Active, 2));
    assert_eq!((service.traffic_left(), service.used()), (Some(10 * GIGABYTE), 0));
    let panels = shop.main.accounts().remove(0);
    assert_eq!((panels.status, panels.data_limit), ("active", Some(14 * GIGABYTE)));
    assert_eq!(panels.expire, Some(shop.now().after(30 * DAY).unix()));
    assert_eq!(shop.told(SARA).await.last(), Some(&ready(id, false, true)));
    shop.at_peace().await;
}

#[tokio::test]
async fn a_service_is_switched_off_on_moved_and_deleted() {
    for place in Place::BOTH {
        let shop = Supply::open(place).await;
        let id = shop.sold().await;
        let now = shop.now();
        shop.change(move |tx| Box::pin(async move { subscriptions::disable(tx, id, "a test", now).await.map(drop) })).await;
        shop.run().await;
        assert_eq!(shop.main.accounts()[0].status, "disabled");
        assert_eq!(shop.service(id).await.why.as_deref(), Some("a test"));
        shop.change(move |tx| Box::pin(async move { subscriptions::enable(tx, id, now).await.map(drop) })).await;
        shop.run().await;
        assert_eq!((shop.main.accounts()[0].status, shop.service(id).await.state), ("active", State::Active));
        assert_eq!(shop.told(SARA).await.len(), 1, "switching is no news of a delivery");
        let link = shop.link(id).await;
        let other = "other".parse().expect("a code");
        shop.change(move |tx| Box::pin(async move { subscriptions::move_to(tx, id, &other, now).await })).await;
        shop.run().await;
        assert_eq!((shop.main.accounts().len(), shop.other.accounts().len()), (0, 1));
        assert_ne!(shop.link(id).await, link);
        assert_eq!(shop.told(SARA).await.len(), 2, "a new link is news");
        shop.change(move |tx| Box::pin(async move { subscriptions::delete(tx, id, "a test", now).await.map(drop) })).await;
        shop.run().await;
        assert_eq!(shop.other.accounts().len(), 0);
        let (list, total) = subscriptions::of_person(shop.app.db.read(), SARA, Page::new(0, 8)).await.expect("it answers");
        assert_eq!((list.len(), total), (0, 0));
        let again = shop.app.write(move |tx| Box::pin(async move { subscriptions::enable(tx, id, now).await })).await;
        assert!(again.is_ok_and(|moved| !moved.is_yes()), "what is deleted stays so");
        shop.at_peace().await;
    }
}

#[tokio::test]
async fn two_wishes_at_once_end_in_the_newer_one() {
    let shop = Supply::open(Place::Sqlite).await;
    let id = shop.promise(Kind::Full).await;
    renew(&shop, id).await;
    shop.run().await;
    let service = shop.service(id).await;
    assert_eq!((service.state, service.revision, service.applied), (State::Active, 2, 2));
    assert_eq!(shop.main.accounts()[0].expire, Some(START.after(60 * DAY).unix()));
    assert_eq!(shop.told(SARA).await.len(), 1);
    // The answer to an older wish arrives after the newer one was carried out.
    let stale = subscriptions::Confirmed { id, revision: 1, link_sealed: None, token: "t".to_owned() };
    let now = shop.now();
    let applied = shop.write(move |tx| Box::pin(async move { subscriptions::revision_applied(tx, stale, now).await })).await;
    assert_eq!(applied, subscriptions::Applied::Outrun);
    assert_eq!(shop.jobs_left().await, 1, "the newer one is carried out again");
    shop.run().await;
    assert_eq!(shop.main.accounts()[0].expire, Some(START.after(60 * DAY).unix()));
    shop.at_peace().await;
}

#[tokio::test]
async fn a_deletion_that_an_older_wish_overtakes_is_carried_out_again() {
    let shop = Supply::open(Place::Sqlite).await;
    let id = shop.sold().await;
    let service = shop.service(id).await;
    let now = shop.now();
    shop.change(move |tx| Box::pin(async move { subscriptions::delete(tx, id, "refunded", now).await.map(drop) })).await;
    shop.run().await;
    assert_eq!(shop.main.accounts().len(), 0);
    // The older wish lands on the panel now, and its answer comes after that.
    let client = panels::connected(&shop.app.db, &shop.app.seal, &service.panel).await.expect("a client");
    client.ensure(&service.spec().expect("a spec")).await.expect("it is made");
    let stale = subscriptions::Confirmed { id, revision: service.revision, link_sealed: None, token: "t".to_owned() };
    shop.write(move |tx| Box::pin(async move { subscriptions::revision_applied(tx, stale, now).await })).await;
    shop.run().await;
    assert_eq!(shop.main.accounts().len(), 0, "nobody keeps what was given back");
    shop.at_peace().await;
}

#[tokio::test]
async fn what_is_left_behind_is_not_removed_once_it_is_in_use_again() {
    let shop = Supply::open(Place::Sqlite).await;
    let id = shop.sold().await;
    let service = shop.service(id).await;
    let (panel, account, note) = (service.panel.clone(), service.account.clone(), service.note());
    let left = subscriptions::RemoveAccount { panel, account, note };
    let now = shop.now();
    shop.write(move |tx| Box::pin(async move { souk::queue::jobs::enqueue(tx, &left, now, None).await })).await;
    shop.run().await;
    assert_eq!(shop.main.accounts().len(), 1);
    shop.at_peace().await;
}

#[tokio::test]
async fn an_account_that_is_not_ours_is_left_alone() {
    let shop = Supply::open(Place::Sqlite).await;
    let id = shop.promise(Kind::Full).await;
    let service = shop.service(id).await;
    let client = panels::connected(&shop.app.db, &shop.app.seal, &service.panel).await.expect("a client");
    let mut spec = service.spec().expect("a spec");
    "somebody else's".clone_into(&mut spec.note);
    client.ensure(&spec).await.expect("it is made");
    shop.pass(HOUR, MINUTE).await;
    assert_eq!(shop.service(id).await.state, State::Pending);
    assert_eq!(shop.main.accounts()[0].note.as_deref(), Some("somebody else's"));
    let alarms = shop.told_group().await;
    assert!(matches!(&alarms[..], [Notice::PanelRefused { .. }]), "one alarm: {alarms:?}");
}
