//! The business: one folder a capability. A slice may name only the slices listed before it here.

/// The numbers an owner may tune, and a few facts the shop learned about itself.
pub mod settings;
/// Everything we tell people unasked.
pub mod notices;
/// People, roles, language, bans, dialogues, the audit log; makes the proofs Customer and Admin.
pub mod accounts;
/// Money: append-only transfers, holds, balances. Nobody else can touch its tables.
pub mod ledger;
/// What is on the shelf: categories, locations, plans, prices, stock.
pub mod catalog;
/// Which panels we have, and how they are.
pub mod panels;
/// The service a customer owns.
pub mod subscriptions;
/// Who may try, once.
pub mod trials;

/// Agents: who sells for the shop on credit, at which prices, and what happens when the credit is used up.
pub mod agents;

/// The methods, the attempts to pay, receipts and their review.
pub mod payments;

/// Orders, from the quote to the delivery or the refund; the only slice that joins the others.
pub mod checkout;

/// The operator's shop file, and making it true.
pub mod shopfile;

/// What the shop earned and whom it met, in numbers.
pub mod reports;

/// Copies of the whole shop: when they are due, where they lie, what the newest is.
pub mod backups;
