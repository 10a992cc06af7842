//! What an account may do, decided without a database; and the fingerprint of an input.
use super::LedgerError;
use super::account::{Account, Side, State};
use super::table::{AccountRow, Sums};
use crate::base::{Fault, Money, Overflow};
use sha2::{Digest, Sha256};
use std::fmt::Write as _;

/// A line of a transaction before it is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    pub account: Account,
    pub side: Side,
    pub amount: i64,
}

/// What one write does to one account. Pending sums may also fall.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    pub account: Account,
    pub by: Sums,
    /// How many causes it has: transactions, holds made, holds released.
    pub causes: i64,
}

/// Changes by account, in the order of first mention.
#[derive(Debug, Clone, Default)]
pub struct Changes(pub Vec<Change>);

impl Changes {
    fn of(&mut self, account: &Account) -> Result<&mut Change, Fault> {
        let place = self.0.iter().position(|change| change.account == *account).unwrap_or_else(|| {
            self.0.push(Change { account: account.clone(), by: Sums::default(), causes: 0 });
            self.0.len() - 1
        });
        self.0.get_mut(place).ok_or_else(|| Fault::new("a change that was made is gone"))
    }

    pub fn accounts(&self) -> Vec<&Account> {
        self.0.iter().map(|change| &change.account).collect()
    }

    /// Adds posted lines; all of them together are one cause for each account.
    pub fn post(&mut self, lines: &[Entry]) -> Result<(), LedgerError> {
        for line in lines {
            let change = self.of(&line.account)?;
            change.causes = 1;
            let sum = match line.side {
                Side::Debit => &mut change.by.debits_posted,
                Side::Credit => &mut change.by.credits_posted,
            };
            *sum = add(*sum, line.amount)?;
        }
        Ok(())
    }

    /// Adds what a later write does; both have their causes.
    pub fn then(&mut self, later: Self) -> Result<(), LedgerError> {
        for change in later.0 {
            let known = self.of(&change.account)?;
            known.by = known.by.plus(change.by)?;
            known.causes += change.causes;
        }
        Ok(())
    }

    /// Moves what is pending between two accounts up, or (negative) down. `causes` is 0 when a posting resolves it.
    pub fn pend(&mut self, debit: &Account, credit: &Account, amount: i64, causes: i64) -> Result<(), LedgerError> {
        let change = self.of(debit)?;
        change.by.debits_pending = add(change.by.debits_pending, amount)?;
        change.causes += causes;
        let change = self.of(credit)?;
        change.by.credits_pending = add(change.by.credits_pending, amount)?;
        change.causes += causes;
        Ok(())
    }
}

fn add(a: i64, b: i64) -> Result<i64, Overflow> {
    a.checked_add(b).filter(|sum| sum.unsigned_abs() < Money::LIMIT.unsigned_abs()).ok_or(Overflow)
}

impl Sums {
    pub fn plus(self, by: Self) -> Result<Self, Overflow> {
        Ok(Self {
            debits_posted: add(self.debits_posted, by.debits_posted)?,
            credits_posted: add(self.credits_posted, by.credits_posted)?,
            debits_pending: add(self.debits_pending, by.debits_pending)?,
            credits_pending: add(self.credits_pending, by.credits_pending)?,
        })
    }

    /// What is on the account, counted on its normal side.
    pub fn posted(self, normal: Side) -> i64 {
        match normal {
            Side::Debit => self.debits_posted - self.credits_posted,
            Side::Credit => self.credits_posted - self.debits_posted,
        }
    }

    /// What is held against it.
    pub fn held(self, normal: Side) -> i64 {
        match normal {
            Side::Debit => self.credits_pending,
            Side::Credit => self.debits_pending,
        }
    }

    /// What may come to it from open holds.
    pub fn incoming(self, normal: Side) -> i64 {
        self.held(normal.opposite())
    }

    pub fn available(self, normal: Side) -> i64 {
        self.posted(normal) - self.held(normal)
    }
}

/// May this change happen to this account? `resolving` says that it posts what was held before.
pub fn admit(row: &AccountRow, change: &Change, resolving: bool) -> Result<(), LedgerError> {
    let debits = change.by.debits_posted > 0 || change.by.debits_pending > 0;
    if debits && !resolving && row.state != State::Open {
        return Err(LedgerError::Frozen(row.account.clone()));
    }
    let after = row.sums.plus(change.by)?;
    let (before, left) = (row.sums.available(row.normal), after.available(row.normal));
    let limits = row.limits;
    // What takes nothing (a release, money that comes) is never refused, however low the account stands.
    if row.floor.is_some() && left < before && limits.standing(left, after.incoming(row.normal)) < 0 {
        let asset = row.account.asset;
        let spendable = limits.standing(before, row.sums.incoming(row.normal));
        let wanted = before.checked_sub(left).ok_or(Overflow)?;
        return Err(LedgerError::Short {
            account: row.account.clone(),
            available: Money::new(spendable, asset),
            wanted: Money::new(wanted, asset),
        });
    }
    Ok(())
}

