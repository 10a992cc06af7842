//! PostgreSQL over its wire, without waiting where the protocol does not ask for it.
//!
//! A purchase is a hundred statements, and what is waited for in turn adds up: on both sides, and for everybody who wants an
//! account that all sales share. So `BEGIN` travels with the first statement of its transaction; a statement of which nobody
//! asks how many rows it changed is sent and not waited for ([`submit`](crate::db::submit)), its failure is told by the next
//! answer or by the commit; when it is the only one, it is a transaction by itself. What is asked at once (`join!`) is sent at
//! once, in its order, and answered in it. A connection that comes back is not asked whether it lives, its driver knows when
//! it was closed; and what is only read shares a few connections, each of which takes the next question before it has answered
//! the last.
//!
//! Always: a transaction has a connection of its own; what waits for a lock holds up nobody but itself; a connection
//! whose answer nobody waited for is thrown away. A transaction in which a statement failed cannot be committed: the
//! server would answer `COMMIT` kindly and undo all of it.
mod address;
mod connection;
mod pool;
mod tls;
mod transaction;
mod values;

pub(in crate::db) use address::Address;
pub(in crate::db) use connection::Connection;
pub(in crate::db) use pool::Pool;
pub(in crate::db) use tls::SYSTEM;
pub(in crate::db) use transaction::Transaction;

use sea_orm::{DbErr, RuntimeErr};
use std::error::Error;
use std::fmt::Write;

/// What the server says of a statement is the statement's fault, except where it is away, full or being stopped. Its details
/// are left out: they show whole rows.
fn failed(error: &tokio_postgres::Error) -> DbErr {
    let Some(said) = error.as_db_error() else {
        let is_away = error.is_closed() || error.source().is_some_and(<dyn Error>::is::<std::io::Error>);
        let words = RuntimeErr::Internal(with_causes(error));
        return if is_away { DbErr::Conn(words) } else { DbErr::Query(words) };
    };
    let code = said.code().code();
    let words = RuntimeErr::Internal(format!("{} (PostgreSQL, code {code})", said.message()));
    if is_away(code) { DbErr::Conn(words) } else { DbErr::Query(words) }
}

/// Why a connection could not be opened: what no server said is away.
fn unreachable(error: &tokio_postgres::Error) -> DbErr {
    if error.as_db_error().is_some() { failed(error) } else { away(with_causes(error)) }
}

/// PostgreSQL's classes of errors: connection, resources, and (of the operator's acts) being stopped or not yet started.
fn is_away(code: &str) -> bool {
    ["08", "53", "57P"].iter().any(|class| code.starts_with(class))
}

fn with_causes(error: &(dyn Error + 'static)) -> String {
    let mut words = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        let cause_words = cause.to_string();
        if !words.contains(&cause_words) {
            let _always = write!(words, ": {cause_words}");
        }
        next = cause.source();
    }
    words
}

fn away(words: impl Into<String>) -> DbErr {
    DbErr::Conn(RuntimeErr::Internal(words.into()))
}

fn failed_before() -> DbErr {
    DbErr::Query(RuntimeErr::Internal("a statement of this transaction failed; all of it is undone".to_owned()))
}

#[cfg(test)]
mod tests {
    use super::is_away;

    #[test]
    fn what_says_nothing_of_the_statement_is_told_apart() {
        for code in ["08006", "53100", "53300", "57P01", "57P03"] {
            assert!(is_away(code), "{code}");
        }
        for code in ["23505", "23514", "40P01", "57014", "42P01", "P0001"] {
            assert!(!is_away(code), "{code}");
        }
    }
}
