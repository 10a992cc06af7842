//! A transaction on a connection of its own.
use super::connection::Connection;
use super::pool::Lent;
use super::{away, failed_before};
use futures::FutureExt;
use futures::future::{BoxFuture, Either, join, join_all, ready, select};
use sea_orm::{DbErr, ExecResult, QueryResult, Statement};
use std::future::Future;
use std::mem;
use std::pin::pin;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

/// The answer to come to what was sent.
pub(in crate::db) type Answer = BoxFuture<'static, Result<(), DbErr>>;

/// Dropped without an end, it is undone.
pub(in crate::db) struct Transaction {
    lent: Option<Lent>,
    /// `BEGIN` and what goes with it in one message, where that is more.
    opening: Option<String>,
    is_begun: AtomicBool,
    /// The first statement, while nobody waits for its answer and none follows: alone, it is a transaction by itself, and is spared
    /// `BEGIN` and `COMMIT`.
    first: Mutex<Option<Statement>>,
    has_failed: AtomicBool,
    /// Whose statement goes next: who asks several at once has them done in the order in which he names them.
    turn: tokio::sync::Mutex<()>,
    /// Statements whose answer somebody waits for.
    open: AtomicUsize,
    /// Answers that nobody waits for yet, in the order of their statements.
    sent: Mutex<Vec<Answer>>,
}

impl std::fmt::Debug for Transaction {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Transaction").field("is_begun", &self.is_begun).finish_non_exhaustive()
    }
}

impl Transaction {
    pub fn on(lent: Lent) -> Self {
        Self::opened_by(lent, None)
    }

    /// Of all that name this `turn` one goes on at a time.
    pub fn in_turn_of(lent: Lent, turn: i64) -> Self {
        Self::opened_by(lent, Some(format!("BEGIN; SELECT pg_advisory_xact_lock({turn})")))
    }

    /// Its commit does not wait for the disk.
    pub fn light(lent: Lent) -> Self {
        Self::opened_by(lent, Some("BEGIN; SET LOCAL synchronous_commit = off".to_owned()))
    }

    fn opened_by(lent: Lent, opening: Option<String>) -> Self {
        Self {
            lent: Some(lent),
            opening,
            is_begun: AtomicBool::new(false),
            first: Mutex::default(),
            has_failed: AtomicBool::new(false),
            turn: tokio::sync::Mutex::default(),
            open: AtomicUsize::new(0),
            sent: Mutex::default(),
        }
    }

    pub async fn query(&self, statement: &Statement) -> Result<Vec<QueryResult>, DbErr> {
        self.ask(Some(statement), self.connection()?.query(statement)).await
    }

    pub async fn execute(&self, statement: &Statement) -> Result<ExecResult, DbErr> {
        self.ask(Some(statement), self.connection()?.execute(statement)).await
    }

    pub async fn batch(&self, sql: &str) -> Result<ExecResult, DbErr> {
        self.ask(None, self.connection()?.batch(sql)).await
    }

    /// Sends a statement and goes on: the server keeps the order, and refuses everything after a failure. The next answer
    /// that is waited for tells of it, or the commit.
    pub async fn submit(&self, statement: Statement) -> Result<(), DbErr> {
        let connection = Arc::clone(self.connection()?);
        if self.opening.is_none() && !self.is_begun.load(Ordering::Relaxed) && self.first().is_none() {
            *self.first() = Some(statement);
            return Ok(());
        }
        if !connection.knows(&statement) {
            // It would be overtaken while it is prepared.
            return self.execute(&statement).await.map(drop);
        }
        self.begin(&connection).await?;
        self.send(async move { connection.execute(&statement).await.map(drop) })
    }

    /// An error too where a statement had failed: the server would undo all of it and call that committed.
    pub async fn commit(mut self) -> Result<(), DbErr> {
        if self.has_failed.load(Ordering::Relaxed) {
            self.rollback().await?;
            return Err(failed_before());
        }
        if let Some(only) = self.take_first() {
            let lent = self.lent.take().ok_or_else(|| away("the transaction has ended"))?;
            let done = lent.execute(&only).await.map(drop);
            lent.give_back();
            return done;
        }
        let Some(lent) = self.close()? else { return Ok(()) };
        let (answers, committed) = join(join_all(self.take_sent()), lent.batch("COMMIT")).await;
        answers.into_iter().collect::<Result<(), DbErr>>()?;
        committed?;
        lent.give_back();
        Ok(())
    }

    /// Asks a last question and commits, in the same breath; answers as soon as that question is answered, with what is to be
    /// waited for until all of it is kept. After a failure nothing is.
    pub async fn query_and_commit(mut self, last: &Statement) -> Result<(Vec<QueryResult>, Answer), DbErr> {
        self.in_turn(Some(last)).await?;
        if self.has_failed.load(Ordering::Relaxed) {
            self.rollback().await?;
            return Err(failed_before());
        }
        let Some(lent) = self.close()? else { return Err(away("the transaction has ended")) };
        let connection = Arc::clone(lent.connection());
        let question = connection.query(last);
        let sent = self.take_sent();
        let mut rest = async move {
            let (answers, committed) = join(join_all(sent), lent.batch("COMMIT")).await;
            answers.into_iter().collect::<Result<(), DbErr>>()?;
            committed?;
            lent.give_back();
            Ok(())
        }
        .boxed();
        let (rows, rest) = match select(pin!(question), &mut rest).await {
            Either::Left((rows, _)) => (rows, rest),
            Either::Right((ended, question)) => (question.await, ready(ended).boxed()),
        };
        match rows {
            Ok(rows) => Ok((rows, rest)),
            // What failed before it is the cause.
            Err(error) => Err(rest.await.err().unwrap_or(error)),
        }
    }

