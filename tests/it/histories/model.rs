//! What the shop must do, in memory and without a database: balances, orders, payments, services, and who is cut off.
//!
//! It knows nothing of how the real one does it. What nobody can foresee (the tail of an amount, the numbers of charges) is
//! told to it; everything else it says beforehand.
mod deletion;
mod staff;

use crate::sales::shop::PRICE;
use souk::base::{DAY, HOUR, MINUTE, SECOND};
use souk::shop::agents;
use souk::shop::checkout::{Kind, Pay, State};
use souk::shop::ledger::Limits;
use souk::shop::payments::State as Paying;
use std::collections::{BTreeMap, BTreeSet};

pub use deletion::GIGABYTE;
pub use staff::{ALONE_MAX, Correction, Handing, Link, WriteOff};

/// One act with everything that it needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Act {
    TopUp {
        who: i64,
        payment: i64,
        amount: i64,
        on_credit: bool,
    },
    Place(Placing),
    Receipt {
        who: i64,
        payment: i64,
        update: i64,
    },
    CancelOrder {
        who: i64,
        order: i64,
    },
    CancelTopUp {
        who: i64,
        payment: i64,
    },
    BuySaved {
        who: i64,
        order: i64,
    },
    Approve {
        payment: i64,
        amount: Option<i64>,
    },
    Reject {
        payment: i64,
    },
    Undo {
        payment: i64,
    },
    Refund {
        order: i64,
    },
    /// A part of a delivered order, after so much went back before.
    GiveBack {
        order: i64,
        amount: i64,
        so_far: i64,
        way: Way,
    },
    Correct(Correcting),
    /// A second owner says yes to what one admin may not correct alone,
    ConfirmCorrection {
        by: i64,
        key: i64,
    },
    /// or no.
    RefuseCorrection {
        by: i64,
        key: i64,
    },
    SetLine {
        who: i64,
        line: i64,
    },
    Freeze {
        who: i64,
    },
    Thaw {
        who: i64,
    },
    /// An agency ends; this much of a debt is given up.
    Close {
        who: i64,
        write_off: Option<i64>,
    },
    /// An agent of before becomes one again.
    Rejoin {
        who: i64,
        application: i64,
    },
    /// An agent makes a one-time link to a service,
    HandOver {
        who: i64,
        service: i64,
        token: i64,
    },
    /// and somebody opens it.
    TakeOver {
        who: i64,
        token: i64,
    },
    Reprice {
        price: i64,
    },
    Sell(Selling),
    Delete {
        who: i64,
        service: i64,
        refund: i64,
    },
    Pause {
        who: i64,
        service: i64,
    },
    Resume {
        who: i64,
        service: i64,
    },
    /// The panel says how much was used of a service,
    Use {
        service: i64,
        bytes: i64,
    },
    /// and confirms what is wanted of it.
    Confirm {
        service: i64,
    },
    /// The clock's lines: what nobody paid in time ends,
    Expire,
    /// and agents below zero are told, cut off and restored.
    Enforce,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Placing {
    pub who: i64,
    pub order: i64,
    pub payment: i64,
    pub service: i64,
    /// The plan of which there is one.
    pub is_last: bool,
    pub price: i64,
    pub renew: Option<i64>,
    pub pay: Pay,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Selling {
    pub who: i64,
    pub order: i64,
    pub kind: Kind,
    pub service: i64,
    pub price: i64,
}

/// An admin adds to a wallet, or to an agent's credit, or takes from it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Correcting {
    pub who: i64,
    pub on_credit: bool,
    pub minor: i64,
    pub key: i64,
    pub by: i64,
}

/// Whither a refund goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// To the account that paid.
    Account,
    /// It was paid back by hand from the shop's card,
    Card,
    /// or from elsewhere.
    Elsewhere,
}

/// What went back of an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Back {
    /// After how much.
    pub so_far: i64,
    pub amount: i64,
    pub by_admin: bool,
    pub way: Way,
}

/// What came of it, in a form that both sides can give.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    Done,
    /// There is so much only.
    Short(i64),
    Refused(&'static str),
    /// Two transactions were in each other's way: to be tried again. The model never answers so.
    Again,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    pub person: i64,
    pub on_credit: bool,
    pub kind: Kind,
    pub is_last: bool,
    pub service: i64,
    pub price: i64,
    pub state: State,
    /// What the wallet keeps for it while it is placed.
    pub part: i64,
    pub saved_until: Option<i64>,
    pub took_stock: bool,
    /// Charges are numbered in the order in which they were made.
    pub charge: Option<i64>,
    pub top_up: Option<i64>,
    pub paid_at: Option<i64>,
    pub refunds: Vec<Back>,
}

