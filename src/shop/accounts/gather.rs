//! Many visitors, one question: whoever asks while a question is under way waits for the next one, which asks for all of
//! them at once.
//!
//! Always: an answer was read after it was asked for. Nothing is kept: roles, bans and open dialogues may be changed by
//! another process at any moment.
use super::store::{Found, found};
use super::{Admin, Visitor};
use crate::base::{ChatId, Fault, PersonId, Time, task};
use crate::db::Db;
use std::sync::{Mutex, PoisonError};
use tokio::sync::oneshot;

/// How many are asked for in one question.
const MOST: usize = 64;

type Reply = Result<Option<Found>, Fault>;

struct Asked {
    person: PersonId,
    chat: ChatId,
    now: Time,
    reply: oneshot::Sender<Reply>,
}

#[derive(Default)]
pub(super) struct Desk(Mutex<Waiting>);

#[derive(Default)]
struct Waiting {
    asked: Vec<Asked>,
    /// Somebody is asking the database now, and will come back for the rest.
    busy: bool,
}

impl Desk {
    /// Puts a question in line; whether the one who asks the database must be called.
    fn put(&self, asked: Asked) -> bool {
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.asked.push(asked);
        !std::mem::replace(&mut waiting.busy, true)
    }

    /// The next questions; when there are none, whoever comes next must call again.
    fn take(&self) -> Vec<Asked> {
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let count = waiting.asked.len().min(MOST);
        waiting.busy = count > 0;
        waiting.asked.drain(..count).collect()
    }
}

/// The sender of an update in `chat`; `None` when he is new. Owners named by the environment hold their role without
/// a row.
pub async fn visitor(db: &Db, id: PersonId, chat: ChatId, owners: &[PersonId], now: Time) -> Result<Option<Visitor>, Fault> {
    let (reply, wait) = oneshot::channel();
    if db.lasting::<Desk>().put(Asked { person: id, chat, now, reply }) {
        // In a task of its own: when the caller stops waiting, the others still do not.
        task::spawn("visitors", serve(db.clone()));
    }
    let found = wait.await.unwrap_or_else(|_| Err(Fault::new("the question for a visitor was dropped")))?;
    Ok(found.map(|Found { person, role, dialogue }| {
        let role = if owners.contains(&id) { Some(super::Role::Owner) } else { role };
        Visitor { person, admin: role.map(|role| Admin::proven(id, role)), dialogue }
    }))
}

async fn serve(db: Db) {
    let desk = db.lasting::<Desk>();
    loop {
        let batch = desk.take();
        if batch.is_empty() {
            return;
        }
        answer(&db, batch).await;
    }
}

async fn answer(db: &Db, batch: Vec<Asked>) {
    let keys: Vec<(PersonId, ChatId)> = batch.iter().map(|asked| (asked.person, asked.chat)).collect();
    let now = batch.iter().map(|asked| asked.now).max().unwrap_or(Time(0));
    match found(db.read(), &keys, now).await {
        Ok(all) => {
            for asked in batch {
                let one = all.get(&(asked.person, asked.chat)).cloned();
                drop(asked.reply.send(Ok(one)));
            }
        }
        Err(fault) => {
            let why = fault.chain();
            for asked in batch {
                drop(asked.reply.send(Err(Fault::new(&why))));
            }
        }
    }
}
