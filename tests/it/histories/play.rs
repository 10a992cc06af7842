//! The real shop: each act through the verb that the chat or the clock calls, and the shop read as the model has it.
use super::model::{Act, Answer, Credit, Model, Order, Payment, Placing, Selling, Service, Serving};
use crate::agents::stand::LINE;
use crate::sales::shop::{CASHIER, NOON, OMID, OWNER, PRICE, SARA, Shop, commit, irt, plan, shown};
use crate::world::postgres::Kind as Database;
use sea_orm::FromQueryResult;
use souk::base::{Asset, Fault, OrderId, PaymentId, PersonId, SubscriptionId, Time, UpdateId};
use souk::db;
use souk::shop::agents::{self, ManageError, Stage};
use souk::shop::catalog;
use souk::shop::checkout::{
    self, AgentServiceError, CancelError, Corrected, Correction, CorrectionError, Kind, LateError, Place, PlaceError, Purse,
    Refund, RefundError, RefundWay, ReviewError, Sale, Sell, SellError, State, TopUp, TopUpError, UndoError,
};
use souk::shop::ledger::{self, Account, LedgerError, Leg, Transfer};
use souk::shop::payments::{NewReceipt, Purpose, ReceiptKind, State as Paying, SubmitError};
use souk::shop::settings;
use souk::shop::subscriptions::{self, Applied, Confirmed};
use std::collections::{BTreeMap, BTreeSet};

pub const CUSTOMERS: [i64; 2] = [SARA.0, OMID.0];
pub const AGENTS: [i64; 2] = [700, 701];
/// How often an act is tried that others were in the way of.
const TRIES_MAX: usize = 20;

/// Two customers, two agents, and a shop that has not sold anything.
pub async fn opened(database: Database) -> (Shop, Model) {
    let shop = Shop::open(database).await;
    // Long histories hold more corrections than one admin makes alone in a day.
    shop.settings(|settings| settings.correction_alone_max = 1_000_000_000_000).await;
    for agent in AGENTS {
        shop.makes_agent(PersonId(agent)).await;
    }
    let model = read(&shop, &empty()).await;
    assert!(model.credits.values().all(|credit| credit.limits.line == LINE));
    (shop, model)
}

fn empty() -> Model {
    Model {
        now: NOON.0,
        price: PRICE,
        stock: 1,
        wallets: BTreeMap::new(),
        credits: BTreeMap::new(),
        orders: BTreeMap::new(),
        payments: BTreeMap::new(),
        services: BTreeMap::new(),
        seen: BTreeSet::new(),
        dues: BTreeMap::new(),
    }
}

/// The shop as it is. What it keeps no row of, or only rows that say more, is as the model said.
pub async fn read(shop: &Shop, said: &Model) -> Model {
    let mut model = Model { now: shop.now().0, ..said.clone() };
    let rows: Vec<OrderRow> = db::query(shop.db.read(), ORDERS, vec![]).await.expect("orders");
    model.orders = rows.into_iter().map(|row| (row.id, row.read())).collect();
    let rows: Vec<RefundRow> = db::query(shop.db.read(), REFUNDS, vec![]).await.expect("refunds");
    for RefundRow { order_id, so_far, amount, actor } in rows {
        let order = model.orders.get_mut(&order_id).expect("an order");
        order.refunds.push((so_far, amount, actor == OWNER.0));
    }
    let rows: Vec<PaymentRow> = db::query(shop.db.read(), PAYMENTS, vec![]).await.expect("payments");
    model.payments = rows.into_iter().map(|row| (row.id, row.read())).collect();
    model.dues = model.payments.iter().map(|(id, payment)| (*id, payment.due)).collect();
    let rows: Vec<ServiceRow> = db::query(shop.db.read(), SERVICES, vec![]).await.expect("services");
    model.services = rows.into_iter().map(|row| (row.id, row.read())).collect();
    model.stock = shop.stock("last").await.expect("a limited plan");
    let m1 = catalog::plan(shop.db.read(), &"m1".parse().expect("a code")).await.expect("read").expect("a plan");
    model.price = m1.price.minor;
    for who in CUSTOMERS {
        let wallet = Account::wallet(PersonId(who), Asset::Irt);
        let balance = ledger::balance(shop.db.read(), &wallet).await.expect("a balance");
        model.wallets.insert(who, balance.posted.minor);
        assert_eq!(balance.held.minor, model.held(who), "what orders say is kept of the wallet of {who}");
    }
    for who in AGENTS {
        let standing = shop.standing(PersonId(who)).await;
        let told = said.credits.get(&who).and_then(|credit| credit.told);
        let (confirmed, limits) = (standing.confirmed.minor, standing.limits);
        let [since, owing] = [standing.negative_since, standing.owing_since].map(|at| at.map(|at| at.0));
        model.credits.insert(who, Credit { confirmed, limits, since, owing, told });
        assert_eq!(standing.pending.minor, model.pending(who), "what payments say is pending for {who}");
        assert_eq!(standing.left.minor, model.standing(who), "what is left to {who}");
    }
    model
}