impl Order {
    pub fn refunded(&self) -> i64 {
        self.refunds.iter().map(|back| back.amount).sum()
    }

    /// By an agent who deleted the service.
    fn was_given_back_in_part(&self) -> bool {
        self.refunds.iter().any(|back| !back.by_admin && back.amount < self.price)
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Payment {
    pub person: i64,
    pub order: Option<i64>,
    pub on_credit: bool,
    pub price: i64,
    pub due: i64,
    pub state: Paying,
    pub approved: Option<i64>,
    /// It is under review, and pending on an agent's account.
    pub is_held: bool,
    /// It came when the agency was closed already.
    pub kept_in_wallet: bool,
    pub decided_at: Option<i64>,
    pub expires_at: i64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Serving {
    On,
    Paused,
    /// For the agent's credit.
    Cut,
    Deleted,
}

/// A service that was paid for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Service {
    /// Who uses it: its agent, until it is handed over.
    pub person: i64,
    pub agent: Option<i64>,
    pub is_last: bool,
    pub state: Serving,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Credit {
    pub agency: agents::State,
    pub confirmed: i64,
    pub limits: Limits,
    /// Below zero since then.
    pub since: Option<i64>,
    /// The same, but what is pending does not end it.
    pub owing: Option<i64>,
    /// Of which time below zero the clock knows, and since when.
    pub told: Option<(i64, i64)>,
}

/// The whole shop.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Model {
    pub now: i64,
    /// Of the plan that is always there.
    pub price: i64,
    /// Of the other.
    pub stock: i64,
    pub wallets: BTreeMap<i64, i64>,
    /// What the card should hold.
    pub card: i64,
    /// What came from outside of the books by refunds that were paid by hand, less what corrections added.
    pub by_hand: i64,
    pub credits: BTreeMap<i64, Credit>,
    pub orders: BTreeMap<i64, Order>,
    pub payments: BTreeMap<i64, Payment>,
    pub services: BTreeMap<i64, Service>,
    pub corrections: BTreeMap<i64, Correction>,
    /// The oldest first.
    pub write_offs: Vec<WriteOff>,
    pub links: BTreeMap<i64, Link>,
    /// Updates and applications that were taken.
    pub seen: BTreeSet<i64>,
    /// The amounts that payments got, as far as they are known.
    pub dues: BTreeMap<i64, i64>,
    /// What was used of services, as the shop heard of it.
    pub used: BTreeMap<i64, i64>,
}

type Outcome = Result<(), Answer>;

/// Of one person, opened and without a receipt.
pub const OPEN_MAX: usize = 5;
const UNDO: i64 = MINUTE;
const PATIENCE: i64 = 120 * MINUTE;
const SAVED: i64 = 48 * HOUR;
const GRACE: i64 = DAY;

const fn refuse(why: &'static str) -> Outcome {
    Err(Answer::Refused(why))
}

fn or_refuse(holds: bool, why: &'static str) -> Outcome {
    if holds { Ok(()) } else { refuse(why) }
}

/// What it costs an agent: a fifth off.
pub const fn agents_price(price: i64, kind: Kind) -> i64 {
    let month = price * 4 / 5;
    match kind {
        Kind::New | Kind::Renew => month,
        // One gigabyte of thirty.
        Kind::Traffic => (month + 29) / 30,
    }
}

impl Model {
    pub const fn price_of(&self, is_last: bool) -> i64 {
        if is_last { PRICE } else { self.price }
    }

    /// What is kept of a wallet.
    pub fn held(&self, who: i64) -> i64 {
        let placed = |order: &&Order| order.person == who && order.state == State::Placed;
        self.orders.values().filter(placed).map(|order| order.part).sum()
    }

    pub fn available(&self, who: i64) -> i64 {
        self.wallets[&who] - self.held(who)
    }

    pub fn pending(&self, who: i64) -> i64 {
        let is_held = |payment: &&Payment| payment.person == who && payment.is_held;
        self.payments.values().filter(is_held).map(|payment| payment.due).sum()
    }

    pub fn standing(&self, who: i64) -> i64 {
        let Credit { confirmed, limits, .. } = &self.credits[&who];
        confirmed + limits.line + limits.counted(self.pending(who))
    }

    pub fn open_of(&self, who: i64) -> usize {
        self.payments.values().filter(|payment| payment.person == who && payment.state == Paying::Open).count()
    }

    pub fn saved_of(&self, who: i64) -> Option<i64> {
        let waits = |order: &Order| order.person == who && order.state == State::Placed && order.saved_until.is_some();
        self.orders.iter().find(|(_, order)| waits(order)).map(|(id, _)| *id)
    }

    /// Plays it; what is refused changes nothing.
    pub fn play(&mut self, act: &Act) -> Answer {
        let mut next = self.clone();
        match next.decide(act) {
            Ok(()) => {
                next.mark();
                *self = next;
                Answer::Done
            }
            Err(refusal) => refusal,
        }
    }

    /// Who went below zero by it, and who came back.
    fn mark(&mut self) {
        let agents: Vec<i64> = self.credits.keys().copied().collect();
        for who in agents {
            let (is_below, now) = (self.standing(who) < 0, self.now);
            let credit = self.credit(who);
            let owes = credit.confirmed + credit.limits.line < 0;
            credit.owing = if is_below { credit.owing.or(Some(now)) } else { credit.owing.filter(|_| owes) };
            credit.since = credit.owing.filter(|_| is_below);
        }
    }

    fn credit(&mut self, who: i64) -> &mut Credit {
        self.credits.get_mut(&who).expect("an agent")
    }

    fn wallet(&mut self, who: i64) -> &mut i64 {
        self.wallets.get_mut(&who).expect("somebody")
    }

    fn order(&mut self, id: i64) -> &mut Order {
        self.orders.get_mut(&id).expect("an order")
    }

    fn payment(&mut self, id: i64) -> &mut Payment {
        self.payments.get_mut(&id).expect("a payment")
    }

    fn decide(&mut self, act: &Act) -> Outcome {
        match act {
            Act::TopUp { who, payment, amount, on_credit } => self.top_up(*who, *payment, *amount, *on_credit),
            Act::Place(placing) => self.place(placing),
            Act::Receipt { who, payment, update } => self.receipt(*who, *payment, *update),
            Act::CancelOrder { who, order } => self.cancel(*who, *order),
            Act::CancelTopUp { who, payment } => self.cancel_top_up(*who, *payment),
            Act::BuySaved { who, order } => self.buy_saved(*who, *order),
            Act::Approve { payment, amount } => self.approve(*payment, *amount),
            Act::Reject { payment } => self.reject(*payment),
            Act::Undo { payment } => self.undo(*payment),
            Act::Refund { order } => self.refund(*order),
            Act::GiveBack { order, amount, so_far, way } => self.refund_delivered(*order, (*amount, *so_far), *way),
            Act::Reprice { price } => {
                self.price = *price;
                Ok(())
            }
            Act::Sell(selling) => self.sell(selling),
            Act::Delete { who, service, refund } => self.delete(*who, *service, *refund),
            Act::Pause { who, service } => {
                self.of_agent(*who, *service)?;
                or_refuse(self.services[service].state == Serving::On, "not_now")?;
                self.serve(*service, Serving::Paused);
                Ok(())
            }
            Act::Resume { who, service } => {
                self.of_agent(*who, *service)?;
                or_refuse(self.credits[who].since.is_none(), "negative")?;
                or_refuse(self.services[service].state == Serving::Paused, "not_now")?;
                self.serve(*service, Serving::On);
                Ok(())
            }
            Act::Use { .. } | Act::Confirm { .. } | Act::Expire | Act::Enforce => {
                self.by_machines(act);
                Ok(())
            }
            _ => self.by_staff(act),
        }
    }

    fn by_machines(&mut self, act: &Act) {
        match act {
            // It is told what the shop heard.
            Act::Use { .. } => {}
            Act::Confirm { service } => self.confirm(*service),
            Act::Expire => {
                self.expire();
                self.expire_corrections();
            }
            _ => {
                let agents: Vec<i64> = self.credits.keys().copied().collect();
                for who in agents {
                    self.enforce(who);
                }
            }
        }
    }

    fn open(&mut self, (id, who): (i64, i64), (order, on_credit): (Option<i64>, bool), price: i64) -> Outcome {
        or_refuse(self.open_of(who) < OPEN_MAX, "too_many")?;
        let due = self.dues.get(&id).copied().unwrap_or(price + 1);
        let (state, expires_at) = (Paying::Open, self.now + PATIENCE);
        let new = Payment {
            person: who,
            order,
            on_credit,
            price,
            due,
            state,
            approved: None,
            is_held: false,
            kept_in_wallet: false,
            decided_at: None,
            expires_at,
        };
        self.payments.insert(id, new);
        Ok(())
    }

    fn top_up(&mut self, who: i64, payment: i64, amount: i64, on_credit: bool) -> Outcome {
        if let Some(known) = self.payments.get(&payment) {
            return or_refuse(known.person == who && known.order.is_none(), "not_yours");
        }
        or_refuse(!on_credit || !self.is_closed(who), "not_yours")?;
        self.open((payment, who), (None, on_credit), amount)
    }

    fn place(&mut self, placing: &Placing) -> Outcome {
        let Placing { who, order: id, is_last, price, pay, .. } = *placing;
        if let Some(known) = self.orders.get(&id) {
            or_refuse(known.person == who, "not_yours")?;
            return or_refuse(known.state == State::Placed, "closed");
        }
        or_refuse(price == self.price_of(is_last), "price_changed")?;
        let (kind, service) = match placing.renew {
            None => (Kind::New, placing.service),
            Some(service) => {
                let known = self.services.get(&service).filter(|one| one.state != Serving::Deleted && one.person == who);
                let known = known.ok_or(Answer::Refused("not_yours"))?;
                // What an agent sold is renewed by him, as long as he is one.
                let agents = known.agent.is_some_and(|agent| !self.is_closed(agent));
                or_refuse(!agents && known.is_last == is_last, "not_renewable")?;
                (Kind::Renew, service)
            }
        };
        let is_saved = pay == Pay::Save;
        self.make_room(&(who, id), (is_last, kind, service), is_saved);
        let took_stock = is_last && kind == Kind::New && !is_saved;
        let saved_until = is_saved.then_some(self.now + SAVED);
        let (state, on_credit, part) = (State::Placed, false, 0);
        let new = Order {
            person: who,
            on_credit,
            kind,
            is_last,
            service,
            price,
            state,
            part,
            saved_until,
            took_stock,
            charge: None,
            top_up: None,
            paid_at: None,
            refunds: Vec::new(),
        };
        self.orders.insert(id, new);
        if took_stock {
            or_refuse(self.stock > 0, "sold_out")?;
            self.stock -= 1;
        }
        let available = self.available(who);
        match pay {
            Pay::Save => Ok(()),
            Pay::Wallet => self.settle(id),
            Pay::WalletAndMethod if available >= price => self.settle(id),
            Pay::WalletAndMethod => {
                let part = available.max(0);
                self.order(id).part = part;
                self.open((placing.payment, who), (Some(id), false), price - part)
            }
            Pay::Method => self.open((placing.payment, who), (Some(id), false), price),
        }
    }

    /// A saved order gives way to a newer one that is saved, or is for the same.
    fn make_room(&mut self, (who, newer): &(i64, i64), what: (bool, Kind, i64), is_saved: bool) {
        let Some(id) = self.saved_of(*who).filter(|id| id != newer) else { return };
        let old = &self.orders[&id];
        let (is_last, kind, service) = what;
        let same = old.is_last == is_last && old.kind == kind && (kind == Kind::New || old.service == service);
        if same || is_saved {
            self.close(id, State::Cancelled);
        }
    }

    fn close(&mut self, id: i64, state: State) {
        let order = self.order(id);
        order.state = state;
        if order.took_stock {
            self.stock += 1;
        }
    }

    /// Takes the price of a placed order, whole, and gives its service.
    fn settle(&mut self, id: i64) -> Outcome {
        let (charge, now) = (self.orders.values().filter_map(|order| order.charge).max().unwrap_or(0) + 1, self.now);
        let order = self.order(id);
        (order.state, order.charge, order.paid_at) = (State::Paid, Some(charge), Some(now));
        let order = order.clone();
        let available = self.available(order.person);
        if available < order.price {
            return Err(Answer::Short(available));
        }
        *self.wallet(order.person) -= order.price;
        self.give(&order);
        Ok(())
    }

    fn give(&mut self, order: &Order) {
        let Order { person, on_credit, is_last, .. } = *order;
        let fresh = Service { person, agent: on_credit.then_some(person), is_last, state: Serving::On };
        self.services.entry(order.service).or_insert(fresh).state = Serving::On;
    }

    fn can_be_given(&self, order: &Order) -> bool {
        match self.services.get(&order.service) {
            Some(service) => service.state != Serving::Deleted,
            None => order.kind == Kind::New,
        }
    }

    fn receipt(&mut self, who: i64, id: i64, update: i64) -> Outcome {
        let known = self.payments.get(&id).filter(|payment| payment.person == who);
        let payment = known.ok_or(Answer::Refused("not_yours"))?.clone();
        if self.seen.contains(&update) {
            return Ok(());
        }
        or_refuse(!payment.state.is_decided(), "decided")?;
        self.seen.insert(update);
        let due = self.dues.get(&id).copied().unwrap_or(payment.due);
        let is_held = payment.is_held || (payment.state != Paying::Submitted && self.is_pending_on_credit(&payment));
        let row = self.payment(id);
        (row.state, row.decided_at, row.is_held) = (Paying::Submitted, None, is_held);
        if matches!(payment.state, Paying::Cancelled | Paying::Expired) {
            row.due = due;
        }
        if payment.state != Paying::Submitted
            && let Some(order) = payment.order
        {
            self.reopen(order, &[State::Cancelled, State::Expired]);
        }
        Ok(())
    }

    /// A closed order waits again, if its part of the wallet and its piece of the stock are there.
    fn reopen(&mut self, id: i64, from: &[State]) {
        let order = self.orders[&id].clone();
        let is_limited = order.is_last && order.kind == Kind::New;
        if !from.contains(&order.state) || self.available(order.person) < order.part || (is_limited && self.stock == 0) {
            return;
        }
        self.stock -= i64::from(is_limited);
        let order = self.order(id);
        (order.state, order.took_stock) = (State::Placed, is_limited);
    }

    fn cancel(&mut self, who: i64, id: i64) -> Outcome {
        let order = self.orders.get(&id).filter(|order| order.person == who).ok_or(Answer::Refused("not_yours"))?;
        if order.state == State::Cancelled {
            return Ok(());
        }
        or_refuse(order.state == State::Placed, "closed")?;
        let its = self.payments.iter().find(|(_, payment)| payment.order == Some(id)).map(|(id, _)| *id);
        if let Some(payment) = its {
            self.withdraw(payment, Paying::Cancelled);
        }
        self.close(id, State::Cancelled);
        Ok(())
    }

    /// Ends a payment that nobody decided about.
    fn withdraw(&mut self, id: i64, state: Paying) {
        let now = self.now;
        let payment = self.payment(id);
        if matches!(payment.state, Paying::Open | Paying::Submitted) {
            (payment.state, payment.decided_at, payment.is_held) = (state, Some(now), false);
        }
    }

    fn cancel_top_up(&mut self, who: i64, id: i64) -> Outcome {
        let is_his = self.payments.get(&id).is_some_and(|payment| payment.person == who && payment.order.is_none());
        or_refuse(is_his, "not_yours")?;
        self.withdraw(id, Paying::Cancelled);
        Ok(())
    }

    fn buy_saved(&mut self, who: i64, id: i64) -> Outcome {
        let order = self.orders.get(&id).filter(|order| order.person == who).ok_or(Answer::Refused("not_yours"))?;
        let order = order.clone();
        or_refuse(order.state == State::Placed && order.saved_until.is_some(), "closed")?;
        or_refuse(order.price == self.price_of(order.is_last), "price_changed")?;
        or_refuse(self.can_be_given(&order), "not_renewable")?;
        or_refuse(self.retake_stock(id), "sold_out")?;
        self.settle(id)
    }

    fn retake_stock(&mut self, id: i64) -> bool {
        let order = &self.orders[&id];
        let is_limited = order.is_last && order.kind == Kind::New;
        if is_limited && self.stock == 0 {
            return false;
        }
        self.stock -= i64::from(is_limited);
        self.order(id).took_stock = is_limited;
        true
    }

    fn approve(&mut self, id: i64, amount: Option<i64>) -> Outcome {
        let payment = self.under_review(id)?;
        let (amount, now) = (amount.unwrap_or(payment.due), self.now);
        let kept_in_wallet = payment.on_credit && self.is_closed(payment.person);
        let row = self.payment(id);
        (row.state, row.approved, row.decided_at) = (Paying::Approved, Some(amount), Some(now));
        (row.is_held, row.kept_in_wallet) = (false, kept_in_wallet);
        self.card += amount;
        if payment.on_credit && !kept_in_wallet {
            self.credit(payment.person).confirmed += amount;
            return Ok(());
        }
        *self.wallet(payment.person) += amount;
        let Some(id) = payment.order else { return self.buys_itself(payment.person, id) };
        let order = self.orders[&id].clone();
        if order.state != State::Placed {
            return Ok(());
        }
        if self.can_be_given(&order) && amount >= order.price - order.part {
            return self.settle(id);
        }
        self.close(id, State::Cancelled);
        Ok(())
    }

    fn under_review(&self, id: i64) -> Result<Payment, Answer> {
        let payment = self.payments.get(&id).ok_or(Answer::Refused("unknown"))?;
        match payment.state {
            Paying::Submitted => Ok(payment.clone()),
            Paying::Open => Err(Answer::Refused("not_submitted")),
            _ => Err(Answer::Refused("decided")),
        }
    }

    /// A saved order, after a top-up.
    fn buys_itself(&mut self, who: i64, top_up: i64) -> Outcome {
        let Some(id) = self.saved_of(who) else { return Ok(()) };
        let order = self.orders[&id].clone();
        let as_shown = self.can_be_given(&order) && order.price == self.price_of(order.is_last);
        if as_shown && self.available(who) < order.price {
            return Ok(());
        }
        if !as_shown || !self.retake_stock(id) {
            self.close(id, State::Cancelled);
            return Ok(());
        }
        self.settle(id)?;
        self.order(id).top_up = Some(top_up);
        Ok(())
    }

    fn reject(&mut self, id: i64) -> Outcome {
        let (payment, now) = (self.under_review(id)?, self.now);
        let row = self.payment(id);
        (row.state, row.decided_at, row.is_held) = (Paying::Rejected, Some(now), false);
        if let Some(order) = payment.order.filter(|id| self.orders[id].state == State::Placed) {
            self.close(order, State::Rejected);
        }
        Ok(())
    }

    fn undo(&mut self, id: i64) -> Outcome {
        let payment = self.payments.get(&id).ok_or(Answer::Refused("unknown"))?.clone();
        or_refuse(payment.state.is_decided(), "not_decided")?;
        or_refuse(payment.decided_at.is_some_and(|at| self.now - at <= UNDO), "too_late")?;
        if let Some(approved) = payment.approved {
            match payment.order {
                Some(order) => self.unpay_by_review(order)?,
                None => self.unpay_what_was_saved(id)?,
            }
            self.take(&payment, approved)?;
        }
        if let Some(order) = payment.order {
            self.reopen(order, &[State::Cancelled, State::Expired, State::Rejected]);
        }
        let due = self.dues.get(&id).copied().unwrap_or(payment.due);
        let is_held = self.is_pending_on_credit(&payment);
        let row = self.payment(id);
        (row.state, row.approved, row.decided_at, row.due) = (Paying::Submitted, None, None, due);
        (row.is_held, row.kept_in_wallet) = (is_held, false);
        Ok(())
    }

    /// What is under review is pending on the account of an agency that is not closed.
    fn is_pending_on_credit(&self, payment: &Payment) -> bool {
        payment.on_credit && !self.is_closed(payment.person)
    }

    /// Takes back what a payment brought, if it is still there: from a frozen account too.
    fn take(&mut self, payment: &Payment, approved: i64) -> Outcome {
        let who = payment.person;
        self.card -= approved;
        if payment.on_credit && !payment.kept_in_wallet {
            self.credit(who).confirmed -= approved;
            // What is pending again counts before its money goes.
            let Credit { confirmed, limits, .. } = &self.credits[&who];
            let counted = limits.counted(self.pending(who) + payment.due);
            return or_refuse(confirmed + limits.line + counted >= 0, "spent");
        }
        *self.wallet(who) -= approved;
        or_refuse(self.available(who) >= 0, "spent")
    }

    fn unpay_by_review(&mut self, id: i64) -> Outcome {
        match self.orders[&id].state {
            State::Delivered | State::Refunded => refuse("delivered"),
            State::Paid => self.unpay(id),
            State::Placed | State::Cancelled | State::Expired | State::Rejected => Ok(()),
        }
    }

    fn unpay_what_was_saved(&mut self, top_up: i64) -> Outcome {
        let bought = |order: &Order| order.top_up == Some(top_up) && order.state == State::Paid;
        let Some((id, order)) = self.orders.iter().find(|(_, order)| bought(order)) else { return Ok(()) };
        let (id, order) = (*id, order.clone());
        self.make_room(&(order.person, id), (order.is_last, order.kind, order.service), true);
        self.unpay(id)?;
        if order.took_stock {
            self.stock += 1;
        }
        if order.kind == Kind::New {
            self.order(id).took_stock = false;
        }
        Ok(())
    }

    fn unpay(&mut self, id: i64) -> Outcome {
        let order = self.orders[&id].clone();
        let later = |other: &Order| other.service == order.service && other.state == State::Paid && other.charge > order.charge;
        or_refuse(order.kind != Kind::New || !self.orders.values().any(later), "renewed")?;
        *self.wallet(order.person) += order.price;
        let row = self.order(id);
        (row.state, row.charge, row.paid_at, row.top_up) = (State::Placed, None, None, None);
        if order.kind == Kind::New && self.can_be_given(&order) {
            self.services.remove(&order.service);
        }
        Ok(())
    }

    fn refund(&mut self, id: i64) -> Outcome {
        let order = self.orders.get(&id).ok_or(Answer::Refused("unknown"))?.clone();
        or_refuse(order.state == State::Paid, "not_paid")?;
        self.give_back(id, order.price, (true, Way::Account));
        self.end(&order);
        Ok(())
    }

    fn end(&mut self, order: &Order) {
        if order.kind == Kind::New && self.services.contains_key(&order.service) {
            self.serve(order.service, Serving::Deleted);
        }
    }

    fn refund_delivered(&mut self, id: i64, (amount, so_far): (i64, i64), way: Way) -> Outcome {
        let order = self.orders.get(&id).ok_or(Answer::Refused("unknown"))?.clone();
        if order.refunded() != so_far
            && let Some(done) = order.refunds.iter().find(|back| back.so_far == so_far)
        {
            return or_refuse(*done == Back { so_far, amount, by_admin: true, way }, "already");
        }
        // What was not delivered goes back by hand whole, or by another verb.
        let by_hand = order.state == State::Paid && way != Way::Account && amount == order.price;
        or_refuse(by_hand || matches!(order.state, State::Delivered | State::Refunded), "not_delivered")?;
        let stands = |other: &Order| {
            other.service == order.service && matches!(other.state, State::Paid | State::Delivered) && other.charge > order.charge
        };
        or_refuse(order.state != State::Delivered || !self.orders.values().any(stands), "later")?;
        or_refuse(amount > 0 && so_far == order.refunded(), "bad_amount")?;
        or_refuse(amount <= order.price - so_far, "too_much")?;
        self.give_back(id, amount, (true, way));
        if order.state != State::Refunded {
            self.end(&order);
        }
        Ok(())
    }

    /// A price, or a part of it, goes back; with the first part its piece goes to the stock.
    fn give_back(&mut self, id: i64, amount: i64, (by_admin, way): (bool, Way)) {
        if self.orders[&id].state != State::Refunded {
            self.close(id, State::Refunded);
        }
        let order = self.order(id);
        order.refunds.push(Back { so_far: order.refunded(), amount, by_admin, way });
        let (person, on_credit) = (order.person, order.on_credit);
        match way {
            Way::Account if on_credit && !self.is_closed(person) => self.credit(person).confirmed += amount,
            Way::Account => *self.wallet(person) += amount,
            Way::Card => self.card -= amount,
            Way::Elsewhere => self.by_hand += amount,
        }
    }

    fn serve(&mut self, service: i64, state: Serving) {
        self.services.get_mut(&service).expect("a service").state = state;
    }

    /// A service that this agent sold.
    fn of_agent(&self, who: i64, service: i64) -> Outcome {
        let known = self.services.get(&service);
        let is_his = |one: &Service| one.agent == Some(who) && one.state != Serving::Deleted;
        or_refuse(known.is_some_and(is_his) && !self.is_closed(who), "not_yours")
    }

    fn sell(&mut self, selling: &Selling) -> Outcome {
        let Selling { who, order: id, kind, service, price } = *selling;
        or_refuse(!self.is_closed(who), "frozen")?;
        if let Some(known) = self.orders.get(&id) {
            return or_refuse(known.person == who && known.on_credit, "not_yours");
        }
        or_refuse(self.credits[&who].agency == agents::State::Active, "frozen")?;
        if kind != Kind::New {
            self.of_agent(who, service)?;
            or_refuse(self.services[&service].state == Serving::On, "not_now")?;
        }
        or_refuse(self.credits[&who].since.is_none(), "negative")?;
        or_refuse(price == agents_price(self.price, kind), "price_changed")?;
        let standing = self.standing(who);
        if standing < price {
            return Err(Answer::Short(standing));
        }
        let charge = self.orders.values().filter_map(|order| order.charge).max().unwrap_or(0) + 1;
        let order = Order {
            person: who,
            on_credit: true,
            kind,
            is_last: false,
            service,
            price,
            state: State::Paid,
            part: 0,
            saved_until: None,
            took_stock: false,
            charge: Some(charge),
            top_up: None,
            paid_at: Some(self.now),
            refunds: Vec::new(),
        };
        self.credit(who).confirmed -= price;
        self.give(&order);
        self.orders.insert(id, order);
        Ok(())
    }

    fn confirm(&mut self, service: i64) {
        if self.services.get(&service).is_some_and(|one| one.state == Serving::On) {
            let paid = |order: &&mut Order| order.service == service && order.state == State::Paid;
            self.orders.values_mut().filter(paid).for_each(|order| order.state = State::Delivered);
        }
    }

    fn expire(&mut self) {
        let over: Vec<i64> = self
            .payments
            .iter()
            .filter(|(_, payment)| payment.state == Paying::Open && payment.expires_at <= self.now)
            .map(|(id, _)| *id)
            .collect();
        for id in over {
            self.withdraw(id, Paying::Expired);
            if let Some(order) = self.payments[&id].order.filter(|order| self.orders[order].state == State::Placed) {
                self.close(order, State::Expired);
            }
        }
        let waits = |order: &Order| {
            let topping_up = |payment: &Payment| {
                payment.person == order.person
                    && payment.order.is_none()
                    && !payment.on_credit
                    && payment.state == Paying::Submitted
            };
            self.payments.values().any(topping_up)
        };
        let is_over =
            |order: &Order| order.state == State::Placed && order.saved_until.is_some_and(|at| at <= self.now) && !waits(order);
        let over: Vec<i64> = self.orders.iter().filter(|(_, order)| is_over(order)).map(|(id, _)| *id).collect();
        for id in over {
            self.close(id, State::Expired);
        }
    }

    /// What the clock does about an agent: told first, cut off a day later, restored when confirmed money has made him good.
    fn enforce(&mut self, who: i64) {
        let now = self.now;
        if self.is_closed(who) {
            // Nobody else could.
            self.switch(who, Serving::Paused, Serving::On);
        }
        let credit = self.credit(who);
        let (since, told) = (credit.since, credit.told);
        if credit.owing.is_none() || told.map(|told| told.0) != credit.owing {
            credit.told = since.map(|since| (since, now));
            return self.switch(who, Serving::Cut, Serving::On);
        }
        let Some((since, told_at)) = told.filter(|_| since.is_some()) else { return };
        // Who was cut off already has nothing that works but what he sold on a receipt that was rejected since.
        if now >= (since + GRACE).max(told_at + HOUR) {
            self.switch(who, Serving::On, Serving::Cut);
        }
    }

    fn switch(&mut self, who: i64, from: Serving, to: Serving) {
        let his = |service: &&mut Service| service.agent == Some(who) && service.state == from;
        self.services.values_mut().filter(his).for_each(|service| service.state = to);
    }

    /// What there is of what a history may lead to.
    pub fn marks(&self) -> Vec<&'static str> {
        let cut = self.services.values().any(|service| service.state == Serving::Cut);
        let order = |of: &dyn Fn(&Order) -> bool| self.orders.values().any(of);
        let all = [
            (cut, "cut off"),
            (order(&|order| order.top_up.is_some()), "a saved order bought itself"),
            (order(&|order| order.part > 0 && order.state == State::Paid), "paid in parts"),
            (order(&|order| order.on_credit && order.state == State::Refunded), "a sale refunded"),
            (self.payments.values().any(|payment| payment.kept_in_wallet), "came to a closed agency"),
            (
                order(&|order| self.was_bought_by_agents_money(order)),
                "a saved order bought itself from what came to a closed agency",
            ),
            (order(&|order| order.was_given_back_in_part()), "given back by what is left"),
            (self.credits.keys().any(|who| self.is_frozen_and_waits(*who)), "pending on a frozen account"),
            (!self.write_offs.is_empty(), "written off"),
            (order(&|order| order.refunds.len() > 1), "refunded part by part"),
            (order(&|order| order.refunds.iter().any(|back| back.way == Way::Card)), "paid back from the card"),
            (order(&|order| order.refunds.iter().any(|back| back.way == Way::Elsewhere)), "paid back from elsewhere"),
            (order(&|order| order.on_credit && order.refunds.iter().any(|back| back.by_admin)), "a sale given back by an admin"),
            (self.credits.values().any(|credit| credit.confirmed < 0 && credit.since.is_none()), "overdrawn within the line"),
            (self.credits.values().any(|credit| credit.since.is_some()), "below zero"),
        ];
        all.into_iter().chain(self.marks_of_staff()).filter(|(is, _)| *is).map(|(_, mark)| mark).collect()
    }

    fn is_frozen_and_waits(&self, who: i64) -> bool {
        self.credits[&who].agency == agents::State::Frozen && self.pending(who) > 0
    }

    fn was_bought_by_agents_money(&self, order: &Order) -> bool {
        order.top_up.is_some_and(|payment| self.payments[&payment].kept_in_wallet)
    }

    /// What nobody can foresee.
    pub fn hear(&mut self, is: &Self) {
        self.dues.clone_from(&is.dues);
        self.used.clone_from(&is.used);
    }

    /// What only a model remembers.
    pub fn take_over(&mut self, other: &Self) {
        self.seen.clone_from(&other.seen);
        for (who, credit) in &other.credits {
            self.credit(*who).told = credit.told;
        }
    }

    /// The same, with charges numbered from one: what their numbers are says nothing.
    #[must_use]
    pub fn plain(&self) -> Self {
        let mut charges: Vec<i64> = self.orders.values().filter_map(|order| order.charge).collect();
        charges.sort_unstable();
        let mut plain = self.clone();
        for order in plain.orders.values_mut() {
            let place = order.charge.map(|charge| charges.partition_point(|other| *other < charge));
            order.charge = place.map(|place| i64::try_from(place).expect("a small number"));
        }
        plain
    }
}

/// A minute's part that an undo still allows, and one that it does not.
pub const SOON: [i64; 2] = [20 * SECOND, 70 * SECOND];
