//! What a story may ask of the books behind the screens.

use souk::base::{Asset, PersonId};
use souk::db::scalar;
use souk::shop::ledger::{self, Account};
use souk::sim::marzban::Row;

use super::shop::World;

impl World {
    /// A count that the database tells; the statement names it `v`.
    pub async fn count(&self, sql: &str) -> i64 {
        scalar::<i64>(self.app.db.read(), sql, vec![]).await.expect("a count is read").unwrap_or_default()
    }

    /// How many orders there are in this state.
    pub async fn orders(&self, state: &str) -> i64 {
        self.count(&format!("SELECT COUNT(*) AS v FROM orders WHERE state = '{state}'")).await
    }

    /// How many payments there are in this state.
    pub async fn payments(&self, state: &str) -> i64 {
        self.count(&format!("SELECT COUNT(*) AS v FROM payments WHERE state = '{state}'")).await
    }

    /// What was asked above the price, so that the transfer is known among others: of the only payment.
    pub async fn payment_tail(&self) -> i64 {
        self.count("SELECT payments.due - orders.price AS v FROM payments JOIN orders ON orders.id = payments.order_id").await
    }

    /// The only account on the panel.
    pub fn account(&self) -> Row {
        let accounts = self.panel.accounts();
        assert_eq!(accounts.len(), 1, "{accounts:#?}");
        accounts.into_iter().next().expect("an account")
    }

    /// What lies in a person's wallet, in the smallest unit.
    pub async fn wallet(&self, person: i64) -> i64 {
        self.posted(&Account::wallet(PersonId(person), Asset::Irt)).await
    }

    /// What is on an account of the ledger.
    pub async fn posted(&self, account: &Account) -> i64 {
        ledger::balance(self.app.db.read(), account).await.expect("the ledger is read").posted.minor
    }
}
