//! What must hold after every story, whatever happened in it: the ledger proves itself, and what it holds is what orders,
//! payments and services say.

use super::disagreements::disagreements;
use souk::db::Db;
use souk::shop::ledger;

/// Fails when anything disagrees.
pub async fn prove(db: &Db) {
    let findings = ledger::verify(db.read()).await.expect("it verifies");
    assert!(findings.is_empty(), "the ledger does not hold: {findings:?}");
    let found = disagreements(db).await.expect("it counts");
    assert!(found.is_empty(), "{found:#?}");
}