    pub async fn rollback(mut self) -> Result<(), DbErr> {
        let Some(lent) = self.close()? else { return Ok(()) };
        lent.batch("ROLLBACK").await?;
        lent.give_back();
        Ok(())
    }

    /// Its connection, for its last words; none when nothing was ever said.
    fn close(&mut self) -> Result<Option<Lent>, DbErr> {
        let Some(lent) = self.lent.take() else { return Err(away("the transaction has ended")) };
        if self.open.load(Ordering::Relaxed) > 0 {
            return Err(away("a statement's answer was not waited for; its connection is thrown away"));
        }
        if self.is_begun.load(Ordering::Relaxed) {
            return Ok(Some(lent));
        }
        lent.give_back();
        Ok(None)
    }

    /// `BEGIN` goes before the first statement, in the same breath: neither waits for the other's answer.
    async fn begin(&self, connection: &Arc<Connection>) -> Result<(), DbErr> {
        if !self.is_begun.swap(true, Ordering::Relaxed) {
            let (connection, opening) = (Arc::clone(connection), self.opening.clone());
            self.send(async move { connection.batch(opening.as_deref().unwrap_or("BEGIN")).await.map(drop) })?;
        }
        if let Some(first) = self.take_first() {
            // It would be overtaken while it is prepared.
            let prepared = connection.prepare(&first).await;
            prepared.inspect_err(|_| self.has_failed.store(true, Ordering::Relaxed))?;
            let connection = Arc::clone(connection);
            self.send(async move { connection.execute(&first).await.map(drop) })?;
        }
        Ok(())
    }

    /// A connection's statements are on their way when their answer is first asked for. What fails then was never sent, and the
    /// server, which does not know of it, would go on: the transaction must not.
    fn send(&self, answer: impl Future<Output = Result<(), DbErr>> + Send + 'static) -> Result<(), DbErr> {
        let mut answer = answer.boxed();
        match answer.poll_unpin(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(answered) => answered.inspect_err(|_| self.has_failed.store(true, Ordering::Relaxed)),
            Poll::Pending => {
                self.sent().push(answer);
                Ok(())
            }
        }
    }

    /// Sends what was put off, then the statement, which is prepared before if need be; and waits for its answer.
    async fn ask<T>(&self, sql: Option<&Statement>, statement: impl Future<Output = Result<T, DbErr>>) -> Result<T, DbErr> {
        let mut before = Vec::new();
        self.open.fetch_add(1, Ordering::Relaxed);
        let answer = async {
            self.in_turn(sql).await?;
            before = self.take_sent();
            statement.await
        };
        let outcome = match answer.await {
            // So did everything before it.
            Ok(answer) => Ok(answer),
            Err(error) => {
                self.has_failed.store(true, Ordering::Relaxed);
                before.extend(self.take_sent());
                let first = join_all(before).await.into_iter().find_map(Result::err);
                Err(first.unwrap_or(error))
            }
        };
        self.open.fetch_sub(1, Ordering::Relaxed);
        outcome
    }

    /// Waits until what was asked before is sent, and this can be: what must be prepared first is not overtaken by what need not.
    async fn in_turn(&self, statement: Option<&Statement>) -> Result<(), DbErr> {
        let connection = self.connection()?;
        let _turn = self.turn.lock().await;
        self.begin(connection).await?;
        match statement {
            Some(statement) if !connection.knows(statement) => connection.prepare(statement).await.map(drop),
            _ => Ok(()),
        }
    }

    fn connection(&self) -> Result<&Arc<Connection>, DbErr> {
        self.lent.as_ref().map(Lent::connection).ok_or_else(|| away("the transaction has ended"))
    }

    fn take_sent(&self) -> Vec<Answer> {
        mem::take(&mut *self.sent())
    }

    fn sent(&self) -> MutexGuard<'_, Vec<Answer>> {
        self.sent.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn take_first(&self) -> Option<Statement> {
        self.first().take()
    }

    fn first(&self) -> MutexGuard<'_, Option<Statement>> {
        self.first.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Transaction {
    /// `ROLLBACK` is sent, and its answer not waited for: whoever uses the connection next is served after it. Where answers
    /// are still to come, that could be long, and the connection is thrown away.
    fn drop(&mut self) {
        let Some(lent) = self.lent.take() else { return };
        if self.open.load(Ordering::Relaxed) > 0 || !self.sent().is_empty() {
            return;
        }
        if self.is_begun.load(Ordering::Relaxed) {
            let _sent = lent.batch("ROLLBACK").now_or_never();
        }
        lent.give_back();
    }
}
