//! What the ledger must do, in memory and without a database: the model against which histories are played.
use crate::ledger::{card, credit, irt, revenue, wallet};
use souk::base::Asset;
use souk::shop::ledger::{Account, HoldState, Kind, LedgerError, Limits, Side, State};

/// One act with everything that it needs; `key` names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Act {
    Post { key: String, legs: Vec<(Account, Account, i64)> },
    Refund { key: String, of: String, person: i64, amount: i64 },
    Reverse { key: String, of: String },
    Hold { key: String, debit: Account, credit: Account, amount: i64, expires: Option<i64> },
    PostHold { hold: String, amount: i64 },
    VoidHold { hold: String },
    Expire { limit: usize },
    SetState { account: Account, state: State },
    SetLimits { person: i64, limits: Limits },
}

/// What came of it, in a form that both sides can give.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    Done {
        replay: bool,
    },
    Released(HoldState),
    Expired(Vec<String>),
    Short {
        account: Account,
        available: i64,
        wanted: i64,
    },
    Frozen(Account),
    KeyReused,
    Overflow,
    AlreadyReversed,
    TooMuch,
    Final,
    Resolved(HoldState),
    /// Another made, and filled, an account that this one was making: to be tried again. The model never answers so.
    Again,
}

impl Answer {
    pub fn refused(error: LedgerError) -> Self {
        match error {
            LedgerError::Short { account, available, wanted } => {
                Self::Short { account, available: available.minor, wanted: wanted.minor }
            }
            LedgerError::Frozen(account) => Self::Frozen(account),
            LedgerError::KeyReused => Self::KeyReused,
            LedgerError::Overflow => Self::Overflow,
            LedgerError::AlreadyReversed => Self::AlreadyReversed,
            LedgerError::TooMuch => Self::TooMuch,
            LedgerError::Final => Self::Final,
            LedgerError::HoldResolved(state) => Self::Resolved(state),
            LedgerError::Fault(fault) if fault.chain().contains("an account changed while it was made") => Self::Again,
            LedgerError::Fault(fault) => panic!("a fault: {fault}"),
        }
    }
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Sums {
    debits: i128,
    credits: i128,
    debits_held: i128,
    credits_held: i128,
}

type Entry = (Account, Side, i64);

/// The earlier transaction that one takes back, wholly or in part.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Link {
    None,
    Reverses(String),
    Against(String),
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Transaction {
    key: String,
    act: Act,
    entries: Vec<Entry>,
    link: Link,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Held {
    key: String,
    act: Act,
    debit: Account,
    credit: Account,
    amount: i64,
    expires: Option<i64>,
    state: HoldState,
    posted: i64,
}

/// The whole ledger as lists. It knows nothing of how the real one does it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Model {
    accounts: Vec<(Account, Sums)>,
    frozen: Vec<(Account, State)>,
    limits: Vec<(Account, Limits)>,
    /// Credit accounts whose standing has crossed zero, whether it is below now, and when it crossed or owed no more.
    crossed: Vec<(Account, bool, i64)>,
    /// Those that went below zero, and have not been paid back above it since then.
    owing: Vec<(Account, i64)>,
    transactions: Vec<Transaction>,
    holds: Vec<Held>,
    pub now: i64,
}

/// What no sum reaches.
const FULL: i128 = 1 << 62;

fn debits(entries: &[Entry], asset: Asset) -> i128 {
    entries
        .iter()
        .filter(|(account, side, _)| *side == Side::Debit && account.asset == asset)
        .map(|line| i128::from(line.2))
        .sum()
}

impl Model {
    /// Is every row as it was then? The hour alone is no row.
    pub fn is_at(&self, then: &Self) -> bool {
        Self { now: then.now, ..self.clone() } == *then
    }

    /// Keys of all transactions, in the order in which they were made.
    pub fn transactions(&self) -> Vec<String> {
        self.transactions.iter().map(|one| one.key.clone()).collect()
    }

    pub fn holds(&self) -> Vec<String> {
        self.holds.iter().map(|one| one.key.clone()).collect()
    }

    pub fn accounts(&self) -> Vec<Account> {
        self.accounts.iter().map(|(account, _)| account.clone()).collect()
    }

    fn sums(&self, account: &Account) -> Sums {
        self.accounts.iter().find(|(name, _)| name == account).map(|(_, sums)| *sums).unwrap_or_default()
    }

