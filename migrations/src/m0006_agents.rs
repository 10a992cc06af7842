//! Agents: their tiers, applications and agencies; credit that went below zero; services sold many at once, and handed over.
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
    // `line`: how far below zero an agent may buy; `pending_percent` of his receipts under review, up to `overdraft`, he may
    // spend too. `days`: how long an agency lasts; null means for ever. `plans`: JSON list of plan codes, empty means all.
    // `prices`: JSON object, plan code or `*` -> rule.
    "CREATE TABLE agent_tiers (
        code TEXT PRIMARY KEY,
        titles TEXT NOT NULL,
        line BIGINT NOT NULL CHECK (line >= 0),
        pending_percent BIGINT NOT NULL CHECK (pending_percent BETWEEN 0 AND 100),
        overdraft BIGINT NOT NULL CHECK (overdraft >= 0),
        days BIGINT CHECK (days > 0),
        plans TEXT NOT NULL,
        prices TEXT NOT NULL,
        place BIGINT NOT NULL,
        state TEXT NOT NULL CHECK (state IN ('on', 'off'))
    )",
    "CREATE TABLE agent_applications (
        id BIGINT PRIMARY KEY,
        person BIGINT NOT NULL REFERENCES people (id),
        first_name TEXT NOT NULL,
        last_name TEXT NOT NULL,
        phone TEXT NOT NULL,
        shop_name TEXT NOT NULL,
        province TEXT NOT NULL,
        city TEXT NOT NULL,
        address TEXT NOT NULL,
        state TEXT NOT NULL CHECK (state IN ('submitted', 'accepted', 'rejected')),
        reason TEXT,
        submitted_at BIGINT NOT NULL,
        decided_at BIGINT,
        decided_by BIGINT,
        CHECK ((state = 'submitted') = (decided_at IS NULL)),
        CHECK ((state = 'rejected') = (reason IS NOT NULL))
    )",
    "CREATE UNIQUE INDEX agent_applications_one_open ON agent_applications (person) WHERE state = 'submitted' {by person}",
    "CREATE INDEX agent_applications_waiting ON agent_applications (submitted_at) WHERE state = 'submitted' {by submitted_at}",
    "CREATE INDEX agent_applications_person ON agent_applications (person, submitted_at)",
    // `line`: his own credit line, in place of the tier's; `prices`: his own rules, before the tier's.
    // `selling`: JSON object, plan code -> what he takes from his own customers. `until`: he sells until then. `digest`: he wants the weekly one.
    "CREATE TABLE agents (
        person BIGINT PRIMARY KEY REFERENCES people (id),
        application BIGINT NOT NULL REFERENCES agent_applications (id),
        tier TEXT NOT NULL REFERENCES agent_tiers (code),
        state TEXT NOT NULL CHECK (state IN ('active', 'frozen', 'closed')),
        line BIGINT CHECK (line >= 0),
        prices TEXT NOT NULL,
        selling TEXT NOT NULL DEFAULT '{}',
        until BIGINT,
        digest BIGINT NOT NULL DEFAULT 1 CHECK (digest IN (0, 1)),
        since BIGINT NOT NULL
    )",
    "CREATE INDEX agents_tier ON agents (tier, person)",
    "CREATE INDEX agents_since ON agents (since)",
    // A time during which an agent's account stood below zero, from `since`. `due`: the clock's next act; `told_at`: when he
    // was first told. `services`: how many were switched off,
    // and `restored`: on again.
    "CREATE TABLE credit_episodes (
        agent BIGINT NOT NULL REFERENCES agents (person),
        since BIGINT NOT NULL,
        stage TEXT NOT NULL CHECK (stage IN ('told', 'half', 'last', 'cutting', 'cut', 'restoring', 'over')),
        due BIGINT,
        told_at BIGINT NOT NULL,
        services BIGINT NOT NULL DEFAULT 0,
        restored BIGINT NOT NULL DEFAULT 0,
        ended_at BIGINT,
        PRIMARY KEY (agent, since),
        CHECK ((due IS NOT NULL) = (stage IN ('told', 'half', 'last'))),
        CHECK ((stage = 'over') = (ended_at IS NOT NULL))
    )",
    "CREATE INDEX credit_episodes_due ON credit_episodes (due) WHERE due IS NOT NULL",
    "CREATE INDEX credit_episodes_open ON credit_episodes (agent) WHERE ended_at IS NULL",
    // A one-time link by which a customer takes a service over; making a new one ends those before it.
    "CREATE TABLE handovers (
        token TEXT PRIMARY KEY,
        subscription BIGINT NOT NULL REFERENCES subscriptions (id),
        agent BIGINT NOT NULL REFERENCES agents (person),
        state TEXT NOT NULL CHECK (state IN ('open', 'used', 'withdrawn')),
        made_at BIGINT NOT NULL,
        expires_at BIGINT NOT NULL,
        used_by BIGINT,
        used_at BIGINT,
        CHECK ((state = 'used') = (used_by IS NOT NULL))
    )",
    "CREATE UNIQUE INDEX handovers_one_open ON handovers (subscription) WHERE state = 'open' {by subscription}",
    // Many services at once, each an order of its own; `refused` says why one was not sold.
    "CREATE TABLE agent_batches (
        id BIGINT PRIMARY KEY,
        agent BIGINT NOT NULL REFERENCES agents (person),
        plan TEXT NOT NULL REFERENCES plans (code),
        price BIGINT NOT NULL CHECK (price > 0),
        state TEXT NOT NULL CHECK (state IN ('selling', 'sold')),
        created_at BIGINT NOT NULL,
        told_at BIGINT
    )",
    "CREATE INDEX agent_batches_agent ON agent_batches (agent, created_at)",
    "CREATE TABLE agent_batch_items (
        batch BIGINT NOT NULL REFERENCES agent_batches (id),
        place BIGINT NOT NULL,
        order_id BIGINT NOT NULL UNIQUE,
        subscription BIGINT NOT NULL UNIQUE,
        label TEXT NOT NULL,
        state TEXT NOT NULL CHECK (state IN ('waiting', 'sold', 'refused')),
        refused TEXT,
        PRIMARY KEY (batch, place),
        CHECK ((state = 'refused') = (refused IS NOT NULL))
    )",
    // What an admin told many agents; the receivers are written down with the yes, `queued_at` when the outbox had it.
    "CREATE TABLE agent_messages (
        id BIGINT PRIMARY KEY,
        author BIGINT NOT NULL,
        text TEXT NOT NULL,
        receivers BIGINT NOT NULL CHECK (receivers > 0),
        told_at BIGINT NOT NULL
    )",
    "CREATE TABLE agent_message_receivers (
        message BIGINT NOT NULL REFERENCES agent_messages (id),
        agent BIGINT NOT NULL REFERENCES agents (person),
        queued_at BIGINT,
        PRIMARY KEY (message, agent)
    )",
    "CREATE INDEX agent_message_waiting ON agent_message_receivers (message, agent) WHERE queued_at IS NULL",
];
