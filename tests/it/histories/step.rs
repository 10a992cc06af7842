//! Steps of a history, before it is known to what they refer: a number picks among what there is by then.
use super::model::{Act, Correcting, GIGABYTE, Handing, Model, OPEN_MAX, Placing, SOON, Selling, Serving, Way, agents_price};
use super::play::{AGENTS, BUYERS, CUSTOMERS, SECOND};
use crate::sales::shop::{CASHIER, NOON, OWNER, PRICE};
use proptest::prelude::*;
use souk::base::{DAY, HOUR};
use souk::shop::agents::State as Agency;
use souk::shop::checkout::{CorrectionState, Kind, Pay, State};
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
    ConfirmCorrection(usize),
    RefuseCorrection(usize),
    SetLine(usize, i64),
    /// That agent, or one about whom it can be done.
    Freeze(usize),
    Thaw(usize),
    /// A debt is written off, or not.
    Close(usize, bool),
    Rejoin(usize),
    HandOver(usize),
    TakeOver(usize),
    Reprice(bool),
    Sell(usize),
    SellMore(usize, bool),
    Delete(usize),
    Pause(usize),
    Resume(usize),
    /// Some more gigabytes.
    Use(usize),
    Confirm(usize),
    Expire,
    Enforce,
}

fn deed() -> impl Strategy<Value = Deed> {
    let who = 0..2_usize;
    let buyer = prop_oneof![6 => 0..2_usize, 1 => 2..4_usize];
    let number = any::<usize>();
    let pay = prop_oneof![
        3 => Just(Pay::Method),
        4 => Just(Pay::Wallet),
        4 => Just(Pay::WalletAndMethod),
        3 => Just(Pay::Save),
    ];
    let sum = prop_oneof![Just(40_000), Just(PRICE), Just(200_000), 10_000..400_000_i64];
    let people = prop_oneof![
        5 => (buyer.clone(), sum.clone()).prop_map(|(who, sum)| Deed::TopUp(who, sum)),
        9 => (buyer.clone(), pay.clone(), 0..4_u8).prop_map(|(who, pay, last)| Deed::Place(who, pay, last)),
        2 => (buyer, pay, number).prop_map(|(who, pay, n)| Deed::Renew(who, pay, n)),
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
        4 => number.prop_map(Deed::ConfirmCorrection),
        2 => number.prop_map(Deed::RefuseCorrection),
        2 => any::<bool>().prop_map(Deed::Reprice),
    ];
    let line = prop_oneof![Just(0), Just(100_000), Just(300_000)];
    let agents = prop_oneof![
        6 => (who.clone(), sum).prop_map(|(who, sum)| Deed::CreditTopUp(who, sum)),
        8 => who.clone().prop_map(Deed::Sell),
        4 => (number, any::<bool>()).prop_map(|(n, renew)| Deed::SellMore(n, renew)),
        3 => number.prop_map(Deed::Delete),
        3 => number.prop_map(Deed::Pause),
        2 => number.prop_map(Deed::Resume),
        3 => (who.clone(), line).prop_map(|(who, line)| Deed::SetLine(who, line)),
        1 => who.clone().prop_map(Deed::Freeze),
        2 => who.clone().prop_map(Deed::Thaw),
        1 => (who.clone(), any::<bool>()).prop_map(|(who, write_off)| Deed::Close(who, write_off)),
        2 => who.clone().prop_map(Deed::Rejoin),
        3 => number.prop_map(Deed::HandOver),
        3 => number.prop_map(Deed::TakeOver),
        3 => (who, -200_000..300_000_i64).prop_map(|(who, sum)| Deed::CorrectCredit(who, if sum == 0 { 1 } else { sum })),
    ];
    let machines = prop_oneof![
        3 => number.prop_map(Deed::Use),
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

/// Picks the newest about which it can be done,
const NEWEST: usize = 60;
/// and the newest whatever its state.
const ANY: usize = 120;

/// How many tales there are.
pub const TALES: usize = 18;

/// What people do one after the other, and chance does seldom.
pub fn tale(which: usize, who: usize, sum: i64) -> Vec<Step> {
    match which {
        0..7 => buyers_tale(which, who, sum),
        7..12 => agents_tale(which, who, sum),
        _ => agency_tale(which, who, sum),
    }
}

fn told(deeds: impl IntoIterator<Item = Deed>) -> Vec<Step> {
    deeds.into_iter().map(Step::One).collect()
}

/// The last top-up, or order, comes under review and is approved.
const fn paid() -> [Deed; 2] {
    [Deed::Receipt(NEWEST), Deed::Approve(NEWEST, 0)]
}

fn buyers_tale(which: usize, who: usize, sum: i64) -> Vec<Step> {
    let order = |pay| Deed::Place(who, pay, 1);
    let ([receipt, approve], undo) = (paid(), Deed::Undo(NEWEST));
    match which {
        0 => told([Deed::TopUp(who, sum + PRICE), receipt, approve, order(Pay::Wallet), undo, Deed::Approve(ANY, 0)]),
        1 => told([order(Pay::Save), Deed::TopUp(who, sum), receipt, approve, undo, Deed::Reject(NEWEST), Deed::Undo(NEWEST)]),
        2 => {
            let too_early = [Deed::GiveBack(ANY, 1), Deed::Refund(ANY)];
            let places = [Deed::Correct(who, sum / 4), order(Pay::WalletAndMethod)];
            told(places.into_iter().chain(too_early).chain([receipt, approve, undo]))
        }
        3 => {
            let renew = Deed::Renew(who, Pay::Wallet, NEWEST);
            let rich = [Deed::Correct(who, sum + PRICE), Deed::ConfirmCorrection(NEWEST)];
            told(rich.into_iter().chain([order(Pay::Method), receipt, approve, renew, undo]))
        }
        4 => {
            let (half, rest) = (Deed::GiveBack(NEWEST + 1, 3), Deed::GiveBack(NEWEST, 0));
            told([order(Pay::Method), receipt, approve, Deed::Confirm(NEWEST), undo, half, rest])
        }
        5 => {
            let too_late = [Step::Wait(SOON[1]), Step::One(undo)];
            let refund = [Deed::Refund(NEWEST), order(Pay::Wallet), Deed::Reprice(true), order(Pay::Wallet), order(Pay::Method)];
            let over = [Step::Wait(3 * HOUR), Step::One(Deed::Expire)];
            told([order(Pay::Method), receipt, approve]).into_iter().chain(too_late).chain(told(refund)).chain(over).collect()
        }
        _ => told([
            order(Pay::Wallet),
            order(Pay::Method),
            Deed::CancelOrder(NEWEST),
            Deed::TopUp(who, sum),
            Deed::CancelTopUp(NEWEST),
            order(Pay::Save),
            Deed::Correct(who, sum + PRICE),
            Deed::BuySaved(NEWEST + who),
        ]),
    }
}

/// What agents live through with what they sell.
fn agents_tale(which: usize, who: usize, sum: i64) -> Vec<Step> {
    let (sell, [receipt, _]) = (Deed::Sell(who), paid());
    match which {
        7 => {
            let rejected = [Deed::Reject(NEWEST), Deed::Enforce];
            told([Deed::CreditTopUp(who, sum), receipt, sell.clone(), sell].into_iter().chain(rejected))
        }
        8 => {
            let owes = [sell.clone(), sell.clone(), sell.clone(), Deed::SetLine(who, 0), sell, Deed::Enforce];
            told(owes).into_iter().chain(a_day_below_zero(who)).collect()
        }
        9 => told([
            sell,
            Deed::HandOver(NEWEST),
            Deed::HandOver(NEWEST),
            Deed::TakeOver(NEWEST),
            Deed::TakeOver(NEWEST + 2),
            Deed::Enforce,
        ]),
        10 => {
            let uses = [Deed::Confirm(NEWEST), Deed::Use(NEWEST), Deed::Use(NEWEST)];
            let more = [Deed::SellMore(NEWEST, false), Deed::Delete(NEWEST)];
            told([sell].into_iter().chain(uses).chain(more))
        }
        _ => {
            let off_and_on = [Deed::Pause(NEWEST), Deed::Resume(NEWEST)];
            let goes_back = [Deed::Refund(NEWEST), sell.clone(), Deed::Confirm(NEWEST), Deed::GiveBack(NEWEST + 2, 3)];
            told([sell].into_iter().chain(off_and_on).chain(goes_back))
        }
    }
}

/// He is cut off a day later, and is good again.
fn a_day_below_zero(who: usize) -> Vec<Step> {
    let good_again = [Deed::CorrectCredit(who, 300_000), Deed::ConfirmCorrection(NEWEST), Deed::Enforce];
    let day = [Step::Wait(DAY + HOUR), Step::One(Deed::Enforce)];
    day.into_iter().chain(told(good_again)).collect()
}

/// What staff does with agencies.
fn agency_tale(which: usize, who: usize, sum: i64) -> Vec<Step> {
    let sell = Deed::Sell(who);
    let ([receipt, approve], undo) = (paid(), Deed::Undo(NEWEST));
    let (top_up, rejoin) = (Deed::CreditTopUp(who, sum), Deed::Rejoin(who));
    let (freeze, thaw, close) = (Deed::Freeze(who), Deed::Thaw(who), Deed::Close(who, true));
    told(match which {
        12 => vec![top_up, receipt, approve, close, undo, rejoin],
        13 => vec![top_up, close, receipt, approve.clone(), undo, rejoin, approve],
        14 => {
            let saves = Deed::Place(CUSTOMERS.len() + who, Pay::Save, 1);
            vec![saves, top_up, close, receipt, approve.clone(), undo, rejoin, approve]
        }
        15 => vec![sell.clone(), Deed::Close(who, false), freeze, sell, thaw, close, rejoin],
        16 => vec![top_up, receipt, close, approve, freeze, undo, Deed::Reject(NEWEST), thaw],
        _ => {
            let more = |minor| Deed::CorrectCredit(who, minor);
            let by_a_cashier = Deed::ConfirmCorrection(NEWEST + 2);
            let (confirm, refuse) = (Deed::ConfirmCorrection(NEWEST), Deed::RefuseCorrection(NEWEST));
            let first = [more(290_000), more(280_000), more(270_000), by_a_cashier, confirm.clone(), confirm];
            first.into_iter().chain([more(260_000), refuse, sell]).collect()
        }
    })
}

/// A tale that may break off.
fn some_tale() -> impl Strategy<Value = Vec<Step>> {
    (0..TALES, 0..2_usize, 30_000..260_000_i64, 4..9_usize, any::<bool>()).prop_map(|(which, who, sum, length, day)| {
        let steps = tale(which, who, sum).into_iter().take(length);
        if day { steps.chain(a_day_below_zero(who)).collect() } else { steps.collect() }
    })
}

pub fn steps() -> impl Strategy<Value = Vec<Step>> {
    let some = prop_oneof![8 => step().prop_map(|step| vec![step]), 2 => some_tale()];
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
    let sold = model.services.iter().filter(|(_, service)| service.agent.is_some()).map(|(id, service)| (*id, service));
    pick_where(sold, number, |service| service.state == state)
}

/// A correction, mostly one that waits.
fn pick_correction(model: &Model, number: usize) -> Option<i64> {
    let all = model.corrections.iter().map(|(key, one)| (*key, one));
    pick_where(all, number, |one| one.state == CorrectionState::Waiting)
}

/// An agent in this state if there is one, he before the other.
fn pick_agent(model: &Model, who: usize, state: Agency) -> i64 {
    let two = [AGENTS[who], AGENTS[1 - who]];
    two.into_iter().find(|who| model.credits[who].agency == state).unwrap_or(AGENTS[who])
}

/// Mostly the one who sold it.
fn agent_of(model: &Model, service: i64, number: usize) -> i64 {
    let sold_by = model.services[&service].agent.expect("it was sold by an agent");
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
                // Nor is what a panel says of usage: which came first cannot be told afterwards.
                let deeds = deeds.iter().filter(|deed| !matches!(deed, Deed::Use(_)));
                let all = deeds.filter_map(|deed| self.act(deed, model));
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
            Deed::TopUp(who, amount) => Act::TopUp { who: BUYERS[who], payment: 2_000 + self.fresh(), amount, on_credit: false },
            Deed::CreditTopUp(who, amount) => {
                Act::TopUp { who: AGENTS[who], payment: 2_000 + self.fresh(), amount, on_credit: true }
            }
            Deed::Place(who, pay, last) => self.place(model, BUYERS[who], (pay, last == 0, None)),
            Deed::Renew(who, pay, number) => {
                let bought = model.services.iter().filter(|(_, service)| service.agent.is_none() || number.is_multiple_of(7));
                let bought = bought.map(|(id, service)| (*id, service));
                let service = pick_where(bought, number, |service| service.person == BUYERS[who])?;
                self.place(model, BUYERS[who], (pay, model.services[&service].is_last, Some(service)))
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
                let who = BUYERS[number % 4];
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
                let way = match number % 5 {
                    0 => Way::Card,
                    1 => Way::Elsewhere,
                    _ => Way::Account,
                };
                Act::GiveBack { order, amount, so_far, way }
            }
            _ => return self.staffs_or_agents(deed, model),
        })
    }

    fn staffs_or_agents(&mut self, deed: &Deed, model: &Model) -> Option<Act> {
        Some(match *deed {
            Deed::Correct(who, minor) => self.correct((CUSTOMERS[who], false), minor),
            Deed::CorrectCredit(who, minor) => self.correct((AGENTS[who], true), minor),
            Deed::ConfirmCorrection(number) => {
                let key = pick_correction(model, number)?;
                Act::ConfirmCorrection { by: [SECOND, OWNER.0, CASHIER.0, SECOND, SECOND][number % 5], key }
            }
            Deed::RefuseCorrection(number) => {
                let key = pick_correction(model, number)?;
                Act::RefuseCorrection { by: [SECOND, OWNER.0, CASHIER.0, OWNER.0, SECOND][number % 5], key }
            }
            Deed::SetLine(who, line) => Act::SetLine { who: AGENTS[who], line },
            Deed::Freeze(who) => Act::Freeze { who: pick_agent(model, who, Agency::Active) },
            Deed::Thaw(who) => Act::Thaw { who: pick_agent(model, who, Agency::Frozen) },
            Deed::Close(who, write_off) => {
                let owed = -model.credits[&AGENTS[who]].confirmed;
                Act::Close { who: AGENTS[who], write_off: (write_off && owed > 0).then_some(owed) }
            }
            Deed::Rejoin(who) => Act::Rejoin { who: pick_agent(model, who, Agency::Closed), application: 40_000 + self.fresh() },
            Deed::HandOver(number) => {
                let service = pick_sold(model, number, Serving::On)?;
                Act::HandOver { who: agent_of(model, service, number), service, token: 30_000 + self.fresh() }
            }
            Deed::TakeOver(number) => {
                let links = model.links.iter().map(|(token, link)| (*token, link));
                let token = pick_where(links, number, |link| link.state == Handing::Open)?;
                let own = model.links[&token].agent;
                Act::TakeOver { who: [CUSTOMERS[0], CUSTOMERS[0], CUSTOMERS[1], CUSTOMERS[1], own][number % 5], token }
            }
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
                Act::Delete { who, service, refund: model.gets_back(who, service).iter().map(|part| part.1).sum() }
            }
            Deed::Pause(number) => {
                let service = pick_sold(model, number, Serving::On)?;
                Act::Pause { who: agent_of(model, service, number), service }
            }
            Deed::Resume(number) => {
                let service = pick_sold(model, number, Serving::Paused)?;
                Act::Resume { who: agent_of(model, service, number), service }
            }
            Deed::Use(number) => {
                let service = pick_sold(model, number, Serving::On)?;
                // So much that something of a month is left.
                let bytes = (model.used[&service] + 7 * GIGABYTE).min(28 * GIGABYTE);
                Act::Use { service, bytes }
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

    fn correct(&mut self, (who, on_credit): (i64, bool), minor: i64) -> Act {
        let n = self.fresh();
        let by = if n % 3 == 0 { CASHIER.0 } else { OWNER.0 };
        Act::Correct(Correcting { who, on_credit, minor, key: 20_000 + n, by })
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
