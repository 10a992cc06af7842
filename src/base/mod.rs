//! Values everybody speaks: money, ids, time, languages, pages, and how they are said. It imports nothing of ours;
//! the doors to the clock, to randomness and to tasks are here, and nothing else here touches the world.
pub mod apps;
mod digits;
mod fault;
pub mod format;
mod id;
mod lang;
mod money;
mod named;
mod page;
pub mod task;
pub mod texts;
mod time;

pub use digits::{ascii_digits, parse_amount};
pub use fault::{Cause, Fault};
pub use id::{AccountId, ApplicationId, BatchId, ChatId, Ids, OrderId, PaymentId, PersonId, SubscriptionId, UpdateId};
pub use lang::Lang;
pub use money::{Asset, Money, Overflow};
pub use named::{Coin, Named, amounts_in, leading_amount};
pub use page::Page;
pub use time::{Clock, DAY, HOUR, MINUTE, SECOND, Time};
