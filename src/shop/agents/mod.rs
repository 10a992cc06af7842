//! Agents: people who sell for the shop, on a credit account of the ledger, at prices of their own.
//!
//! What must always hold:
//! - a person has one application that waits at most, and one agency at most; an admin's decision about it is one guarded
//!   step that leaves an audit row, and nobody decides about himself;
//! - [`Agent`] is the proof of an agency that is not closed: what an agent may do takes it as an argument;
//! - the limits of the ledger account are those of the agency (its tier's, or its own), set in the transaction that
//!   changes either; those of a closed one are nothing;
//! - how an account that stands below zero is told, cut off and restored is an [`Episode`], one for each time it went
//!   below; its steps follow the ledger's facts, and are guarded; pending credit may be spent, but ends none.
//!
//! It sells nothing, moves no money but the settlement of an agency that closes, and speaks with no panel: `checkout` sells,
//! jobs switch services off and on.
mod agency;
mod application;
mod close;
mod cut;
mod episode;
mod job;
mod manage;
mod message;
mod prices;
mod rules;
mod selling;
mod store;
mod tier;

pub use agency::{Agency, Agent, State, account};
pub use application::{Application, ApplicationError, ApplicationState, Form, accept, application, apply, reject, waiting};
pub(in crate::shop) use close::close;
pub use close::{CloseError, Closed, Settlement};
pub use cut::{cut_some, release_some, restore_some};
pub use episode::{Episode, Stage, Step, advance, due, is_settled, look, open_since};
pub use job::{ApplyTier, CutOff, Release, Restore, TellAgents};
pub use manage::{ManageError, freeze, set_digest, set_limits, set_line, set_price, set_prices, set_tier, set_until, thaw};
pub use message::{Audience, MESSAGE_CHARS_MAX, Message, TellError, receivers, tell, tell_some};
pub use prices::{Prices, Rule, RuleKind};
pub use selling::{Selling, SellingError, set_selling};
pub(in crate::shop) use store::stays_open;
pub use store::{Search, agency, agent, list, of_tier};
pub use tier::{Tier, put_tier, switch_off_tier, tier, tiers};

/// How a tick asks what is due; it must be answered by an index alone, whatever the number of agents.
pub const QUESTION_OF_A_TICK: &str = episode::DUE;
