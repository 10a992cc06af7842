//! A shop for the stories of sales: two plans, a panel that answers when it is told to, cards, people and admins.
use crate::world::postgres::{Kind, TestDb, fresh};
use crate::world::proofs;
use futures::future::BoxFuture;
use secrecy::SecretString;
use souk::base::{Asset, Fault, Ids, Lang, Money, OrderId, PaymentId, PersonId, SubscriptionId, Time, UpdateId};
use souk::db::{self, Db, Seal, Tx, write_tx};
use souk::providers::panel::PanelKind;
use souk::shop::accounts::{self, Admin, Customer, Hello, Role};
use souk::shop::catalog::{self, Category, Location, Mark, Plan, RefundRule, Words};
use souk::shop::checkout::{self, Order, Pay, Place, Placed, Received, ReviewError};
use souk::shop::ledger::{self, Account};
use souk::shop::notices::Notice;
use souk::shop::panels::{self, Intake, Secrets, Wish};
use souk::shop::payments::{self, Limits, Method, NewMethod, NewReceipt, Payment, ReceiptKind, SubmitError};
use souk::shop::settings::{self, Settings};
use souk::shop::subscriptions::{self, Confirmed, Subscription};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicI64, Ordering};

pub const PRICE: i64 = 150_000;
pub const GB: i64 = 1 << 30;
/// 2026-11-20 08:30 UTC: noon in the shop.
pub const NOON: Time = Time(1_795_163_400_000);
pub const SARA: PersonId = PersonId(1);
pub const OMID: PersonId = PersonId(2);
pub const OWNER: PersonId = PersonId(900);
pub const CASHIER: PersonId = PersonId(901);

pub fn irt(minor: i64) -> Money {
    Money::new(minor, Asset::Irt)
}

pub struct Shop {
    pub db: Db,
    pub seal: Seal,
    updates: AtomicI64,
    now: AtomicI64,
    _place: TestDb,
}

