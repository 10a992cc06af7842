//! What is read often and may be a few seconds old: settings, the catalogue, connected panels. Never money, roles, bans
//! or dialogues.
use super::connect::Db;
use crate::base::Fault;
use std::any::{Any, TypeId};
use std::collections::HashMap;
use std::fmt;
use std::future::Future;
use std::sync::{Arc, RwLock};
use std::time::{Duration, Instant};

/// How old a cached value may be.
const AGE_MAX: Duration = Duration::from_secs(5);

type Kept = (Instant, Arc<dyn Any + Send + Sync>);

/// One value a type: those with an age, and those that live as long as the handle.
#[derive(Default)]
pub(super) struct Cache {
    kept: RwLock<HashMap<TypeId, Kept>>,
    lasting: RwLock<HashMap<TypeId, Arc<dyn Any + Send + Sync>>>,
}

impl fmt::Debug for Cache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Cache")
    }
}

impl Cache {
    fn get<T: Any + Send + Sync>(&self) -> Option<Arc<T>> {
        let kept = self.kept.read().ok()?;
        let (since, value) = kept.get(&TypeId::of::<T>())?;
        if since.elapsed() > AGE_MAX {
            return None;
        }
        Arc::clone(value).downcast::<T>().ok()
    }

    fn put<T: Any + Send + Sync>(&self, value: &Arc<T>) {
        if let Ok(mut kept) = self.kept.write() {
            kept.insert(TypeId::of::<T>(), (Instant::now(), Arc::clone(value) as Arc<dyn Any + Send + Sync>));
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
        if let Some(value) = self.inner.cache.get::<T>() {
            return Ok(value);
        }
        let value = Arc::new(load().await?);
        self.inner.cache.put(&value);
        Ok(value)
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
        if let Ok(mut kept) = self.inner.cache.kept.write() {
            kept.clear();
        }
    }
}
