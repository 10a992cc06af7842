//! What a sale writes to is checked by a function of each table, on PostgreSQL.
use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in TABLES {
            crate::compile_checks(manager, table).await?;
        }
        Ok(())
    }
}

const TABLES: [&str; 5] = ["ledger_accounts", "ledger_entries", "orders", "payments", "subscriptions"];
