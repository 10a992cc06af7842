//! The model's agencies, corrections, and services that are handed over.
use super::{Act, Answer, Correcting, Credit, Model, Outcome, or_refuse, refuse};
use crate::agents::stand::LINE;
use crate::sales::shop::{CASHIER, OWNER};
use souk::base::{DAY, HOUR, MINUTE};
use souk::shop::agents::State as Agency;
use souk::shop::checkout::CorrectionState;
use souk::shop::ledger::Limits;

/// So much one admin corrects alone in a day.
pub const ALONE_MAX: i64 = 400_000;
/// A correction waits for a second owner.
const WAITS: i64 = DAY;
/// A one-time link lasts.
const LINK: i64 = 7 * DAY;
/// The shop's days begin so much before those of UTC.
const AHEAD: i64 = 3 * HOUR + 30 * MINUTE;

/// What an admin adds to an account, or takes from it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Correction {
    pub who: i64,
    pub on_credit: bool,
    pub minor: i64,
    pub state: CorrectionState,
    pub by: i64,
    pub asked_at: i64,
    /// The second owner.
    pub decided_by: Option<i64>,
}

/// What was given up of a debt at the end of an agency.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct WriteOff {
    pub at: i64,
    pub who: i64,
    pub minor: i64,
    pub by: i64,
}

/// A one-time link to a service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    pub service: i64,
    pub agent: i64,
    pub state: Handing,
    pub expires_at: i64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Handing {
    Open,
    Withdrawn,
    Used(i64),
}

impl Model {
    pub fn is_closed(&self, who: i64) -> bool {
        self.credits.get(&who).is_none_or(|credit| credit.agency == Agency::Closed)
    }

    /// An agent, if he is one still.
    fn agent(&mut self, who: i64) -> Result<&mut Credit, Answer> {
        self.credits.get_mut(&who).filter(|credit| credit.agency != Agency::Closed).ok_or(Answer::Refused("unknown"))
    }

    pub(super) fn by_staff(&mut self, act: &Act) -> Outcome {
        match act {
            Act::Correct(correcting) => self.correct(correcting),
            Act::ConfirmCorrection { by, key } => self.confirm_correction(*by, *key),
            Act::RefuseCorrection { by, key } => self.refuse_correction(*by, *key),
            Act::SetLine { who, line } => {
                self.agent(*who)?.limits.line = *line;
                Ok(())
            }
            Act::Freeze { who } => self.turn(*who, Agency::Frozen),
            Act::Thaw { who } => self.turn(*who, Agency::Active),
            Act::Close { who, write_off } => self.close_agency(*who, *write_off),
            Act::Rejoin { who, application } => self.rejoin(*who, *application),
            Act::HandOver { who, service, token } => self.hand_over(*who, *service, *token),
            Act::TakeOver { who, token } => self.open_link(*who, *token),
            _ => panic!("staff does not do {act:?}"),
        }
    }

    fn turn(&mut self, who: i64, to: Agency) -> Outcome {
        let credit = self.agent(who)?;
        or_refuse(credit.agency != to, "already")?;
        credit.agency = to;
        Ok(())
    }

    /// What the shop owes goes to the wallet; what it is owed is written off, or keeps the agency open.
    fn close_agency(&mut self, who: i64, write_off: Option<i64>) -> Outcome {
        let confirmed = self.agent(who)?.confirmed;
        or_refuse(self.pending(who) == 0, "pending")?;
        let owed = (-confirmed).max(0);
        or_refuse(owed == 0 || write_off == Some(owed), "owes")?;
        or_refuse(owed <= self.alone_left(OWNER.0), "needs_second")?;
        *self.wallet(who) += confirmed.max(0);
        self.by_hand -= owed;
        if owed > 0 {
            self.write_offs.push(WriteOff { at: self.now, who, minor: owed, by: OWNER.0 });
            self.write_offs.sort_unstable();
        }
        let credit = self.credit(who);
        (credit.agency, credit.confirmed, credit.limits) = (Agency::Closed, 0, Limits::default());
        Ok(())
    }

    /// Somebody who was an agent applies again, and is accepted.
    fn rejoin(&mut self, who: i64, application: i64) -> Outcome {
        or_refuse(!self.seen.contains(&application), "decided")?;
        or_refuse(self.is_closed(who), "agent")?;
        self.seen.insert(application);
        let credit = self.credit(who);
        credit.agency = Agency::Active;
        credit.limits = Limits { line: LINE, pending_per_mille: 500, pending_max: 100_000 };
        Ok(())
    }

    fn correct(&mut self, correcting: &Correcting) -> Outcome {
        let Correcting { who, on_credit, minor, key, by } = *correcting;
        or_refuse(!on_credit || !self.is_closed(who), "unknown")?;
        if let Some(known) = self.corrections.get(&key) {
            return or_refuse(matches!(known.state, CorrectionState::Waiting | CorrectionState::Done), "reused");
        }
        let state = if minor.abs() <= self.alone_left(by) {
            self.book((who, on_credit), minor)?;
            CorrectionState::Done
        } else {
            CorrectionState::Waiting
        };
        let asked_at = self.now;
        self.corrections.insert(key, Correction { who, on_credit, minor, state, by, asked_at, decided_by: None });
        Ok(())
    }

