//! The ledger: accounts, transactions, entries, holds. The rows of what happened never change.
//!
//! The invariants of one row are CHECKs; those of the whole are kept by `shop/ledger`, and proved by
//! `souk ledger verify`.
use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::{ConnectionTrait, DbBackend};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        crate::run(manager, STATEMENTS).await?;
        crate::append_only(manager, "ledger_transactions").await?;
        crate::append_only(manager, "ledger_entries").await?;
        let db = manager.get_connection();
        if db.get_database_backend() == DbBackend::Postgres {
            db.execute_unprepared(HOLDS_POSTGRES).await?;
            db.execute_unprepared(HOLDS_POSTGRES_TRIGGER).await?;
            db.execute_unprepared(HOLDS_POSTGRES_TRUNCATE).await?;
        } else {
            db.execute_unprepared(HOLDS_SQLITE_UPDATE).await?;
            db.execute_unprepared(HOLDS_SQLITE_DELETE).await?;
        }
        Ok(())
    }
}

const STATEMENTS: &[&str] = &[
    // `frozen_transaction` and `frozen_hold` are the last ids given when the account left `open`: no debit is younger.
    // `normal` is the side on which the account grows. `floor` is the least available balance
    // (normal side minus the other side, minus what is held against it); null means no floor.
    // `line`, `pending_per_mille`, `pending_max`: how far below zero a credit account may be spent, what part of its
    // pending credits may be spent too, and the most of it. With these it stands at what is available, its line and
    // the counted part of what is pending: `negative_since` is the moment at which that fell below zero, `recovered_at`
    // the one at which it last came back. The part is divided before it is multiplied, lest the product overflow.
    "CREATE TABLE ledger_accounts (
        id {serial},
        kind TEXT NOT NULL CHECK (kind IN
            ('wallet', 'bonus', 'card', 'clearing', 'revenue', 'refunds', 'fees', 'float', 'cost', 'suspense', 'credit', 'correction', 'opening')),
        owner TEXT NOT NULL,
        asset TEXT NOT NULL CHECK (asset IN ('IRT', 'USD', 'USD6', 'USDT', 'XTR')),
        normal TEXT NOT NULL CHECK (normal IN ('debit', 'credit')),
        floor BIGINT,
        state TEXT NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'frozen', 'closed')),
        frozen_transaction BIGINT,
        frozen_hold BIGINT,
        debits_posted BIGINT NOT NULL DEFAULT 0 CHECK (debits_posted BETWEEN 0 AND 4611686018427387903),
        credits_posted BIGINT NOT NULL DEFAULT 0 CHECK (credits_posted BETWEEN 0 AND 4611686018427387903),
        debits_pending BIGINT NOT NULL DEFAULT 0 CHECK (debits_pending BETWEEN 0 AND 4611686018427387903),
        credits_pending BIGINT NOT NULL DEFAULT 0 CHECK (credits_pending BETWEEN 0 AND 4611686018427387903),
        line BIGINT NOT NULL DEFAULT 0 CHECK (line BETWEEN 0 AND 1152921504606846975),
        pending_per_mille BIGINT NOT NULL DEFAULT 0 CHECK (pending_per_mille BETWEEN 0 AND 1000),
        pending_max BIGINT NOT NULL DEFAULT 0 CHECK (pending_max BETWEEN 0 AND 1152921504606846975),
        negative_since BIGINT,
        recovered_at BIGINT,
        version BIGINT NOT NULL DEFAULT 0,
        created_at BIGINT NOT NULL,
        UNIQUE (kind, owner, asset),
        CHECK (kind = 'credit' OR (line = 0 AND pending_per_mille = 0 AND pending_max = 0)),
        CHECK (floor IS NULL OR floor <= -line - pending_max),
        CHECK (negative_since IS NULL OR (kind = 'credit' AND recovered_at IS NULL)),
        CHECK (kind <> 'credit' OR (negative_since IS NULL) = (credits_posted - debits_posted - debits_pending + line
            + CASE WHEN credits_pending / 1000 * pending_per_mille + credits_pending % 1000 * pending_per_mille / 1000 < pending_max
                THEN credits_pending / 1000 * pending_per_mille + credits_pending % 1000 * pending_per_mille / 1000
                ELSE pending_max END >= 0)),
        CHECK ((state = 'open') = (frozen_transaction IS NULL)),
        CHECK ((state = 'open') = (frozen_hold IS NULL)),
        CHECK (floor IS NULL
            OR (normal = 'credit' AND credits_posted - debits_posted - debits_pending >= floor)
            OR (normal = 'debit' AND debits_posted - credits_posted - credits_pending >= floor))
    )",
    "CREATE INDEX ledger_accounts_negative ON ledger_accounts (negative_since) WHERE negative_since IS NOT NULL",
    "CREATE INDEX ledger_accounts_recovered ON ledger_accounts (recovered_at) WHERE recovered_at IS NOT NULL",
    // `reverses` is the transaction that this one mirrors; `against` the one of which it gives back a part.
    "CREATE TABLE ledger_transactions (
        id {serial},
        idem_key TEXT NOT NULL UNIQUE,
        input_hash TEXT NOT NULL,
        kind TEXT NOT NULL,
        about TEXT NOT NULL,
        reverses BIGINT REFERENCES ledger_transactions (id),
        against BIGINT REFERENCES ledger_transactions (id),
        actor BIGINT NOT NULL,
        reason TEXT,
        created_at BIGINT NOT NULL,
        CHECK (reverses IS NULL OR against IS NULL)
    )",
    "CREATE UNIQUE INDEX ledger_transactions_reverses ON ledger_transactions (reverses) WHERE reverses IS NOT NULL",
    "CREATE INDEX ledger_transactions_against ON ledger_transactions (against) WHERE against IS NOT NULL",
    "CREATE INDEX ledger_transactions_about ON ledger_transactions (about, id)",
    "CREATE INDEX ledger_transactions_at ON ledger_transactions (created_at)",
    "CREATE TABLE ledger_entries (
        transaction_id BIGINT NOT NULL REFERENCES ledger_transactions (id),
        line BIGINT NOT NULL CHECK (line >= 0),
        account_id BIGINT NOT NULL REFERENCES ledger_accounts (id),
        asset TEXT NOT NULL,
        side TEXT NOT NULL CHECK (side IN ('debit', 'credit')),
        amount BIGINT NOT NULL CHECK (amount > 0 AND amount <= 4611686018427387903),
        PRIMARY KEY (transaction_id, line)
    )",
    "CREATE INDEX ledger_entries_account ON ledger_entries (account_id, transaction_id)",
    "CREATE TABLE ledger_holds (
        id {serial},
        idem_key TEXT NOT NULL UNIQUE,
        input_hash TEXT NOT NULL,
        debit_account BIGINT NOT NULL REFERENCES ledger_accounts (id),
        credit_account BIGINT NOT NULL REFERENCES ledger_accounts (id),
        asset TEXT NOT NULL,
        amount BIGINT NOT NULL CHECK (amount > 0 AND amount <= 4611686018427387903),
        state TEXT NOT NULL CHECK (state IN ('open', 'posted', 'voided', 'expired')),
        posted_amount BIGINT NOT NULL DEFAULT 0,
        resolving_tx BIGINT UNIQUE REFERENCES ledger_transactions (id),
        kind TEXT NOT NULL,
        about TEXT NOT NULL,
        expires_at BIGINT,
        created_at BIGINT NOT NULL,
        resolved_at BIGINT,
        CHECK (debit_account <> credit_account),
        CHECK (posted_amount BETWEEN 0 AND amount),
        CHECK ((state = 'posted') = (resolving_tx IS NOT NULL)),
        CHECK ((state = 'posted') = (posted_amount > 0)),
        CHECK ((state = 'open') = (resolved_at IS NULL))
    )",
    "CREATE INDEX ledger_holds_open ON ledger_holds (debit_account) WHERE state = 'open' {by debit_account}",
    "CREATE INDEX ledger_holds_expiry ON ledger_holds (expires_at) WHERE state = 'open' {by expires_at}",
];

