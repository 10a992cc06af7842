//! Who is handled when, inside one process.
//!
//! A lane is a queue of one person's updates. At most one of a lane is handled at a time, at most `workers` lanes at once;
//! after each update a lane goes to the end of the line, so that nobody's flood holds up the others. An update that failed
//! stays first in its lane, which rests for a while and holds no worker: as long as the fault says, or longer after each
//! failure. Only what failed by itself is soon set aside. A worker exists only while there is work.
use super::marks::{Mark, Marks};
use super::{AWAY_TRIES, Handle, Held, Limits, TRIES};
use crate::base::{Cause, Fault, task};
use futures::FutureExt;
use std::any::Any;
use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet, VecDeque};
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::watch;

/// So many lanes at once are a crowd.
const CROWD: usize = 4;
/// The longest pause between two tries.
const PAUSE_MAX: Duration = Duration::from_mins(1);

pub(super) struct Lanes<H> {
    inner: Arc<Inner<H>>,
}

impl<H> Clone for Lanes<H> {
    fn clone(&self) -> Self {
        Self { inner: Arc::clone(&self.inner) }
    }
}

struct Inner<H> {
    handler: H,
    marks: Marks,
    limits: Limits,
    state: Mutex<State>,
    /// How many updates are in memory, and how many workers there are; watched by those who wait for fewer.
    load: watch::Sender<Load>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Load {
    in_hand: usize,
    workers: usize,
    /// Lanes that are at work, or only wait for a worker.
    lively: usize,
}

/// Who wants to know whether many people wait for their answers in this process.
#[derive(Debug, Clone)]
pub struct Crowd(watch::Receiver<Load>);

impl Crowd {
    /// Are as many as [`CROWD`] answered at once just now? One person's flood is one lane, and lanes that rest do not count.
    pub fn is_there(&self) -> bool {
        self.0.borrow().lively >= CROWD
    }
}

/// The updates in memory.
pub(super) struct Known {
    /// On disk, and nobody has begun.
    pub waiting: HashSet<i64>,
    /// Being handled, or on their way to the disk.
    pub busy: HashSet<i64>,
}

#[derive(Default)]
struct State {
    /// A lane is here as long as one of its updates waits or is being handled.
    lanes: HashMap<i64, VecDeque<Held>>,
    /// The lanes that may go on.
    ready: VecDeque<i64>,
    /// The updates that are being handled.
    running: HashSet<i64>,
    /// What an update that waits to be tried again has been through.
    failures: HashMap<i64, Failures>,
    workers: usize,
    in_hand: usize,
    stopping: bool,
}

/// How many times an update failed: by itself, and because something else was away.
#[derive(Debug, Clone, Copy, Default)]
struct Failures {
    ours: u32,
    away: u32,
}

impl Failures {
    /// Counts one more. The pause before the next try; `None` when there is to be none.
    fn count(&mut self, cause: Cause, first: Duration) -> Option<Duration> {
        match cause {
            Cause::Ours => {
                self.ours += 1;
                (self.ours < TRIES).then(|| pause(first, self.ours))
            }
            Cause::Away => self.count_away().then(|| pause(first, self.away)),
            Cause::Wait(asked) => self.count_away().then_some(asked),
        }
    }

    fn count_away(&mut self) -> bool {
        self.away += 1;
        self.away < AWAY_TRIES
    }
}

impl State {
    fn load(&self) -> Load {
        Load { in_hand: self.in_hand, workers: self.workers, lively: self.running.len() + self.ready.len() }
    }

    fn put(&mut self, held: Held) {
        self.in_hand += 1;
        match self.lanes.entry(held.lane) {
            Entry::Vacant(lane) => {
                self.ready.push_back(held.lane);
                lane.insert(VecDeque::from([held]));
            }
            Entry::Occupied(mut lane) => {
                let lane = lane.get_mut();
                let place = lane.partition_point(|waiting| waiting.update < held.update);
                lane.insert(place, held);
            }
        }
    }
}

impl<H: Handle> Lanes<H> {
    pub fn new(handler: H, marks: Marks, limits: Limits) -> Self {
        let load = watch::Sender::new(Load::default());
        Self { inner: Arc::new(Inner { handler, marks, limits, state: Mutex::default(), load }) }
    }

