//! Everything that the admins' card of a payment shows, in one read.
use super::store::{self, Order};
use crate::base::{Fault, Money, PaymentId, PersonId, SubscriptionId};
use crate::shop::accounts::{self, Person};
use crate::shop::catalog::{self, Plan};
use crate::shop::ledger::{self, Account};
use crate::shop::payments::{self, Method, Payment, Receipt, Twin};
use crate::shop::subscriptions;
use sea_orm::ConnectionTrait;

/// The facts of one card. Warnings are in `payment.flags`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CardFacts {
    pub payment: Payment,
    /// What it pays; a top-up has none.
    pub order: Option<Order>,
    pub plan: Option<Plan>,
    /// How long a customer, receipts good and bad: in the person.
    pub person: Person,
    pub method: Option<Method>,
    pub receipts: Vec<Receipt>,
    pub twins: Vec<Twin>,
    /// Those whom the twins belong to.
    pub twins_of: Vec<Person>,
    /// What he has in the wallet.
    pub wallet: Money,
    /// Orders of his that were paid before.
    pub orders_paid: i64,
    /// The service that is lent meanwhile.
    pub lent: Option<SubscriptionId>,
    /// Who decided, when it is known to us by name.
    pub decided_by: Option<Person>,
}

/// The card of a payment; `None` when there is no such payment.
pub async fn card(conn: &impl ConnectionTrait, payment: PaymentId) -> Result<Option<CardFacts>, Fault> {
    let Some(payment) = payments::get(conn, payment).await? else { return Ok(None) };
    let gone = |what: &str| Fault::new(format!("payment {} names a {what} that is gone", payment.id));
    let order = match payment.purpose.order() {
        Some(order) => Some(store::get(conn, order).await?.ok_or_else(|| gone("order"))?),
        None => None,
    };
    let person = accounts::person(conn, payment.person).await?.ok_or_else(|| gone("person"))?;
    let decided_by = match payment.decided_by {
        Some(by) if by != PersonId(0) => accounts::person(conn, by).await?,
        _ => None,
    };
    let (plan, service) = match &order {
        Some(order) => (catalog::plan(conn, &order.plan).await?, subscriptions::get(conn, order.subscription).await?),
        None => (None, None),
    };
    let lent = service.filter(|service| service.kind == subscriptions::Kind::Provisional).map(|service| service.id);
    let wallet = ledger::balance(conn, &Account::wallet(person.id, payment.due.asset)).await?.available;
    let twins = payments::twins(conn, payment.id).await?;
    let others: Vec<PersonId> = twins.iter().map(|twin| twin.person).collect();
    Ok(Some(CardFacts {
        twins_of: accounts::persons(conn, &others).await?,
        plan,
        method: payments::method(conn, &payment.method).await?,
        receipts: payments::receipts(conn, payment.id).await?,
        twins,
        orders_paid: store::count_paid(conn, person.id).await?,
        wallet,
        lent,
        decided_by,
        person,
        order,
        payment,
    }))
}
