//! Pure decisions about credit below zero: what is due when, and what comes next.
use super::episode::Stage;
use crate::base::{HOUR, Time};

/// When the clock acts about an episode that is at this stage; `None` when nothing waits for the clock.
///
/// Half of the grace is worth a word, and so is its last hour, if the half does not lie in it. Nobody is cut off sooner
/// than an hour after he was first told (or than the whole grace, if that is less), even if the clock stood still meanwhile.
pub(super) fn due(stage: Stage, (since, told_at): (Time, Time), grace_ms: i64) -> Option<Time> {
    let cut = since.after(grace_ms).max(told_at.after(grace_ms.min(HOUR)));
    let half = since.after(grace_ms / 2);
    let last = cut.after(-HOUR);
    match stage {
        Stage::Told if half < cut => Some(half),
        Stage::Told | Stage::Half if last > half => Some(last),
        Stage::Told | Stage::Half | Stage::Last => Some(cut),
        Stage::Cutting | Stage::Cut | Stage::Restoring | Stage::Over => None,
    }
}

/// The stage that has been reached by now: the furthest whose moment has come, so that what was missed is not said late.
pub(super) fn reached(stage: Stage, at: (Time, Time), grace_ms: i64, now: Time) -> Stage {
    let mut reached = stage;
    while due(reached, at, grace_ms).is_some_and(|moment| moment <= now) {
        reached = match reached {
            Stage::Told => {
                let half = at.0.after(grace_ms / 2);
                if due(reached, at, grace_ms) == Some(half) { Stage::Half } else { Stage::Last }
            }
            Stage::Half if due(Stage::Half, at, grace_ms) != due(Stage::Last, at, grace_ms) => Stage::Last,
            Stage::Half | Stage::Last => Stage::Cutting,
            other => return other,
        };
    }
    reached
}

#[cfg(test)]
mod tests {
    use super::{Stage, due, reached};
    use crate::base::{HOUR, MINUTE, Time};

    const DAY: i64 = 24 * HOUR;

    #[test]
    fn each_stage_is_reached_at_its_moment() {
        let at = (Time(0), Time(0));
        for (now, stage) in [
            (0, Stage::Told),
            (12 * HOUR - 1, Stage::Told),
            (12 * HOUR, Stage::Half),
            (23 * HOUR - 1, Stage::Half),
            (23 * HOUR, Stage::Last),
            (DAY - 1, Stage::Last),
            (DAY, Stage::Cutting),
            (9 * DAY, Stage::Cutting),
        ] {
            assert_eq!(reached(Stage::Told, at, DAY, Time(now)), stage, "{now}");
        }
        assert_eq!(due(Stage::Told, at, DAY), Some(Time(12 * HOUR)));
        assert_eq!(due(Stage::Half, at, DAY), Some(Time(23 * HOUR)));
        assert_eq!(due(Stage::Last, at, DAY), Some(Time(DAY)));
        for over in [Stage::Cutting, Stage::Cut, Stage::Restoring, Stage::Over] {
            assert_eq!((due(over, at, DAY), reached(over, at, DAY, Time(9 * DAY))), (None, over));
        }
    }

    #[test]
    fn a_short_grace_has_no_last_hour_and_none_at_all_cuts_at_once() {
        let at = (Time(0), Time(0));
        assert_eq!(due(Stage::Half, at, 2 * HOUR), Some(Time(2 * HOUR)));
        assert_eq!(reached(Stage::Told, at, 2 * HOUR, Time(HOUR)), Stage::Half);
        assert_eq!(reached(Stage::Told, at, 2 * HOUR, Time(2 * HOUR)), Stage::Cutting);
        assert_eq!(reached(Stage::Told, at, 0, Time(0)), Stage::Cutting);
    }

    #[test]
    fn nobody_is_cut_off_before_he_has_been_told_for_an_hour() {
        // The clock stood still for two days.
        let at = (Time(0), Time(2 * DAY));
        assert_eq!(reached(Stage::Told, at, DAY, Time(2 * DAY)), Stage::Last);
        assert_eq!(reached(Stage::Told, at, DAY, Time(2 * DAY + HOUR - MINUTE)), Stage::Last);
        assert_eq!(reached(Stage::Last, at, DAY, Time(2 * DAY + HOUR)), Stage::Cutting);
    }
}