/// The fingerprint of an input: equal for equal parts in equal order, and for nothing else.
pub fn fingerprint<'p>(parts: impl IntoIterator<Item = &'p str>) -> String {
    let mut digest = Sha256::new();
    for part in parts {
        digest.update(part.len().to_be_bytes());
        digest.update(part);
    }
    digest.finalize().iter().fold(String::with_capacity(64), |mut text, byte| {
        let _infallible = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::{Change, Changes, Entry, Sums, admit, fingerprint};
    use crate::base::{Asset, Money, PersonId};
    use crate::shop::ledger::LedgerError;
    use crate::shop::ledger::account::{Account, Side, State};
    use crate::shop::ledger::limits::Limits;
    use crate::shop::ledger::table::AccountRow;

    fn wallet(credits: i64, held: i64) -> AccountRow {
        let sums = Sums { credits_posted: credits, debits_pending: held, ..Sums::default() };
        AccountRow { sums, ..AccountRow::unused(&Account::wallet(PersonId(1), Asset::Irt)) }
    }

    fn debit(amount: i64) -> Change {
        let by = Sums { debits_posted: amount, ..Sums::default() };
        Change { account: Account::wallet(PersonId(1), Asset::Irt), by, causes: 1 }
    }

    #[test]
    fn a_wallet_gives_what_is_not_held_and_no_more() {
        for (credits, held, wanted, ok) in [(100, 0, 100, true), (100, 0, 101, false), (100, 40, 60, true), (100, 40, 61, false)]
        {
            let outcome = admit(&wallet(credits, held), &debit(wanted), false);
            match outcome {
                Ok(()) => assert!(ok, "{credits} {held} {wanted}"),
                Err(LedgerError::Short { available, wanted: asked, .. }) => {
                    assert!(!ok, "{credits} {held} {wanted}");
                    assert_eq!((available.minor, asked.minor), (credits - held, wanted));
                }
                Err(other) => panic!("{other}"),
            }
        }
    }

    #[test]
    fn a_credit_line_and_a_part_of_what_is_pending_may_be_spent_too() {
        let limits = Limits { line: 50, pending_per_mille: 500, pending_max: 30 };
        for (pending, reach) in [(0, 150), (1, 150), (20, 160), (60, 180), (61, 180), (1_000, 180)] {
            let unused = AccountRow::unused(&Account::credit(PersonId(1), Asset::Irt));
            let sums = Sums { credits_posted: 100, credits_pending: pending, ..Sums::default() };
            let row = AccountRow { sums, limits, ..unused };
            assert!(admit(&row, &debit(reach), false).is_ok(), "{pending}");
            let Err(LedgerError::Short { available, wanted, .. }) = admit(&row, &debit(reach + 1), false) else {
                panic!("{pending}: {} were given", reach + 1)
            };
            assert_eq!((available.minor, wanted.minor), (reach, reach + 1), "{pending}");
        }
    }

    #[test]
    fn what_takes_nothing_is_never_refused() {
        let limits = Limits { line: 10, pending_per_mille: 1_000, pending_max: 90 };
        let sums = Sums { debits_posted: 100, credits_pending: 90, ..Sums::default() };
        let row = AccountRow { sums, limits, ..AccountRow::unused(&Account::credit(PersonId(1), Asset::Irt)) };
        for by in [
            Sums { credits_pending: -90, ..Sums::default() },
            Sums { credits_pending: 5, ..Sums::default() },
            Sums { credits_posted: 1, credits_pending: -90, ..Sums::default() },
        ] {
            assert!(admit(&row, &Change { by, ..debit(0) }, true).is_ok(), "{by:?}");
        }
        let refused = admit(&row, &debit(1), false);
        assert!(matches!(refused, Err(LedgerError::Short { available: Money { minor: 0, .. }, .. })), "{refused:?}");
    }

    #[test]
    fn a_frozen_account_takes_credits_and_old_holds_only() {
        for state in [State::Frozen, State::Closed] {
            let row = AccountRow { state, ..wallet(100, 0) };
            assert!(matches!(admit(&row, &debit(1), false), Err(LedgerError::Frozen(_))));
            assert!(admit(&row, &debit(1), true).is_ok());
            let credit = Change { by: Sums { credits_posted: 5, ..Sums::default() }, ..debit(0) };
            assert!(admit(&row, &credit, false).is_ok());
        }
    }

    #[test]
    fn no_sum_reaches_two_to_the_sixty_second() {
        let full = wallet(Money::LIMIT - 1, 0);
        let one = Change { by: Sums { credits_posted: 1, ..Sums::default() }, ..debit(0) };
        assert!(matches!(admit(&full, &one, false), Err(LedgerError::Overflow)));
        let line = |amount| Entry { account: full.account.clone(), side: Side::Credit, amount };
        let sum = Changes::default().post(&[line(Money::LIMIT - 1), line(Money::LIMIT - 1)]);
        assert!(matches!(sum, Err(LedgerError::Overflow)));
    }

    #[test]
    fn pending_credits_are_never_available() {
        let sums = Sums { credits_posted: 10, credits_pending: 90, ..Sums::default() };
        assert_eq!((sums.available(Side::Credit), sums.incoming(Side::Credit)), (10, 90));
    }

    #[test]
    fn a_fingerprint_tells_where_parts_end() {
        assert_eq!(fingerprint(["ab", "c"]), fingerprint(["ab", "c"]));
        assert_ne!(fingerprint(["ab", "c"]), fingerprint(["a", "bc"]));
        assert_ne!(fingerprint(["ab", "c"]), fingerprint(["c", "ab"]));
        assert_eq!(fingerprint([]).len(), 64);
    }
}
