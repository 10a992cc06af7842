//! Steps of a history, before it is known to what they refer: a number picks among what there is by then.
use super::model::{Act, Model, OPEN_MAX, Placing, SOON, Selling, Serving, agents_price};
use super::play::{AGENTS, CUSTOMERS};
use crate::sales::shop::{NOON, PRICE};
use proptest::prelude::*;
use souk::base::{DAY, HOUR};
use souk::shop::checkout::{Kind, Pay, State};
use souk::shop::payments::State as Paying;

#[derive(Debug, Clone)]
pub enum Step {
    One(Deed),
    /// The same act again, with the same ids.
    Twice(Deed),
    /// An earlier act arrives again, whatever became of it.
    Again(usize),
    AtOnce(Vec<Deed>),
    /// One act, several times at once.
    Crowd(Deed),
    Wait(i64),
}

/// An act without its ids. The first number says who, the others what it is about.
#[derive(Debug, Clone)]
pub enum Deed {
    TopUp(usize, i64),
    CreditTopUp(usize, i64),
    Place(usize, Pay, u8),
    Renew(usize, Pay, usize),
    Receipt(usize),
    CancelOrder(usize),
    CancelTopUp(usize),
    BuySaved(usize),
    Approve(usize, u8),
    Reject(usize),
    Undo(usize),
    Refund(usize),
    /// All, half, or more than can go back.
    GiveBack(usize, u8),
    Correct(usize, i64),
    CorrectCredit(usize, i64),
    SetLine(usize, i64),
    Reprice(bool),
    Sell(usize),
    SellMore(usize, bool),
    Delete(usize),
    Pause(usize),
    Resume(usize),
    Confirm(usize),
    Expire,
    Enforce,
}

fn deed() -> impl Strategy<Value = Deed> {
    let who = 0..2_usize;
    let number = any::<usize>();
    let pay = prop_oneof![
        3 => Just(Pay::Method),
        4 => Just(Pay::Wallet),
        4 => Just(Pay::WalletAndMethod),
        3 => Just(Pay::Save),
    ];
    let sum = prop_oneof![Just(40_000), Just(PRICE), Just(200_000), 10_000..400_000_i64];
    let people = prop_oneof![
        5 => (who.clone(), sum.clone()).prop_map(|(who, sum)| Deed::TopUp(who, sum)),
        9 => (who.clone(), pay.clone(), 0..4_u8).prop_map(|(who, pay, last)| Deed::Place(who, pay, last)),
        2 => (who.clone(), pay, number).prop_map(|(who, pay, n)| Deed::Renew(who, pay, n)),
        10 => number.prop_map(Deed::Receipt),
        2 => number.prop_map(Deed::CancelOrder),
        2 => number.prop_map(Deed::CancelTopUp),
        1 => number.prop_map(Deed::BuySaved),
    ];
    let admins = prop_oneof![
        10 => (number, 0..6_u8).prop_map(|(n, amount)| Deed::Approve(n, amount)),
        4 => number.prop_map(Deed::Reject),
        5 => number.prop_map(Deed::Undo),
        3 => number.prop_map(Deed::Refund),
        5 => (number, 0..5_u8).prop_map(|(n, part)| Deed::GiveBack(n, part)),
        4 => (who.clone(), -150_000..250_000_i64).prop_map(|(who, sum)| Deed::Correct(who, if sum == 0 { 1 } else { sum })),
        1 => any::<bool>().prop_map(Deed::Reprice),
    ];
    let line = prop_oneof![Just(0), Just(100_000), Just(300_000)];
    let agents = prop_oneof![
        6 => (who.clone(), sum).prop_map(|(who, sum)| Deed::CreditTopUp(who, sum)),
        8 => who.clone().prop_map(Deed::Sell),
        4 => (number, any::<bool>()).prop_map(|(n, renew)| Deed::SellMore(n, renew)),
        3 => number.prop_map(Deed::Delete),
        2 => number.prop_map(Deed::Pause),
        2 => number.prop_map(Deed::Resume),
        3 => (who.clone(), line).prop_map(|(who, line)| Deed::SetLine(who, line)),
        3 => (who, -200_000..300_000_i64).prop_map(|(who, sum)| Deed::CorrectCredit(who, if sum == 0 { 1 } else { sum })),
    ];
    let machines = prop_oneof![
        5 => number.prop_map(Deed::Confirm),
        2 => Just(Deed::Expire),
        7 => Just(Deed::Enforce),
    ];
    prop_oneof![8 => people, 7 => admins, 7 => agents, 4 => machines]
}

