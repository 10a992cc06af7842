//! A customer's buttons.
use super::codec::{Field, routes};
use crate::base::apps::System;
use crate::base::{Lang, OrderId, PaymentId, SubscriptionId};
use crate::shop::catalog::{CategoryCode, LocationCode, Mark, PlanCode};
use crate::shop::payments::Kind;

routes! {
    /// What a customer may ask for by a tap.
    CustomerRoute {
        Home = "h",
        Languages = "l",
        SetLanguage { lang: Lang } = "ls",
        /// The choice of somebody whom a deep link brought to a plan.
        SetLanguageFor { lang: Lang, plan: PlanCode } = "lp",
        Categories = "k",
        MoreCategories { page: u32 } = "kc",
        Locations { category: CategoryCode, page: u32 } = "kl",
        Plans { category: CategoryCode, location: LocationCode, page: u32 } = "kp",
        Plan { plan: PlanCode } = "p",
        /// Shows what will be charged, and mints the order's id.
        Confirm { plan: PlanCode } = "pc",
        /// `price_minor` and `gives`, here and below: what the confirm screen showed.
        Place { order: OrderId, plan: PlanCode, price_minor: i64, gives: Mark, by: PayBy } = "pp",
        Renew { subscription: SubscriptionId } = "r",
        PlaceRenewal { order: OrderId, subscription: SubscriptionId, price_minor: i64, gives: Mark, by: PayBy } = "rp",
        /// An order as it stands, however it is paid.
        Order { order: OrderId } = "o",
        /// A payment as it stands: card details, waiting, or how it ended.
        Payment { payment: PaymentId } = "y",
        SendReceipt { payment: PaymentId } = "ys",
        /// What came unasked and is kept is for this payment.
        ReceiptFor { payment: PaymentId } = "yr",
        /// How an open payment can be paid.
        Ways { payment: PaymentId } = "yw",
        Way { payment: PaymentId, kind: Kind } = "yk",
        /// Buys a saved order now.
        BuySaved { order: OrderId } = "ob",
        AskCancel { order: OrderId } = "oa",
        Cancel { order: OrderId } = "oc",
        AskCancelTopUp { payment: PaymentId } = "ya",
        CancelTopUp { payment: PaymentId } = "yc",
        Payments { page: u32 } = "ym",
        Services { page: u32 } = "s",
        Service { subscription: SubscriptionId } = "sv",
        Refresh { subscription: SubscriptionId } = "sr",
        Qr { subscription: SubscriptionId } = "sq",
        Apps { subscription: SubscriptionId } = "sa",
        Guides { subscription: SubscriptionId } = "sg",
        Guide { subscription: SubscriptionId, system: System } = "sy",
        Wallet = "w",
        AskTopUp = "wa",
        /// The id was minted with the button, for this amount.
        TopUp { payment: PaymentId, amount_minor: i64 } = "wt",
        WalletHistory { page: u32 } = "wh",
        Trial = "t",
        TakeTrial = "tt",
        Support = "u",
        Help = "e",
    }
}

/// How the person wants to pay.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PayBy {
    Method,
    Wallet,
    /// The wallet, and a method for the rest.
    Parts,
    /// The wallet, after a top-up.
    TopUp,
}

impl PayBy {
    const ALL: [Self; 4] = [Self::Method, Self::Wallet, Self::Parts, Self::TopUp];

    const fn code(self) -> &'static str {
        match self {
            Self::Method => "m",
            Self::Wallet => "w",
            Self::Parts => "p",
            Self::TopUp => "t",
        }
    }
}

impl Field for PayBy {
    fn write(&self, out: &mut String) {
        out.push_str(self.code());
    }

    fn read(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|by| by.code() == text)
    }

    #[cfg(test)]
    fn extremes() -> Vec<Self> {
        Self::ALL.to_vec()
    }
}

impl Field for Kind {
    fn write(&self, out: &mut String) {
        out.push_str(self.code());
    }

    fn read(text: &str) -> Option<Self> {
        Self::parse(text)
    }

    #[cfg(test)]
    fn extremes() -> Vec<Self> {
        Self::ALL.to_vec()
    }
}

impl Field for System {
    fn write(&self, out: &mut String) {
        out.push_str(self.code());
    }

    fn read(text: &str) -> Option<Self> {
        Self::parse(text)
    }

    #[cfg(test)]
    fn extremes() -> Vec<Self> {
        Self::ALL.to_vec()
    }
}

macro_rules! code_field {
    ($($kind:ty),*) => {$(
        impl Field for $kind {
            fn write(&self, out: &mut String) {
                out.push_str(self.as_str());
            }

            fn read(text: &str) -> Option<Self> {
                text.parse().ok()
            }

            #[cfg(test)]
            fn extremes() -> Vec<Self> {
                ["a", "0123456789-bcdef"].into_iter().filter_map(|code| code.parse().ok()).collect()
            }
        }
    )*};
}
code_field!(CategoryCode, LocationCode, PlanCode);
