//! The durable edges: what came in (inbox), what must be done (jobs), what goes out (outbox).
/// Durable background acts.
pub mod jobs;
/// Notices: what the bot says unasked.
pub mod outbox;