const ORDERS: &str = "SELECT id, person, payer, kind, plan, subscription, price, state, from_wallet, saved_until, took_stock,
    charge, topup, paid_at FROM orders";

#[derive(FromQueryResult)]
struct OrderRow {
    id: i64,
    person: i64,
    payer: String,
    kind: String,
    plan: String,
    subscription: i64,
    price: i64,
    state: String,
    from_wallet: i64,
    saved_until: Option<i64>,
    took_stock: i64,
    charge: Option<i64>,
    topup: Option<i64>,
    paid_at: Option<i64>,
}

impl OrderRow {
    fn read(self) -> Order {
        let kinds = [Kind::New, Kind::Renew, Kind::Traffic];
        Order {
            person: self.person,
            on_credit: self.payer == "credit",
            kind: kinds.into_iter().find(|kind| kind.code() == self.kind).expect("a kind"),
            is_last: self.plan == "last",
            service: self.subscription,
            price: self.price,
            state: State::ALL.into_iter().find(|state| state.code() == self.state).expect("a state"),
            part: self.from_wallet,
            saved_until: self.saved_until,
            took_stock: self.took_stock == 1,
            charge: self.charge,
            top_up: self.topup,
            paid_at: self.paid_at,
            refunds: Vec::new(),
        }
    }
}

const REFUNDS: &str = "SELECT order_id, so_far, amount, actor FROM refunds ORDER BY order_id, so_far";

#[derive(FromQueryResult)]
struct RefundRow {
    order_id: i64,
    so_far: i64,
    amount: i64,
    actor: i64,
}

const PAYMENTS: &str = "SELECT id, purpose, order_id, person, price, due, state, approved, decided_at, expires_at FROM payments";

#[derive(FromQueryResult)]
struct PaymentRow {
    id: i64,
    purpose: String,
    order_id: Option<i64>,
    person: i64,
    price: i64,
    due: i64,
    state: String,
    approved: Option<i64>,
    decided_at: Option<i64>,
    expires_at: i64,
}

impl PaymentRow {
    fn read(self) -> Payment {
        let Self { person, order_id: order, price, due, approved, decided_at, expires_at, .. } = self;
        let state = Paying::ALL.into_iter().find(|state| state.code() == self.state).expect("a state");
        assert!(due > price && due < price + 1_100, "payment {} asks for {due}, and not for {price} and a tail", self.id);
        let on_credit = self.purpose == "credit";
        Payment { person, order, on_credit, price, due, state, approved, decided_at, expires_at }
    }
}

/// What is lent is not paid for, and changes nobody's balance.
const SERVICES: &str = "SELECT id, person, CAST(CASE WHEN agent IS NULL THEN 0 ELSE 1 END AS BIGINT) AS by_agent, plan, state,
        COALESCE(off_for, '') AS off_for FROM subscriptions WHERE kind = 'full'";

#[derive(FromQueryResult)]
struct ServiceRow {
    id: i64,
    person: i64,
    by_agent: i64,
    plan: String,
    state: String,
    off_for: String,
}

impl ServiceRow {
    fn read(self) -> Service {
        let state = match (self.state.as_str(), self.off_for.as_str()) {
            ("pending" | "active", "") => Serving::On,
            ("disabled", "agent") => Serving::Paused,
            ("disabled", "credit") => Serving::Cut,
            ("deleted", _) => Serving::Deleted,
            other => panic!("service {} is {other:?}", self.id),
        };
        Service { person: self.person, by_agent: self.by_agent == 1, is_last: self.plan == "last", state }
    }
}

/// Faults that pass: PostgreSQL ends one of two that wait for each other, and of two that make the same row one is told so.
fn fault(fault: &Fault) -> Answer {
    let chain = fault.chain();
    let passes = ["deadlock detected", "an account changed while it was made", "duplicate key value"];
    assert!(passes.iter().any(|known| chain.contains(known)), "a fault: {chain}");
    Answer::Again
}

