//! SQLite's one writer: it commits together whatever waits.
//!
//! A commit on `synchronous=FULL` costs an fsync whatever it holds, so a batch of up to [`BATCH_MAX`] pieces of work
//! shares one. Pieces that share a commit run each in its own savepoint: an error or a panic undoes that piece and no
//! other. Nobody is answered before the commit that holds his work.
//!
//! It has a thread of its own, on which SQLite itself runs: a batch waits for nothing but the disk, and the disk holds up
//! nobody else.
use super::connect::Db;
use super::sqlite::{Connection, Scope};
use super::tx::Tx;
use crate::base::Fault;
use futures::FutureExt;
use futures::future::BoxFuture;
use sea_orm::DbErr;
use std::any::Any;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use tokio::runtime::Handle;
use tokio::sync::{mpsc, oneshot};

/// How many pieces of work share one commit at most.
const BATCH_MAX: usize = 128;
/// How many pieces of work may wait before callers do.
const WAITING_MAX: usize = 4_096;

/// Ends a piece of work once its fate is known: `None` when it is on disk, the fault otherwise.
type Deliver = Box<dyn FnOnce(Option<Fault>) + Send>;
/// A piece of work that failed, with how to tell its caller.
type Undone = Box<dyn FnOnce() + Send>;
type Piece = Box<dyn for<'t> FnOnce(&'t Tx) -> BoxFuture<'t, Result<Deliver, Undone>> + Send>;

enum Message {
    Work { piece: Piece, ring: Db },
    Stop(oneshot::Sender<()>),
}

#[derive(Debug)]
pub(super) struct Writer {
    connection: Arc<Connection>,
    queue: mpsc::Sender<Message>,
}

impl std::fmt::Debug for Message {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Message")
    }
}

enum Answer<T, E> {
    Value(T),
    Error(E),
    Panic(Box<dyn Any + Send>),
}

impl Writer {
    /// Starts the writer; its thread ends when it is stopped or dropped.
    pub fn start(connection: Arc<Connection>) -> Result<Self, Fault> {
        let (queue, inbox) = mpsc::channel(WAITING_MAX);
        let (runtime, work) = (Handle::current(), serve(connection.clone(), inbox));
        std::thread::Builder::new()
            .name("sqlite writer".to_owned())
            .spawn(move || {
                if runtime.block_on(AssertUnwindSafe(work).catch_unwind()).is_err() {
                    tracing::error!("the SQLite writer panicked; nothing more can be written");
                }
            })
            .map_err(|error| Fault::new(error).context("starting the writer's thread"))?;
        Ok(Self { connection, queue })
    }

    pub fn connection(&self) -> &Connection {
        &self.connection
    }

    /// Answers once everything queued before is on disk; the writer takes nothing more.
    pub async fn stop(&self) {
        let (done, wait) = oneshot::channel();
        if self.queue.send(Message::Stop(done)).await.is_ok() && wait.await.is_err() {
            tracing::error!("the SQLite writer ended before it was asked to");
        }
    }

    pub async fn run<T, E, F>(&self, db: &Db, work: F) -> Result<T, E>
    where
        F: for<'t> FnOnce(&'t Tx) -> BoxFuture<'t, Result<T, E>> + Send + 'static,
        T: Send + 'static,
        E: From<Fault> + Send + 'static,
    {
        let (answer, wait) = oneshot::channel::<Answer<T, E>>();
        let piece: Piece = Box::new(move |tx| {
            Box::pin(async move {
                match AssertUnwindSafe(async move { work(tx).await }).catch_unwind().await {
                    Ok(Ok(value)) => Ok(Box::new(move |fault: Option<Fault>| {
                        let outcome = fault.map_or_else(|| Answer::Value(value), |fault| Answer::Error(E::from(fault)));
                        drop(answer.send(outcome));
                    }) as Deliver),
                    Ok(Err(error)) => Err(Box::new(move || drop(answer.send(Answer::Error(error)))) as Undone),
                    Err(panic) => Err(Box::new(move || drop(answer.send(Answer::Panic(panic)))) as Undone),
                }
            })
        });
        let message = Message::Work { piece, ring: db.clone() };
        if self.queue.send(message).await.is_err() {
            return Err(E::from(Fault::away("the database is closed")));
        }
        match wait.await {
            Ok(Answer::Value(value)) => Ok(value),
            Ok(Answer::Error(error)) => Err(error),
            Ok(Answer::Panic(panic)) => std::panic::resume_unwind(panic),
            Err(_) => Err(E::from(Fault::away("the database closed before the write was done"))),
        }
    }
}

