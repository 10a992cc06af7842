//! Everything that we tell people unasked: which notice, with its ids, amounts and dates, and no words.
//!
//! A notice is a row of the outbox, written in the transaction of what it tells; the bot renders it in the reader's
//! language when it is sent. Chat 0 stands for the admin group, whose id may change.
mod agent;

use crate::base::{ChatId, Fault, Money, OrderId, PaymentId, PersonId, SubscriptionId, Time};
use crate::db::Tx;
use crate::queue::outbox;
use serde::{Deserialize, Serialize};

pub use agent::AgentNotice;

/// Where a notice for the admin group is addressed; the sender puts in the group's id of the day.
pub const GROUP: ChatId = ChatId(0);

/// The group's topics, when it is a forum.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Topic {
    Payments,
    Alarms,
    Support,
    Backups,
}

impl Topic {
    pub const ALL: [Self; 4] = [Self::Payments, Self::Alarms, Self::Support, Self::Backups];

    /// The fact under which the topic's thread id is kept.
    pub const fn fact(self) -> &'static str {
        match self {
            Self::Payments => "topic.payments",
            Self::Alarms => "topic.alarms",
            Self::Support => "topic.support",
            Self::Backups => "topic.backups",
        }
    }
}

/// Why a reminder is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reminding {
    Days3,
    Days1,
    Traffic80,
    Traffic95,
    Ended,
    NeverConnected,
}

impl Reminding {
    /// As its column has it.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Days3 => "days3",
            Self::Days1 => "days1",
            Self::Traffic80 => "traffic80",
            Self::Traffic95 => "traffic95",
            Self::Ended => "ended",
            Self::NeverConnected => "never_connected",
        }
    }
}

/// What fails too often.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rate {
    /// Updates that failed, jobs that were given up.
    Errors,
    /// Calls to panels.
    Panels,
}

/// Whither a refund went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RefundTo {
    #[default]
    Wallet,
    /// An agent's credit account.
    Credit,
    /// It was paid back outside of here.
    Hand,
}

impl RefundTo {
    /// As its column has it.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Wallet => "wallet",
            Self::Credit => "credit",
            Self::Hand => "hand",
        }
    }

    pub fn parse(code: &str) -> Option<Self> {
        [Self::Wallet, Self::Credit, Self::Hand].into_iter().find(|to| to.code() == code)
    }
}

/// What is told, to a person or to the group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "notice", rename_all = "snake_case")]
pub enum Notice {
    // To a person.
    /// The service works: link, QR, import buttons.
    Ready {
        subscription: SubscriptionId,
        provisional: bool,
        renewed: bool,
    },
    PaymentApproved {
        payment: PaymentId,
        order: OrderId,
        to_wallet: Money,
    },
    /// Less came than the order costs: it is in the wallet, the order is closed.
    PaymentShort {
        payment: PaymentId,
        order: OrderId,
        got: Money,
        needed: Money,
    },
    /// It came, and nothing can be bought with it any more (the order was closed, or its service is gone): it is in the
    /// wallet.
    PaymentKept {
        payment: PaymentId,
        order: OrderId,
        amount: Money,
    },
    /// `order`, here and below: what it was to pay; a top-up has none.
    PaymentRejected {
        payment: PaymentId,
        order: Option<OrderId>,
        reason: String,
    },
    /// What came unasked was taken for this payment, since its customer did not say for which it is.
    ReceiptNamed {
        payment: PaymentId,
        order: Option<OrderId>,
    },
    /// An admin took a decision back; the payment is under review again.
    PaymentReopened {
        payment: PaymentId,
        order: Option<OrderId>,
    },
    /// The money of a top-up came; `balance` is what can be spent then.
    ToppedUp {
        payment: PaymentId,
        amount: Money,
        balance: Money,
    },
    TopUpExpired {
        payment: PaymentId,
    },
    /// A top-up came, and the saved order bought itself; `balance` is what is left.
    SavedBought {
        order: OrderId,
        price: Money,
        balance: Money,
    },
    /// A top-up came, and the saved order still lacks so much.
    SavedShort {
        order: OrderId,
        missing: Money,
    },
    /// The saved order is not what the person was shown any more, and is closed: it costs `price` now (if that is what it
    /// did, its plan gives something else), or is not sold.
    SavedChanged {
        order: OrderId,
        price: Option<Money>,
    },
    SavedExpired {
        order: OrderId,
    },
    OrderExpired {
        order: OrderId,
    },
    /// Paid, but the panel does not answer: we keep trying.
    DeliveryLate {
        order: OrderId,
    },
    /// `so_far`: what had gone back of it before; `ended`: what it bought ends with it.
    Refunded {
        order: OrderId,
        amount: Money,
        #[serde(default)]
        to: RefundTo,
        #[serde(default)]
        so_far: i64,
        #[serde(default)]
        ended: bool,
    },
    /// To whoever took a service over from an agent: a refund, or the agent himself, has ended it for good.
    ServiceGone {
        subscription: SubscriptionId,
    },
    WalletChanged {
        amount: Money,
        balance: Money,
        reason: String,
    },
    Reminder {
        subscription: SubscriptionId,
        kind: Reminding,
    },
    /// A word from an admin, by `/user`.
    Message {
        text: String,
    },
    Banned {
        reason: String,
    },
    Unbanned,
    /// What he asked for failed on our side, and was given up. The code finds the log line.
    Sorry {
        code: String,
    },
    RoleGranted {
        role: String,
    },
    RoleTaken,
    /// To an agent, or to the group about one.
    Agent(AgentNotice),
    // To the group.
    /// A correction by hand that waits for a second owner.
    CorrectionAsked {
        key: String,
    },
    /// Nobody confirmed it in time.
    CorrectionExpired {
        key: String,
    },
    /// A paid order is not delivered; `offer` when refund or another panel may be chosen.
    OrderLate {
        order: OrderId,
        minutes: i64,
        offer: bool,
    },
    PanelDown {
        panel: String,
        why: String,
        minutes: i64,
    },
    PanelLockedOut {
        panel: String,
        why: String,
    },
    PanelWell {
        panel: String,
        minutes: i64,
    },
    PanelRefused {
        panel: String,
        subscription: SubscriptionId,
        why: String,
    },
    /// A panel has lost the account of a service that works; it is made again.
    AccountLost {
        panel: String,
        subscription: SubscriptionId,
    },
    /// A flagged receipt is too old to wait, and too doubtful for the clock.
    Escalated {
        payment: PaymentId,
    },
    CronLate {
        line: String,
        minutes: i64,
    },
    JobGivenUp {
        kind: String,
        why: String,
    },
    /// It fails again and again, and is tried on.
    JobStuck {
        kind: String,
        why: String,
    },
    UpdateFailed {
        update: i64,
        code: String,
    },
    LedgerBroken {
        findings: i64,
        /// The first of them, in the ledger's words.
        #[serde(default)]
        shown: Vec<String>,
    },
    /// The books are right; what each card (by its code) and each clearing account should hold.
    Proof {
        cards: Vec<(String, Money)>,
        clearing: Vec<(String, Money)>,
    },
    /// The numbers of the week, read when it is sent: it ends just before `to`.
    WeeklyDigest {
        to: Time,
    },
    /// Failures come so often that somebody must look: so many in ten minutes.
    RateHigh {
        rate: Rate,
        count: i64,
    },
    RateOver {
        rate: Rate,
        minutes: i64,
    },
    Undelivered {
        person: PersonId,
        why: String,
    },
    /// A backup lies there; it goes along when Telegram takes its size.
    BackupMade {
        path: String,
        bytes: i64,
        at: Time,
    },
    BackupFailed {
        why: String,
    },
    /// No backup was made for so long, though there should be one a day.
    BackupMissing {
        hours: i64,
    },
}