const HOLDS_POSTGRES: &str = "CREATE FUNCTION ledger_holds_resolve_once() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF TG_OP <> 'UPDATE' OR OLD.state <> 'open' THEN RAISE EXCEPTION 'ledger_holds: a resolved hold never changes'; END IF;
        RETURN NEW;
    END $$";
const HOLDS_POSTGRES_TRIGGER: &str = "CREATE TRIGGER ledger_holds_resolve_once BEFORE UPDATE OR DELETE ON ledger_holds
    FOR EACH ROW EXECUTE FUNCTION ledger_holds_resolve_once()";
const HOLDS_POSTGRES_TRUNCATE: &str = "CREATE TRIGGER ledger_holds_no_truncate BEFORE TRUNCATE ON ledger_holds
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_holds_resolve_once()";
const HOLDS_SQLITE_UPDATE: &str =
    "CREATE TRIGGER ledger_holds_resolve_once BEFORE UPDATE ON ledger_holds WHEN OLD.state <> 'open'
    BEGIN SELECT RAISE(ABORT, 'ledger_holds: a resolved hold never changes'); END";
const HOLDS_SQLITE_DELETE: &str = "CREATE TRIGGER ledger_holds_no_delete BEFORE DELETE ON ledger_holds
    BEGIN SELECT RAISE(ABORT, 'ledger_holds: a hold is never deleted'); END";
