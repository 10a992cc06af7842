//! Connections, lent to one transaction at a time, and those that whoever reads shares.
use super::{Address, Connection, away};
use sea_orm::DbErr;
use std::collections::BTreeMap;
use std::ops::Deref;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// How many connections are lent at once: to transactions, and to questions that take long.
const LENT_MAX: u32 = 16;
const LONG_MAX: u32 = 4;
/// How many connections are shared by what only reads.
const SHARED_MAX: usize = 4;
/// With so many questions open on each shared connection, another is opened.
const QUESTIONS: usize = 2;
/// How long a transaction waits for a connection, and how long a question that takes long.
const WAIT: Duration = Duration::from_secs(10);
const WAIT_LONG: Duration = Duration::from_mins(1);
/// How long closing waits for the transactions that are open.
const GRACE: Duration = Duration::from_secs(10);

/// What is asked on a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Use {
    /// What indexes answer. The server's statistics of a busy table are always old: it takes the table for small, and would
    /// walk all of it once a plan is made (measured: 21 million rows for 3,300 purchases). So here it walks only where there is
    /// no other way.
    Keys,
    /// What walks through many rows: the server plans it best.
    Walks,
}

impl Use {
    async fn open(self, address: &Address) -> Result<Connection, DbErr> {
        let connection = Connection::open(address).await?;
        if self == Self::Keys {
            // A walk without another way looks dear, and would be compiled first. A plan is made once and for all values, as
            // SQLite makes it.
            connection.batch("SET enable_seqscan = off; SET jit = off; SET plan_cache_mode = force_generic_plan").await?;
        }
        Ok(connection)
    }
}

#[derive(Debug)]
pub(in crate::db) struct Pool {
    address: Address,
    usage: Use,
    lent_max: u32,
    slots: Arc<Semaphore>,
    free: Mutex<BTreeMap<u64, Arc<Connection>>>,
    /// How many were opened to be lent.
    opened: AtomicU64,
    shared: Mutex<Vec<Arc<Connection>>>,
    /// Who opens one more shared connection.
    opening: tokio::sync::Mutex<()>,
    is_closed: AtomicBool,
}

impl Pool {
    /// For what indexes answer. Opens one connection, so that a mistake in the address is heard of now.
    pub async fn open(address: Address) -> Result<Arc<Self>, DbErr> {
        let pool = Self::of(address, Use::Keys, LENT_MAX);
        let first = pool.usage.open(&pool.address).await?;
        locked(&pool.free).insert(0, Arc::new(first));
        Ok(pool)
    }

    /// For what walks through many rows.
    pub fn for_walks(address: Address) -> Arc<Self> {
        Self::of(address, Use::Walks, LONG_MAX)
    }

    fn of(address: Address, usage: Use, lent_max: u32) -> Arc<Self> {
        Arc::new(Self {
            address,
            usage,
            lent_max,
            slots: Arc::new(Semaphore::new(lent_max as usize)),
            free: Mutex::default(),
            opened: AtomicU64::new(1),
            shared: Mutex::default(),
            opening: tokio::sync::Mutex::default(),
            is_closed: AtomicBool::new(false),
        })
    }

    pub fn address(&self) -> &Address {
        &self.address
    }

    /// A connection for one user. The oldest is lent first: so a quiet hour's work is done by the same few, which have prepared all
    /// of its statements, whatever a busy one needed.
    pub async fn lend(self: &Arc<Self>) -> Result<Lent, DbErr> {
        let wait = if self.usage == Use::Keys { WAIT } else { WAIT_LONG };
        let slot = tokio::time::timeout(wait, Arc::clone(&self.slots).acquire_owned()).await;
        let slot = slot.map_err(|_| away("all connections to PostgreSQL are in use"))?.map_err(|_| closed())?;
        let held = loop {
            let free = locked(&self.free).pop_first();
            match free {
                Some((_, free)) if free.is_closed() => {}
                Some(free) => break free,
                None => {
                    let opened = Arc::new(self.usage.open(&self.address).await?);
                    break (self.opened.fetch_add(1, Ordering::Relaxed), opened);
                }
            }
        };
        Ok(Lent { pool: Arc::clone(self), held: Some(held), _slot: slot })
    }

    /// A connection to read by; others read by it too, each question is answered in its turn.
    pub async fn share(&self) -> Result<Arc<Connection>, DbErr> {
        let there = match self.idlest() {
            Some((connection, questions, is_last)) if questions < QUESTIONS || is_last => return Ok(connection),
            other => other,
        };
        // Whoever finds that more are needed opens one; the others do with what there is.
        let _opening = match (there, self.opening.try_lock()) {
            (_, Ok(opening)) => opening,
            (Some((connection, ..)), Err(_)) => return Ok(connection),
            (None, Err(_)) => self.opening.lock().await,
        };
        if let Some((connection, questions, is_last)) = self.idlest()
            && (questions < QUESTIONS || is_last)
        {
            return Ok(connection);
        }
        if self.is_closed.load(Ordering::Relaxed) {
            return Err(closed());
        }
        let opened = Arc::new(self.usage.open(&self.address).await?);
        locked(&self.shared).push(Arc::clone(&opened));
        Ok(opened)
    }

    /// The shared connection with the fewest open questions, how many these are, and whether no more may be opened.
    fn idlest(&self) -> Option<(Arc<Connection>, usize, bool)> {
        let mut shared = locked(&self.shared);
        shared.retain(|connection| !connection.is_closed());
        let is_last = shared.len() >= SHARED_MAX;
        let idlest = shared.iter().min_by_key(|connection| Arc::strong_count(connection))?;
        // Each who asks holds the connection until he is answered.
        let questions = Arc::strong_count(idlest) - 1;
        Some((Arc::clone(idlest), questions, is_last))
    }

    /// Waits for the transactions that are open, and lends no more.
    pub async fn close(&self) {
        if tokio::time::timeout(GRACE, self.slots.acquire_many(self.lent_max)).await.is_err() {
            tracing::warn!("some transactions did not end in time; the server will undo them");
        }
        self.is_closed.store(true, Ordering::Relaxed);
        self.slots.close();
        locked(&self.free).clear();
        locked(&self.shared).clear();
    }
}

/// A connection that one user has for himself. Dropped without being given back, it is closed.
#[derive(Debug)]
pub(in crate::db) struct Lent {
    pool: Arc<Pool>,
    held: Option<(u64, Arc<Connection>)>,
    _slot: OwnedSemaphorePermit,
}

impl Lent {
    pub fn connection(&self) -> &Arc<Connection> {
        // Only giving back takes it, which nothing follows.
        let held = self.held.as_ref().unwrap_or_else(|| unreachable!("a connection is used after it was given back"));
        &held.1
    }

    /// For the next user: everything that was asked has been answered, or will be before he is.
    pub fn give_back(mut self) {
        if let Some((number, held)) = self.held.take()
            && !self.pool.slots.is_closed()
        {
            locked(&self.pool.free).insert(number, held);
        }
    }
}

impl Deref for Lent {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        self.connection()
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn closed() -> DbErr {
    away("the database is closed")
}
