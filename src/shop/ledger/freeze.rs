//! Freezing, closing and opening an account.
use super::account::{Account, State};
use super::{LedgerError, store};
use crate::base::Time;
use crate::db::{self, Tx};

/// Sets whether the account takes new debits (I6); an account that nobody has used yet is made. Doing it twice is
/// doing it once.
///
/// # Errors
/// Only faults.
pub async fn set_state(tx: &Tx, account: &Account, state: State, now: Time) -> Result<(), LedgerError> {
    let (taken, _) = store::take(tx, &[account], now).await?;
    if taken.iter().any(|row| row.state == state) {
        return Ok(());
    }
    let ids = store::ids_of(taken);
    // Ids only grow, and whoever debits this account holds its row's lock before he draws one (or, of what all sales share, is
    // refused when he comes to it): a debit with a greater id than these came after.
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
