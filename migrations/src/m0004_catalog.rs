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
    // `cost` is what one costs the shop, for prices that follow from it. `traffic_bytes` and `devices` 0 = unlimited. `panels`: JSON list of panel codes, first with room wins.
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
        cost BIGINT CHECK (cost >= 0),
        refund TEXT NOT NULL DEFAULT 'time' CHECK (refund IN ('whole', 'time', 'traffic')),
        asset TEXT NOT NULL,
        panels TEXT NOT NULL,
        stock BIGINT CHECK (stock >= 0),
        place BIGINT NOT NULL,
        state TEXT NOT NULL CHECK (state IN ('on', 'off'))
    )",
    "CREATE INDEX plans_shelf ON plans (category, location, place)",
    // `details_sealed`: the number or address; `last4` is how it ends. `hours_from`, `hours_to`: minutes of the shop's day, the
    // end not in it. `audience`: codes with commas. Amounts are in the shop's asset. `filed`: what the shop file last said
    // of it, so that staff's changes stand until the file says something else; null when the file never named it.
    "CREATE TABLE payment_methods (
        code TEXT PRIMARY KEY,
        kind TEXT NOT NULL CHECK (kind IN ('card', 'sheba', 'crypto')),
        alias TEXT NOT NULL,
        details_sealed TEXT NOT NULL,
        last4 TEXT NOT NULL,
        holder TEXT,
        bank TEXT,
        network TEXT,
        note TEXT,
        hours_from BIGINT CHECK (hours_from BETWEEN 0 AND 1439),
        hours_to BIGINT CHECK (hours_to BETWEEN 0 AND 1439),
        daily_count BIGINT CHECK (daily_count > 0),
        daily_limit BIGINT CHECK (daily_limit > 0),
        minimum BIGINT CHECK (minimum > 0),
        maximum BIGINT CHECK (maximum > 0),
        audience TEXT NOT NULL CHECK (audience <> ''),
        filed TEXT,
        place BIGINT NOT NULL,
        state TEXT NOT NULL CHECK (state IN ('on', 'off')),
        CHECK ((hours_from IS NULL) = (hours_to IS NULL)),
        CHECK ((kind = 'crypto') = (network IS NOT NULL)),
        CHECK ((kind = 'crypto') = (holder IS NULL))
    )",
];
