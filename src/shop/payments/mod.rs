//! Payments: the methods we offer, the attempts to pay an order or to top up, their receipts, and where each stands in the
//! review.
//!
//! What must always hold:
//! - an amount that is open or under review is alone on its method (a unique index), so a transfer names its payment;
//! - an order has at most one payment that is open or under review (a unique index);
//! - a receipt is never lost: it is taken for a payment that expired or was cancelled too, and marked as late;
//! - a receipt is stored once for an update, however often the update comes;
//! - a decision is one guarded step under the payment's row lock: the first wins;
//! - a number or address leaves this slice only for the payment that was opened on that method.
//!
//! What comes of the money is for `checkout` to say: here a payment only knows its [`Purpose`].
//!
//! Who locks several rows locks the payment first, then its order. Decisions and their undoing move money and services
//! too, so only `checkout` can call them.
mod amount;
mod audience;
mod change;
mod choose;
mod close;
mod decide;
mod details;
mod flag;
mod hours;
mod kind;
mod limits;
mod method;
mod open;
mod posted;
mod purpose;
mod receipt;
mod rotation;
mod rules;
mod state;
mod store;
mod submit;
mod tail;
mod twin;
mod unnamed;

pub use amount::other_amount;
pub use audience::{Audience, Audiences};
pub use change::{Change, Draft, MethodError, add_method, change_method, switch_method};
pub use choose::{ChooseError, choose};
pub use close::{cancel, expire_due};
pub(in crate::shop) use decide::{Decision, decide, reopen};
pub use details::{BadDetails, Details, Network, read_details};
pub use flag::{Flag, add_flags};
pub use hours::{BadHours, Hours};
pub use kind::Kind;
pub use limits::{Limits, Load, Need, Room};
#[cfg(test)]
pub(crate) use method::sample;
pub use method::{
    Method, MethodCode, NewMethod, Payee, ending, has_details, method, method_lately, methods, payee_of, plain_network,
    save_method, set_filed, switch_off,
};
pub use open::{Open, OpenError, open};
pub use posted::{Claim, claim_card, claim_receipt, release_card, release_receipt, set_card, set_receipt_card};
pub use purpose::Purpose;
pub use receipt::{NewReceipt, Receipt, ReceiptKind, receipts, set_print, taken_of_album, taken_of_message, taken_with};
pub use rotation::{Offer, kinds, load, offer};
pub use rules::{day_of, median};
pub use state::{RejectReason, State, Step};
pub(in crate::shop) use store::{COLUMNS, Row, locked, set_hold};
pub use store::{
    Payment, get, has_doubtful, mark_escalated, median_review_minutes, of_order, of_person, open_of, pending, stale,
};
pub use submit::{SubmitError, Submitted, submit};
pub use twin::{Alike, Twin, twins};
pub use unnamed::{Unnamed, assigned, has_unnamed, keep_unnamed, locked_unnamed, meant};
