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
    // `amount`: positive is added. One that waits has a second owner's word before it is booked (`decided_by`); one that its
    // admin booked alone has none. `posting`: its ledger transaction.
    "CREATE TABLE corrections (
        key TEXT PRIMARY KEY,
        purse TEXT NOT NULL CHECK (purse IN ('wallet', 'credit')),
        person BIGINT NOT NULL REFERENCES people (id),
        amount BIGINT NOT NULL CHECK (amount <> 0),
        asset TEXT NOT NULL,
        reason TEXT NOT NULL CHECK (reason <> ''),
        state TEXT NOT NULL CHECK (state IN ('waiting', 'done', 'refused', 'expired')),
        asked_by BIGINT NOT NULL REFERENCES people (id),
        asked_at BIGINT NOT NULL,
        expires_at BIGINT NOT NULL,
        decided_by BIGINT REFERENCES people (id),
        decided_at BIGINT,
        posting BIGINT UNIQUE REFERENCES ledger_transactions (id),
        CHECK (asked_by <> person),
        CHECK ((state = 'done') = (posting IS NOT NULL)),
        CHECK (state <> 'done' OR decided_by IS NULL OR (decided_by <> asked_by AND decided_by <> person)),
        CHECK (state <> 'waiting' OR (decided_by IS NULL AND decided_at IS NULL))
    )",
    "CREATE INDEX corrections_asked ON corrections (asked_by, asked_at)",
    "CREATE INDEX corrections_waiting ON corrections (expires_at) WHERE state = 'waiting' {by expires_at}",
];