impl Notice {
    /// The topic of the group's notices; `None` for what goes to a person.
    pub const fn topic(&self) -> Option<Topic> {
        match self {
            Self::CorrectionAsked { .. }
            | Self::CorrectionExpired { .. }
            | Self::Escalated { .. }
            | Self::Proof { .. }
            | Self::WeeklyDigest { .. } => Some(Topic::Payments),
            Self::BackupMade { .. } => Some(Topic::Backups),
            Self::Agent(notice) => notice.topic(),
            Self::OrderLate { .. }
            | Self::PanelDown { .. }
            | Self::PanelLockedOut { .. }
            | Self::PanelWell { .. }
            | Self::PanelRefused { .. }
            | Self::AccountLost { .. }
            | Self::CronLate { .. }
            | Self::JobGivenUp { .. }
            | Self::JobStuck { .. }
            | Self::UpdateFailed { .. }
            | Self::LedgerBroken { .. }
            | Self::BackupFailed { .. }
            | Self::BackupMissing { .. }
            | Self::RateHigh { .. }
            | Self::RateOver { .. }
            | Self::Undelivered { .. } => Some(Topic::Alarms),
            Self::Ready { .. }
            | Self::PaymentApproved { .. }
            | Self::PaymentShort { .. }
            | Self::PaymentKept { .. }
            | Self::PaymentRejected { .. }
            | Self::ReceiptNamed { .. }
            | Self::PaymentReopened { .. }
            | Self::ToppedUp { .. }
            | Self::TopUpExpired { .. }
            | Self::SavedBought { .. }
            | Self::SavedShort { .. }
            | Self::SavedChanged { .. }
            | Self::SavedExpired { .. }
            | Self::OrderExpired { .. }
            | Self::DeliveryLate { .. }
            | Self::Refunded { .. }
            | Self::ServiceGone { .. }
            | Self::WalletChanged { .. }
            | Self::Reminder { .. }
            | Self::Message { .. }
            | Self::Banned { .. }
            | Self::Unbanned
            | Self::Sorry { .. }
            | Self::RoleGranted { .. }
            | Self::RoleTaken => None,
        }
    }
}

/// Queues a notice to a person; with a `dedupe` key it is told once, however often this runs.
pub async fn tell(tx: &Tx, to: PersonId, notice: &Notice, at: Time, dedupe: Option<String>) -> Result<(), Fault> {
    outbox::push(tx, to.into(), notice, at, dedupe).await
}

/// Queues a notice to the admin group.
pub async fn tell_group(tx: &Tx, notice: &Notice, at: Time, dedupe: Option<String>) -> Result<(), Fault> {
    outbox::push(tx, GROUP, notice, at, dedupe).await
}
