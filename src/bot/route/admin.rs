//! An admin's buttons.
use super::codec::routes;
use crate::base::{PaymentId, PersonId};

routes! {
    /// What an admin may ask for by a tap, in the group or in private.
    AdminRoute {
        Approve { payment: PaymentId } = "pa",
        Card { payment: PaymentId } = "p",
        Pending { page: u32 } = "pl",
        Person { person: PersonId } = "u",
    }
}