impl From<TopUpError> for Answer {
    fn from(error: TopUpError) -> Self {
        match error {
            TopUpError::TooSmall { .. } | TopUpError::TooLarge { .. } => Self::Refused("bad_amount"),
            TopUpError::NoMethod { .. } => Self::Refused("no_method"),
            TopUpError::TooManyOpen { .. } => Self::Refused("too_many"),
            TopUpError::NotYours => Self::Refused("not_yours"),
            TopUpError::Fault(why) => fault(&why),
        }
    }
}

impl From<PlaceError> for Answer {
    fn from(error: PlaceError) -> Self {
        match error {
            PlaceError::SoldOut => Self::Refused("sold_out"),
            PlaceError::Gone => Self::Refused("gone"),
            PlaceError::PriceChanged => Self::Refused("price_changed"),
            PlaceError::PromiseChanged => Self::Refused("promise_changed"),
            PlaceError::NotYours => Self::Refused("not_yours"),
            PlaceError::NotRenewable => Self::Refused("not_renewable"),
            PlaceError::NoMethod { .. } => Self::Refused("no_method"),
            PlaceError::Short { available } => Self::Short(available.minor),
            PlaceError::TooManyOpen { .. } => Self::Refused("too_many"),
            PlaceError::AlreadyClosed(_) => Self::Refused("closed"),
            PlaceError::Fault(why) => fault(&why),
        }
    }
}

impl From<SubmitError> for Answer {
    fn from(error: SubmitError) -> Self {
        match error {
            SubmitError::NotYours => Self::Refused("not_yours"),
            SubmitError::Decided { .. } => Self::Refused("decided"),
            SubmitError::Fault(why) => fault(&why),
        }
    }
}

impl From<CancelError> for Answer {
    fn from(error: CancelError) -> Self {
        match error {
            CancelError::NotYours => Self::Refused("not_yours"),
            CancelError::AlreadyClosed(_) => Self::Refused("closed"),
            CancelError::Fault(why) => fault(&why),
        }
    }
}

impl From<ReviewError> for Answer {
    fn from(error: ReviewError) -> Self {
        match error {
            ReviewError::Unknown => Self::Refused("unknown"),
            ReviewError::AlreadyDecided { .. } => Self::Refused("decided"),
            ReviewError::NotSubmitted => Self::Refused("not_submitted"),
            ReviewError::NotAllowed(_) => Self::Refused("not_allowed"),
            ReviewError::BadAmount => Self::Refused("bad_amount"),
            ReviewError::CannotBan => Self::Refused("cannot_ban"),
            ReviewError::Fault(why) => fault(&why),
        }
    }
}

impl From<UndoError> for Answer {
    fn from(error: UndoError) -> Self {
        match error {
            UndoError::Unknown => Self::Refused("unknown"),
            UndoError::NotAllowed(_) => Self::Refused("not_allowed"),
            UndoError::NotDecided => Self::Refused("not_decided"),
            UndoError::TooLate => Self::Refused("too_late"),
            UndoError::Delivered => Self::Refused("delivered"),
            UndoError::Renewed => Self::Refused("renewed"),
            UndoError::Spent => Self::Refused("spent"),
            UndoError::Fault(why) => fault(&why),
        }
    }
}

impl From<LateError> for Answer {
    fn from(error: LateError) -> Self {
        match error {
            LateError::Unknown => Self::Refused("unknown"),
            LateError::NotAllowed(_) => Self::Refused("not_allowed"),
            LateError::NotPaid(_) => Self::Refused("not_paid"),
            LateError::NoPanel => Self::Refused("no_panel"),
            LateError::CannotMove => Self::Refused("cannot_move"),
            LateError::Fault(why) => fault(&why),
        }
    }
}

impl From<RefundError> for Answer {
    fn from(error: RefundError) -> Self {
        match error {
            RefundError::Unknown => Self::Refused("unknown"),
            RefundError::NotAllowed(_) => Self::Refused("not_allowed"),
            RefundError::NotDelivered(_) => Self::Refused("not_delivered"),
            RefundError::Later(_) => Self::Refused("later"),
            RefundError::Already(_) => Self::Refused("already"),
            RefundError::TooMuch { .. } => Self::Refused("too_much"),
            RefundError::BadAmount => Self::Refused("bad_amount"),
            RefundError::NoMethod => Self::Refused("no_method"),
            RefundError::BadReceipt => Self::Refused("bad_receipt"),
            RefundError::Fault(why) => fault(&why),
        }
    }
}