    /// Posted, held and available, on the account's own side.
    pub fn has(&self, account: &Account) -> (i64, i64, i64) {
        let sums = self.sums(account);
        let (posted, held) = match account.kind.normal() {
            Side::Debit => (sums.debits - sums.credits, sums.credits_held),
            Side::Credit => (sums.credits - sums.debits, sums.debits_held),
        };
        let small = |sum: i128| i64::try_from(sum).expect("a sum within its range");
        (small(posted), small(held), small(posted - held))
    }

    fn state(&self, account: &Account) -> State {
        let known = self.frozen.iter().find(|(name, _)| name == account);
        known.map_or(State::Open, |(_, state)| *state)
    }

    /// What the account may still give, with so much pending.
    fn reach(&self, account: &Account, pending: i128) -> i128 {
        let limits = self.limits.iter().find(|(name, _)| name == account).map(|(_, limits)| *limits).unwrap_or_default();
        let part = pending * i128::from(limits.pending_per_mille) / 1000;
        i128::from(self.has(account).2) + i128::from(limits.line) + part.min(i128::from(limits.pending_max))
    }

    /// Confirmed, pending, what may still be spent, since when that is below zero, and since when the account owes.
    pub fn stands(&self, account: &Account) -> (i64, i64, i64, Option<i64>, Option<i64>) {
        let pending = self.sums(account).credits_held;
        let left = i64::try_from(self.reach(account, pending)).expect("a sum within its range");
        let owing = self.owing.iter().find(|(name, _)| name == account).map(|(_, since)| *since);
        let pending = i64::try_from(pending).expect("a sum within its range");
        (self.has(account).0, pending, left, owing.filter(|_| left < 0), owing)
    }

    /// Accounts that crossed zero, by name: below now, and when.
    pub fn crossings(&self) -> Vec<(String, bool, i64)> {
        let mut all: Vec<_> = self.crossed.iter().map(|(account, below, at)| (account.to_string(), *below, *at)).collect();
        all.sort();
        all
    }

    fn mark(&mut self) {
        for (account, _) in self.accounts.clone().into_iter().filter(|(account, _)| account.kind == Kind::Credit) {
            let below = self.reach(&account, self.sums(&account).credits_held) < 0;
            match self.crossed.iter_mut().find(|(name, _, _)| *name == account) {
                Some(known) if known.1 != below => (known.1, known.2) = (below, self.now),
                None if below => self.crossed.push((account.clone(), true, self.now)),
                Some(_) | None => {}
            }
            let place = self.owing.iter().position(|(name, _)| *name == account);
            match place {
                None if below => self.owing.push((account, self.now)),
                Some(place) if self.reach(&account, 0) >= 0 => {
                    self.owing.remove(place);
                    let known = self.crossed.iter_mut().find(|(name, _, _)| *name == account).expect("it crossed");
                    known.2 = self.now;
                }
                Some(_) | None => {}
            }
        }
    }

    pub fn play(&mut self, act: &Act) -> Answer {
        let answer = self.decide(act);
        self.mark();
        answer
    }

    fn decide(&mut self, act: &Act) -> Answer {
        let outcome = match act {
            Act::Post { key, legs } => {
                let sides = |(debit, credit, amount): &(Account, Account, i64)| {
                    [(debit.clone(), Side::Debit, *amount), (credit.clone(), Side::Credit, *amount)]
                };
                self.write(key, act, legs.iter().flat_map(sides).collect(), Link::None)
            }
            Act::Refund { key, of, person, amount } => self.refund(key, act, of, (*person, *amount)),
            Act::Reverse { key, of } => self.reverse(key, act, of),
            Act::Hold { key, .. } => self.hold(key, act),
            Act::PostHold { hold, amount } => self.post_hold(hold, act, *amount),
            Act::VoidHold { hold } => self.void_hold(hold),
            Act::Expire { limit } => Ok(self.expire(*limit)),
            Act::SetState { account, state } => {
                self.frozen.retain(|(known, _)| known != account);
                self.frozen.push((account.clone(), *state));
                self.frozen.sort_by_key(|(known, _)| known.to_string());
                self.touch(account);
                Ok(Answer::Done { replay: false })
            }
            Act::SetLimits { person, limits } => {
                self.limits.retain(|(known, _)| *known != credit(*person));
                self.limits.push((credit(*person), *limits));
                self.limits.sort_by_key(|(known, _)| known.to_string());
                self.touch(&credit(*person));
                Ok(Answer::Done { replay: false })
            }
        };
        outcome.unwrap_or_else(|refused| refused)
    }

    fn touch(&mut self, account: &Account) -> &mut Sums {
        if !self.accounts.iter().any(|(name, _)| name == account) {
            self.accounts.push((account.clone(), Sums::default()));
        }
        let place = self.accounts.iter_mut().find(|(name, _)| name == account);
        &mut place.expect("it was just made").1
    }

