//! The simulated outside world: other people's machines, written from their vendors' contracts, with state and with
//! faults that can be ordered. The demo and every story in tests stand on it.
//! It never shares code with the clients it is there to catch out.

pub mod marzban;
pub mod telegram;