impl From<CorrectionError> for Answer {
    fn from(error: CorrectionError) -> Self {
        match error {
            CorrectionError::Unknown => Self::Refused("unknown"),
            CorrectionError::NotAllowed(_) => Self::Refused("not_allowed"),
            CorrectionError::BadAmount => Self::Refused("bad_amount"),
            CorrectionError::Short { available } => Self::Short(available.minor),
            CorrectionError::Frozen => Self::Refused("frozen"),
            CorrectionError::Reused => Self::Refused("reused"),
            CorrectionError::Fault(why) => fault(&why),
        }
    }
}

impl From<SellError> for Answer {
    fn from(error: SellError) -> Self {
        match error {
            SellError::Frozen => Self::Refused("frozen"),
            SellError::Over { .. } => Self::Refused("over"),
            SellError::Negative { .. } => Self::Refused("negative"),
            SellError::Short { left, .. } => Self::Short(left.minor),
            SellError::NotAllowed => Self::Refused("not_allowed"),
            SellError::Gone => Self::Refused("gone"),
            SellError::SoldOut => Self::Refused("sold_out"),
            SellError::PriceChanged { .. } => Self::Refused("price_changed"),
            SellError::PromiseChanged => Self::Refused("promise_changed"),
            SellError::NotYours => Self::Refused("not_yours"),
            SellError::NotNow => Self::Refused("not_now"),
            SellError::BadLabel => Self::Refused("bad_label"),
            SellError::Fault(why) => fault(&why),
        }
    }
}

impl From<AgentServiceError> for Answer {
    fn from(error: AgentServiceError) -> Self {
        match error {
            AgentServiceError::NotYours => Self::Refused("not_yours"),
            AgentServiceError::NotNow => Self::Refused("not_now"),
            AgentServiceError::Negative { .. } => Self::Refused("negative"),
            AgentServiceError::RefundChanged { .. } => Self::Refused("refund_changed"),
            AgentServiceError::BadLabel => Self::Refused("bad_label"),
            AgentServiceError::Fault(why) => fault(&why),
        }
    }
}

/// What the ledger alone answers about a correction of credit.
fn ledgers(error: LedgerError) -> Answer {
    match error {
        LedgerError::Short { available, .. } => Answer::Short(available.minor),
        LedgerError::Fault(why) => fault(&why),
        other => panic!("{other}"),
    }
}

#[expect(clippy::needless_pass_by_value, reason = "it stands where an error is mapped")]
fn passing(why: Fault) -> Answer {
    fault(&why)
}

/// Plays an act, again and again while it is only in others' way.
pub async fn play(shop: &Shop, act: &Act) -> Answer {
    for _ in 0..TRIES_MAX {
        let answer = once(shop, act).await.map_or_else(|refusal| refusal, |()| Answer::Done);
        if answer != Answer::Again {
            return answer;
        }
    }
    panic!("{act:?} was in somebody's way {TRIES_MAX} times");
}