    fn known(&self, key: &str, act: &Act) -> Option<Answer> {
        let before = self.transactions.iter().find(|one| one.key == key)?;
        Some(if before.act == *act { Answer::Done { replay: true } } else { Answer::KeyReused })
    }

    /// May these accounts take these additions? In the order in which they are first named.
    fn admit(&self, wanted: &[(Account, Sums)]) -> Result<(), Answer> {
        for (account, by) in wanted {
            if (by.debits > 0 || by.debits_held > 0) && self.state(account) != State::Open {
                return Err(Answer::Frozen(account.clone()));
            }
            let now = self.sums(account);
            let after = [now.debits + by.debits, now.credits + by.credits, now.debits_held + by.debits_held];
            if after.iter().chain([&(now.credits_held + by.credits_held)]).any(|sum| *sum >= FULL) {
                return Err(Answer::Overflow);
            }
            let taken = by.debits + by.debits_held - by.credits;
            let limited = account.kind == Kind::Wallet || account.kind == Kind::Credit;
            if limited && taken > 0 && self.reach(account, now.credits_held + by.credits_held) - taken < 0 {
                let available = i64::try_from(self.reach(account, now.credits_held)).expect("an amount");
                let wanted = i64::try_from(taken).expect("an amount");
                return Err(Answer::Short { account: account.clone(), available, wanted });
            }
        }
        Ok(())
    }

    fn write(&mut self, key: &str, act: &Act, entries: Vec<Entry>, link: Link) -> Result<Answer, Answer> {
        if let Some(answer) = self.known(key, act) {
            return Err(answer);
        }
        let mut wanted: Vec<(Account, Sums)> = Vec::new();
        for (account, side, amount) in &entries {
            if !wanted.iter().any(|(name, _)| name == account) {
                wanted.push((account.clone(), Sums::default()));
            }
            let sums = wanted.iter_mut().find(|(name, _)| name == account).map(|(_, sums)| sums).expect("just named");
            match side {
                Side::Debit => sums.debits += i128::from(*amount),
                Side::Credit => sums.credits += i128::from(*amount),
            }
        }
        self.admit(&wanted)?;
        for (account, by) in wanted {
            let sums = self.touch(&account);
            sums.debits += by.debits;
            sums.credits += by.credits;
        }
        self.transactions.push(Transaction { key: key.to_owned(), act: act.clone(), entries, link });
        Ok(Answer::Done { replay: false })
    }

    fn original(&self, key: &str) -> Transaction {
        self.transactions.iter().find(|one| one.key == key).expect("it was made before").clone()
    }

    fn is_reversed(&self, key: &str) -> bool {
        self.transactions.iter().any(|one| matches!(&one.link, Link::Reverses(of) if of == key))
    }

    fn refunds(&self, key: &str) -> Vec<&Transaction> {
        let of = |one: &&Transaction| matches!(&one.link, Link::Against(of) if of == key) && !self.is_reversed(&one.key);
        self.transactions.iter().filter(of).collect()
    }

    fn refund(&mut self, key: &str, act: &Act, of: &str, back: (i64, i64)) -> Result<Answer, Answer> {
        let (person, amount) = back;
        if let Some(answer) = self.known(key, act) {
            return Err(answer);
        }
        let original = self.original(of);
        if self.is_reversed(of) {
            return Err(Answer::AlreadyReversed);
        }
        if original.link != Link::None {
            return Err(Answer::Final);
        }
        let so_far: i128 = self.refunds(of).iter().map(|one| debits(&one.entries, Asset::Irt)).sum();
        if so_far + i128::from(amount) > debits(&original.entries, Asset::Irt) {
            return Err(Answer::TooMuch);
        }
        let from = Account::refunds("vpn", Asset::Irt);
        let entries = vec![(from, Side::Debit, amount), (wallet(person), Side::Credit, amount)];
        self.write(key, act, entries, Link::Against(of.to_owned()))
    }

    fn reverse(&mut self, key: &str, act: &Act, of: &str) -> Result<Answer, Answer> {
        if let Some(answer) = self.known(key, act) {
            return Err(answer);
        }
        let original = self.original(of);
        if self.is_reversed(of) {
            return Err(Answer::AlreadyReversed);
        }
        if matches!(original.link, Link::Reverses(_)) {
            return Err(Answer::Final);
        }
        if !self.refunds(of).is_empty() {
            return Err(Answer::TooMuch);
        }
        let turned = |side| if side == Side::Debit { Side::Credit } else { Side::Debit };
        let entries = original.entries.into_iter().map(|(account, side, amount)| (account, turned(side), amount)).collect();
        self.write(key, act, entries, Link::Reverses(of.to_owned()))
    }

