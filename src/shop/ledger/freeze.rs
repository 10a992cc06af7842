//! Freezing, closing and opening an account.
use super::account::{Account, State};
use super::post::with_rows;
use super::rules::{Change, Changes};
use super::table::Sums;
use super::{LedgerError, store};
use crate::base::Time;
use crate::db::{self, Tx};

/// Sets whether the account takes new debits (I6); an account that nobody has used yet is made. Doing it twice is
/// doing it once.
///
/// # Errors
/// Only faults.
pub async fn set_state(tx: &Tx, account: &Account, state: State, now: Time) -> Result<(), LedgerError> {
    let locked = store::lock(tx, &[account]).await?;
    if locked.first().is_some_and(|row| row.state == state) {
        return Ok(());
    }
    let changes = Changes(vec![Change { account: account.clone(), by: Sums::default(), causes: 0 }]);
    let ids = with_rows(tx, locked, &changes, now).await?;
    // Ids only grow, and whoever debits this account holds its row's lock before he draws one: a debit with a greater
    // id than these came after.
    db::submit(
        tx,
        "UPDATE ledger_accounts SET state = $2,
            frozen_transaction = CASE WHEN $2 = 'open' THEN NULL ELSE COALESCE(frozen_transaction,
                (SELECT COALESCE(MAX(id), 0) FROM ledger_transactions)) END,
            frozen_hold = CASE WHEN $2 = 'open' THEN NULL ELSE COALESCE(frozen_hold,
                (SELECT COALESCE(MAX(id), 0) FROM ledger_holds)) END
         WHERE id = $1",
        vec![store::id_of(&ids, account)?.into(), state.code().into()],
    )
    .await?;
    Ok(())
}
