//! What an order does to the service it is for: lends a part of it, gives it, takes it back; and to its plan's stock.
use super::handover::tell_holder;
use super::state::{Kind, Payer, State};
use super::store::{self, Order};
use crate::base::{Fault, Time};
use crate::db::{Moved, Tx};
use crate::shop::accounts::Customer;
use crate::shop::catalog::{self, Plan, PlanCode, Promise};
use crate::shop::panels;
use crate::shop::payments::{self, Payment};
use crate::shop::settings::Settings;
use crate::shop::subscriptions::{self, Before, ChangeError, New, Reason, Subscription};
use futures::join;
use sea_orm::ConnectionTrait;

/// Why a service that was lent is off: an undo gives back what these took, and nothing else.
pub(super) const CANCELLED: &str = Reason::Cancelled.words();
pub(super) const REJECTED: &str = Reason::Rejected.words();
pub(super) const SHORT: &str = Reason::TooLittle.words();
const UNDONE: &str = Reason::Undone.words();
const REFUNDED: &str = Reason::Refunded.words();

/// What is lent of a plan without a limit.
const LENT_OF_UNLIMITED: i64 = 1 << 30;

impl From<ChangeError> for Fault {
    fn from(error: ChangeError) -> Self {
        match error {
            ChangeError::Fault(fault) => fault,
            refusal => Self::new(refusal).context("a service does not take the change that its order needs"),
        }
    }
}

/// The plan as it is now; it is never deleted.
pub(super) async fn plan_of(tx: &Tx, order: &Order) -> Result<Plan, Fault> {
    let plan = catalog::plan(tx, &order.plan).await?;
    plan.ok_or_else(|| Fault::new(format!("order {} names a plan that is gone", order.id)))
}

/// Is this plan still sold? Whoever renews what he has needs no shelf for it to stand on.
pub(super) async fn is_sold(conn: &impl ConnectionTrait, kind: Kind, plan: &Plan) -> Result<bool, Fault> {
    match kind {
        Kind::New => catalog::is_on_shelf(conn, &plan.code).await,
        Kind::Renew | Kind::Traffic => Ok(plan.on),
    }
}

/// The plan, if it is still sold.
pub(super) async fn sold(conn: &impl ConnectionTrait, kind: Kind, plan: &PlanCode) -> Result<Option<Plan>, Fault> {
    let found = catalog::plan_and_shelf(conn, plan).await?;
    Ok(found.and_then(|(plan, on_shelf)| (if kind == Kind::New { on_shelf } else { plan.on }).then_some(plan)))
}

/// Lends a part of the service until the review, if the shop does so and nothing speaks against the person: no receipt of
/// his was rejected, and none is undecided or withdrawn but this one. Says whether it did: not when the service is there already.
pub(super) async fn lend(
    tx: &Tx,
    customer: &Customer,
    (order, payment): (&Order, &Payment),
    settings: &Settings,
    now: Time,
) -> Result<bool, Fault> {
    if order.state != State::Placed || order.kind != Kind::New || customer.receipts_bad > 0 {
        return Ok(false);
    }
    if settings.provisional_percent == 0 {
        return Ok(false);
    }
    let (is_doubtful, panel) = join!(payments::has_doubtful(tx, customer.id, payment.id), panels::choose_for(tx, &order.plan));
    let (false, Some(panel)) = (is_doubtful?, panel?) else { return Ok(false) };
    let traffic_bytes = match order.promised.traffic_bytes {
        0 => LENT_OF_UNLIMITED,
        // Divided first: the product of two large numbers may not fit.
        limit => (limit / 100).saturating_mul(settings.provisional_percent).max(1),
    };
    let lent = New {
        id: order.subscription,
        person: order.person,
        plan: &order.plan,
        panel: &panel,
        kind: subscriptions::Kind::Provisional,
        promised: Promise { days: settings.provisional_days, traffic_bytes, ..order.promised },
        sold_by: None,
        now,
    };
    Ok(subscriptions::make(tx, &lent).await?.is_some())
}

const fn is_on(service: &Subscription) -> bool {
    matches!(service.state, subscriptions::State::Pending | subscriptions::State::Active)
}

fn is_lent_kind(service: &Subscription) -> bool {
    service.kind == subscriptions::Kind::Provisional
}

/// Is a part of the order's service lent now?
pub(super) async fn is_lent(tx: &Tx, order: &Order) -> Result<bool, Fault> {
    let service = subscriptions::get(tx, order.subscription).await?;
    Ok(service.is_some_and(|service| is_lent_kind(&service) && is_on(&service)))
}

/// Can the order still be delivered? Not when the service it is for was deleted, or it is a renewal of one that is no
/// longer paid for.
pub(super) async fn can_be_given(tx: &Tx, order: &Order) -> Result<bool, Fault> {
    let service = subscriptions::locked(tx, order.subscription).await?;
    Ok(can_be_given_with(order, service.as_ref()))
}

/// The same, with the order's service as it is locked.
pub(super) fn can_be_given_with(order: &Order, service: Option<&Subscription>) -> bool {
    match service {
        Some(service) if service.state == subscriptions::State::Deleted => false,
        Some(service) => order.kind == Kind::New || service.kind == subscriptions::Kind::Full,
        None => order.kind == Kind::New,
    }
}

/// Gives what was paid, as it was promised with the order. Without a panel that takes new accounts nothing is made: the
/// order stays paid, and the watchdog makes it later and speaks of it. Says what the service was before, which the order must
/// remember; `None` when there was none.
pub(super) async fn give(tx: &Tx, order: &Order, now: Time) -> Result<Option<String>, Fault> {
    let service = subscriptions::locked(tx, order.subscription).await?;
    give_with(tx, order, service.as_ref(), now).await
}

