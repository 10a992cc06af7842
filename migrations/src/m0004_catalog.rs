//! What is sold, where it is made, and how it can be paid. Filled by `souk apply`.
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
    // `titles`, `texts`: JSON objects, language code -> words.
    "CREATE TABLE categories (
        code TEXT PRIMARY KEY,
        titles TEXT NOT NULL,
        texts TEXT NOT NULL,
        place BIGINT NOT NULL,
        state TEXT NOT NULL CHECK (state IN ('on', 'off'))
    )",
    "CREATE TABLE locations (
        code TEXT PRIMARY KEY,
        titles TEXT NOT NULL,
        texts TEXT NOT NULL,
        place BIGINT NOT NULL,
        state TEXT NOT NULL CHECK (state IN ('on', 'off'))
    )",
    "CREATE TABLE panels (
        code TEXT PRIMARY KEY,
        kind TEXT NOT NULL CHECK (kind IN ('marzban', '3x-ui', 'hiddify')),
        base_url TEXT NOT NULL,
        sub_base_url TEXT,
        username TEXT NOT NULL,
        password_sealed TEXT NOT NULL,
        proxy_sealed TEXT,
        timeout_ms BIGINT NOT NULL,
        capacity BIGINT,
        protocols TEXT NOT NULL,
        inbounds TEXT NOT NULL,
        flow TEXT,
        state TEXT NOT NULL CHECK (state IN ('on', 'draining', 'off')),
        health TEXT NOT NULL DEFAULT 'unknown' CHECK (health IN ('unknown', 'well', 'down', 'locked_out')),
        health_since BIGINT NOT NULL DEFAULT 0,
        checked_at BIGINT,
        version TEXT,
        accounts BIGINT,
        last_error TEXT,
        alarmed_at BIGINT
    )",
    // `traffic_bytes` and `devices` 0 = unlimited. `panels`: JSON list of panel codes, first with room wins.
    "CREATE TABLE plans (
        code TEXT PRIMARY KEY,
        category TEXT NOT NULL REFERENCES categories (code),
        location TEXT NOT NULL REFERENCES locations (code),
        titles TEXT NOT NULL,
        texts TEXT NOT NULL,
        days BIGINT NOT NULL CHECK (days > 0),
        traffic_bytes BIGINT NOT NULL CHECK (traffic_bytes >= 0),
        devices BIGINT NOT NULL CHECK (devices >= 0),
        price BIGINT NOT NULL CHECK (price > 0),
        asset TEXT NOT NULL,
        panels TEXT NOT NULL,
        stock BIGINT CHECK (stock >= 0),
        place BIGINT NOT NULL,
        state TEXT NOT NULL CHECK (state IN ('on', 'off'))
    )",
    "CREATE INDEX plans_shelf ON plans (category, location, place)",
    "CREATE TABLE payment_methods (
        code TEXT PRIMARY KEY,
        kind TEXT NOT NULL CHECK (kind IN ('card')),
        alias TEXT NOT NULL,
        number_sealed TEXT NOT NULL,
        last4 TEXT NOT NULL,
        holder TEXT NOT NULL,
        bank TEXT,
        note TEXT,
        daily_limit BIGINT CHECK (daily_limit > 0),
        place BIGINT NOT NULL,
        state TEXT NOT NULL CHECK (state IN ('on', 'off'))
    )",
];
