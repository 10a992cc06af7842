//! Orders, from the quote to the delivery or the refund, and top-ups. The only slice that joins the others.
//!
//! What must always hold:
//! - an order's id is minted with the screen that shows it, so the same act again is the same order;
//! - an order that is paid, delivered or refunded has exactly one charge in the ledger that stands, and no other has one;
//! - money that came is in the ledger in the transaction that says so: what an order does not take stays in the wallet,
//!   with a notice; what goes back of an order is never more than its charge, however often (the ledger refuses it);
//! - the first decision about a payment wins; each leaves an audit row; nobody decides about his own payment;
//! - a correction by hand beyond what an admin may do alone in a day waits for a second owner;
//! - the wallet's part of an order that waits for the rest is kept by an open hold, and only then;
//! - nothing is placed at another price, or for another promise, than the screen showed;
//! - an order keeps what its plan promised when it was placed (days, traffic, devices, what goes back of it): that is given,
//!   and that is refunded by, whatever becomes of the plan;
//! - a person's saved order buys itself once, as it was shown, or the person is asked;
//! - stock is taken with the order and given back when the order ends unpaid;
//! - what is paid is delivered, refunded, or spoken of in the admin group.
//!
//! Rows are locked in this order: payment, service, order, agency, the payer's ledger account, the plan's stock (a refund gives it
//! back last), the other ledger accounts, batch. No panel is called here: services are changed
//! by `subscriptions`, whose jobs carry it out.
mod agent_service;
mod approve;
mod batch;
mod cancel;
mod card;
mod clock;
mod correct;
mod handover;
mod job;
mod late;
mod money;
mod pending;
mod place;
mod promised;
mod quote;
mod receipt;
mod refund;
mod reject;
mod review;
mod saved;
mod sell;
mod service;
mod state;
mod store;
mod topup;
mod undo;
mod unnamed;
mod wallet;

pub use agent_service::{AgentServiceError, Refundable, delete_sold, pause, refundable, relabel, resume, revoke_link};
pub use approve::{Approved, approve};
pub use batch::{
    BATCH_MAX, Batch, BatchState, Bulk, Item, ItemState, batch, batch_ready, batches, bulk, finish_batch, sell_next,
};
pub use cancel::{CancelError, cancel, expire_due};
pub use card::{CardFacts, card, decided_card};
pub use clock::{auto_accept, auto_accept_due, escalate_due};
pub use correct::{
    Corrected, Correction, CorrectionError, CorrectionRow, CorrectionState, Purse, SecondError, account as account_of,
    alone_left, close_agency, confirm_correction, correct, correction, expire_corrections, refuse_correction, spendable,
};
pub use handover::{HandOverError, hand_over, take_over};
pub use job::{NameReceipts, ReviewCard, SellBatch};
pub use late::{LateError, Told, delivered, make_missing, move_undelivered, refund_undelivered, tell_late};
pub use place::{Pay, Place, PlaceError, Placed, place};
pub use quote::{Ask, Quote, QuoteError, quote};
pub use receipt::{Received, receipt};
pub use refund::{
    Ends, Left, RECEIPT_CHARS_MAX, Receipt as RefundReceipt, Refund, RefundError, RefundQuote, Refunded, Way as RefundWay,
    quote_refund, refund_delivered, refund_to, refunds_of,
};
pub use reject::{Rejected, reject};
pub use review::{NotAllowed, ReviewError};
pub use saved::{buy_saved, expire_saved, missing};
pub use sell::{LABEL_CHARS_MAX, Sale, SaleQuote, Sell, SellError, Sold, quote_sale, sell};
pub use state::{Kind, Payer, State, Step};
#[cfg(test)]
pub use store::sample;
pub use store::{Order, get, get_for, of_person, of_subscription, saved_of};
pub use topup::{TopUp, TopUpError, cancel as cancel_top_up, open as top_up};
pub use undo::{UndoError, Undone, undo};
pub use unnamed::{Keeping, keep_receipt, name_receipts, receipts_for};