    fn alone_left(&self, admin: i64) -> i64 {
        let today = self.now - (self.now + AHEAD).rem_euclid(DAY);
        let alone = |one: &&Correction| {
            one.by == admin && one.asked_at >= today && one.state == CorrectionState::Done && one.decided_by.is_none()
        };
        let corrected: i64 = self.corrections.values().filter(alone).map(|one| one.minor.abs()).sum();
        let lately = |one: &&WriteOff| one.by == admin && one.at >= today;
        let given_up: i64 = self.write_offs.iter().filter(lately).map(|one| one.minor).sum();
        (ALONE_MAX - corrected - given_up).max(0)
    }

    fn book(&mut self, (who, on_credit): (i64, bool), minor: i64) -> Outcome {
        let spendable = if on_credit { self.standing(who) } else { self.available(who) };
        if on_credit {
            let credit = self.credit(who);
            or_refuse(minor > 0 || credit.agency == Agency::Active, "frozen")?;
            credit.confirmed += minor;
        } else {
            *self.wallet(who) += minor;
        }
        self.by_hand -= minor;
        if minor < 0 && spendable + minor < 0 { Err(Answer::Short(spendable)) } else { Ok(()) }
    }

    fn waiting(&self, key: i64) -> Result<Correction, Answer> {
        let known = self.corrections.get(&key).ok_or(Answer::Refused("unknown"))?;
        let waits = known.state == CorrectionState::Waiting && known.asked_at + WAITS > self.now;
        if waits { Ok(known.clone()) } else { Err(Answer::Refused("decided")) }
    }

    fn decide_correction(&mut self, key: i64, state: CorrectionState, by: Option<i64>) {
        let row = self.corrections.get_mut(&key).expect("a correction");
        (row.state, row.decided_by) = (state, by);
    }

    fn confirm_correction(&mut self, by: i64, key: i64) -> Outcome {
        or_refuse(by != CASHIER.0, "not_allowed")?;
        let known = self.waiting(key)?;
        or_refuse(by != known.by, "not_allowed")?;
        or_refuse(!known.on_credit || !self.is_closed(known.who), "closed")?;
        self.book((known.who, known.on_credit), known.minor)?;
        self.decide_correction(key, CorrectionState::Done, Some(by));
        Ok(())
    }

    fn refuse_correction(&mut self, by: i64, key: i64) -> Outcome {
        let known = self.waiting(key)?;
        or_refuse(by != CASHIER.0 || by == known.by, "not_allowed")?;
        self.decide_correction(key, CorrectionState::Refused, Some(by));
        Ok(())
    }

    pub(super) fn expire_corrections(&mut self) {
        let now = self.now;
        let over = |one: &&mut Correction| one.state == CorrectionState::Waiting && one.asked_at + WAITS <= now;
        self.corrections.values_mut().filter(over).for_each(|one| one.state = CorrectionState::Expired);
    }

    fn hand_over(&mut self, who: i64, service: i64, token: i64) -> Outcome {
        self.of_agent(who, service)?;
        or_refuse(self.services[&service].person == who, "taken")?;
        if let Some(known) = self.links.get(&token) {
            return or_refuse(known.service == service, "unknown");
        }
        let open = |link: &&mut Link| link.service == service && link.state == Handing::Open;
        self.links.values_mut().filter(open).for_each(|link| link.state = Handing::Withdrawn);
        self.links.insert(token, Link { service, agent: who, state: Handing::Open, expires_at: self.now + LINK });
        Ok(())
    }

    fn open_link(&mut self, who: i64, token: i64) -> Outcome {
        let Some(link) = self.links.get(&token).cloned() else { return refuse("no_link") };
        or_refuse(link.agent != who, "own")?;
        let is_there = |model: &Self| model.services[&link.service].state != super::Serving::Deleted;
        match link.state {
            Handing::Open => or_refuse(link.expires_at > self.now, "expired")?,
            Handing::Used(by) if by == who => return or_refuse(is_there(self), "no_link"),
            Handing::Used(_) => return refuse("used"),
            Handing::Withdrawn => return refuse("no_link"),
        }
        or_refuse(is_there(self) && self.services[&link.service].person == link.agent, "no_link")?;
        self.services.get_mut(&link.service).expect("a service").person = who;
        self.links.get_mut(&token).expect("a link").state = Handing::Used(who);
        Ok(())
    }

    /// What of all this there is.
    pub(super) fn marks_of_staff(&self) -> [(bool, &'static str); 6] {
        let correction = |of: &dyn Fn(&Correction) -> bool| self.corrections.values().any(of);
        [
            (correction(&|one| one.state == CorrectionState::Waiting), "a correction waits"),
            (correction(&|one| one.on_credit && one.decided_by.is_some() && one.state == CorrectionState::Done), "credit by two"),
            (self.links.values().any(|link| matches!(link.state, Handing::Used(_))), "handed over"),
            (self.links.values().any(|link| link.state == Handing::Withdrawn), "a link withdrawn"),
            (self.credits.keys().any(|who| self.is_closed(*who)), "an agency closed"),
            (self.credits.keys().any(|who| self.is_closed(*who) && self.wallets[who] > 0), "settled to a wallet"),
        ]
    }
}
