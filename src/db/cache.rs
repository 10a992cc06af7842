//! What is read often and may be a few seconds old: settings, the catalogue, connected panels. Never money, roles, bans
//! or dialogues.
//!
//! Always: of all who ask for a value that is missing or too old, one loads it and the others wait for him; if he fails, each
//! asks for himself. Nothing that was read before [`Db::forget_cached`] is kept, or given to somebody who asked after it.
use super::connect::Db;
use crate::base::Fault;
use std::any::{Any, TypeId};
use std::collections::HashMap;
use std::fmt;
use std::future::Future;
use std::sync::{Arc, RwLock};
use std::time::{Duration, Instant};
use tokio::sync::Mutex;

/// How old a cached value may be.
const AGE_MAX: Duration = Duration::from_secs(5);

/// One value a type: those with an age, and those that live as long as the handle.
#[derive(Default)]
pub(super) struct Cache {
    kept: RwLock<Kept>,
    lasting: RwLock<HashMap<TypeId, Arc<dyn Any + Send + Sync>>>,
}

#[derive(Default)]
struct Kept {
    values: HashMap<TypeId, (Instant, Arc<dyn Any + Send + Sync>)>,
    /// Whoever loads a value of this type holds its lock.
    loading: HashMap<TypeId, Arc<Mutex<()>>>,
    /// How many times everything was forgotten.
    forgotten: u64,
}

impl fmt::Debug for Cache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Cache")
    }
}

impl Cache {
    fn get<T: Any + Send + Sync>(&self) -> Option<Arc<T>> {
        let kept = self.kept.read().ok()?;
        let (since, value) = kept.values.get(&TypeId::of::<T>())?;
        if since.elapsed() > AGE_MAX {
            return None;
        }
        Arc::clone(value).downcast::<T>().ok()
    }

    /// The lock of those who load a value of this type, and how many times everything was forgotten so far.
    fn turn<T: Any>(&self) -> (Arc<Mutex<()>>, u64) {
        let Ok(mut kept) = self.kept.write() else { return Default::default() };
        (Arc::clone(kept.loading.entry(TypeId::of::<T>()).or_default()), kept.forgotten)
    }

    /// Keeps a value, unless everything was forgotten after its loading began.
    fn put<T: Any + Send + Sync>(&self, value: &Arc<T>, forgotten: u64) {
        if let Ok(mut kept) = self.kept.write()
            && kept.forgotten == forgotten
        {
            kept.values.insert(TypeId::of::<T>(), (Instant::now(), Arc::clone(value) as Arc<dyn Any + Send + Sync>));
        }
    }

    async fn fresh<T, F, L>(&self, load: L) -> Result<Arc<T>, Fault>
    where
        T: Any + Send + Sync,
        F: Future<Output = Result<T, Fault>>,
        L: FnOnce() -> F,
    {
        if let Some(value) = self.get::<T>() {
            return Ok(value);
        }
        let (lock, mut forgotten) = self.turn::<T>();
        let mine = lock.try_lock();
        if mine.is_err() {
            drop(lock.lock().await);
            forgotten = self.turn::<T>().1;
        }
        // Somebody has loaded it meanwhile, unless he failed: then nobody waits for yet another who may.
        if let Some(value) = self.get::<T>() {
            return Ok(value);
        }
        let value = Arc::new(load().await?);
        self.put(&value, forgotten);
        Ok(value)
    }

    fn forget(&self) {
        if let Ok(mut kept) = self.kept.write() {
            kept.values.clear();
            kept.forgotten += 1;
        }
    }
}

impl Db {
    /// The value of this type read within the last five seconds, or `load`ed now.
    pub async fn fresh<T, F, L>(&self, load: L) -> Result<Arc<T>, Fault>
    where
        T: Any + Send + Sync,
        F: Future<Output = Result<T, Fault>>,
        L: FnOnce() -> F,
    {
        self.inner.cache.fresh(load).await
    }

