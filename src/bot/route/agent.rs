//! The buttons of agents, and of somebody who wants to become one.
use super::codec::{Field, routes};
use crate::base::{ApplicationId, BatchId, OrderId, PaymentId, SubscriptionId};
use crate::shop::catalog::{Mark, PlanCode};
use crate::shop::reports::{Form, Span};

routes! {
    /// What an agent may ask for by a tap.
    AgentRoute {
        /// The agent's home; for others, how one becomes an agent.
        Home = "h",
        /// Starts the application's questions.
        Apply = "a",
        /// Sends what was told; the id was minted with the summary.
        File { application: ApplicationId } = "af",
        Sell { page: u32 } = "s",
        /// Asks what the service is to be called.
        Plan { plan: PlanCode } = "sp",
        /// The service is called like its plan.
        NoLabel { plan: PlanCode } = "sn",
        /// `price_minor` and `gives`, here and below: what the confirm screen showed. Plan and name lie in the dialogue.
        Buy { order: OrderId, price_minor: i64, gives: Mark } = "sb",
        /// Asks how many.
        Many { plan: PlanCode } = "m",
        NoPrefix = "mn",
        BuyMany { batch: BatchId, price_minor: i64, gives: Mark } = "mb",
        Batches = "b",
        Batch { batch: BatchId } = "bb",
        BatchLinks { batch: BatchId } = "bl",
        BatchPictures { batch: BatchId } = "bp",
        Sold { shelf: Rack, page: u32 } = "v",
        Find = "f",
        Service { subscription: SubscriptionId } = "vs",
        Qr { subscription: SubscriptionId } = "vq",
        AskRenew { subscription: SubscriptionId } = "vr",
        Renew { order: OrderId, subscription: SubscriptionId, price_minor: i64, gives: Mark } = "vy",
        AskTraffic { subscription: SubscriptionId } = "vt",
        Traffic { subscription: SubscriptionId, gigabytes: u32 } = "vg",
        AddTraffic { order: OrderId, subscription: SubscriptionId, gigabytes: u32, price_minor: i64 } = "va",
        Pause { subscription: SubscriptionId } = "vp",
        Resume { subscription: SubscriptionId } = "vu",
        AskNewLink { subscription: SubscriptionId } = "vn",
        NewLink { subscription: SubscriptionId } = "vl",
        AskDelete { subscription: SubscriptionId } = "vd",
        /// `refund_minor`: what was said to come back.
        Delete { subscription: SubscriptionId, refund_minor: i64 } = "vx",
        AskLabel { subscription: SubscriptionId } = "vb",
        /// Makes the one-time link for the customer.
        Give { subscription: SubscriptionId } = "vh",
        /// What was done to a service, and why.
        History { subscription: SubscriptionId } = "vi",
        /// Asks how much is put into the credit account.
        TopUp = "t",
        /// The id was minted with the button, for this amount.
        Credit { payment: PaymentId, amount_minor: i64 } = "tc",
        Statement { page: u32 } = "l",
        /// The same for some days, with the balances at both ends.
        Month { span: Span, page: u32 } = "lm",
        AskDays = "ld",
        StatementFile { span: Span, form: Form } = "lf",
        /// What was sold in some days, and what is left of it.
        Earnings { span: Span } = "e",
        /// What the agent takes from his own customers.
        OwnPrices { page: u32 } = "ep",
        AskOwnPrice { plan: PlanCode } = "ea",
        NoOwnPrice { plan: PlanCode } = "ex",
        Settings = "z",
        DigestOn = "zd",
        DigestOff = "zo",
    }
}

/// Which of the sold services are listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rack {
    /// Those that end within days.
    Ending,
    All,
    Ended,
    Disabled,
}

impl Rack {
    pub const ALL: [Self; 4] = [Self::Ending, Self::All, Self::Ended, Self::Disabled];

    const fn code(self) -> &'static str {
        match self {
            Self::Ending => "e",
            Self::All => "a",
            Self::Ended => "x",
            Self::Disabled => "d",
        }
    }
}

impl Field for Rack {
    fn write(&self, out: &mut String) {
        out.push_str(self.code());
    }

    fn read(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|shelf| shelf.code() == text)
    }

    #[cfg(test)]
    fn extremes() -> Vec<Self> {
        Self::ALL.to_vec()
    }
}
