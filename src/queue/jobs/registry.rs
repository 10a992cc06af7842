//! Which kinds of jobs a process can run.
use super::{Act, Attempt, JobError};
use crate::base::Fault;
use futures::future::BoxFuture;
use std::collections::BTreeMap;
use std::marker::PhantomData;
use std::sync::Arc;

/// The table of kinds. A process leaves jobs of other kinds alone.
pub struct Registry<C> {
    kinds: BTreeMap<&'static str, Arc<dyn Kind<C>>>,
}

impl<C: Send + Sync + 'static> Registry<C> {
    pub fn new() -> Self {
        Self { kinds: BTreeMap::new() }
    }

    #[must_use]
    pub fn with<P: Act<C>>(mut self) -> Self {
        let known = self.kinds.insert(P::KIND, Arc::new(Of::<P>(PhantomData)));
        assert!(known.is_none(), "two kinds of jobs are called {}", P::KIND);
        self
    }

    pub fn kinds(&self) -> impl Iterator<Item = &'static str> {
        self.kinds.keys().copied()
    }

    pub(super) fn get(&self, kind: &str) -> Option<Arc<dyn Kind<C>>> {
        self.kinds.get(kind).cloned()
    }
}

impl<C: Send + Sync + 'static> Default for Registry<C> {
    fn default() -> Self {
        Self::new()
    }
}

pub(super) trait Kind<C>: Send + Sync {
    fn tries(&self) -> i64;
    fn run<'a>(&self, payload: &str, app: &'a C, attempt: Attempt) -> BoxFuture<'a, Result<(), JobError>>;
    fn gave_up<'a>(&self, payload: &str, app: &'a C, why: &'a str) -> BoxFuture<'a, Result<(), Fault>>;
}

struct Of<P>(PhantomData<fn() -> P>);

impl<C: Send + Sync + 'static, P: Act<C>> Kind<C> for Of<P> {
    fn tries(&self) -> i64 {
        i64::from(P::TRIES)
    }

    fn run<'a>(&self, payload: &str, app: &'a C, attempt: Attempt) -> BoxFuture<'a, Result<(), JobError>> {
        let read = serde_json::from_str::<P>(payload);
        Box::pin(async move {
            match read {
                Ok(job) => job.run(app, attempt).await,
                Err(error) => Err(JobError::GiveUp { why: format!("the payload cannot be read: {error}") }),
            }
        })
    }

    fn gave_up<'a>(&self, payload: &str, app: &'a C, why: &'a str) -> BoxFuture<'a, Result<(), Fault>> {
        let read = serde_json::from_str::<P>(payload);
        Box::pin(async move {
            match read {
                Ok(job) => job.gave_up(app, why).await,
                // Nobody can be told about a job that nobody can read; the alarm says it.
                Err(_) => Ok(()),
            }
        })
    }
}
