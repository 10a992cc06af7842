//! The real shop: each act through the verb that the chat or the clock calls, and the shop read as the model has it.
use super::model::{
    ALONE_MAX, Act, Answer, Back, Correcting, Correction as Corrected, Credit, Handing, Link, Model, Order, Payment, Placing,
    Selling, Service, Serving, Way, WriteOff,
};
use crate::agents::stand::{LINE, form};
use crate::sales::shop::{CASHIER, NOON, OMID, OWNER, PRICE, SARA, Shop, commit, irt, people, plan, shown};
use crate::world::postgres::Kind as Database;
use sea_orm::FromQueryResult;
use souk::base::{ApplicationId, Asset, Fault, OrderId, PaymentId, PersonId, SubscriptionId, Time, UpdateId};
use souk::db;
use souk::shop::accounts::Role;
use souk::shop::agents::{self, ApplicationError, CloseError, ManageError, Settlement, Stage};
use souk::shop::catalog;
use souk::shop::checkout::{
    self, AgentServiceError, CancelError, Correction, CorrectionError, CorrectionState, HandOverError, Kind, LateError, Place,
    PlaceError, Purse, Refund, RefundError, RefundReceipt, RefundWay, ReviewError, Sale, SecondError, Sell, SellError, State,
    TopUp, TopUpError, UndoError,
};
use souk::shop::ledger::{self, Account};
use souk::shop::panels::AccountState;
use souk::shop::payments::{NewReceipt, Purpose, ReceiptKind, State as Paying, SubmitError};
use souk::shop::settings;
use souk::shop::subscriptions::{self, Applied, Confirmed, Pace, Seen};
use std::collections::{BTreeMap, BTreeSet};

pub const CUSTOMERS: [i64; 2] = [SARA.0, OMID.0];
pub const AGENTS: [i64; 2] = [700, 701];
/// Agents buy for themselves too.
pub const BUYERS: [i64; 4] = [CUSTOMERS[0], CUSTOMERS[1], AGENTS[0], AGENTS[1]];
/// An owner besides the one who sets the shop up.
pub const SECOND: i64 = 902;
/// How often an act is tried that others were in the way of.
const TRIES_MAX: usize = 20;

/// Two customers, two agents, and a shop that has not sold anything.
pub async fn opened(database: Database) -> (Shop, Model) {
    let shop = Shop::open(database).await;
    shop.settings(|settings| settings.correction_alone_max = ALONE_MAX).await;
    people(&shop, SECOND..SECOND + 1, Some(Role::Owner)).await;
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
        card: 0,
        by_hand: 0,
        credits: BTreeMap::new(),
        orders: BTreeMap::new(),
        payments: BTreeMap::new(),
        services: BTreeMap::new(),
        corrections: BTreeMap::new(),
        write_offs: Vec::new(),
        links: BTreeMap::new(),
        seen: BTreeSet::new(),
        dues: BTreeMap::new(),
        used: BTreeMap::new(),
    }
}

