//! What reports read: indexes for what is looked up by time alone, and the failed calls to panels by the minute.
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
    "CREATE INDEX people_blocked ON people (blocked_at) WHERE blocked_at IS NOT NULL",
    "CREATE INDEX payments_closed ON payments (decided_at, id) WHERE decided_at IS NOT NULL",
    // Who was a customer at a moment, and which services lived in a span.
    "CREATE INDEX subscriptions_life ON subscriptions (until, id)",
    // `minute`: since 1970.
    "CREATE TABLE panel_failures (
        minute BIGINT PRIMARY KEY,
        count BIGINT NOT NULL
    )",
];
