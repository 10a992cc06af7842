//! Who is handled when, inside one process.
//!
//! A lane is a queue of one person's updates. At most one of a lane is handled at a time, at most `workers` lanes at once;
//! after each update a lane goes to the end of the line, so that nobody's flood holds up the others. An update that failed
//! stays first in its lane, which rests for a while and holds no worker. A worker exists only while there is work.
use super::marks::{Mark, Marks};
use super::{Handle, Held, Limits, TRIES};
use crate::base::{Fault, task};
use futures::FutureExt;
use std::any::Any;
use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet, VecDeque};
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::watch;

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
}

#[derive(Default)]
struct State {
    /// A lane is here as long as one of its updates waits or is being handled.
    lanes: HashMap<i64, VecDeque<Held>>,
    /// The lanes that may go on.
    ready: VecDeque<i64>,
    /// The updates that are being handled.
    running: HashSet<i64>,
    /// How many times an update that waits to be tried again has failed.
    failures: HashMap<i64, u32>,
    workers: usize,
    in_hand: usize,
    stopping: bool,
}

impl State {
    fn load(&self) -> Load {
        Load { in_hand: self.in_hand, workers: self.workers }
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

    pub fn in_hand(&self) -> usize {
        self.inner.load.borrow().in_hand
    }

    /// The updates that nobody has begun, and those that are being handled.
    pub fn known(&self) -> (HashSet<i64>, HashSet<i64>) {
        let state = self.inner.lock();
        (state.lanes.values().flatten().map(|held| held.update.0).collect(), state.running.clone())
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

    fn count_failure(&self, update: i64) -> u32 {
        let mut state = self.lock();
        let failures = state.failures.entry(update).or_default();
        *failures += 1;
        *failures
    }

    /// Puts an update that failed back to the front of its lane, which is not ready until [`Inner::unpark`].
    fn park(&self, held: Held) {
        let mut state = self.lock();
        state.running.remove(&held.update.0);
        state.lanes.entry(held.lane).or_default().push_front(held);
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
                inner.marks.put(mark);
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

/// Handles one update; `Err` is the pause after which it is to be tried again.
async fn handle<H: Handle>(inner: &Inner<H>, held: &Held) -> Result<Mark, Duration> {
    let fault = match AssertUnwindSafe(inner.handler.handle(held.update, &held.raw)).catch_unwind().await {
        Ok(Ok(())) => {
            metrics::counter!("souk_updates_done").increment(1);
            return Ok(Mark::Done(held.update));
        }
        Ok(Err(fault)) => fault,
        Err(panic) => return Ok(failed(held, &Fault::new(format!("panic: {}", words(&*panic))))),
    };
    let failures = inner.count_failure(held.update.0);
    if failures >= TRIES {
        return Ok(failed(held, &fault));
    }
    tracing::warn!(update.id = held.update.0, failures, error = %fault, "an update failed; it will be tried again");
    Err(pause(inner.limits.retry, failures))
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
