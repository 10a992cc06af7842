//! The same harness between us and Telegram: of each flow the first call of Telegram's is spoiled, then the second, and so on.
//! Afterwards the flow must have ended as if nothing had happened. What was told is told once; twice at most where a message
//! arrived and its answer was cut off, for Telegram has no key that would prevent it.

use std::cell::Cell;

use souk::sim::telegram::{Fault, FaultKind};

use crate::spoiled::{Buy, Flow, Reject, Renew, in_turn, recover};
use crate::spoiled_review::{AutoAccept, Move, Trial, Undo};
use crate::world::ending::Allowed;
use crate::world::postgres::Kind;
use crate::world::shop::{World, world_in};

/// No flow makes more calls.
const CALLS_MAX: u32 = 60;

/// How much was said to the customer, and how much of her to the group, which hears of the clock too.
fn said(w: &World) -> [usize; 2] {
    let of = |chat: i64, name: &str| {
        let messages = w.telegram.messages(chat);
        messages.iter().filter(|message| message.is_from_bot && !message.is_deleted && message.text.contains(name)).count()
    };
    [of(w.first().at.chat(), ""), of(w.group_id(), "Sara")]
}

/// Plays the flow with this call spoiled, or none; what was said, and whether there was such a call.
async fn played<F: Flow>(number: Option<u32>, spoil: &FaultKind, kind: Kind) -> ([usize; 2], bool) {
    let (heard, struck) = (Cell::new([0, 0]), Cell::new(true));
    world_in(kind, &F::setup(), async |w: &World| {
        F::before(w).await;
        w.be_patient();
        let is_cut = *spoil == FaultKind::DropAnswer;
        for trouble in [Allowed::UpdateFails, Allowed::TapAgain, Allowed::TapUnanswered, Allowed::Telegram(429)] {
            w.ending.allow(trouble);
        }
        if is_cut {
            w.ending.allow(Allowed::ToldAgain);
        }
        if let Some(number) = number {
            w.telegram.fault(Fault::new(spoil.clone()).every(number).times(1));
        }
        F::play(w).await;
        struck.set(w.telegram.faults().is_empty());
        w.telegram.clear_faults(None);
        recover(w).await;
        F::ends(w).await;
        assert_eq!(w.count("SELECT COUNT(*) AS v FROM inbox WHERE state <> 'done'").await, 0, "each update is done in the end");
        heard.set(said(w));
    })
    .await;
    (heard.get(), struck.get())
}

/// Spoils the first call, then the second, until the flow has no such call.
async fn spoil_each_call<F: Flow>(spoil: FaultKind, first: Kind) {
    let (well, _) = played::<F>(None, &spoil, first).await;
    for number in 1..=CALLS_MAX {
        let kind = in_turn(usize::try_from(number).expect("a small number"), first);
        let (heard, struck) = played::<F>(Some(number), &spoil, kind).await;
        for (well, heard) in well.into_iter().zip(heard) {
            // An update that is handled again shows again what it had shown before the spoiled call.
            assert!((well..=well + 2).contains(&heard), "call {number}: {heard} messages, and {well} when all is well");
        }
        if !struck {
            assert!(number > 2, "the flow calls Telegram");
            assert_eq!(heard, well, "nothing was spoiled");
            return;
        }
    }
    panic!("the flow calls Telegram without end");
}

macro_rules! flows {
    ($($name:ident is $flow:ty;)*) => {$(
        mod $name {
            use super::*;

            #[tokio::test]
            async fn ends_well_though_telegram_fails_at_a_call() {
                let broken = FaultKind::Status { code: 500, description: "Internal Server Error".to_owned() };
                spoil_each_call::<$flow>(broken, Kind::Sqlite).await;
            }

            #[tokio::test]
            async fn ends_well_though_telegram_says_wait_at_a_call() {
                spoil_each_call::<$flow>(FaultKind::TooMany { retry_after: 1 }, Kind::Postgres).await;
            }

            #[tokio::test]
            async fn ends_well_though_an_answer_of_telegram_is_cut() {
                spoil_each_call::<$flow>(FaultKind::DropAnswer, Kind::Sqlite).await;
            }
        }
    )*};
}

flows! {
    buying is Buy;
    renewing is Renew;
    rejecting is Reject;
    trying is Trial;
    taking_back is Undo;
    accepting_by_the_clock is AutoAccept;
    moving is Move;
}
