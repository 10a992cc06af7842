//! Moving money: post, refund in part, reverse. One locking read, one row of transaction, its entries, its accounts.
use super::account::{Account, Side};
use super::rules::{Changes, Entry, admit, fingerprint};
use super::table::{AccountRow, name};
use super::{LedgerError, store};
use crate::base::{Asset, Fault, Money, PersonId, Time};
use crate::db::Tx;
use sea_orm::{ConnectionTrait, DbBackend, DeriveValueType};
use std::slice;

/// The kind of a transaction by which money comes.
const TOP_UP: &str = "topup";

/// A transaction's row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, DeriveValueType)]
pub struct TransactionId(pub i64);

/// So much from the credited account's side to the debited one's: `debit` grows on debit, `credit` on credit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leg {
    pub debit: Account,
    pub credit: Account,
    pub amount: Money,
}

/// What is to be moved, all or nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transfer {
    /// Names this act for ever. The same key with the same input (all of it, the actor and the order of the legs too)
    /// is the same act. Keys that begin with `hold:` are the ledger's own.
    pub key: String,
    /// What kind of act, in one word: `topup`, `sale`, `refund`.
    pub kind: &'static str,
    /// What it is for: `order:7K3...`.
    pub about: String,
    pub actor: PersonId,
    pub reason: Option<String>,
    pub legs: Vec<Leg>,
}

/// What became of it. `replay`: it had been done before, and nothing was changed now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Posted {
    pub id: TransactionId,
    pub replay: bool,
}

/// Who takes a transaction back, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reversal {
    pub key: String,
    pub actor: PersonId,
    pub reason: String,
}

/// A transaction ready to be written.
#[derive(Debug)]
pub struct Draft {
    pub key: String,
    pub hash: String,
    pub kind: String,
    pub about: String,
    pub actor: PersonId,
    pub reason: Option<String>,
    pub reverses: Option<TransactionId>,
    pub against: Option<TransactionId>,
    pub entries: Vec<Entry>,
    /// A frozen account gives it.
    pub passes_frozen: bool,
}

/// Does the transfer, once.
///
/// # Errors
/// Any refusal but `AlreadyReversed`, `TooMuch`, `Final` and `HoldResolved`. A transfer without legs, of nothing, of two
/// assets in one leg, or from an account to itself is a fault: it is a mistake of the caller, not of a person.
pub async fn post(tx: &Tx, transfer: Transfer, now: Time) -> Result<Posted, LedgerError> {
    let draft = Draft::of(transfer, None)?;
    record(tx, &draft, now).await
}

/// Does a transfer that gives back a part of `original`: all that stand against it never sum to more than it (I4).
///
/// # Errors
/// As [`post`], and `TooMuch`, `AlreadyReversed`, `Final`.
pub async fn post_against(tx: &Tx, original: TransactionId, transfer: Transfer, now: Time) -> Result<Posted, LedgerError> {
    let draft = Draft::of(transfer, Some(original))?;
    match may_refund(tx, original, &draft).await {
        Ok(()) => record(tx, &draft, now).await,
        Err(refusal) => replay_or(tx, &draft, refusal).await,
    }
}

/// Takes a whole transaction back by its mirror image, once. What was refunded in part is not reversed (`TooMuch`).
///
/// # Errors
/// As [`post`], and `TooMuch`, `AlreadyReversed`, `Final`.
pub async fn reverse(tx: &Tx, original: TransactionId, reversal: Reversal, now: Time) -> Result<Posted, LedgerError> {
    mirror(tx, original, (reversal, false), now).await
}

/// The same, of a top-up that should not have come: an account that was frozen since gives it back.
///
/// # Errors
/// As [`reverse`], without `Frozen`. What is no top-up is a fault.
pub async fn take_back(tx: &Tx, original: TransactionId, reversal: Reversal, now: Time) -> Result<Posted, LedgerError> {
    mirror(tx, original, (reversal, true), now).await
}

async fn mirror(
    tx: &Tx,
    original: TransactionId,
    (reversal, passes_frozen): (Reversal, bool),
    now: Time,
) -> Result<Posted, LedgerError> {
    let row = store::original(tx, original).await?;
    if passes_frozen && row.kind != TOP_UP {
        return Err(Fault::new(format!("a {} does not pass a frozen account: transaction {}", row.kind, original.0)).into());
    }
    let entries = store::entries(tx, original).await?;
    let mirrored = entries.into_iter().map(|line| {
        let account = name(&line.kind, line.owner, &line.asset)?;
        Ok(Entry { account, side: Side::parse(&line.side)?.opposite(), amount: line.amount })
    });
    let draft = Draft {
        hash: fingerprint(["reverse", &original.0.to_string(), &reversal.actor.to_string(), &reversal.reason]),
        key: reversal.key,
        kind: "reversal".to_owned(),
        about: row.about,
        actor: reversal.actor,
        reason: Some(reversal.reason),
        reverses: Some(original),
        against: None,
        entries: mirrored.collect::<Result<_, Fault>>()?,
        passes_frozen,
    };
    let refusal = if row.reversed > 0 {
        LedgerError::AlreadyReversed
    } else if row.reverses.is_some() {
        LedgerError::Final
    } else if !store::refunded(tx, original).await?.is_empty() {
        LedgerError::TooMuch
    } else {
        return record(tx, &draft, now).await;
    };
    replay_or(tx, &draft, refusal).await
}

