//! Two transfers at once: money comes, and is spent.
use super::account::Account;
use super::post::{Draft, TransactionId, Transfer, fill, lines_of};
use super::rules::{Changes, admit};
use super::table::AccountRow;
use super::{LedgerError, store};
use crate::base::{Fault, Time};
use crate::db::Tx;
use futures::join;

/// Does two transfers one after the other, both or none: each as [`post`] would, with the statements of one. They are new: the
/// caller holds the lock under which they are made.
///
/// `meanwhile` is what else the act writes, now that it knows how its transactions are called. It comes before the accounts that
/// all sales share are touched: from then on nothing is waited for but the disk, since everybody waits for them. They have no
/// floor, so they need not be locked to be asked: adding to them is enough, as long as they are open by then.
///
/// # Errors
/// Those of `meanwhile`, those of the first transfer that is refused, and `KeyReused` when one was done before. After any of
/// them the transaction must not be committed.
pub async fn post_two<T, E: From<LedgerError>>(
    tx: &Tx,
    two: [Transfer; 2],
    now: Time,
    meanwhile: impl AsyncFnOnce([TransactionId; 2]) -> Result<T, E>,
) -> Result<T, E> {
    let [first, second] = two;
    let drafts = [Draft::of(first, None)?, Draft::of(second, None)?];
    let mut each = [Changes::default(), Changes::default()];
    for (changes, draft) in each.iter_mut().zip(&drafts) {
        changes.post(&draft.entries)?;
    }
    let [first, second] = each;
    let mut all = first.clone();
    all.then(second.clone())?;
    let (own, shared): (Vec<&Account>, Vec<&Account>) =
        all.0.iter().map(|change| &change.account).partition(|account| account.kind.is_personal());
    store::provide(tx, &own, now).await.map_err(LedgerError::from)?;
    let (made, locked, seen) =
        join!(store::insert_transactions(tx, &drafts, now), store::lock_made(tx, &own), store::unlocked(tx, &shared));
    let made = made.map_err(LedgerError::from)?;
    let Some(made) = made.and_then(|made| <[TransactionId; 2]>::try_from(made).ok()) else {
        return Err(LedgerError::KeyReused.into());
    };
    let (locked, seen) = (locked.map_err(LedgerError::from)?, seen.map_err(LedgerError::from)?);
    if seen.len() < shared.len() || seen.iter().any(|row| row.floor.is_some()) {
        let written = meanwhile(made).await?;
        let names: Vec<&Account> = own.into_iter().chain(shared).collect();
        let (taken, _) = store::take(tx, &names, now).await.map_err(LedgerError::from)?;
        admit_both(&taken, &first, &second)?;
        fill(tx, (&drafts, &made), (&store::ids_of(taken), &all), now).await.map_err(LedgerError::from)?;
        return Ok(written);
    }
    let rows = [locked, seen].concat();
    admit_both(&rows, &first, &second)?;
    let written = meanwhile(made).await?;
    let ids = store::ids_of(rows);
    // The shared ones in the order in which they are locked elsewhere: one statement would take them in any order.
    let (doors, beyond): (Vec<_>, Vec<_>) =
        all.0.into_iter().partition(|change| change.account.kind.is_personal() || change.account.kind.is_door());
    for changes in [doors, beyond].into_iter().filter(|changes| !changes.is_empty()) {
        store::apply(tx, (&Changes(changes), false), &ids, now).await.map_err(LedgerError::from)?;
    }
    // The lines come after the sums: each asks for its account's key, which costs whoever has changed that account nothing.
    store::insert_entries(tx, &lines_of(&drafts, &made), &ids).await.map_err(LedgerError::from)?;
    Ok(written)
}

/// The second is asked of what the first leaves.
fn admit_both(locked: &[AccountRow], first: &Changes, second: &Changes) -> Result<(), LedgerError> {
    let mut after = locked.to_vec();
    for change in first.0.iter().chain(&second.0) {
        if !after.iter().any(|row| row.account == change.account) {
            after.push(AccountRow::unused(&change.account));
        }
        let row = after.iter_mut().find(|row| row.account == change.account);
        let row = row.ok_or_else(|| Fault::new("an account that was just added is gone"))?;
        admit(row, change, false)?;
        row.sums = row.sums.plus(change.by)?;
    }
    Ok(())
}
