//! What this slice asks for in the transaction that causes it.
use crate::base::{BatchId, PaymentId, PersonId};
use crate::queue::jobs::Payload;
use crate::shop::payments::Payment;
use serde::{Deserialize, Serialize};

/// Show a payment's card in the admin group as it is now: post it the first time, edit it later. It also looks at the
/// pictures of receipts that have no print yet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReviewCard {
    pub payment: PaymentId,
}

impl ReviewCard {
    /// The occasion on which the card is drawn without the button that takes the decision back.
    pub fn when_undo_ends(payment: &Payment) -> String {
        format!("undo-ends:{}:{}", payment.id, payment.round)
    }
}

impl Payload for ReviewCard {
    const KIND: &'static str = "review_card";
}

/// Say which payments a person's receipts are for that came unasked, if he has not said so himself by now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NameReceipts {
    pub person: PersonId,
}

impl Payload for NameReceipts {
    const KIND: &'static str = "name_receipts";
}

/// Sell what is left of a batch, each service in a transaction of its own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SellBatch {
    pub batch: BatchId,
}

impl Payload for SellBatch {
    const KIND: &'static str = "sell_batch";
}