/// Runs a story on both databases: each part of it is a test of its own.
macro_rules! stories {
    ($($(#[$doc:meta])* async fn $name:ident($shop:ident: Shop) $body:block)+) => {$(
        mod $name {
            use super::*;

            $(#[$doc])*
            async fn story($shop: &Shop) $body

            #[tokio::test]
            async fn on_sqlite() {
                let shop = Shop::open(crate::world::postgres::Kind::Sqlite).await;
                story(&shop).await;
                shop.proves().await;
            }

            #[tokio::test]
            async fn on_postgres() {
                let shop = Shop::open(crate::world::postgres::Kind::Postgres).await;
                story(&shop).await;
                shop.proves().await;
            }
        }
    )+};
}
pub(crate) use stories;

/// A write that must not fail by itself: `commit!(shop, tx => verb(tx, ...))`. What is named before `=>` moves in.
macro_rules! commit {
    ($shop:expr, $tx:ident => $work:expr) => {
        $shop.tx(move |$tx| Box::pin(async move { $work.await })).await
    };
}
pub(crate) use commit;

impl Shop {
    pub async fn open(kind: Kind) -> Self {
        let place = fresh(kind).await;
        let db = Db::connect(&place.url).await.expect("it opens");
        let seal = Seal::new(&[7; 32], Ids::seeded(1));
        let shop = Self { db, seal, updates: AtomicI64::new(1), now: AtomicI64::new(NOON.0), _place: place };
        let seal = shop.seal.clone();
        commit!(shop, tx => furnish(tx, seal)).expect("the shop is furnished");
        shop
    }

    pub fn now(&self) -> Time {
        Time(self.now.load(Ordering::SeqCst))
    }

    pub fn later(&self, ms: i64) {
        self.now.fetch_add(ms, Ordering::SeqCst);
    }

    pub fn update(&self) -> UpdateId {
        UpdateId(self.updates.fetch_add(1, Ordering::SeqCst))
    }

    pub async fn tx<T, E, F>(&self, work: F) -> Result<T, E>
    where
        F: for<'t> FnOnce(&'t Tx) -> BoxFuture<'t, Result<T, E>> + Send + 'static,
        T: Send + 'static,
        E: From<Fault> + Send + 'static,
    {
        write_tx(&self.db, work).await
    }

    pub async fn settings(&self, change: impl FnOnce(&mut Settings)) {
        let mut settings = settings::load(self.db.read()).await.expect("settings");
        change(&mut settings);
        commit!(self, tx => async move { settings::save(tx, &settings).await }).expect("settings are saved");
    }

    /// What a plan gives now.
    pub async fn mark(&self, code: &str) -> Mark {
        let code = code.parse().expect("a code");
        catalog::plan(self.db.read(), &code).await.expect("it reads").expect("a plan").promise().mark()
    }

    /// An operator edits a plan; what is left of it stays.
    pub async fn edits(&self, code: &str, change: impl FnOnce(&mut Plan)) {
        let code = code.parse().expect("a code");
        let mut plan = catalog::plan(self.db.read(), &code).await.expect("it reads").expect("a plan");
        change(&mut plan);
        commit!(self, tx => async move { catalog::put_plan(tx, &plan, 1, true).await }).expect("it is edited");
    }

    pub async fn customer(&self, id: PersonId) -> Customer {
        let person = accounts::person(self.db.read(), id).await.expect("it reads").expect("a person");
        Customer::of(person).expect("he is not banned")
    }

    pub async fn admin(&self, id: PersonId) -> Admin {
        accounts::admin(self.db.read(), id, &[OWNER]).await.expect("it reads").expect("he is staff")
    }

    /// The ids of the n-th sale of this story.
    pub fn sale(n: i64) -> Place {
        Place {
            order: OrderId(1_000 + n),
            payment: PaymentId(2_000 + n),
            plan: "m1".parse().expect("a code"),
            price_minor: PRICE,
            gives: shown(),
            kind: None,
            renew: None,
            subscription: SubscriptionId(3_000 + n),
            pay: Pay::Method,
        }
    }

    pub async fn try_order(&self, who: PersonId, place: Place) -> Result<Placed, checkout::PlaceError> {
        let (customer, now) = (self.customer(who).await, self.now());
        let settings = settings::load(self.db.read()).await.expect("it reads");
        commit!(self, tx => async move { checkout::place(tx, &customer, &place, &settings, now).await })
    }

    /// An order with a payment.
    pub async fn try_place(&self, who: PersonId, place: Place) -> Result<(Order, Payment), checkout::PlaceError> {
        let placed = self.try_order(who, place).await?;
        Ok((placed.order, placed.payment.expect("a payment")))
    }

    pub async fn place(&self, who: PersonId, place: Place) -> (Order, Payment) {
        self.try_place(who, place).await.expect("it is placed")
    }

    pub fn photo(&self, key: &str) -> NewReceipt {
        NewReceipt {
            kind: ReceiptKind::Photo,
            file_id: Some(format!("file-{key}")),
            file_key: Some(key.to_owned()),
            text: None,
            album: None,
            message: None,
            edited: false,
            update: self.update(),
        }
    }

    pub fn tracking(&self, text: &str) -> NewReceipt {
        let update = self.update();
        let text = Some(text.to_owned());
        NewReceipt {
            kind: ReceiptKind::Text,
            file_id: None,
            file_key: None,
            text,
            album: None,
            message: None,
            edited: false,
            update,
        }
    }

    pub async fn send(&self, who: PersonId, payment: PaymentId, receipt: NewReceipt) -> Result<Received, SubmitError> {
        let (customer, now) = (self.customer(who).await, self.now());
        let settings = settings::load(self.db.read()).await.expect("it reads");
        commit!(self, tx => async move { checkout::receipt(tx, &customer, (payment, &receipt), &settings, now).await })
    }

    /// Places the n-th sale and sends a receipt for it.
    pub async fn submitted(&self, who: PersonId, n: i64) -> (Order, Payment) {
        let (order, payment) = self.place(who, Self::sale(n)).await;
        let receipt = self.photo(&format!("photo-{n}"));
        let received = self.send(who, payment.id, receipt).await.expect("it is taken");
        (order, received.payment)
    }

    pub async fn approve(
        &self,
        by: PersonId,
        payment: PaymentId,
        amount: Option<Money>,
    ) -> Result<checkout::Approved, ReviewError> {
        let (admin, now) = (self.admin(by).await, self.now());
        commit!(self, tx => async move { checkout::approve(tx, &admin, payment, amount, now).await })
    }

    pub async fn reject(&self, by: PersonId, payment: PaymentId, ban: bool) -> Result<checkout::Rejected, ReviewError> {
        let (admin, now) = (self.admin(by).await, self.now());
        let reason = payments::RejectReason::NotReceived;
        commit!(self, tx => async move { checkout::reject(tx, &admin, payment, (reason, ban), now).await })
    }

    pub async fn undo(&self, by: PersonId, payment: PaymentId) -> Result<checkout::Undone, checkout::UndoError> {
        let (admin, now) = (self.admin(by).await, self.now());
        commit!(self, tx => async move { checkout::undo(tx, &admin, payment, now).await })
    }

    /// The panel confirms what is wanted of a service just now.
    pub async fn delivers(&self, id: SubscriptionId) -> Vec<OrderId> {
        let (now, seal) = (self.now(), self.seal.clone());
        commit!(self, tx => async move {
            let service = subscriptions::get(tx, id).await?.expect("a service");
            let link = subscriptions::seal_link(&seal, id, "https://panel.example/sub/1")?;
            let confirmed =
                Confirmed { id, revision: service.revision, link_sealed: Some(link), token: format!("token{}", id.0) };
            subscriptions::revision_applied(tx, confirmed, now).await?;
            checkout::delivered(tx, id, now).await
        })
        .expect("the panel confirms")
    }

    pub async fn order(&self, id: OrderId) -> Order {
        checkout::get(self.db.read(), id).await.expect("it reads").expect("an order")
    }

    pub async fn payment(&self, id: PaymentId) -> Payment {
        payments::get(self.db.read(), id).await.expect("it reads").expect("a payment")
    }

    pub async fn service(&self, id: SubscriptionId) -> Option<Subscription> {
        subscriptions::get(self.db.read(), id).await.expect("it reads")
    }

    pub async fn wallet(&self, who: PersonId) -> i64 {
        ledger::balance(self.db.read(), &Account::wallet(who, Asset::Irt)).await.expect("it reads").posted.minor
    }

    /// What was told to a person, or to the group (`PersonId(0)`), the oldest first.
    pub async fn told(&self, who: PersonId) -> Vec<Notice> {
        let sql = "SELECT body AS v FROM outbox WHERE chat = $1 ORDER BY id";
        let rows = texts(&self.db, sql, vec![who.into()]).await;
        rows.iter().map(|body| serde_json::from_str(body).expect("a notice")).collect()
    }

    pub async fn jobs(&self, kind: &str) -> usize {
        texts(&self.db, "SELECT payload AS v FROM jobs WHERE kind = $1", vec![kind.into()]).await.len()
    }

    pub async fn stock(&self, plan: &str) -> Option<i64> {
        let plan = plan.parse().expect("a code");
        catalog::plan(self.db.read(), &plan).await.expect("it reads").expect("a plan").stock
    }

    /// What must hold after every story: the ledger proves itself, and what it holds is what orders and payments say.
    pub async fn proves(&self) {
        proofs::prove(&self.db).await;
    }

    /// Everything that a verb could change, as text: equal when nothing was changed.
    pub async fn all_rows(&self) -> String {
        let mut all = String::new();
        for (table, columns) in [
            (
                "orders",
                "id || ' ' || state || ' ' || COALESCE(charge, 0) || ' ' || COALESCE(late_told_at, 0) || ' ' || COALESCE(offered_at, 0)
                 || ' ' || from_wallet || ' ' || COALESCE(hold, 0) || ' ' || COALESCE(saved_until, 0) || ' ' || COALESCE(topup, 0)",
            ),
            ("payments", "id || ' ' || state || ' ' || due || ' ' || flags || ' ' || round || ' ' || COALESCE(decided_at, 0)"),
            ("receipts", "id || ' ' || update_id"),
            ("subscriptions", "id || ' ' || state || ' ' || kind || ' ' || revision || ' ' || applied || ' ' || until"),
            ("refunds", "order_id || ' ' || so_far || ' ' || amount"),
            ("corrections", "key || ' ' || state"),
            ("agents", "person || ' ' || state || ' ' || application || ' ' || COALESCE(line, -1)"),
            ("agent_applications", "id || ' ' || state"),
            ("handovers", "token || ' ' || state"),
            ("people", "id || ' ' || state || ' ' || receipts_good || ' ' || receipts_bad"),
            ("plans", "code || ' ' || COALESCE(stock, -1)"),
            ("ledger_accounts", "id || ' ' || debits_posted || ' ' || credits_posted || ' ' || version"),
            ("ledger_transactions", "id || ' ' || idem_key"),
            ("ledger_holds", "id || ' ' || state"),
            ("jobs", "id || ' ' || kind"),
            ("outbox", "id || ' ' || body"),
            ("audit", "id || ' ' || act"),
        ] {
            let sql = format!("SELECT {columns} AS v FROM {table} ORDER BY 1");
            all.push_str(table);
            all.push('\n');
            for row in texts(&self.db, &sql, vec![]).await {
                all.push_str(&row);
                all.push('\n');
            }
        }
        all
    }
}

async fn texts(db: &Db, sql: &str, values: Vec<sea_orm::Value>) -> Vec<String> {
    #[derive(sea_orm::FromQueryResult)]
    struct Row {
        v: String,
    }
    let rows: Vec<Row> = db::query(db.read(), sql, values).await.expect("it reads");
    rows.into_iter().map(|row| row.v).collect()
}

/// What each plan gives as long as nobody edits it.
pub fn shown() -> Mark {
    plan("m1", None).promise().mark()
}

pub fn plan(code: &str, stock: Option<i64>) -> Plan {
    Plan {
        code: code.parse().expect("a code"),
        category: "dynamic".parse().expect("a code"),
        location: "de".parse().expect("a code"),
        titles: Words::from([(Lang::En, "A month")]),
        texts: Words::default(),
        days: 30,
        traffic_bytes: 30 * GB,
        devices: 2,
        price: irt(PRICE),
        cost: None,
        refund: RefundRule::Time,
        panels: vec!["de1".parse().expect("a code"), "de2".parse().expect("a code")],
        stock,
        on: true,
    }
}

pub fn card(code: &str, daily_limit: Option<i64>, place: i64) -> NewMethod {
    NewMethod {
        method: Method {
            code: code.parse().expect("a code"),
            kind: payments::Kind::Card,
            alias: code.to_owned(),
            last4: String::new(),
            holder: Some("S. Ahmadi".to_owned()),
            bank: None,
            network: None,
            note: None,
            limits: Limits { daily_limit, ..Limits::none() },
            place,
            on: true,
            filed: None,
        },
        details: SecretString::from("6037991234567893"),
    }
}

/// People of these ids, and perhaps their role.
pub async fn people(shop: &Shop, ids: std::ops::Range<i64>, role: Option<Role>) {
    let owner = shop.admin(OWNER).await;
    commit!(shop, tx => async move {
        for id in ids.map(PersonId) {
            let hello = Hello { id, name: format!("Person {id}"), username: None, came_by: None };
            accounts::know(tx, &hello, NOON).await?;
            if let Some(role) = role {
                accounts::grant(tx, &owner, id, role, NOON).await.map_err(Fault::new)?;
            }
        }
        Ok::<_, Fault>(())
    })
    .expect("they are known");
}

fn panel(code: &str) -> Wish {
    Wish {
        code: code.parse().expect("a code"),
        kind: PanelKind::Marzban,
        base_url: "https://panel.example".to_owned(),
        sub_base_url: None,
        username: "admin".to_owned(),
        timeout_ms: 10_000,
        capacity: None,
        protocols: vec!["vless".to_owned()],
        inbounds: BTreeMap::new(),
        flow: None,
        intake: Intake::On,
        secrets: Secrets { password: SecretString::from("secret"), proxy: None },
    }
}

async fn furnish(tx: &Tx, seal: Seal) -> Result<(), Fault> {
    let words = || Words::from([(Lang::En, "words")]);
    let category = Category { code: "dynamic".parse().expect("a code"), titles: words(), texts: words(), on: true };
    catalog::put_category(tx, &category, 1).await?;
    let location = Location { code: "de".parse().expect("a code"), titles: words(), texts: words(), on: true };
    catalog::put_location(tx, &location, 1).await?;
    catalog::put_plan(tx, &plan("m1", None), 1, false).await?;
    catalog::put_plan(tx, &plan("last", Some(1)), 2, false).await?;
    panels::put(tx, &panel("de1"), &seal).await?;
    panels::put(tx, &panel("de2"), &seal).await?;
    payments::save_method(tx, &card("main", None, 1), &seal).await?;
    for (id, name) in [(SARA, "Sara"), (OMID, "Omid"), (OWNER, "Owner"), (CASHIER, "Cashier")] {
        let hello = Hello { id, name: name.to_owned(), username: None, came_by: None };
        accounts::know(tx, &hello, NOON).await?;
    }
    let owner = accounts::admin(tx, OWNER, &[OWNER]).await?.expect("the owner");
    accounts::grant(tx, &owner, CASHIER, Role::Cashier, NOON).await.expect("a role");
    Ok(())
}
