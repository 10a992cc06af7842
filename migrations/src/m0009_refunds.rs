//! What went back of orders, and what admins corrected by hand.
use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        crate::run(manager, STATEMENTS).await?;
        crate::append_only(manager, "refunds").await
    }
}

const STATEMENTS: &[&str] = &[
    // A refund is named by its order and by how much of that was refunded so far. `posting`: its ledger transaction.
    // `method`: what paid it back by hand; null with `hand` when that was none of the shop's. A refund by hand has a
    // receipt, and no other has one.
    "CREATE TABLE refunds (
        order_id BIGINT NOT NULL REFERENCES orders (id),
        so_far BIGINT NOT NULL CHECK (so_far >= 0),
        amount BIGINT NOT NULL CHECK (amount > 0),
        way TEXT NOT NULL CHECK (way IN ('wallet', 'credit', 'hand')),
        method TEXT REFERENCES payment_methods (code),
        receipt_kind TEXT CHECK (receipt_kind IN ('photo', 'image', 'pdf', 'text')),
        file_id TEXT,
        receipt_text TEXT,
        reason TEXT NOT NULL,
        actor BIGINT NOT NULL,
        at BIGINT NOT NULL,
        posting BIGINT NOT NULL UNIQUE REFERENCES ledger_transactions (id),
        PRIMARY KEY (order_id, so_far),
        CHECK ((way = 'hand') = (receipt_kind IS NOT NULL)),
        CHECK (method IS NULL OR way = 'hand'),
        CHECK (receipt_kind IS NULL OR (receipt_kind = 'text') = (file_id IS NULL)),
        CHECK (receipt_kind IS NULL OR receipt_kind <> 'text' OR receipt_text IS NOT NULL)
    )",
];