fn step() -> impl Strategy<Value = Step> {
    let wait = prop_oneof![
        3 => Just(SOON[0]),
        2 => Just(SOON[1]),
        2 => Just(3 * HOUR),
        1 => Just(13 * HOUR),
        3 => Just(DAY + HOUR),
    ];
    prop_oneof![
        20 => deed().prop_map(Step::One),
        2 => deed().prop_map(Step::Twice),
        2 => any::<usize>().prop_map(Step::Again),
        5 => proptest::collection::vec(deed(), 2..4).prop_map(Step::AtOnce),
        2 => deed().prop_map(Step::Crowd),
        4 => wait.prop_map(Step::Wait),
    ]
}

/// Picks the newest about which it can be done.
const NEWEST: usize = 20;

/// What people do one after the other, and chance does seldom. Each may break off.
fn tale() -> impl Strategy<Value = Vec<Step>> {
    let tales = (0..7_usize, 0..2_usize, 30_000..260_000_i64).prop_map(|(which, who, sum)| {
        let (order, receipt, approve) = (|pay| Deed::Place(who, pay, 1), Deed::Receipt(NEWEST), Deed::Approve(NEWEST, 0));
        let undo = Deed::Undo(NEWEST);
        let deeds = match which {
            0 => vec![Deed::TopUp(who, sum + PRICE), receipt, approve, order(Pay::Wallet), undo],
            1 => vec![order(Pay::Save), Deed::TopUp(who, sum), receipt, approve, undo],
            2 => vec![Deed::Correct(who, sum), order(Pay::WalletAndMethod), receipt, approve, undo],
            3 => {
                let renew = Deed::Renew(who, Pay::Wallet, NEWEST);
                vec![Deed::Correct(who, 2 * sum), order(Pay::Method), receipt, approve, renew, undo]
            }
            4 => {
                let half = Deed::GiveBack(NEWEST, 3);
                let rest = Deed::GiveBack(NEWEST, 0);
                vec![order(Pay::Method), receipt, approve, Deed::Confirm(NEWEST), undo, half, rest]
            }
            5 => {
                let sell = Deed::Sell(who);
                vec![Deed::CreditTopUp(who, sum), receipt, sell.clone(), sell, Deed::Reject(NEWEST), Deed::Enforce]
            }
            _ => {
                let sell = Deed::Sell(who);
                vec![sell.clone(), sell.clone(), sell, Deed::SetLine(who, 0), Deed::Enforce]
            }
        };
        (deeds, who)
    });
    (tales, 3..8_usize, any::<bool>()).prop_map(|((deeds, who), length, day)| {
        let mut steps: Vec<Step> = deeds.into_iter().take(length).map(Step::One).collect();
        if day {
            let good_again = Step::One(Deed::CorrectCredit(who, 300_000));
            steps.extend([Step::Wait(DAY + HOUR), Step::One(Deed::Enforce), good_again, Step::One(Deed::Enforce)]);
        }
        steps
    })
}

pub fn steps() -> impl Strategy<Value = Vec<Step>> {
    let some = prop_oneof![8 => step().prop_map(|step| vec![step]), 2 => tale()];
    proptest::collection::vec(some, 12..35).prop_map(|all| all.concat())
}

/// The acts of a history so far, and the next number that nobody has.
#[derive(Default)]
pub struct History {
    acts: Vec<Act>,
    last: i64,
}

/// One of the last four: what happened lately is what acts meet in.
fn pick<T: Clone>(all: &[T], number: usize) -> Option<T> {
    let near = all.len().min(4);
    if near == 0 { None } else { all.get(all.len() - 1 - number % near).cloned() }
}