async fn once(shop: &Shop, act: &Act) -> Result<(), Answer> {
    match act {
        Act::Enforce => return enforce(shop).await,
        Act::Confirm { service } => return confirm(shop, *service).await,
        Act::Sell(selling) => return sell(shop, selling).await,
        Act::Place(placing) => return place(shop, placing).await,
        Act::Delete { .. } | Act::Pause { .. } | Act::Resume { .. } => return serve(shop, act).await,
        _ => {}
    }
    let (owner, now) = (shop.admin(OWNER).await, shop.now());
    match *act {
        Act::TopUp { who, payment, amount, on_credit } => {
            let customer = shop.customer(PersonId(who)).await;
            let purpose = if on_credit { Purpose::Credit } else { Purpose::Wallet };
            let top_up = TopUp { payment: PaymentId(payment), amount: irt(amount), purpose, kind: None };
            commit!(shop, tx => async move { checkout::top_up(tx, &customer, &top_up, now).await })?;
        }
        Act::Receipt { who, payment, update } => {
            let key = format!("photo {update}");
            let file = (Some(format!("file {update}")), Some(key));
            let (kind, update) = (ReceiptKind::Photo, UpdateId(update));
            let new = NewReceipt {
                kind,
                file_id: file.0,
                file_key: file.1,
                text: None,
                album: None,
                message: None,
                edited: false,
                update,
            };
            shop.send(PersonId(who), PaymentId(payment), new).await?;
        }
        Act::CancelOrder { who, order } => {
            let customer = shop.customer(PersonId(who)).await;
            commit!(shop, tx => async move { checkout::cancel(tx, &customer, OrderId(order), now).await })?;
        }
        Act::CancelTopUp { who, payment } => {
            let customer = shop.customer(PersonId(who)).await;
            commit!(shop, tx => async move { checkout::cancel_top_up(tx, &customer, PaymentId(payment), now).await })?;
        }
        Act::BuySaved { who, order } => {
            let customer = shop.customer(PersonId(who)).await;
            commit!(shop, tx => async move { checkout::buy_saved(tx, &customer, OrderId(order), now).await })?;
        }
        Act::Approve { payment, amount } => drop(shop.approve(CASHIER, PaymentId(payment), amount.map(irt)).await?),
        Act::Reject { payment } => drop(shop.reject(CASHIER, PaymentId(payment), false).await?),
        Act::Undo { payment } => drop(shop.undo(CASHIER, PaymentId(payment)).await?),
        Act::Refund { order } => {
            commit!(shop, tx => async move { checkout::refund_undelivered(tx, &owner, OrderId(order), now).await })?;
        }
        Act::GiveBack { order, amount, so_far } => {
            let refund = Refund { order: OrderId(order), amount_minor: amount, so_far_minor: so_far, way: RefundWay::Account };
            commit!(shop, tx => async move { checkout::refund_delivered(tx, &owner, &refund, now).await })?;
        }
        _ => return settle(shop, act).await,
    }
    Ok(())
}

/// What staff and the clock do.
async fn settle(shop: &Shop, act: &Act) -> Result<(), Answer> {
    let (owner, now) = (shop.admin(OWNER).await, shop.now());
    match *act {
        Act::Correct { who, minor, key } => correct(shop, who, minor, key).await?,
        Act::CorrectCredit { who, minor, key } => correct_credit(shop, who, minor, key).await?,
        Act::SetLine { who, line } => {
            match commit!(shop, tx => async move { agents::set_line(tx, &owner, PersonId(who), Some(line), now).await }) {
                Ok(()) | Err(ManageError::Already) => {}
                Err(ManageError::Fault(why)) => return Err(passing(why)),
                Err(other) => panic!("{other}"),
            }
        }
        Act::Reprice { price } => {
            let mut m1 = plan("m1", None);
            m1.price = irt(price);
            commit!(shop, tx => async move { catalog::put_plan(tx, &m1, 1, false).await }).map_err(passing)?;
        }
        Act::Expire => {
            commit!(shop, tx => async move { checkout::expire_due(tx, now, 100).await }).map_err(passing)?;
            commit!(shop, tx => async move { checkout::expire_saved(tx, now, 100).await }).map_err(passing)?;
        }
        _ => panic!("nobody plays {act:?}"),
    }
    Ok(())
}

async fn place(shop: &Shop, placing: &Placing) -> Result<(), Answer> {
    let place = Place {
        order: OrderId(placing.order),
        payment: PaymentId(placing.payment),
        plan: if placing.is_last { "last" } else { "m1" }.parse().expect("a code"),
        price_minor: placing.price,
        gives: shown(),
        kind: None,
        renew: placing.renew.map(SubscriptionId),
        subscription: SubscriptionId(placing.service),
        pay: placing.pay,
    };
    shop.try_order(PersonId(placing.who), place).await?;
    Ok(())
}

async fn sell(shop: &Shop, selling: &Selling) -> Result<(), Answer> {
    let (agent, now) = (shop.agent(PersonId(selling.who)).await.expect("an agent"), shop.now());
    let subscription = SubscriptionId(selling.service);
    let sale = match selling.kind {
        Kind::New => Sale::New { plan: "m1".parse().expect("a code"), subscription, label: "somebody".to_owned() },
        Kind::Renew => Sale::Renew { subscription },
        Kind::Traffic => Sale::Traffic { subscription, gigabytes: 1 },
    };
    let sell = Sell { order: OrderId(selling.order), sale, price_minor: selling.price, gives: Some(shown()) };
    commit!(shop, tx => async move { checkout::sell(tx, &agent, &sell, now).await })?;
    Ok(())
}