    /// The one value of this type that lives as long as this handle: clients of other machines, with their logins.
    pub fn lasting<T: Any + Send + Sync + Default>(&self) -> Arc<T> {
        let found = |kept: &HashMap<TypeId, Arc<dyn Any + Send + Sync>>| {
            kept.get(&TypeId::of::<T>()).and_then(|value| Arc::clone(value).downcast::<T>().ok())
        };
        if let Some(value) = self.inner.cache.lasting.read().ok().and_then(|kept| found(&kept)) {
            return value;
        }
        let Ok(mut kept) = self.inner.cache.lasting.write() else { return Arc::default() };
        if let Some(value) = found(&kept) {
            return value;
        }
        let value = Arc::<T>::default();
        kept.insert(TypeId::of::<T>(), Arc::clone(&value) as Arc<dyn Any + Send + Sync>);
        value
    }

    /// Forgets everything cached: this process has just changed what it caches.
    pub fn forget_cached(&self) {
        self.inner.cache.forget();
    }
}

#[cfg(test)]
mod tests {
    use super::Cache;
    use crate::base::Fault;
    use futures::future::join_all;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
    use tokio::sync::Notify;
    use tokio::task::yield_now;

    /// What the load of this number found.
    struct Found(u32);

    /// Asks for the value as a person's tap does. Others come to ask while it is loaded; the first `failing` loads fail.
    async fn asks(cache: &Cache, loads: &AtomicU32, failing: u32) -> Option<u32> {
        let load = || async {
            let number = loads.fetch_add(1, Relaxed) + 1;
            yield_now().await;
            if number > failing { Ok(Found(number)) } else { Err(Fault::away("not now")) }
        };
        cache.fresh(load).await.ok().map(|found| found.0)
    }

    #[tokio::test]
    async fn one_loads_and_the_others_wait_for_him() {
        let (cache, loads) = (Cache::default(), AtomicU32::new(0));
        let found = join_all((0..100).map(|_| asks(&cache, &loads, 0))).await;
        assert_eq!((found, loads.load(Relaxed)), (vec![Some(1); 100], 1));
        assert_eq!((asks(&cache, &loads, 0).await, loads.load(Relaxed)), (Some(1), 1), "it is kept");
        cache.forget();
        let found = join_all((0..100).map(|_| asks(&cache, &loads, 0))).await;
        assert_eq!((found, loads.load(Relaxed)), (vec![Some(2); 100], 2));
    }

    #[tokio::test]
    async fn who_waited_for_one_that_failed_asks_for_himself() {
        let (cache, loads) = (Cache::default(), AtomicU32::new(0));
        let found = join_all((0..10).map(|_| asks(&cache, &loads, 1))).await;
        assert_eq!(found.iter().filter(|found| found.is_none()).count(), 1, "{found:?}");
        assert!(asks(&cache, &loads, 1).await.is_some_and(|found| found > 1), "a failure is not kept");
    }

    #[tokio::test]
    async fn one_who_is_dropped_in_the_middle_keeps_nobody_waiting() {
        let (cache, loads) = (Arc::new(Cache::default()), AtomicU32::new(0));
        let held = Arc::clone(&cache);
        let first = async move { held.fresh(std::future::pending::<Result<Found, Fault>>).await.map(|found| found.0) };
        let mut first = Box::pin(first);
        assert!(futures::poll!(&mut first).is_pending());
        let mut second = Box::pin(asks(&cache, &loads, 0));
        assert!(futures::poll!(&mut second).is_pending());
        drop(first);
        assert_eq!((second.await, loads.load(Relaxed)), (Some(1), 1));
    }

    #[tokio::test]
    async fn what_was_read_before_all_was_forgotten_is_not_kept() {
        let (cache, loads, go) = (Cache::default(), AtomicU32::new(0), Notify::new());
        let old = cache.fresh(|| async {
            go.notified().await;
            Ok(Found(0))
        });
        let mut old = Box::pin(old);
        assert!(futures::poll!(&mut old).is_pending());
        cache.forget();
        let mut new = Box::pin(asks(&cache, &loads, 0));
        assert!(futures::poll!(&mut new).is_pending());
        go.notify_one();
        assert_eq!(old.await.map(|found| found.0).ok(), Some(0), "he asked before");
        assert_eq!((new.await, asks(&cache, &loads, 0).await), (Some(1), Some(1)));
    }
}