/// The shop as it is. What it keeps no row of, or only rows that say more, is as the model said.
pub async fn read(shop: &Shop, said: &Model) -> Model {
    let mut model = Model { now: shop.now().0, ..said.clone() };
    let rows: Vec<OrderRow> = db::query(shop.db.read(), ORDERS, vec![]).await.expect("orders");
    model.orders = rows.into_iter().map(|row| (row.id, row.read())).collect();
    let rows: Vec<RefundRow> = db::query(shop.db.read(), REFUNDS, vec![]).await.expect("refunds");
    for row in rows {
        model.orders.get_mut(&row.order_id).expect("an order").refunds.push(row.read());
    }
    let rows: Vec<PaymentRow> = db::query(shop.db.read(), PAYMENTS, vec![]).await.expect("payments");
    model.payments = rows.into_iter().map(|row| (row.id, row.read())).collect();
    model.dues = model.payments.iter().map(|(id, payment)| (*id, payment.due)).collect();
    let rows: Vec<ServiceRow> = db::query(shop.db.read(), SERVICES, vec![]).await.expect("services");
    for row in &rows {
        if row.state != "deleted" {
            assert_eq!(row.traffic_bytes, model.traffic(row.id), "what its orders say is the traffic of service {}", row.id);
        }
        model.used.insert(row.id, row.used_bytes);
    }
    model.services = rows.into_iter().map(|row| (row.id, row.read())).collect();
    let rows: Vec<CorrectionRow> = db::query(shop.db.read(), CORRECTIONS, vec![]).await.expect("corrections");
    let (write_offs, rows): (Vec<_>, Vec<_>) = rows.into_iter().partition(|row| row.key.starts_with("write-off:"));
    model.corrections = rows.into_iter().map(CorrectionRow::read).collect();
    model.write_offs = write_offs.into_iter().map(CorrectionRow::given_up).collect();
    model.write_offs.sort_unstable();
    let rows: Vec<LinkRow> = db::query(shop.db.read(), LINKS, vec![]).await.expect("links");
    model.links = rows.into_iter().map(LinkRow::read).collect();
    model.stock = shop.stock("last").await.expect("a limited plan");
    let m1 = catalog::plan(shop.db.read(), &"m1".parse().expect("a code")).await.expect("read").expect("a plan");
    model.price = m1.price.minor;
    read_accounts(shop, said, &mut model).await;
    model
}

async fn read_accounts(shop: &Shop, said: &Model, model: &mut Model) {
    model.card = posted(shop, Account::card("main", Asset::Irt)).await;
    model.by_hand = posted(shop, Account::correction(Asset::Irt)).await;
    for who in CUSTOMERS.into_iter().chain(AGENTS) {
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
        let agency = shop.agency(PersonId(who)).await.state;
        model.credits.insert(who, Credit { agency, confirmed, limits, since, owing, told });
        assert_eq!(standing.pending.minor, model.pending(who), "what payments say is pending for {who}");
        assert_eq!(standing.left.minor, model.standing(who), "what is left to {who}");
    }
}

async fn posted(shop: &Shop, account: Account) -> i64 {
    ledger::balance(shop.db.read(), &account).await.expect("a balance").posted.minor
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

const REFUNDS: &str =
    "SELECT order_id, so_far, amount, actor, way, COALESCE(method, '') AS method FROM refunds ORDER BY order_id, so_far";

#[derive(FromQueryResult)]
struct RefundRow {
    order_id: i64,
    so_far: i64,
    amount: i64,
    actor: i64,
    way: String,
    method: String,
}

impl RefundRow {
    fn read(self) -> Back {
        let way = match (self.way.as_str(), self.method.as_str()) {
            ("wallet" | "credit", "") => Way::Account,
            ("hand", "main") => Way::Card,
            ("hand", "") => Way::Elsewhere,
            other => panic!("a refund went to {other:?}"),
        };
        Back { so_far: self.so_far, amount: self.amount, by_admin: self.actor == OWNER.0, way }
    }
}

const CORRECTIONS: &str = "SELECT key, purse, person, amount, state, asked_by, asked_at, decided_by FROM corrections";

#[derive(FromQueryResult)]
struct CorrectionRow {
    key: String,
    purse: String,
    person: i64,
    amount: i64,
    state: String,
    asked_by: i64,
    asked_at: i64,
    decided_by: Option<i64>,
}

impl CorrectionRow {
    fn read(self) -> (i64, Corrected) {
        use CorrectionState::{Done, Expired, Refused, Waiting};
        let state = [Waiting, Done, Refused, Expired].into_iter().find(|state| state.code() == self.state);
        let corrected = Corrected {
            who: self.person,
            on_credit: self.purse == "credit",
            minor: self.amount,
            state: state.expect("a state"),
            by: self.asked_by,
            asked_at: self.asked_at,
            decided_by: self.decided_by,
        };
        (self.key.parse().expect("a number"), corrected)
    }

    fn given_up(self) -> WriteOff {
        let is_alone = self.decided_by.is_none() && self.purse == "credit" && self.state == "done";
        assert!(is_alone, "{} is a correction of credit that needed nobody else", self.key);
        WriteOff { at: self.asked_at, who: self.person, minor: self.amount, by: self.asked_by }
    }
}

const LINKS: &str = "SELECT token, subscription, agent, state, expires_at, used_by FROM handovers";

#[derive(FromQueryResult)]
struct LinkRow {
    token: String,
    subscription: i64,
    agent: i64,
    state: String,
    expires_at: i64,
    used_by: Option<i64>,
}

impl LinkRow {
    fn read(self) -> (i64, Link) {
        let state = match (self.state.as_str(), self.used_by) {
            ("open", None) => Handing::Open,
            ("withdrawn", None) => Handing::Withdrawn,
            ("used", Some(by)) => Handing::Used(by),
            other => panic!("a link is {other:?}"),
        };
        let link = Link { service: self.subscription, agent: self.agent, state, expires_at: self.expires_at };
        (self.token.parse().expect("a number"), link)
    }
}

const PAYMENTS: &str = "SELECT id, purpose, order_id, person, price, due, state, approved, decided_at, expires_at,
        CAST(CASE WHEN p.hold IS NULL THEN 0 ELSE 1 END AS BIGINT) AS held,
        (SELECT COUNT(*) FROM ledger_entries e JOIN ledger_accounts a ON a.id = e.account_id
            WHERE p.state = 'approved' AND e.transaction_id = p.posting AND a.kind = 'wallet') AS to_wallet
    FROM payments p";

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
    held: i64,
    to_wallet: i64,
}

