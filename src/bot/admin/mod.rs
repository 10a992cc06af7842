//! Staff: the admin group, and an admin's private chat. Whoever is here has proved a role.
use super::route::AdminRoute;
use super::said::Said;
use super::screen::{Answer, Button};
use super::turn::Turn;
use crate::base::format::Voice;
use crate::base::{Fault, OrderId};
use crate::shop::accounts::Admin;
use teloxide::types::Message;

/// Commands that only staff may give; from others they are met with silence.
pub const COMMANDS: [&str; 7] = ["payments", "approve", "reject", "user", "panels", "nodes", "stats"];

/// What the group's menu lists: name and the key of its description.
pub const LISTED: &[(&str, &str)] = &[];

/// What may be done about a paid order that is not delivered.
pub const fn late_rows(_voice: &Voice, _order: OrderId) -> Vec<Vec<Button>> {
    Vec::new()
}

/// A message of an admin, in the group or in private; `None` when it is no business of staff.
#[expect(clippy::unused_async, reason = "the first act of staff will wait for the database")]
pub async fn message(_turn: &Turn, _said: &Said, _message: &Message) -> Result<Option<Answer>, Fault> {
    Ok(None)
}

/// A tap of an admin.
#[expect(clippy::unused_async, reason = "the first act of staff will wait for the database")]
pub async fn tap(turn: &Turn, _admin: Admin, _route: AdminRoute) -> Result<Answer, Fault> {
    Ok(Answer::toast(turn.voice().t("common-old-menu")))
}
