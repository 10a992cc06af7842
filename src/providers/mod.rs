//! Other people's machines: panels so far. One folder a kind, one file or folder a vendor.
//! Always: a call names which of four things went wrong (`ProviderError`), and leaves through `http`.
//! Never: a database, a retry with a pause (durable jobs do that), a text for customers.

pub mod http;
pub mod panel;