    fn hold(&mut self, key: &str, act: &Act) -> Result<Answer, Answer> {
        let Act::Hold { debit, credit, amount, expires, .. } = act.clone() else { unreachable!("only a hold is held") };
        if let Some(before) = self.holds.iter().find(|one| one.key == key) {
            return Err(if before.act == *act { Answer::Done { replay: true } } else { Answer::KeyReused });
        }
        let sum = i128::from(amount);
        let debits = Sums { debits_held: sum, ..Sums::default() };
        let credits = Sums { credits_held: sum, ..Sums::default() };
        self.admit(&[(debit.clone(), debits), (credit.clone(), credits)])?;
        self.touch(&debit).debits_held += sum;
        self.touch(&credit).credits_held += sum;
        let (key, act) = (key.to_owned(), act.clone());
        self.holds.push(Held { key, act, debit, credit, amount, expires, state: HoldState::Open, posted: 0 });
        Ok(Answer::Done { replay: false })
    }

    fn held(&mut self, key: &str) -> &mut Held {
        self.holds.iter_mut().find(|one| one.key == key).expect("it was held before")
    }

    fn release(&mut self, key: &str, state: HoldState) {
        let held = self.held(key);
        held.state = state;
        let (debit, credit, amount) = (held.debit.clone(), held.credit.clone(), i128::from(held.amount));
        self.touch(&debit).debits_held -= amount;
        self.touch(&credit).credits_held -= amount;
    }

    fn post_hold(&mut self, key: &str, act: &Act, amount: i64) -> Result<Answer, Answer> {
        let now = self.now;
        let held = self.held(key);
        if held.state == HoldState::Posted && held.posted == amount {
            return Err(Answer::Done { replay: true });
        }
        if held.state != HoldState::Open {
            return Err(Answer::Resolved(held.state));
        }
        if held.expires.is_some_and(|expires| expires <= now) {
            return Err(Answer::Resolved(HoldState::Expired));
        }
        if amount > held.amount {
            return Err(Answer::TooMuch);
        }
        let (debit, credit, sum) = (held.debit.clone(), held.credit.clone(), i128::from(amount));
        for (account, by) in [(&debit, (sum, 0)), (&credit, (0, sum))] {
            let sums = self.sums(account);
            if sums.debits + by.0 >= FULL || sums.credits + by.1 >= FULL {
                return Err(Answer::Overflow);
            }
        }
        self.held(key).posted = amount;
        self.release(key, HoldState::Posted);
        self.touch(&debit).debits += sum;
        self.touch(&credit).credits += sum;
        let entries = vec![(debit, Side::Debit, amount), (credit, Side::Credit, amount)];
        let (key, act) = (format!("hold:{key}"), act.clone());
        self.transactions.push(Transaction { key, act, entries, link: Link::None });
        Ok(Answer::Done { replay: false })
    }

    fn void_hold(&mut self, key: &str) -> Result<Answer, Answer> {
        let now = self.now;
        let held = self.held(key);
        match held.state {
            HoldState::Posted => Err(Answer::Resolved(HoldState::Posted)),
            HoldState::Voided | HoldState::Expired => Ok(Answer::Released(held.state)),
            HoldState::Open => {
                let over = held.expires.is_some_and(|expires| expires <= now);
                let state = if over { HoldState::Expired } else { HoldState::Voided };
                self.release(key, state);
                Ok(Answer::Released(state))
            }
        }
    }

    fn expire(&mut self, limit: usize) -> Answer {
        let due = |one: &&Held| one.state == HoldState::Open && one.expires.is_some_and(|expires| expires <= self.now);
        let mut gone: Vec<(i64, usize, String)> = self
            .holds
            .iter()
            .enumerate()
            .filter(|(_, one)| due(one))
            .map(|(n, one)| (one.expires.unwrap_or(0), n, one.key.clone()))
            .collect();
        gone.sort();
        gone.truncate(limit);
        let gone: Vec<String> = gone.into_iter().map(|(_, _, key)| key).collect();
        for key in &gone {
            self.release(key, HoldState::Expired);
        }
        Answer::Expired(gone)
    }
}

/// The legs of a sale with everything: money comes in, goes out, and something else moves in another asset.
pub fn through(person: i64, amount: i64) -> Vec<(Account, Account, i64)> {
    let tether = (Account::clearing("usdt", Asset::Usdt), Account::revenue("vpn", Asset::Usdt), amount);
    vec![(card(), wallet(person), irt(amount).minor), (wallet(person), revenue(), amount + 1), tether]
}
