//! When failures come so often that somebody must look: one alarm when an episode begins, one line when it is over.
//!
//! Always: an episode ends only when the rate has fallen to half of what began it, so that a rate that swings around its limit is
//! one episode. It counts nothing itself.
use crate::base::{Fault, MINUTE, Time};
use crate::db::Tx;
use crate::shop::notices::{self, Notice, Rate};
use crate::shop::settings;
use sea_orm::ConnectionTrait;

/// What became of an episode.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Turn {
    Begins,
    Ends { since: Time },
}

/// `open`: since when an episode goes on; `limit` 0 watches nothing.
fn turn(open: Option<Time>, count: i64, limit: i64) -> Option<Turn> {
    match open {
        None => (limit > 0 && count >= limit).then_some(Turn::Begins),
        Some(since) => (limit == 0 || count <= (limit - 1) / 2).then_some(Turn::Ends { since }),
    }
}

const fn name(rate: Rate) -> &'static str {
    match rate {
        Rate::Errors => "episode.errors",
        Rate::Panels => "episode.panels",
    }
}

async fn open_since(conn: &impl ConnectionTrait, rate: Rate) -> Result<Option<Time>, Fault> {
    Ok(settings::fact(conn, name(rate)).await?.and_then(|since| since.parse().ok()).map(Time))
}

/// Is there anything to note? Most minutes have nothing, and write nothing.
pub async fn has_turn(conn: &impl ConnectionTrait, rate: Rate, (count, limit): (i64, i64)) -> Result<bool, Fault> {
    Ok(turn(open_since(conn, rate).await?, count, limit).is_some())
}

/// Notes how many failed in the last ten minutes, and tells the group of a turn, once.
pub async fn note_rate(tx: &Tx, rate: Rate, (count, limit): (i64, i64), now: Time) -> Result<(), Fault> {
    match turn(open_since(tx, rate).await?, count, limit) {
        None => Ok(()),
        Some(Turn::Begins) => {
            settings::set_fact(tx, name(rate), &now.0.to_string()).await?;
            notices::tell_group(tx, &Notice::RateHigh { rate, count }, now, None).await
        }
        Some(Turn::Ends { since }) => {
            settings::forget_fact(tx, name(rate)).await?;
            let minutes = now.since(since) / MINUTE;
            notices::tell_group(tx, &Notice::RateOver { rate, minutes }, now, None).await
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Turn, turn};
    use crate::base::Time;

    #[test]
    fn a_rate_that_swings_is_one_episode() {
        let since = Some(Time(7));
        for (open, count, limit, becomes) in [
            (None, 9, 10, None),
            (None, 10, 10, Some(Turn::Begins)),
            (None, 99, 0, None),
            (since, 99, 10, None),
            (since, 9, 10, None),
            (since, 5, 10, None),
            (since, 4, 10, Some(Turn::Ends { since: Time(7) })),
            (since, 1, 1, None),
            (since, 0, 1, Some(Turn::Ends { since: Time(7) })),
            (since, 99, 0, Some(Turn::Ends { since: Time(7) })),
        ] {
            assert_eq!(turn(open, count, limit), becomes, "{open:?} {count} of {limit}");
        }
    }
}
