//! The durable edges: what came in, what must be done, what goes out, and the clock's heartbeats.
use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // On SQLite an INTEGER key is the row's own number, and needs no second index.
        let key = match manager.get_database_backend() {
            DbBackend::Postgres => "BIGINT PRIMARY KEY",
            _ => "INTEGER PRIMARY KEY",
        };
        let statements: Vec<String> = STATEMENTS.iter().map(|statement| statement.replace("{key}", key)).collect();
        let statements: Vec<&str> = statements.iter().map(String::as_str).collect();
        crate::run(manager, &statements).await
    }
}

const STATEMENTS: &[&str] = &[
    // Raw updates as Telegram sent them. `lane` is whose turn it is: the person, else the chat.
    "CREATE TABLE inbox (
        update_id {key},
        lane BIGINT NOT NULL,
        payload TEXT NOT NULL,
        state TEXT NOT NULL CHECK (state IN ('new', 'done', 'failed')),
        owner TEXT,
        lease_until BIGINT NOT NULL DEFAULT 0,
        attempts BIGINT NOT NULL DEFAULT 0,
        received_at BIGINT NOT NULL,
        finished_at BIGINT,
        error TEXT
    )",
    // The open ones are few, and looked through for leases: an index of these would be written with each update and renewal.
    "CREATE INDEX inbox_open ON inbox (lane, update_id) WHERE state = 'new' {by lane}",
    "CREATE INDEX inbox_old ON inbox (finished_at) WHERE state <> 'new' {by finished_at}",
    // `line` is the cron line that wanted it, `wanted_at` when it was first to run; `deaths`: how often its process died over
    // it, of `attempts`.
    "CREATE TABLE jobs (
        id {serial},
        kind TEXT NOT NULL,
        dedupe TEXT UNIQUE,
        payload TEXT NOT NULL,
        line TEXT,
        state TEXT NOT NULL CHECK (state IN ('due', 'running', 'done', 'given_up')),
        run_at BIGINT NOT NULL,
        attempts BIGINT NOT NULL DEFAULT 0,
        deaths BIGINT NOT NULL DEFAULT 0,
        owner TEXT,
        lease_until BIGINT NOT NULL DEFAULT 0,
        error TEXT,
        wanted_at BIGINT NOT NULL,
        finished_at BIGINT
    )",
    "CREATE INDEX jobs_due ON jobs (run_at, id) WHERE state = 'due' {by run_at}",
    "CREATE INDEX jobs_running ON jobs (lease_until) WHERE state = 'running' {by lease_until}",
    "CREATE INDEX jobs_old ON jobs (finished_at) WHERE state IN ('done', 'given_up') {by finished_at}",
    // Notices: what the bot says unasked. `body` is a shop notice, rendered when it is sent.
    "CREATE TABLE outbox (
        id {serial},
        dedupe TEXT UNIQUE,
        chat BIGINT NOT NULL,
        body TEXT NOT NULL,
        state TEXT NOT NULL CHECK (state IN ('due', 'sending', 'sent', 'dropped')),
        send_at BIGINT NOT NULL,
        attempts BIGINT NOT NULL DEFAULT 0,
        owner TEXT,
        lease_until BIGINT NOT NULL DEFAULT 0,
        message_id BIGINT,
        error TEXT,
        wanted_at BIGINT NOT NULL,
        finished_at BIGINT
    )",
    "CREATE INDEX outbox_chat ON outbox (chat) WHERE state = 'due' {by chat}",
    "CREATE INDEX outbox_due ON outbox (send_at, id) WHERE state = 'due' {by send_at}",
    "CREATE INDEX outbox_sending ON outbox (lease_until) WHERE state = 'sending' {by lease_until}",
    "CREATE INDEX outbox_old ON outbox (finished_at) WHERE state IN ('sent', 'dropped') {by finished_at}",
    // One row a cron line: the newest slot that was enqueued, when a run last ended well, and since when
    // runs are expected without a gap.
    "CREATE TABLE heartbeats (
        line TEXT PRIMARY KEY,
        every_ms BIGINT NOT NULL,
        last_slot BIGINT NOT NULL DEFAULT 0,
        last_ok BIGINT NOT NULL DEFAULT 0,
        since BIGINT NOT NULL,
        alarmed_at BIGINT
    )",
    // What one process alone may do at a time (poll Telegram, tick the clock).
    "CREATE TABLE leases (
        name TEXT PRIMARY KEY,
        owner TEXT NOT NULL,
        until BIGINT NOT NULL
    )",
];
