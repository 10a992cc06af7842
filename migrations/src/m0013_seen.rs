//! Which message brought a receipt, and when a panel last failed.
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
    // By it an edited message is known again.
    "ALTER TABLE receipts ADD COLUMN message BIGINT",
    "CREATE INDEX receipts_message ON receipts (message) WHERE message IS NOT NULL",
    "ALTER TABLE panels ADD COLUMN error_at BIGINT",
];