/// The same, with the order's service as it is locked.
pub(super) async fn give_with(
    tx: &Tx,
    order: &Order,
    service: Option<&Subscription>,
    now: Time,
) -> Result<Option<String>, Fault> {
    let Some(service) = service else { return make(tx, order, now).await.map(|()| None) };
    let was = serde_json::to_string(&Before::of(service))?;
    match order.kind {
        Kind::New => subscriptions::make_full(tx, service, &order.promised, now).await?,
        Kind::Renew => subscriptions::extend(tx, service, &order.promised, now).await?,
        Kind::Traffic => subscriptions::add_traffic(tx, service, order.traffic_bytes.unwrap_or(0), now).await?,
    };
    Ok(Some(was))
}

async fn make(tx: &Tx, order: &Order, now: Time) -> Result<(), Fault> {
    if let Some(panel) = panels::choose_for(tx, &order.plan).await? {
        return make_on(tx, order, &panel, now).await;
    }
    tracing::error!(target: "payments", order = %order.id, plan = %order.plan, "no panel takes a paid order");
    Ok(())
}

/// Makes the service of a paid order on this panel.
pub(super) async fn make_on(tx: &Tx, order: &Order, panel: &catalog::PanelCode, now: Time) -> Result<(), Fault> {
    let full = New {
        id: order.subscription,
        person: order.person,
        plan: &order.plan,
        panel,
        kind: subscriptions::Kind::Full,
        promised: order.promised,
        sold_by: (order.payer == Payer::Credit).then_some((order.person, order.label.as_deref().unwrap_or_default())),
        now,
    };
    subscriptions::create(tx, &full).await?;
    Ok(())
}

/// Puts the service back to what it was before the order was paid. One that was made for it is switched off, and counts
/// as lent: it becomes full again if the order is paid again.
pub(super) async fn take_back(tx: &Tx, order: &Order, now: Time) -> Result<(), Fault> {
    let service = subscriptions::locked(tx, order.subscription).await?;
    let Some(service) = service.filter(|service| service.state != subscriptions::State::Deleted) else { return Ok(()) };
    let before = match &order.service_was {
        Some(text) => serde_json::from_str(text)?,
        None => Before::of(&service).lent_and_off(UNDONE),
    };
    subscriptions::restore(tx, service.id, &before, now).await?;
    // What was paid after it is gone from the service too, and is given again.
    for later in store::paid_after(tx, order).await? {
        let was = give(tx, &later, now).await?;
        store::remember(tx, &later, was).await?;
    }
    // What is given works; not what its agent, or his credit, had switched off.
    subscriptions::stay_off(tx, &service, now).await
}

/// Ends what a refunded order had begun: a new service for good, of which whoever took it over is told; a renewal by what
/// was before it.
pub(super) async fn revoke(tx: &Tx, order: &Order, now: Time) -> Result<(), Fault> {
    match order.kind {
        Kind::Renew | Kind::Traffic => take_back(tx, order, now).await,
        Kind::New => end(tx, order, now).await,
    }
}

async fn end(tx: &Tx, order: &Order, now: Time) -> Result<(), Fault> {
    let Some(service) = subscriptions::locked(tx, order.subscription).await? else { return Ok(()) };
    match subscriptions::delete(tx, service.id, REFUNDED, now).await? {
        Moved::Yes => tell_holder(tx, &service, order.person, now).await,
        Moved::LostRace => Ok(()),
    }
}

/// Switches off what was lent.
pub(super) async fn withdraw(tx: &Tx, order: &Order, why: &str, now: Time) -> Result<(), Fault> {
    if order.kind != Kind::New {
        return Ok(());
    }
    let Some(service) = subscriptions::locked(tx, order.subscription).await? else { return Ok(()) };
    if is_lent_kind(&service) && is_on(&service) && !subscriptions::disable(tx, service.id, why, now).await?.is_yes() {
        return Err(Fault::new(format!("subscription {} cannot be switched off", service.id)));
    }
    Ok(())
}

/// Switches on again what a decision that is taken back had switched off.
pub(super) async fn lend_again(tx: &Tx, order: &Order, now: Time) -> Result<(), Fault> {
    let Some(service) = subscriptions::locked(tx, order.subscription).await? else { return Ok(()) };
    let ours = service.why.as_deref().is_some_and(|why| [REJECTED, SHORT].contains(&why));
    if is_lent_kind(&service) && ours && !subscriptions::enable(tx, service.id, now).await?.is_yes() {
        tracing::warn!(subscription.id = %service.id, "a lent service is not switched on again");
    }
    Ok(())
}

/// Takes the order's piece from the stock again; false when there is none.
pub(super) async fn retake_stock(tx: &Tx, order: &Order) -> Result<bool, Fault> {
    if order.kind != Kind::New {
        return Ok(true);
    }
    let limited = plan_of(tx, order).await?.stock.is_some();
    if limited && !catalog::take_stock(tx, &order.plan).await?.is_yes() {
        return Ok(false);
    }
    store::set_stock(tx, order, limited).await?;
    Ok(true)
}

/// Gives back the piece that the order took, if it took one.
pub(super) async fn return_stock(tx: &Tx, order: &Order) -> Result<(), Fault> {
    if order.took_stock { catalog::give_back(tx, &order.plan).await } else { Ok(()) }
}