async fn serve(shop: &Shop, act: &Act) -> Result<(), Answer> {
    let (Act::Delete { who, service, .. } | Act::Pause { who, service } | Act::Resume { who, service }) = *act else {
        return Ok(());
    };
    let (agent, id, now) = (shop.agent(PersonId(who)).await.expect("an agent"), SubscriptionId(service), shop.now());
    match *act {
        Act::Delete { refund, .. } => {
            commit!(shop, tx => async move { checkout::delete_sold(tx, &agent, id, refund, now).await })?;
        }
        Act::Pause { .. } => commit!(shop, tx => async move { checkout::pause(tx, &agent, id, now).await })?,
        _ => commit!(shop, tx => async move { checkout::resume(tx, &agent, id, now).await })?,
    }
    Ok(())
}

async fn correct(shop: &Shop, who: i64, minor: i64, key: i64) -> Result<(), Answer> {
    let (owner, now) = (shop.admin(OWNER).await, shop.now());
    let (person, amount) = (PersonId(who), irt(minor.abs()));
    let correction = Correction { person, amount, reason: "by hand".to_owned(), key: key.to_string() };
    let done = commit!(shop, tx => async move {
        checkout::correct(tx, &owner, (Purse::Wallet, minor > 0), &correction, now).await
    })?;
    if done == Corrected::Waits { Err(Answer::Refused("needs_second")) } else { Ok(()) }
}

async fn correct_credit(shop: &Shop, who: i64, minor: i64, key: i64) -> Result<(), Answer> {
    let (his, ours) = (Account::credit(PersonId(who), Asset::Irt), Account::correction(Asset::Irt));
    let (debit, credit) = if minor > 0 { (ours, his) } else { (his, ours) };
    let transfer = Transfer {
        key: format!("credit by hand {key}"),
        kind: "correction",
        about: format!("person:{who}"),
        actor: OWNER,
        reason: Some("by hand".to_owned()),
        legs: vec![Leg { debit, credit, amount: irt(minor.abs()) }],
    };
    let now = shop.now();
    commit!(shop, tx => async move { ledger::post(tx, transfer, now).await }).map_err(ledgers)?;
    Ok(())
}

/// What the job does that makes services, when the panel has answered.
async fn confirm(shop: &Shop, service: i64) -> Result<(), Answer> {
    let (now, seal, id) = (shop.now(), shop.seal.clone(), SubscriptionId(service));
    let done: Result<(), Fault> = commit!(shop, tx => async move {
        let Some(service) = subscriptions::get(tx, id).await? else { return Ok(()) };
        let link_sealed = Some(subscriptions::seal_link(&seal, id, "https://panel.example/sub/1")?);
        let confirmed = Confirmed { id, revision: service.revision, link_sealed, token: format!("token{}", id.0) };
        let Applied::Stands { service, .. } = subscriptions::revision_applied(tx, confirmed, now).await? else { return Ok(()) };
        if service.state == subscriptions::State::Active {
            checkout::delivered(tx, id, now).await?;
        }
        Ok(())
    });
    done.map_err(passing)
}

/// What the clock's line does each minute, and the jobs that it queues.
async fn enforce(shop: &Shop) -> Result<(), Answer> {
    let (now, settings) = (shop.now(), settings::load(shop.db.read()).await.expect("settings"));
    for crossing in ledger::crossed(shop.db.read(), Time(0)).await.expect("they are read") {
        if !agents::is_settled(shop.db.read(), &crossing).await.expect("it is read") {
            let settings = settings.clone();
            commit!(shop, tx => async move { agents::look(tx, &crossing, &settings, now).await }).map_err(passing)?;
        }
    }
    for episode in agents::due(shop.db.read(), now, 100).await.expect("they are read") {
        let (settings, which) = (settings.clone(), (episode.agent, episode.since));
        commit!(shop, tx => async move { agents::advance(tx, which, &settings, now).await }).map_err(passing)?;
    }
    for who in AGENTS.map(PersonId) {
        for episode in agents::open_since(shop.db.read(), who).await.expect("they are read") {
            let (settings, which) = (settings.clone(), (episode.agent, episode.since));
            let done: Result<bool, Fault> = match episode.stage {
                Stage::Cutting => commit!(shop, tx => async move { agents::cut_some(tx, which, &settings, now).await }),
                Stage::Restoring => commit!(shop, tx => async move { agents::restore_some(tx, which, &settings, now).await }),
                Stage::Told | Stage::Half | Stage::Last | Stage::Cut | Stage::Over => Ok(false),
            };
            assert!(!done.map_err(passing)?, "all of it at once");
        }
    }
    Ok(())
}
