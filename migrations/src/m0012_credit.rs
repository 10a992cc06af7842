//! How long an agent owes, whatever receipt is under review meanwhile.
use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        crate::run(manager, STATEMENTS).await
    }
}

const STATEMENTS: &[&str] = &[
    // `negative_since` is the moment at which the standing last fell below zero. `owing_since` is the one at which the time below
    // zero began that confirmed money has not ended: it outlives a standing that pending credits alone lift.
    "ALTER TABLE ledger_accounts ADD COLUMN owing_since BIGINT CHECK (owing_since IS NULL OR (kind = 'credit'
        AND credits_posted - debits_posted - debits_pending + line < 0
        AND (negative_since IS NULL OR owing_since <= negative_since)))",
    "UPDATE ledger_accounts SET owing_since = negative_since WHERE negative_since IS NOT NULL",
];