/// Locks these accounts before any other: for an act whose own steps would take them in another order than they are taken
/// elsewhere, such as one that takes back what was spent before it takes back what came.
pub async fn lock_first(tx: &Tx, accounts: &[Account]) -> Result<(), Fault> {
    if tx.get_database_backend() == DbBackend::Postgres {
        store::lock_made(tx, &accounts.iter().collect::<Vec<_>>()).await?;
    }
    Ok(())
}

/// As [`lock_first`], of accounts that the act uses: those that nobody has used yet are made, in their turn.
pub async fn take_first(tx: &Tx, accounts: &[Account], now: Time) -> Result<(), Fault> {
    if tx.get_database_backend() == DbBackend::Postgres {
        store::take(tx, &accounts.iter().collect::<Vec<_>>(), now).await?;
    }
    Ok(())
}

async fn may_refund(tx: &Tx, original: TransactionId, draft: &Draft) -> Result<(), LedgerError> {
    let row = store::original(tx, original).await?;
    if row.reversed > 0 {
        return Err(LedgerError::AlreadyReversed);
    }
    if row.reverses.is_some() || row.against.is_some() {
        return Err(LedgerError::Final);
    }
    let whole = store::entries(tx, original).await?;
    let before = store::refunded(tx, original).await?;
    for asset in Asset::ALL {
        let code = asset.code();
        let debits = whole.iter().filter(|line| line.asset == code && line.side == Side::Debit.code());
        let limit = sum(asset, debits.map(|line| line.amount))?;
        let now = draft.entries.iter().filter(|entry| entry.account.asset == asset && entry.side == Side::Debit);
        let now = sum(asset, now.map(|entry| entry.amount))?;
        let so_far = sum(asset, before.iter().filter(|sum| sum.asset == code).map(|sum| sum.amount))?;
        if now.minor > 0 && so_far.plus(now)?.minor > limit.minor {
            return Err(LedgerError::TooMuch);
        }
    }
    Ok(())
}

fn sum(asset: Asset, amounts: impl Iterator<Item = i64>) -> Result<Money, LedgerError> {
    let mut sum = Money::new(0, asset);
    for amount in amounts {
        sum = sum.plus(Money::new(amount, asset))?;
    }
    Ok(sum)
}

impl Draft {
    pub(super) fn of(transfer: Transfer, against: Option<TransactionId>) -> Result<Self, LedgerError> {
        let Transfer { key, kind, about, actor, reason, legs } = transfer;
        if legs.is_empty() {
            return Err(Fault::new(format!("transfer {key} moves nothing")).into());
        }
        let mut parts = vec!["post".to_owned(), kind.to_owned(), about.clone(), actor.to_string()];
        parts.push(against.map_or_else(String::new, |id| id.0.to_string()));
        parts.push(reason.as_ref().map_or_else(String::new, |reason| format!("reason {reason}")));
        let mut entries = Vec::with_capacity(legs.len() * 2);
        for leg in legs {
            parts.extend([leg.debit.to_string(), leg.credit.to_string(), leg.amount.minor.to_string()]);
            entries.extend(pair(leg.debit, leg.credit, leg.amount)?);
        }
        let hash = fingerprint(parts.iter().map(String::as_str));
        Ok(Self {
            key,
            hash,
            kind: kind.to_owned(),
            about,
            actor,
            reason,
            reverses: None,
            against,
            entries,
            passes_frozen: false,
        })
    }
}

/// The two lines of a leg.
pub(super) fn pair(debit: Account, credit: Account, amount: Money) -> Result<[Entry; 2], LedgerError> {
    let wrong = if amount.minor <= 0 {
        "an amount is not positive"
    } else if debit.asset != amount.asset || credit.asset != amount.asset {
        "an account is of another asset than the amount"
    } else if debit == credit {
        "an account is on both sides"
    } else if amount.minor >= Money::LIMIT {
        return Err(LedgerError::Overflow);
    } else {
        let (side, amount) = (Side::Debit, amount.minor);
        return Ok([Entry { account: debit, side, amount }, Entry { account: credit, side: side.opposite(), amount }]);
    };
    Err(Fault::new(format!("{wrong}: {debit} from {credit}, {}", amount.minor)).into())
}

