//! What a payment is for.
use crate::base::{Fault, OrderId};

/// What becomes of the money when it comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Purpose {
    /// It pays an order.
    Order(OrderId),
    /// It goes to the person's wallet.
    Wallet,
    /// It goes to an agent's credit account.
    Credit,
}

impl Purpose {
    pub const fn code(self) -> &'static str {
        match self {
            Self::Order(_) => "order",
            Self::Wallet => "wallet",
            Self::Credit => "credit",
        }
    }

    /// The order that it pays.
    pub const fn order(self) -> Option<OrderId> {
        match self {
            Self::Order(order) => Some(order),
            Self::Wallet | Self::Credit => None,
        }
    }

    pub(super) fn parse(code: &str, order: Option<OrderId>) -> Result<Self, Fault> {
        match (code, order) {
            ("order", Some(order)) => Ok(Self::Order(order)),
            ("wallet", None) => Ok(Self::Wallet),
            ("credit", None) => Ok(Self::Credit),
            _ => Err(Fault::new(format!("no payment is for {code} with the order {order:?}"))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Purpose;
    use crate::base::OrderId;

    #[test]
    fn purposes_are_read_back_and_only_an_orders_payment_has_an_order() {
        for purpose in [Purpose::Order(OrderId(7)), Purpose::Wallet, Purpose::Credit] {
            assert_eq!(Purpose::parse(purpose.code(), purpose.order()).unwrap(), purpose);
        }
        for (code, order) in [("order", None), ("wallet", Some(OrderId(7))), ("credit", Some(OrderId(7))), ("gift", None)] {
            assert!(Purpose::parse(code, order).is_err(), "{code} {order:?}");
        }
    }
}
