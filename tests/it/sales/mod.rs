//! Sales on both databases: from the quote to the delivery or the refund, alone, twice, and in a crowd.

mod buying;
mod clock;
mod crowd;
mod locks;
mod methods;
mod promised;
mod receipts;
mod review;
mod saved;
pub mod shop;
mod topup;
mod twice;
mod undo;
mod wallet;