/// Mostly one of those about which it can be done; now and then any.
fn pick_where<T>(all: impl Iterator<Item = (i64, T)>, number: usize, fits: impl Fn(&T) -> bool) -> Option<i64> {
    let all: Vec<(i64, bool)> = all.map(|(id, one)| (id, fits(&one))).collect();
    let fitting: Vec<i64> = all.iter().filter(|(_, fits)| *fits).map(|(id, _)| *id).collect();
    let any: Vec<i64> = all.into_iter().map(|(id, _)| id).collect();
    let number = number / 5;
    if number.is_multiple_of(8) || fitting.is_empty() { pick(&any, number) } else { pick(&fitting, number) }
}

fn pick_payment(model: &Model, number: usize, states: &[Paying]) -> Option<i64> {
    let all = model.payments.iter().map(|(id, payment)| (*id, payment));
    pick_where(all, number, |payment| states.contains(&payment.state))
}

fn pick_order(model: &Model, number: usize, state: State) -> Option<i64> {
    pick_where(model.orders.iter().map(|(id, order)| (*id, order)), number, |order| order.state == state)
}

/// An agent's service, mostly in this state.
fn pick_sold(model: &Model, number: usize, state: Serving) -> Option<i64> {
    let sold = model.services.iter().filter(|(_, service)| service.by_agent).map(|(id, service)| (*id, service));
    pick_where(sold, number, |service| service.state == state)
}

/// Mostly the one who sold it.
fn agent_of(model: &Model, service: i64, number: usize) -> i64 {
    let sold_by = model.services[&service].person;
    if number.is_multiple_of(11) { AGENTS[usize::from(sold_by == AGENTS[0])] } else { sold_by }
}

impl History {
    pub fn acts(&mut self, step: &Step, model: &Model) -> Vec<Act> {
        match step {
            Step::One(deed) => self.act(deed, model).into_iter().collect(),
            Step::Twice(deed) => self.act(deed, model).map(|act| vec![act.clone(), act]).unwrap_or_default(),
            Step::Again(number) => pick(&self.acts, *number).into_iter().collect(),
            Step::AtOnce(deeds) => {
                // How many payments somebody may open is no law of money, and is not counted under a lock.
                let has_room = |who: i64| model.open_of(who) + deeds.len() <= OPEN_MAX;
                let all = deeds.iter().filter_map(|deed| self.act(deed, model));
                all.filter(|act| opens_for(act).is_none_or(has_room)).collect()
            }
            Step::Crowd(deed) => self.act(deed, model).map(|act| vec![act; 3]).unwrap_or_default(),
            Step::Wait(_) => Vec::new(),
        }
    }

    pub fn remember(&mut self, acts: Vec<Act>) {
        self.acts.extend(acts);
    }

    fn fresh(&mut self) -> i64 {
        self.last += 1;
        self.last
    }

    /// The deed with its ids; `None` when there is nothing yet to which it could refer.
    fn act(&mut self, deed: &Deed, model: &Model) -> Option<Act> {
        Some(match *deed {
            Deed::TopUp(who, amount) => {
                Act::TopUp { who: CUSTOMERS[who], payment: 2_000 + self.fresh(), amount, on_credit: false }
            }
            Deed::CreditTopUp(who, amount) => {
                Act::TopUp { who: AGENTS[who], payment: 2_000 + self.fresh(), amount, on_credit: true }
            }
            Deed::Place(who, pay, last) => self.place(model, CUSTOMERS[who], (pay, last == 0, None)),
            Deed::Renew(who, pay, number) => {
                let bought = model.services.iter().filter(|(_, service)| !service.by_agent || number.is_multiple_of(7));
                let bought = bought.map(|(id, service)| (*id, service));
                let service = pick_where(bought, number, |service| service.person == CUSTOMERS[who])?;
                self.place(model, CUSTOMERS[who], (pay, model.services[&service].is_last, Some(service)))
            }
            Deed::Receipt(number) => {
                let payment = pick_payment(model, number, &[Paying::Open])?;
                Act::Receipt { who: model.payments[&payment].person, payment, update: 10_000 + self.fresh() }
            }
            Deed::CancelOrder(number) => {
                let order = pick_order(model, number, State::Placed)?;
                Act::CancelOrder { who: model.orders[&order].person, order }
            }
            Deed::CancelTopUp(number) => {
                let payment = pick_payment(model, number, &[Paying::Open, Paying::Submitted])?;
                Act::CancelTopUp { who: model.payments[&payment].person, payment }
            }
            Deed::BuySaved(number) => {
                let who = CUSTOMERS[number % 2];
                let order = model.saved_of(who).or_else(|| pick_order(model, number, State::Placed))?;
                Act::BuySaved { who, order }
            }
            Deed::Approve(number, amount) => {
                let payment = pick_payment(model, number, &[Paying::Submitted])?;
                let due = model.payments[&payment].due;
                let amount = match amount {
                    4 => Some(due / 2),
                    5 => Some(due + 70_000),
                    _ => None,
                };
                Act::Approve { payment, amount }
            }
            Deed::Reject(number) => Act::Reject { payment: pick_payment(model, number, &[Paying::Submitted])? },
            Deed::Undo(number) => Act::Undo { payment: pick_payment(model, number, &[Paying::Approved, Paying::Rejected])? },
            Deed::Refund(number) => Act::Refund { order: pick_order(model, number, State::Paid)? },
            Deed::GiveBack(number, part) => {
                let order = pick_order(model, number, if part == 0 { State::Refunded } else { State::Delivered })?;
                let (price, so_far) = (model.orders[&order].price, model.orders[&order].refunded());
                let most = price - so_far;
                let amount = match part {
                    1 => most,
                    2 => most + 1,
                    _ => most / 2,
                };
                Act::GiveBack { order, amount, so_far }
            }
            _ => return self.staffs_or_agents(deed, model),
        })
    }

