//! Everything that the admins' card of a payment shows. One question for a card that is decided; what only the review is
//! shown is asked for as long as there is one.
use super::promised;
use super::store::{self, Order};
use crate::base::{Fault, Money, PaymentId, PersonId, SubscriptionId};
use crate::db::{self, Db};
use crate::shop::accounts::{self, Person, PersonRow};
use crate::shop::catalog::{self, Plan};
use crate::shop::ledger::{self, Account};
use crate::shop::payments::{self, Method, Payment, Purpose, Receipt, State, Twin};
use sea_orm::FromQueryResult;
use std::sync::LazyLock;

/// The facts of one card. Warnings are in `payment.flags`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CardFacts {
    pub payment: Payment,
    /// What it pays; a top-up has none.
    pub order: Option<Order>,
    pub plan: Option<Plan>,
    /// How long a customer, receipts good and bad: in the person.
    pub person: Person,
    /// Who decided, when it is known to us by name.
    pub decided_by: Option<Person>,
    /// Its first receipt is a picture or a file. Here and below: not known of what was decided just now.
    pub has_file: bool,
    /// The service that is lent meanwhile.
    pub lent: Option<SubscriptionId>,
    // Here and below: only while it is under review.
    pub method: Option<Method>,
    pub receipts: Vec<Receipt>,
    pub twins: Vec<Twin>,
    /// Those whom the twins belong to.
    pub twins_of: Vec<Person>,
    /// What he has in the wallet that it tops up.
    pub wallet: Option<Money>,
}

#[derive(FromQueryResult)]
struct Row {
    #[sea_orm(nested(prefix = "p_"))]
    payment: payments::Row,
    #[sea_orm(nested(prefix = "o_"))]
    order: Option<store::Row>,
    #[sea_orm(nested(prefix = "u_"))]
    person: PersonRow,
    #[sea_orm(nested(prefix = "d_"))]
    decided_by: Option<PersonRow>,
    lent: Option<SubscriptionId>,
    first_file: Option<String>,
}

/// The columns of a table that the query names by one letter, each with that letter before its name.
fn named(table: char, columns: &str) -> String {
    let bare = columns.split(',').map(|column| column.trim().trim_start_matches("p."));
    bare.map(|column| format!("{table}.{column} AS {table}_{column}")).collect::<Vec<_>>().join(", ")
}

/// `+ 0`: the receipts of one payment are sorted, never those of all walked in their order.
static FACTS: LazyLock<String> = LazyLock::new(|| {
    format!(
        "SELECT {}, {}, {}, {}, {}, CASE WHEN s.kind = 'provisional' THEN s.id END AS lent, \
         (SELECT r.file_id FROM receipts r WHERE r.payment = p.id ORDER BY r.id + 0 LIMIT 1) AS first_file \
         FROM payments p JOIN people u ON u.id = p.person LEFT JOIN people d ON d.id = p.decided_by \
         LEFT JOIN orders o ON o.id = p.order_id LEFT JOIN subscriptions s ON s.id = o.subscription WHERE p.id = $1",
        named('p', payments::COLUMNS),
        named('o', store::COLUMNS),
        named('o', promised::COLUMNS),
        named('u', accounts::COLUMNS),
        named('d', accounts::COLUMNS),
    )
});

/// The card of a payment; `None` when there is no such payment.
pub async fn card(db: &Db, payment: PaymentId) -> Result<Option<CardFacts>, Fault> {
    let Some(row) = db::one::<Row>(db.read(), &FACTS, vec![payment.into()]).await? else { return Ok(None) };
    let order = row.order.map(Order::try_from).transpose()?;
    let payment: Payment = row.payment.try_into()?;
    if order.is_none() && payment.purpose.order().is_some() {
        return Err(Fault::new(format!("payment {} names an order that is gone", payment.id)));
    }
    let plan = match &order {
        Some(order) => catalog::plan_lately(db, &order.plan).await?,
        None => None,
    };
    let facts = CardFacts {
        plan,
        has_file: row.first_file.is_some(),
        lent: row.lent,
        decided_by: row.decided_by.map(Person::from),
        ..CardFacts::bare(payment, order, row.person.into())
    };
    if facts.payment.state == State::Submitted { under_review(db, facts).await.map(Some) } else { Ok(Some(facts)) }
}

/// The card of a payment that `by` has decided just now: what its decision has in hand is not asked for again.
pub async fn decided_card(db: &Db, (payment, order): (Payment, Option<Order>), by: &Person) -> Result<CardFacts, Fault> {
    let person = accounts::person(db.read(), payment.person).await?;
    let person = person.ok_or_else(|| Fault::new(format!("payment {} names a person who is gone", payment.id)))?;
    let plan = match &order {
        Some(order) => catalog::plan_lately(db, &order.plan).await?,
        None => None,
    };
    Ok(CardFacts { plan, decided_by: Some(by.clone()), ..CardFacts::bare(payment, order, person) })
}

impl CardFacts {
    fn bare(payment: Payment, order: Option<Order>, person: Person) -> Self {
        Self {
            payment,
            order,
            plan: None,
            person,
            has_file: false,
            lent: None,
            decided_by: None,
            method: None,
            receipts: Vec::new(),
            twins: Vec::new(),
            twins_of: Vec::new(),
            wallet: None,
        }
    }
}

async fn under_review(db: &Db, facts: CardFacts) -> Result<CardFacts, Fault> {
    let (conn, payment) = (db.read(), &facts.payment);
    let receipts = payments::receipts(conn, payment.id).await?;
    let twins = payments::twins(conn, &receipts).await?;
    let others: Vec<PersonId> = twins.iter().map(|twin| twin.person).collect();
    let wallet = match payment.purpose {
        Purpose::Wallet => Some(ledger::balance(conn, &Account::wallet(payment.person, payment.due.asset)).await?.available),
        Purpose::Order(_) | Purpose::Credit => None,
    };
    Ok(CardFacts {
        method: payments::method_lately(db, &payment.method).await?,
        twins_of: accounts::persons(conn, &others).await?,
        receipts,
        twins,
        wallet,
        ..facts
    })
}
