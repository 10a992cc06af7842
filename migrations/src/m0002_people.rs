//! People, their roles, the dialogue each has open, settings, and the audit log.
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
        crate::append_only(manager, "audit").await
    }
}

const STATEMENTS: &[&str] = &[
    // `id` is Telegram's own user id. `lang` is null until the person chose.
    "CREATE TABLE people (
        id BIGINT PRIMARY KEY,
        name TEXT NOT NULL,
        username TEXT,
        lang TEXT CHECK (lang IN ('en', 'fa', 'ru')),
        state TEXT NOT NULL DEFAULT 'welcome' CHECK (state IN ('welcome', 'banned')),
        ban_reason TEXT,
        blocked_at BIGINT,
        came_by TEXT,
        referred_by BIGINT,
        receipts_good BIGINT NOT NULL DEFAULT 0,
        receipts_bad BIGINT NOT NULL DEFAULT 0,
        first_seen BIGINT NOT NULL
    )",
    "CREATE INDEX people_username ON people (username) WHERE username IS NOT NULL",
    "CREATE INDEX people_first_seen ON people (first_seen)",
    "CREATE TABLE roles (
        person BIGINT PRIMARY KEY REFERENCES people (id),
        role TEXT NOT NULL CHECK (role IN ('owner', 'cashier', 'support', 'viewer')),
        granted_by BIGINT NOT NULL,
        granted_at BIGINT NOT NULL
    )",
    // The question a person is in the middle of. Key: person and chat, so that a group shares nothing.
    "CREATE TABLE dialogues (
        person BIGINT NOT NULL,
        chat BIGINT NOT NULL,
        version BIGINT NOT NULL,
        state TEXT NOT NULL,
        expires_at BIGINT NOT NULL,
        PRIMARY KEY (person, chat)
    )",
    "CREATE INDEX dialogues_expiry ON dialogues (expires_at)",
    "CREATE TABLE settings (
        key TEXT PRIMARY KEY,
        value TEXT NOT NULL
    )",
    "CREATE TABLE audit (
        id {serial},
        at BIGINT NOT NULL,
        actor BIGINT NOT NULL,
        act TEXT NOT NULL,
        subject TEXT NOT NULL,
        was TEXT,
        became TEXT,
        origin TEXT NOT NULL
    )",
    "CREATE INDEX audit_subject ON audit (subject, id)",
    "CREATE INDEX audit_at ON audit (at)",
    "CREATE INDEX audit_refused ON audit (actor, at) WHERE act = 'command.refused'",
];