impl PaymentRow {
    fn read(self) -> Payment {
        let Self { person, order_id: order, price, due, approved, decided_at, expires_at, .. } = self;
        let state = Paying::ALL.into_iter().find(|state| state.code() == self.state).expect("a state");
        assert!(due > price && due < price + 1_100, "payment {} asks for {due}, and not for {price} and a tail", self.id);
        let on_credit = self.purpose == "credit";
        let (is_held, kept_in_wallet) = (self.held > 0, on_credit && self.to_wallet > 0);
        Payment { person, order, on_credit, price, due, state, approved, is_held, kept_in_wallet, decided_at, expires_at }
    }
}

/// What is lent is not paid for, and changes nobody's balance.
const SERVICES: &str = "SELECT id, person, agent, plan, state, COALESCE(off_for, '') AS off_for, traffic_bytes, used_bytes
    FROM subscriptions WHERE kind = 'full'";

#[derive(FromQueryResult)]
struct ServiceRow {
    id: i64,
    person: i64,
    agent: Option<i64>,
    plan: String,
    state: String,
    off_for: String,
    traffic_bytes: i64,
    used_bytes: i64,
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
        Service { person: self.person, agent: self.agent, is_last: self.plan == "last", state }
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

impl From<SecondError> for Answer {
    fn from(error: SecondError) -> Self {
        match error {
            SecondError::Unknown => Self::Refused("unknown"),
            SecondError::NotAllowed(_) => Self::Refused("not_allowed"),
            SecondError::Decided(_) => Self::Refused("decided"),
            SecondError::Short { available } => Self::Short(available.minor),
            SecondError::Frozen => Self::Refused("frozen"),
            SecondError::Closed => Self::Refused("closed"),
            SecondError::Fault(why) => fault(&why),
        }
    }
}

impl From<HandOverError> for Answer {
    fn from(error: HandOverError) -> Self {
        match error {
            HandOverError::Unknown => Self::Refused("no_link"),
            HandOverError::Used => Self::Refused("used"),
            HandOverError::Expired => Self::Refused("expired"),
            HandOverError::Own => Self::Refused("own"),
            HandOverError::Taken => Self::Refused("taken"),
            HandOverError::Fault(why) => fault(&why),
        }
    }
}

impl From<ManageError> for Answer {
    fn from(error: ManageError) -> Self {
        match error {
            ManageError::Unknown => Self::Refused("unknown"),
            ManageError::NotAllowed => Self::Refused("not_allowed"),
            ManageError::NoTier => Self::Refused("no_tier"),
            ManageError::BadValue => Self::Refused("bad_value"),
            ManageError::Already => Self::Refused("already"),
            ManageError::Fault(why) => fault(&why),
        }
    }
}

impl From<CloseError> for Answer {
    fn from(error: CloseError) -> Self {
        match error {
            CloseError::Unknown => Self::Refused("unknown"),
            CloseError::NotAllowed => Self::Refused("not_allowed"),
            CloseError::Pending(_) => Self::Refused("pending"),
            CloseError::Owes(_) => Self::Refused("owes"),
            CloseError::NeedsSecond { .. } => Self::Refused("needs_second"),
            CloseError::Fault(why) => fault(&why),
        }
    }
}

impl From<ApplicationError> for Answer {
    fn from(error: ApplicationError) -> Self {
        match error {
            ApplicationError::Unknown => Self::Refused("unknown"),
            ApplicationError::BadForm => Self::Refused("bad_form"),
            ApplicationError::Agent => Self::Refused("agent"),
            ApplicationError::Waits(_) => Self::Refused("waits"),
            ApplicationError::Decided => Self::Refused("decided"),
            ApplicationError::NoTier => Self::Refused("no_tier"),
            ApplicationError::Banned => Self::Refused("banned"),
            ApplicationError::NotAllowed => Self::Refused("not_allowed"),
            ApplicationError::Fault(why) => fault(&why),
        }
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
        Act::Use { service, bytes } => return uses(shop, *service, *bytes).await,
        Act::Confirm { service } => return confirm(shop, *service).await,
        Act::Sell(selling) => return sell(shop, selling).await,
        Act::Place(placing) => return place(shop, placing).await,
        Act::Delete { .. } | Act::Pause { .. } | Act::Resume { .. } => return serve(shop, act).await,
        Act::HandOver { .. } | Act::TakeOver { .. } => return hand_over(shop, act).await,
        Act::Correct(correcting) => return correct(shop, correcting).await,
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
        Act::GiveBack { order, amount, so_far, way } => {
            let refund = Refund { order: OrderId(order), amount_minor: amount, so_far_minor: so_far, way: refund_way(way) };
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
        Act::ConfirmCorrection { by, key } => {
            let (admin, key) = (shop.admin(PersonId(by)).await, key.to_string());
            commit!(shop, tx => async move { checkout::confirm_correction(tx, &admin, &key, now).await })?;
        }
        Act::RefuseCorrection { by, key } => {
            let (admin, key) = (shop.admin(PersonId(by)).await, key.to_string());
            commit!(shop, tx => async move { checkout::refuse_correction(tx, &admin, &key, now).await })?;
        }
        Act::SetLine { who, line } => {
            match commit!(shop, tx => async move { agents::set_line(tx, &owner, PersonId(who), Some(line), now).await }) {
                Ok(()) | Err(ManageError::Already) => {}
                Err(other) => return Err(other.into()),
            }
        }
        Act::Freeze { who } => {
            commit!(shop, tx => async move { agents::freeze(tx, &owner, PersonId(who), "a call", now).await })?;
        }
        Act::Thaw { who } => commit!(shop, tx => async move { agents::thaw(tx, &owner, PersonId(who), now).await })?,
        Act::Close { who, write_off } => {
            let how = write_off.map_or(Settlement::Paid, |owed| Settlement::WriteOff(irt(owed)));
            shop.closes(OWNER, PersonId(who), how).await?;
        }
        Act::Rejoin { who, application } => {
            let (customer, id) = (shop.customer(PersonId(who)).await, ApplicationId(application));
            commit!(shop, tx => async move {
                agents::apply(tx, &customer, id, &form(), now).await?;
                agents::accept(tx, &owner, id, &"silver".parse().expect("a code"), now).await
            })?;
        }
        Act::Reprice { price } => {
            let mut m1 = plan("m1", None);
            m1.price = irt(price);
            commit!(shop, tx => async move { catalog::put_plan(tx, &m1, 1, false).await }).map_err(passing)?;
        }
        Act::Expire => {
            commit!(shop, tx => async move { checkout::expire_due(tx, now, 100).await }).map_err(passing)?;
            commit!(shop, tx => async move { checkout::expire_saved(tx, now, 100).await }).map_err(passing)?;
            commit!(shop, tx => async move { checkout::expire_corrections(tx, now, 100).await }).map_err(passing)?;
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
    // Who is no agent finds no button to sell.
    let Some(agent) = shop.agent(PersonId(selling.who)).await else { return Err(Answer::Refused("frozen")) };
    let now = shop.now();
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
    let Some(agent) = shop.agent(PersonId(who)).await else { return Err(Answer::Refused("not_yours")) };
    let (id, now) = (SubscriptionId(service), shop.now());
    match *act {
        Act::Delete { refund, .. } => {
            commit!(shop, tx => async move { checkout::delete_sold(tx, &agent, id, refund, now).await })?;
        }
        Act::Pause { .. } => commit!(shop, tx => async move { checkout::pause(tx, &agent, id, now).await })?,
        _ => commit!(shop, tx => async move { checkout::resume(tx, &agent, id, now).await })?,
    }
    Ok(())
}

async fn hand_over(shop: &Shop, act: &Act) -> Result<(), Answer> {
    let now = shop.now();
    match *act {
        Act::HandOver { who, service, token } => {
            let Some(agent) = shop.agent(PersonId(who)).await else { return Err(Answer::Refused("not_yours")) };
            let (id, token) = (SubscriptionId(service), token.to_string());
            match commit!(shop, tx => async move { checkout::hand_over(tx, &agent, id, &token, now).await }) {
                Err(HandOverError::Unknown) => Err(Answer::Refused("not_yours")),
                other => Ok(other?),
            }
        }
        Act::TakeOver { who, token } => {
            let (customer, token) = (shop.customer(PersonId(who)).await, token.to_string());
            commit!(shop, tx => async move { checkout::take_over(tx, &customer, &token, now).await })?;
            Ok(())
        }
        _ => panic!("{act:?} hands nothing over"),
    }
}

fn refund_way(way: Way) -> RefundWay {
    let text = Some("tracking number 123456".to_owned());
    let receipt = RefundReceipt { kind: ReceiptKind::Text, file_id: None, text };
    match way {
        Way::Account => RefundWay::Account,
        Way::Card => RefundWay::Hand { method: Some("main".parse().expect("a code")), receipt },
        Way::Elsewhere => RefundWay::Hand { method: None, receipt },
    }
}

async fn correct(shop: &Shop, correcting: &Correcting) -> Result<(), Answer> {
    let Correcting { who, on_credit, minor, key, by } = *correcting;
    let (admin, now) = (shop.admin(PersonId(by)).await, shop.now());
    let (person, amount) = (PersonId(who), irt(minor.abs()));
    let correction = Correction { person, amount, reason: "by hand".to_owned(), key: key.to_string() };
    let purse = if on_credit { Purse::Credit } else { Purse::Wallet };
    commit!(shop, tx => async move { checkout::correct(tx, &admin, (purse, minor > 0), &correction, now).await })?;
    Ok(())
}

/// What the clock's line does that asks the panels for usage.
async fn uses(shop: &Shop, service: i64, bytes: i64) -> Result<(), Answer> {
    let (now, id) = (shop.now(), SubscriptionId(service));
    let pace = Pace::of(&settings::load(shop.db.read()).await.expect("settings"));
    let (online_at, state) = (Some(now), AccountState::Active);
    let seen = Seen { used_bytes: bytes, online_at, state, expires_at: None, traffic_bytes: None };
    commit!(shop, tx => async move { subscriptions::note_usage(tx, id, &seen, pace, now).await }).map_err(passing)?;
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
        let settings = settings.clone();
        let more = commit!(shop, tx => async move { agents::release_some(tx, who, &settings, now).await }).map_err(passing)?;
        assert!(!more, "all of it at once");
    }
    Ok(())
}