/// Writes the draft, unless its key says that it was written before or an account refuses.
async fn record(tx: &Tx, draft: &Draft, now: Time) -> Result<Posted, LedgerError> {
    let mut changes = Changes::default();
    changes.post(&draft.entries)?;
    write(tx, draft, &changes, now).await
}

/// Writes a draft whose changes may also release a hold: then it *resolves* one, which a frozen account allows, as it does
/// what takes a top-up back.
pub(super) async fn write(tx: &Tx, draft: &Draft, changes: &Changes, now: Time) -> Result<Posted, LedgerError> {
    let resolving = draft.passes_frozen || changes.0.iter().any(|change| change.by.debits_pending < 0);
    let ids = match admitted(tx, changes, resolving).await {
        Ok(Admitted::Locked(ids)) => Ok((ids, false)),
        // No row is made for a key that was used.
        Ok(Admitted::Unlocked) if store::by_key(tx, &draft.key).await?.is_some() => Err(LedgerError::KeyReused),
        Ok(Admitted::Unlocked) => made(tx, changes, resolving, now).await,
        Err(refusal) => Err(refusal),
    };
    let (ids, any_made) = match ids {
        Ok(ids) => ids,
        Err(refusal) => return replay_or(tx, draft, refusal).await,
    };
    let drafts = slice::from_ref(draft);
    let Some(made) = store::insert_transactions(tx, drafts, now).await? else {
        let done = replay_or(tx, draft, LedgerError::KeyReused).await;
        return if any_made { done.map_err(too_late) } else { done };
    };
    let [id] = made[..] else { return Err(Fault::new("one transaction has not one id").into()) };
    fill(tx, (drafts, &made), (&ids, changes), now).await?;
    Ok(Posted { id, replay: false })
}

pub(super) fn lines_of<'d>(drafts: &'d [Draft], made: &[TransactionId]) -> Vec<(TransactionId, &'d [Entry])> {
    made.iter().copied().zip(drafts.iter().map(|draft| draft.entries.as_slice())).collect()
}

/// Writes the lines of new transactions, and what they do to their accounts, which are locked.
pub(super) async fn fill(
    tx: &Tx,
    (drafts, made): (&[Draft], &[TransactionId]),
    (ids, changes): (&store::Ids, &Changes),
    now: Time,
) -> Result<(), Fault> {
    store::insert_entries(tx, &lines_of(drafts, made), ids).await?;
    store::apply(tx, (changes, true), ids, now).await
}

/// What the accounts of some changes take.
pub(super) enum Admitted {
    Locked(store::Ids),
    /// Some were never used, and none is locked yet: see [`made`].
    Unlocked,
}

/// Locks the accounts of these changes, and asks whether each takes its own.
pub(super) async fn admitted(tx: &Tx, changes: &Changes, resolving: bool) -> Result<Admitted, LedgerError> {
    let names = changes.accounts();
    if let Some(locked) = store::lock(tx, &names).await? {
        admit_all(&locked, changes, resolving)?;
        return Ok(Admitted::Locked(store::ids_of(locked)));
    }
    admit_all(&store::unlocked(tx, &names).await?, changes, resolving)?;
    Ok(Admitted::Unlocked)
}

/// Makes the rows that are missing, locks all, and asks once more: much may have come since they were looked at. Says also whether any
/// was made.
pub(super) async fn made(tx: &Tx, changes: &Changes, resolving: bool, now: Time) -> Result<(store::Ids, bool), LedgerError> {
    let (taken, any_made) = store::take(tx, &changes.accounts(), now).await?;
    let admitted = admit_all(&taken, changes, resolving);
    admitted.map_err(|refusal| if any_made { too_late(refusal) } else { refusal })?;
    Ok((store::ids_of(taken), any_made))
}

/// A refusal after rows were made: it must leave no trace, so all is undone and tried again.
fn too_late(refusal: LedgerError) -> LedgerError {
    Fault::new(refusal).context("an account changed while it was made").into()
}

fn admit_all(rows: &[AccountRow], changes: &Changes, resolving: bool) -> Result<(), LedgerError> {
    changes.0.iter().try_for_each(|change| match rows.iter().find(|row| row.account == change.account) {
        Some(row) => admit(row, change, resolving),
        None => admit(&AccountRow::unused(&change.account), change, resolving),
    })
}

/// The first result of this key when it was used for the same input; `KeyReused` when for another; else the refusal.
async fn replay_or(tx: &Tx, draft: &Draft, refusal: LedgerError) -> Result<Posted, LedgerError> {
    if let LedgerError::Fault(fault) = refusal {
        return Err(fault.into());
    }
    match store::by_key(tx, &draft.key).await? {
        Some(row) if row.input_hash == draft.hash => Ok(Posted { id: TransactionId(row.id), replay: true }),
        Some(_) => Err(LedgerError::KeyReused),
        None => Err(refusal),
    }
}