    /// Puts updates that this process holds in line.
    pub fn push(&self, updates: Vec<Held>) {
        if updates.is_empty() {
            return;
        }
        let mut state = self.inner.lock();
        for held in updates {
            state.put(held);
        }
        let wanted = if state.stopping { 0 } else { state.ready.len().min(self.inner.limits.workers - state.workers) };
        state.workers += wanted;
        self.inner.load.send_replace(state.load());
        drop(state);
        for _ in 0..wanted {
            task::spawn("inbox worker", work(Arc::clone(&self.inner)));
        }
    }

    pub fn crowd(&self) -> Crowd {
        Crowd(self.inner.load.subscribe())
    }

    pub fn in_hand(&self) -> usize {
        self.inner.load.borrow().in_hand
    }

    pub fn known(&self) -> Known {
        let state = self.inner.lock();
        let mut known = Known { waiting: HashSet::new(), busy: state.running.clone() };
        for held in state.lanes.values().flatten() {
            let of = if held.stored.is_there() { &mut known.waiting } else { &mut known.busy };
            of.insert(held.update.0);
        }
        known
    }

    /// Drops updates that wait here but belong to another process by now.
    pub fn forget(&self, updates: &[i64]) {
        let mut state = self.inner.lock();
        let mut gone = 0;
        state.failures.retain(|update, _| !updates.contains(update));
        for lane in state.lanes.values_mut() {
            let before = lane.len();
            lane.retain(|held| !updates.contains(&held.update.0));
            gone += before - lane.len();
        }
        state.in_hand -= gone;
        self.inner.load.send_replace(state.load());
    }

    /// Begins nothing more.
    pub fn stop(&self) {
        self.inner.lock().stopping = true;
    }

    pub async fn below(&self, limit: usize) {
        self.wait(|load| load.in_hand <= limit).await;
    }

    pub async fn idle(&self) {
        self.wait(|load| load.in_hand == 0).await;
    }

    /// Waits until no worker is left.
    pub async fn quiet(&self) {
        self.wait(|load| load.workers == 0).await;
    }

    async fn wait(&self, enough: impl FnMut(&Load) -> bool) {
        let mut load = self.inner.load.subscribe();
        // The sender lives as long as we do.
        let _load = load.wait_for(enough).await;
    }
}

impl<H> Inner<H> {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The next update of the next lane; a worker that gets none must end.
    fn next(&self) -> Option<Held> {
        let mut state = self.lock();
        while !state.stopping {
            let Some(lane) = state.ready.pop_front() else { break };
            match state.lanes.get_mut(&lane).and_then(VecDeque::pop_front) {
                Some(held) => {
                    state.running.insert(held.update.0);
                    return Some(held);
                }
                None => drop(state.lanes.remove(&lane)),
            }
        }
        state.workers -= 1;
        self.load.send_replace(state.load());
        None
    }

    fn count_failure(&self, update: i64, cause: Cause) -> Option<Duration> {
        self.lock().failures.entry(update).or_default().count(cause, self.limits.retry)
    }

    /// Puts an update that failed back to the front of its lane, which is not ready until [`Inner::unpark`].
    fn park(&self, held: Held) {
        let mut state = self.lock();
        state.running.remove(&held.update.0);
        state.lanes.entry(held.lane).or_default().push_front(held);
        self.load.send_replace(state.load());
    }

    /// Lets a lane that rested go on; whether a worker is to be started for it.
    fn unpark(&self, lane: i64) -> bool {
        let mut state = self.lock();
        state.ready.push_back(lane);
        let wanted = !state.stopping && state.workers < self.limits.workers;
        state.workers += usize::from(wanted);
        self.load.send_replace(state.load());
        wanted
    }

