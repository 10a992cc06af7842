//! Orders, payments and their receipts, and the subscriptions that they buy.
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
    // The service a customer owns. `until` and `traffic_bytes` are the targets we want on the panel;
    // `revision` grows with every change of a target, `applied` is the revision the panel last confirmed.
    // `traffic_bytes` 0 = unlimited; it counts from the account's first byte, and `used_base` is what was used when the
    // period began. `link_sealed` is the panel's subscription link, `token` is ours; both come with the first delivery.
    // `agent`: who sold it; the person is then he himself until a customer takes it over. `label`, `memo`: the agent's own words.
    // `off_for`: for whose sake it is disabled since `off_since`; `revoke_due`: the next link must be a new one, and the old dead.
    // `waits_since`: what was promised waits for its panel since then; the time waited is given back on delivery.
    "CREATE TABLE subscriptions (
        id BIGINT PRIMARY KEY,
        person BIGINT NOT NULL REFERENCES people (id),
        plan TEXT NOT NULL REFERENCES plans (code),
        panel TEXT NOT NULL REFERENCES panels (code),
        account TEXT NOT NULL,
        token TEXT UNIQUE,
        kind TEXT NOT NULL CHECK (kind IN ('full', 'provisional', 'trial')),
        state TEXT NOT NULL CHECK (state IN ('pending', 'active', 'disabled', 'ended', 'deleted')),
        days BIGINT NOT NULL,
        until BIGINT NOT NULL,
        traffic_bytes BIGINT NOT NULL CHECK (traffic_bytes >= 0),
        devices BIGINT NOT NULL,
        used_bytes BIGINT NOT NULL DEFAULT 0,
        used_base BIGINT NOT NULL DEFAULT 0,
        period BIGINT NOT NULL DEFAULT 1,
        revision BIGINT NOT NULL DEFAULT 1,
        applied BIGINT NOT NULL DEFAULT 0,
        link_sealed TEXT,
        why TEXT,
        agent BIGINT REFERENCES people (id),
        label TEXT,
        memo TEXT,
        off_for TEXT CHECK (off_for IN ('credit', 'agent')),
        off_since BIGINT,
        revoke_due BIGINT NOT NULL DEFAULT 0 CHECK (revoke_due IN (0, 1)),
        online_at BIGINT,
        synced_at BIGINT,
        sync_due BIGINT NOT NULL DEFAULT 0,
        check_due BIGINT NOT NULL DEFAULT 0,
        waits_since BIGINT,
        ready_at BIGINT,
        created_at BIGINT NOT NULL,
        UNIQUE (panel, account),
        CHECK ((off_for IS NULL) = (off_since IS NULL)),
        CHECK (off_for IS NULL OR (state = 'disabled' AND agent IS NOT NULL))
    )",
    "CREATE INDEX subscriptions_agent ON subscriptions (agent, created_at) WHERE agent IS NOT NULL",
    "CREATE INDEX subscriptions_agent_state ON subscriptions (agent, state, until) WHERE agent IS NOT NULL",
    "CREATE INDEX subscriptions_off ON subscriptions (agent) WHERE off_for = 'credit' {by agent}",
    "CREATE INDEX subscriptions_person ON subscriptions (person, created_at)",
    "CREATE INDEX subscriptions_sync ON subscriptions (panel, sync_due) WHERE state = 'active' {by panel}",
    "CREATE INDEX subscriptions_check ON subscriptions (check_due) WHERE state = 'active' {by check_due}",
    "CREATE INDEX subscriptions_until ON subscriptions (until) WHERE state = 'active' {by until}",
    "CREATE INDEX subscriptions_cleanup ON subscriptions (until) WHERE state = 'ended' AND kind = 'trial' {by until}",
    "CREATE INDEX subscriptions_unready ON subscriptions (created_at) WHERE state = 'pending' {by created_at}",
    // Each reminder once a period (a renewal begins a new period).
    "CREATE TABLE reminders (
        subscription BIGINT NOT NULL REFERENCES subscriptions (id),
        period BIGINT NOT NULL,
        kind TEXT NOT NULL CHECK (kind IN ('days3', 'days1', 'traffic80', 'traffic95', 'ended', 'never_connected')),
        at BIGINT NOT NULL,
        PRIMARY KEY (subscription, period, kind)
    )",
    "CREATE TABLE trials (
        person BIGINT PRIMARY KEY REFERENCES people (id),
        subscription BIGINT NOT NULL REFERENCES subscriptions (id),
        at BIGINT NOT NULL
    )",
    "CREATE INDEX trials_at ON trials (at)",
    // `took_stock`: it holds a piece of its plan's stock, or held one until it ended.
    // `payer`: the person's account that pays, an agent's being his credit; `label`: what he calls the service;
    // `traffic_bytes`: what is added to one. `charge`: the ledger transaction that took its price; `service_was`: the renewed or provisional service as it was
    // before the order changed it (JSON), for an undo. `late_told_at`, `offered_at`: the watchdog spoke of it.
    // `from_wallet`: the part of the price that the wallet pays, while the rest is paid by a method; `hold` is the newest
    // hold that keeps it. `saved_until`: it has no payment of its own, and buys itself after a top-up, until then;
    // `topup` is the payment whose approval bought it.
    "CREATE TABLE orders (
        id BIGINT PRIMARY KEY,
        person BIGINT NOT NULL REFERENCES people (id),
        kind TEXT NOT NULL CHECK (kind IN ('new', 'renew', 'traffic')),
        payer TEXT NOT NULL DEFAULT 'wallet' CHECK (payer IN ('wallet', 'credit')),
        label TEXT,
        traffic_bytes BIGINT CHECK (traffic_bytes > 0),
        plan TEXT NOT NULL REFERENCES plans (code),
        subscription BIGINT NOT NULL,
        price BIGINT NOT NULL CHECK (price > 0),
        asset TEXT NOT NULL,
        state TEXT NOT NULL CHECK (state IN ('placed', 'paid', 'delivered', 'cancelled', 'expired', 'rejected', 'refunded')),
        placed_at BIGINT NOT NULL,
        paid_at BIGINT,
        finished_at BIGINT,
        took_stock BIGINT NOT NULL DEFAULT 0 CHECK (took_stock IN (0, 1)),
        charge BIGINT,
        service_was TEXT,
        late_told_at BIGINT,
        offered_at BIGINT,
        from_wallet BIGINT NOT NULL DEFAULT 0 CHECK (from_wallet >= 0 AND from_wallet < price),
        hold BIGINT REFERENCES ledger_holds (id),
        saved_until BIGINT,
        topup BIGINT,
        refunded BIGINT NOT NULL DEFAULT 0 CHECK (refunded >= 0 AND refunded <= price),
        CHECK ((state = 'refunded') = (refunded > 0)),
        CHECK ((kind = 'traffic') = (traffic_bytes IS NOT NULL)),
        CHECK ((state IN ('paid', 'delivered', 'refunded')) = (charge IS NOT NULL)),
        CHECK ((from_wallet > 0) = (hold IS NOT NULL)),
        CHECK (saved_until IS NULL OR hold IS NULL),
        CHECK (topup IS NULL OR saved_until IS NOT NULL)
    )",
    "CREATE INDEX orders_person ON orders (person, placed_at)",
    // `state` is in the key too, or SQLite would walk over all orders that were ever paid (`orders_paid`).
    "CREATE INDEX orders_undelivered ON orders (paid_at) WHERE state = 'paid' {by paid_at}",
    "CREATE INDEX orders_paid ON orders (paid_at) WHERE paid_at IS NOT NULL",
    "CREATE INDEX orders_subscription ON orders (subscription)",
    "CREATE UNIQUE INDEX orders_one_saved ON orders (person) WHERE state = 'placed' AND saved_until IS NOT NULL {by person}",
    "CREATE INDEX orders_saved ON orders (saved_until) WHERE state = 'placed' AND saved_until IS NOT NULL",
    "CREATE INDEX orders_topup ON orders (topup) WHERE topup IS NOT NULL",
    // `card_message`, here and on a receipt: the message in the group; negative while the job of that number posts it.
    // `due` is what is to be transferred: the price and its tail. An open amount is alone on its method.
    // `purpose`: an order, or a top-up of the person's wallet or of an agent's credit account.
    // `hold`: the pending credit of an agent's top-up while it is under review.
    // `posting`: the ledger transaction that brought the money; `round` grows when a decision is undone.
    "CREATE TABLE payments (
        id BIGINT PRIMARY KEY,
        purpose TEXT NOT NULL CHECK (purpose IN ('order', 'wallet', 'credit')),
        order_id BIGINT REFERENCES orders (id),
        person BIGINT NOT NULL REFERENCES people (id),
        method TEXT NOT NULL REFERENCES payment_methods (code),
        price BIGINT NOT NULL CHECK (price > 0),
        due BIGINT NOT NULL CHECK (due > price),
        asset TEXT NOT NULL,
        state TEXT NOT NULL CHECK (state IN ('open', 'submitted', 'approved', 'rejected', 'cancelled', 'expired')),
        opened_at BIGINT NOT NULL,
        expires_at BIGINT NOT NULL,
        submitted_at BIGINT,
        decided_at BIGINT,
        decided_by BIGINT,
        approved BIGINT,
        reason TEXT,
        posting BIGINT,
        hold BIGINT REFERENCES ledger_holds (id),
        round BIGINT NOT NULL DEFAULT 0,
        flags TEXT NOT NULL DEFAULT '',
        escalated_at BIGINT,
        card_chat BIGINT,
        card_message BIGINT,
        CHECK ((purpose = 'order') = (order_id IS NOT NULL)),
        CHECK (hold IS NULL OR (purpose = 'credit' AND state = 'submitted')),
        CHECK ((state = 'approved') = (posting IS NOT NULL)),
        CHECK ((state = 'approved') = (approved IS NOT NULL)),
        CHECK ((state IN ('open', 'submitted')) = (decided_at IS NULL))
    )",
    "CREATE UNIQUE INDEX payments_one_open ON payments (order_id) WHERE state IN ('open', 'submitted') {by order_id}",
    "CREATE UNIQUE INDEX payments_tail ON payments (method, due) WHERE state IN ('open', 'submitted') {by method}",
    "CREATE INDEX payments_expiry ON payments (expires_at) WHERE state = 'open' {by expires_at}",
    "CREATE INDEX payments_review ON payments (submitted_at) WHERE state = 'submitted' {by submitted_at}",
    "CREATE INDEX payments_person ON payments (person, opened_at)",
    // What lies on a method: summed at each offer, so from the index alone.
    "CREATE INDEX payments_day ON payments (method, decided_at, state, approved) WHERE state = 'approved' {by method}",
    "CREATE INDEX payments_pending ON payments (method, state, due) WHERE state IN ('open', 'submitted') {by method}",
    "CREATE INDEX payments_order ON payments (order_id)",
    "CREATE TABLE receipts (
        id {serial},
        payment BIGINT NOT NULL REFERENCES payments (id),
        kind TEXT NOT NULL CHECK (kind IN ('photo', 'image', 'pdf', 'text')),
        file_id TEXT,
        file_key TEXT,
        text TEXT,
        album TEXT,
        print BIGINT,
        update_id BIGINT NOT NULL UNIQUE,
        at BIGINT NOT NULL,
        card_message BIGINT
    )",
    "CREATE INDEX receipts_payment ON receipts (payment, id)",
    "CREATE INDEX receipts_file_key ON receipts (file_key) WHERE file_key IS NOT NULL",
    "CREATE INDEX receipts_album ON receipts (album) WHERE album IS NOT NULL",
    "CREATE INDEX receipts_text ON receipts (text) WHERE text IS NOT NULL",
    "CREATE INDEX receipts_print ON receipts (print) WHERE print IS NOT NULL",
    // The pieces of a picture's fingerprint: pictures that look alike have one in common.
    "CREATE TABLE receipt_bands (
        band BIGINT NOT NULL,
        receipt BIGINT NOT NULL REFERENCES receipts (id),
        print BIGINT NOT NULL,
        PRIMARY KEY (band, receipt)
    )",
];