    fn staffs_or_agents(&mut self, deed: &Deed, model: &Model) -> Option<Act> {
        Some(match *deed {
            Deed::Correct(who, minor) => Act::Correct { who: CUSTOMERS[who], minor, key: 20_000 + self.fresh() },
            Deed::CorrectCredit(who, minor) => Act::CorrectCredit { who: AGENTS[who], minor, key: 20_000 + self.fresh() },
            Deed::SetLine(who, line) => Act::SetLine { who: AGENTS[who], line },
            Deed::Reprice(dearer) => Act::Reprice { price: if dearer { PRICE + 10_000 } else { PRICE } },
            Deed::Sell(who) => self.sell(model, AGENTS[who], (Kind::New, None)),
            Deed::SellMore(number, renew) => {
                let service = pick_sold(model, number, Serving::On)?;
                let kind = if renew { Kind::Renew } else { Kind::Traffic };
                self.sell(model, agent_of(model, service, number), (kind, Some(service)))
            }
            Deed::Delete(number) => {
                let service = pick_sold(model, number, Serving::On)?;
                let who = agent_of(model, service, number);
                Act::Delete { who, service, refund: model.young(who, service).0 }
            }
            Deed::Pause(number) => {
                let service = pick_sold(model, number, Serving::On)?;
                Act::Pause { who: agent_of(model, service, number), service }
            }
            Deed::Resume(number) => {
                let service = pick_sold(model, number, Serving::Paused)?;
                Act::Resume { who: agent_of(model, service, number), service }
            }
            Deed::Confirm(number) => {
                let paid = pick_order(model, number, State::Paid)?;
                Act::Confirm { service: model.orders[&paid].service }
            }
            Deed::Expire => Act::Expire,
            Deed::Enforce => Act::Enforce,
            _ => panic!("nobody does {deed:?}"),
        })
    }

    fn place(&mut self, model: &Model, who: i64, (pay, is_last, renew): (Pay, bool, Option<i64>)) -> Act {
        let n = self.fresh();
        let (order, payment, service, price) = (1_000 + n, 2_000 + n, 3_000 + n, model.price_of(is_last));
        Act::Place(Placing { who, order, payment, service, is_last, price, renew, pay })
    }

    fn sell(&mut self, model: &Model, who: i64, (kind, service): (Kind, Option<i64>)) -> Act {
        let n = self.fresh();
        let service = service.unwrap_or(3_000 + n);
        Act::Sell(Selling { who, order: 1_000 + n, kind, service, price: agents_price(model.price, kind) })
    }
}

/// For whom an act may open a payment.
const fn opens_for(act: &Act) -> Option<i64> {
    match act {
        Act::TopUp { who, .. } => Some(*who),
        Act::Place(placing) => Some(placing.who),
        _ => None,
    }
}

/// Until then everything that was sold has time left.
pub const WAIT_MOST: i64 = NOON.0 + 25 * DAY;