    fn end(&self, lane: i64, update: i64) {
        let mut state = self.lock();
        state.in_hand -= 1;
        state.running.remove(&update);
        state.failures.remove(&update);
        if state.lanes.get(&lane).is_some_and(VecDeque::is_empty) {
            state.lanes.remove(&lane);
        } else {
            state.ready.push_back(lane);
        }
        self.load.send_replace(state.load());
    }
}

async fn work<H: Handle>(inner: Arc<Inner<H>>) {
    while let Some(held) = inner.next() {
        let (lane, update) = (held.lane, held.update.0);
        match handle(&inner, &held).await {
            Ok(mark) => {
                if let Some(mark) = mark {
                    inner.marks.put(mark);
                }
                inner.end(lane, update);
            }
            Err(pause) => {
                inner.park(held);
                rest(Arc::clone(&inner), lane, pause);
            }
        }
    }
}

/// Lets a lane go on after a pause, by a new worker if there may be one more.
fn rest<H: Handle>(inner: Arc<Inner<H>>, lane: i64, pause: Duration) {
    task::spawn("inbox retry", async move {
        tokio::time::sleep(pause).await;
        if inner.unpark(lane) {
            task::spawn("inbox worker", work(inner));
        }
    });
}

/// Handles one update. No mark is due for one that was not stored; `Err` is the pause after which it is to be tried again.
async fn handle<H: Handle>(inner: &Inner<H>, held: &Held) -> Result<Option<Mark>, Duration> {
    let outcome = AssertUnwindSafe(inner.handler.handle(held.update, &held.raw, &held.stored)).catch_unwind().await;
    if !held.stored.wait().await {
        tracing::warn!(update.id = held.update.0, "an update could not be stored; it will be sent again");
        return Ok(None);
    }
    let fault = match outcome {
        Ok(Ok(())) => {
            metrics::counter!("souk_updates_done").increment(1);
            return Ok(Some(Mark::Done(held.update)));
        }
        Ok(Err(fault)) => fault,
        Err(panic) => return Ok(Some(failed(held, &Fault::new(format!("panic: {}", words(&*panic)))))),
    };
    let Some(pause) = inner.count_failure(held.update.0, fault.cause()) else { return Ok(Some(failed(held, &fault))) };
    tracing::warn!(update.id = held.update.0, pause_ms = pause.as_millis(), error = %fault, "an update failed; it will be tried again");
    Err(pause)
}

/// Four times as long after each failure: a short trouble is hardly seen, and one of a minute is sat out.
fn pause(first: Duration, failures: u32) -> Duration {
    first.saturating_mul(4_u32.saturating_pow(failures.saturating_sub(1))).min(PAUSE_MAX)
}

fn failed(held: &Held, fault: &Fault) -> Mark {
    metrics::counter!("souk_updates_failed").increment(1);
    tracing::error!(update.id = held.update.0, error = %fault, "an update failed for good");
    Mark::Failed(held.update, fault.chain())
}

/// What a panic said.
pub(in crate::queue) fn words(panic: &(dyn Any + Send)) -> String {
    panic
        .downcast_ref::<&str>()
        .map(|text| (*text).to_owned())
        .or_else(|| panic.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "no words".to_owned())
}

#[cfg(test)]
mod tests {
    use super::{AWAY_TRIES, Cause, Failures, PAUSE_MAX};
    use std::time::Duration;

    const FIRST: Duration = Duration::from_millis(300);

    #[test]
    fn what_fails_by_itself_ends_within_two_minutes() {
        let mut failures = Failures::default();
        let pauses: Vec<Duration> = std::iter::from_fn(|| failures.count(Cause::Ours, FIRST)).collect();
        assert_eq!(pauses.len(), 5);
        assert!(pauses.iter().sum::<Duration>() < Duration::from_mins(2), "{pauses:?}");
    }

    #[test]
    fn what_finds_something_away_waits_a_day_and_counts_its_own_failures_apart() {
        let mut failures = Failures::default();
        for _ in 0..5 {
            assert!(failures.count(Cause::Ours, FIRST).is_some());
        }
        let pauses: Vec<Duration> = std::iter::from_fn(|| failures.count(Cause::Away, FIRST)).collect();
        assert_eq!((pauses[0], pauses[20]), (FIRST, PAUSE_MAX));
        assert!(pauses.iter().sum::<Duration>() > Duration::from_hours(23), "{}", pauses.len());
        assert_eq!(failures.count(Cause::Ours, FIRST), None);
    }

    #[test]
    fn a_wait_is_as_long_as_it_was_asked() {
        let (mut failures, asked) = (Failures::default(), Duration::from_mins(10));
        for _ in 1..AWAY_TRIES {
            assert_eq!(failures.count(Cause::Wait(asked), FIRST), Some(asked));
        }
        assert_eq!(failures.count(Cause::Wait(asked), FIRST), None, "somebody waits behind it");
    }
}