async fn serve(connection: Arc<Connection>, mut inbox: mpsc::Receiver<Message>) {
    let mut batch = Vec::with_capacity(BATCH_MAX);
    loop {
        batch.clear();
        if inbox.recv_many(&mut batch, BATCH_MAX).await == 0 {
            return;
        }
        let mut pieces = Vec::with_capacity(batch.len());
        let mut stop = None;
        let mut ring = None;
        for message in batch.drain(..) {
            match message {
                Message::Work { piece, ring: db } => {
                    pieces.push(piece);
                    ring = Some(db);
                }
                Message::Stop(done) => stop = Some(done),
            }
        }
        if let Some(db) = ring {
            commit_together(&connection, &db, pieces).await;
        }
        if let Some(done) = stop {
            let _told = done.send(());
            return;
        }
    }
}

async fn commit_together(connection: &Arc<Connection>, db: &Db, mut pieces: Vec<Piece>) {
    metrics::histogram!("souk_sqlite_batch").record(f64::from(u32::try_from(pieces.len()).unwrap_or(u32::MAX)));
    let scope = match Scope::begin(connection) {
        Ok(scope) => scope,
        Err(error) => {
            // The pieces are dropped: each caller hears that the write was not done.
            tracing::error!(%error, "the SQLite writer cannot begin");
            return;
        }
    };
    if pieces.len() == 1 {
        // Nobody else's work can be undone with it: the transaction is its savepoint.
        let Some(piece) = pieces.pop() else { return };
        let tx = Tx::of(scope, db);
        return match piece(&tx).await {
            Ok(deliver) => {
                let wakes = tx.wakes();
                tell(db, &tx.commit().await, vec![deliver], wakes);
            }
            Err(undone) => undo(tx, undone).await,
        };
    }
    let (mut delivered, mut wakes) = (Vec::with_capacity(pieces.len()), 0);
    for piece in pieces {
        if let Some((deliver, woke)) = in_savepoint((&scope, db), piece).await {
            delivered.push(deliver);
            wakes |= woke;
        }
    }
    tell(db, &scope.commit(), delivered, wakes);
}

/// Tells those whose work was done what became of the commit.
fn tell(db: &Db, fate: &Result<(), DbErr>, delivered: Vec<Deliver>, wakes: u8) {
    if let Err(error) = fate {
        tracing::error!(%error, "a commit failed; nothing of its batch happened");
    } else {
        db.ring(wakes);
    }
    for deliver in delivered {
        let fault = fate.as_ref().err().map(|error| Fault::from(error).context("committing"));
        deliver(fault);
    }
}

async fn in_savepoint((scope, db): (&Scope, &Db), piece: Piece) -> Option<(Deliver, u8)> {
    let inner = match scope.savepoint() {
        Ok(inner) => Tx::of(inner, db),
        Err(error) => {
            tracing::error!(%error, "a savepoint cannot be made");
            return None;
        }
    };
    match piece(&inner).await {
        Ok(deliver) => {
            let wakes = inner.wakes();
            match inner.commit().await {
                Ok(()) => Some((deliver, wakes)),
                Err(error) => {
                    deliver(Some(Fault::from(error).context("releasing a savepoint")));
                    None
                }
            }
        }
        Err(undone) => {
            undo(inner, undone).await;
            None
        }
    }
}

async fn undo(tx: Tx, undone: Undone) {
    if let Err(error) = tx.rollback().await {
        tracing::error!(%error, "a piece of work could not be undone");
    }
    undone();
}
