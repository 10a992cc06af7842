//! An agent's credit account, from the receipt under review to the cut and back: through verbs, on both databases.
use super::stand::{AGENT_PRICE, ALI, LINE, REZA};
use crate::sales::shop::{CASHIER, OWNER, SARA, Shop, commit, irt, shown, stories};
use souk::base::{HOUR, MINUTE, Money, OrderId, PaymentId, PersonId, SubscriptionId, Time};
use souk::shop::agents::{self, Stage};
use souk::shop::checkout::{self, Sale, Sell, TopUp, TopUpError};
use souk::shop::ledger::{self, Limits};
use souk::shop::payments::{Payment, Purpose};
use souk::shop::settings;
use souk::shop::subscriptions::State;

impl Shop {
    pub async fn tops_up(&self, who: PersonId, n: i64, minor: i64) -> Result<Payment, TopUpError> {
        let (customer, now) = (self.customer(who).await, self.now());
        let top_up = TopUp { payment: PaymentId(4_000 + n), amount: irt(minor), purpose: Purpose::Credit, kind: None };
        commit!(self, tx => async move { checkout::top_up(tx, &customer, &top_up, now).await })
    }

    /// A top-up whose receipt is under review.
    pub async fn credit_under_review(&self, who: PersonId, n: i64, minor: i64) -> Payment {
        let payment = self.tops_up(who, n, minor).await.expect("it is opened");
        let receipt = self.photo(&format!("credit-{n}"));
        self.send(who, payment.id, receipt).await.expect("it is taken").payment
    }

    async fn sells_one(&self, who: PersonId, n: i64) -> bool {
        let (agent, now) = (self.agent(who).await.expect("an agent"), self.now());
        let sale = Sale::New {
            plan: "m1".parse().expect("a code"),
            subscription: SubscriptionId(5_000 + n),
            label: format!("customer {n}"),
        };
        let sell = Sell { order: OrderId(6_000 + n), sale, price_minor: AGENT_PRICE, gives: Some(shown()) };
        commit!(self, tx => async move { checkout::sell(tx, &agent, &sell, now).await }).is_ok()
    }

    /// What the clock's line does.
    async fn ticks(&self) -> Vec<agents::Step> {
        let (now, mut steps) = (self.now(), Vec::new());
        let settings = settings::load(self.db.read()).await.expect("settings");
        for crossing in ledger::crossed(self.db.read(), Time(0)).await.expect("they are read") {
            if agents::is_settled(self.db.read(), &crossing).await.expect("it is read") {
                continue;
            }
            let settings = settings.clone();
            steps.extend(commit!(self, tx => async move { agents::look(tx, &crossing, &settings, now).await }).expect("a look"));
        }
        for episode in agents::due(self.db.read(), now, 100).await.expect("they are read") {
            let settings = settings.clone();
            let which = (episode.agent, episode.since);
            steps.push(commit!(self, tx => async move { agents::advance(tx, which, &settings, now).await }).expect("a step"));
        }
        steps
    }

    async fn limits(&self, limits: Limits) {
        let (account, now) = (agents::account(ALI, souk::base::Asset::Irt), self.now());
        commit!(self, tx => async move { ledger::set_limits(tx, &account, limits, now).await }).expect("they are set");
    }

    async fn proves_pending(&self) {
        let wrong = "SELECT COUNT(*) AS v FROM payments p LEFT JOIN ledger_holds h ON h.id = p.hold AND h.state = 'open'
            AND h.amount = p.due WHERE p.purpose = 'credit' AND (p.state = 'submitted') <> (h.id IS NOT NULL)";
        let count: Option<i64> = souk::db::scalar(self.db.read(), wrong, vec![]).await.expect("it counts");
        assert_eq!(count, Some(0), "a credit top-up under review has one open hold, and no other has any");
        let open = "SELECT COUNT(*) AS v FROM ledger_holds h WHERE h.state = 'open'
            AND NOT EXISTS (SELECT 1 FROM payments p WHERE p.hold = h.id)";
        let count: Option<i64> = souk::db::scalar(self.db.read(), open, vec![]).await.expect("it counts");
        assert_eq!(count, Some(0), "an open hold that no payment names");
    }
}

/// What is due with the tail that makes it unique.
fn due(payment: &Payment) -> i64 {
    payment.due.minor
}

stories! {
    async fn a_receipt_is_pending_until_it_is_decided(shop: Shop) {
        shop.makes_agent(ALI).await;
        assert!(matches!(shop.tops_up(SARA, 1, 200_000).await, Err(TopUpError::NotYours)), "she is no agent");
        let payment = shop.credit_under_review(ALI, 2, 200_000).await;
        let standing = shop.standing(ALI).await;
        assert_eq!((standing.confirmed.minor, standing.pending.minor), (0, due(&payment)));
        assert_eq!(standing.left.minor, LINE + 100_000, "half of it counts, and no more than the tier says");
        shop.proves_pending().await;
        let second = shop.photo("another");
        shop.send(ALI, payment.id, second).await.expect("another picture of it");
        assert_eq!(shop.standing(ALI).await.pending.minor, due(&payment), "is not pending twice");
        shop.approve(CASHIER, payment.id, None).await.expect("it is approved");
        let standing = shop.standing(ALI).await;
        assert_eq!((standing.confirmed.minor, standing.pending.minor, standing.left.minor), (due(&payment), 0, LINE + due(&payment)));
        shop.undo(CASHIER, payment.id).await.expect("it is taken back");
        assert_eq!(shop.standing(ALI).await.pending.minor, due(&payment));
        shop.proves_pending().await;
        shop.reject(CASHIER, payment.id, false).await.expect("it is rejected");
        assert_eq!(shop.credit(ALI).await, (0, LINE));
        shop.undo(CASHIER, payment.id).await.expect("that too");
        assert_eq!(shop.standing(ALI).await.pending.minor, due(&payment));
        shop.proves_pending().await;
        shop.approve(OWNER, payment.id, None).await.expect("it is approved");
        shop.proves_pending().await;
    }

    async fn another_amount_is_booked_as_it_came(shop: Shop) {
        shop.makes_agent(ALI).await;
        let less = shop.credit_under_review(ALI, 1, 200_000).await;
        shop.approve(CASHIER, less.id, Some(irt(50_000))).await.expect("less came");
        assert_eq!((shop.credit(ALI).await, shop.standing(ALI).await.pending.minor), ((50_000, LINE + 50_000), 0));
        let more = shop.credit_under_review(ALI, 2, 200_000).await;
        shop.approve(CASHIER, more.id, Some(irt(900_000))).await.expect("more came");
        assert_eq!((shop.credit(ALI).await, shop.standing(ALI).await.pending.minor), ((950_000, LINE + 950_000), 0));
        shop.proves_pending().await;
        shop.undo(CASHIER, more.id).await.expect("it is taken back");
        assert_eq!((shop.credit(ALI).await.0, shop.standing(ALI).await.pending.minor), (50_000, due(&more)));
        shop.proves_pending().await;
    }

    async fn what_was_spent_is_not_taken_back_by_an_undo(shop: Shop) {
        shop.makes_agent(ALI).await;
        shop.limits(Limits::default()).await;
        let payment = shop.credit_under_review(ALI, 1, AGENT_PRICE).await;
        shop.approve(CASHIER, payment.id, None).await.expect("it is approved");
        assert!(shop.sells_one(ALI, 0).await);
        let before = shop.all_rows().await;
        assert!(matches!(shop.undo(CASHIER, payment.id).await, Err(checkout::UndoError::Spent)));
        assert_eq!(shop.all_rows().await, before);
        shop.proves_pending().await;
    }

    async fn a_given_up_receipt_takes_its_credit_with_it(shop: Shop) {
        shop.makes_agent(ALI).await;
        let payment = shop.credit_under_review(ALI, 1, 200_000).await;
        let (customer, now, id) = (shop.customer(ALI).await, shop.now(), payment.id);
        commit!(shop, tx => async move { checkout::cancel_top_up(tx, &customer, id, now).await }).expect("it is given up");
        assert_eq!(shop.standing(ALI).await.pending.minor, 0);
        shop.proves_pending().await;
        let late = shop.photo("late");
        shop.send(ALI, payment.id, late).await.expect("a receipt is never lost");
        assert!(shop.standing(ALI).await.pending.minor >= due(&payment));
        shop.proves_pending().await;
    }

    async fn a_rejected_receipt_that_was_spent_is_told_and_cut_off_and_a_good_one_restores(shop: Shop) {
        shop.makes_agent(ALI).await;
        shop.makes_agent(REZA).await;
        shop.limits(Limits { line: 0, pending_per_mille: 1_000, pending_max: 1_000_000 }).await;
        let payment = shop.credit_under_review(ALI, 1, 2 * AGENT_PRICE).await;
        assert!(shop.sells_one(ALI, 0).await && shop.sells_one(ALI, 1).await);
        shop.delivers(SubscriptionId(5_000)).await;
        assert!(shop.sells_one(REZA, 50).await, "another agent's");
        assert!(shop.ticks().await.is_empty(), "nobody stands below zero");
        shop.later(MINUTE);
        shop.reject(CASHIER, payment.id, false).await.expect("a rejection is never refused");
        let since = shop.standing(ALI).await.negative_since.expect("below zero");
        assert_eq!(since, shop.now());
        assert_eq!(shop.ticks().await, [agents::Step::Told(Stage::Told)]);
        assert!(shop.ticks().await.is_empty(), "once");
        assert!(!shop.sells_one(ALI, 2).await);
        shop.later(12 * HOUR);
        assert_eq!(shop.ticks().await, [agents::Step::Told(Stage::Half)]);
        shop.later(11 * HOUR);
        assert_eq!(shop.ticks().await, [agents::Step::Told(Stage::Last)]);
        shop.later(HOUR);
        assert_eq!(shop.ticks().await, [agents::Step::CutOff]);
        assert!(shop.ticks().await.is_empty());
        shop.cuts_off(ALI, since).await;
        shop.cuts_off(ALI, since).await;
        let state = async |n: i64| shop.service(SubscriptionId(5_000 + n)).await.expect("a service").state;
        assert_eq!((state(0).await, state(1).await, state(50).await), (State::Disabled, State::Disabled, State::Pending));
        shop.says_why(0).await;
        // Paid, less than all of it: he stays cut off. The rest: they come back, and the time they were off with them.
        let until = shop.service(SubscriptionId(5_000)).await.expect("a service").until;
        shop.corrects(ALI, AGENT_PRICE).await;
        assert!(shop.ticks().await.is_empty());
        shop.later(2 * HOUR);
        shop.corrects(ALI, AGENT_PRICE).await;
        assert_eq!(shop.ticks().await, [agents::Step::Restore]);
        shop.restores(ALI, since).await;
        shop.restores(ALI, since).await;
        assert_eq!((state(0).await, state(1).await), (State::Pending, State::Pending));
        assert_eq!(shop.service(SubscriptionId(5_000)).await.expect("a service").until, until.after(2 * HOUR));
        assert!(shop.ticks().await.is_empty() && shop.sells_nothing_owed(ALI).await);
        let told = shop.agent_notices(ALI).await;
        assert_eq!(told, ["accepted", "credit_negative", "credit_negative", "credit_negative", "cut_off", "restored"]);
        assert_eq!(shop.agent_notices(PersonId(0)).await, ["applied", "applied", "agent_cut_off", "agent_restored"]);
    }

    async fn a_receipt_under_review_brings_nothing_back_and_its_rejection_goes_on_from_the_old_moment(shop: Shop) {
        shop.makes_agent(ALI).await;
        assert!(shop.sells_one(ALI, 0).await);
        shop.limits(Limits { line: 0, pending_per_mille: 1_000, pending_max: 1_000_000 }).await;
        let since = shop.standing(ALI).await.negative_since.expect("below zero");
        shop.ticks().await;
        shop.later(24 * HOUR);
        assert_eq!(shop.ticks().await, [agents::Step::CutOff]);
        shop.cuts_off(ALI, since).await;
        shop.later(HOUR);
        let fake = shop.credit_under_review(ALI, 1, 5 * AGENT_PRICE).await;
        let standing = shop.standing(ALI).await;
        assert!(standing.left.minor >= 4 * AGENT_PRICE, "{standing:?}");
        assert_eq!((standing.negative_since, standing.owing_since), (None, Some(since)));
        assert!(shop.ticks().await.is_empty());
        assert!(shop.sells_one(ALI, 1).await, "what counts of it may be spent");
        let state = async |n: i64| shop.service(SubscriptionId(5_000 + n)).await.expect("a service").state;
        assert_eq!((state(0).await, state(1).await), (State::Disabled, State::Pending));
        shop.later(3 * HOUR);
        shop.reject(CASHIER, fake.id, false).await.expect("it is rejected");
        assert_eq!(shop.standing(ALI).await.negative_since, Some(since));
        assert_eq!(shop.ticks().await, [agents::Step::CutOff]);
        shop.cuts_off(ALI, since).await;
        assert_eq!((state(0).await, state(1).await), (State::Disabled, State::Disabled));
        assert!(shop.ticks().await.is_empty());
        let good = shop.credit_under_review(ALI, 2, 2 * AGENT_PRICE).await;
        assert!(shop.ticks().await.is_empty());
        shop.approve(CASHIER, good.id, None).await.expect("it is approved");
        assert_eq!(shop.ticks().await, [agents::Step::Restore]);
        shop.restores(ALI, since).await;
        assert_eq!((state(0).await, state(1).await), (State::Pending, State::Pending));
        let told = shop.agent_notices(ALI).await;
        assert_eq!(told.iter().filter(|name| *name == "cut_off").count(), 1, "{told:?}");
    }

    async fn a_receipt_in_time_holds_the_cut_back_until_it_is_decided(shop: Shop) {
        shop.makes_agent(ALI).await;
        assert!(shop.sells_one(ALI, 0).await);
        shop.limits(Limits { line: 0, pending_per_mille: 1_000, pending_max: 1_000_000 }).await;
        let since = shop.standing(ALI).await.negative_since.expect("below zero");
        shop.ticks().await;
        shop.later(20 * HOUR);
        assert_eq!(shop.ticks().await, [agents::Step::Told(Stage::Half)]);
        let receipt = shop.credit_under_review(ALI, 1, 2 * AGENT_PRICE).await;
        shop.later(10 * HOUR);
        assert_eq!(shop.ticks().await, [agents::Step::None], "it waits for the review");
        assert!(shop.ticks().await.is_empty(), "and is not asked about again and again");
        shop.reject(CASHIER, receipt.id, false).await.expect("it is rejected");
        shop.later(MINUTE);
        assert_eq!(shop.ticks().await, [agents::Step::CutOff]);
        assert_eq!(agents::open_since(shop.db.read(), ALI).await.expect("read").first().map(|one| one.since), Some(since));
        shop.corrects(ALI, AGENT_PRICE).await;
        shop.cuts_off(ALI, since).await;
        shop.restores(ALI, since).await;
        assert!(agents::open_since(shop.db.read(), ALI).await.expect("read").is_empty());
    }

    async fn an_agency_that_is_closed_while_it_is_cut_off_gives_its_services_back(shop: Shop) {
        shop.makes_agent(ALI).await;
        assert!(shop.sells_one(ALI, 0).await);
        shop.limits(Limits::default()).await;
        let since = shop.standing(ALI).await.negative_since.expect("below zero");
        shop.ticks().await;
        shop.later(24 * HOUR);
        assert_eq!(shop.ticks().await, [agents::Step::CutOff]);
        shop.cuts_off(ALI, since).await;
        let written_off = agents::Settlement::WriteOff(irt(AGENT_PRICE));
        shop.closes(OWNER, ALI, written_off).await.expect("it is closed");
        assert_eq!(shop.ticks().await, [agents::Step::Restore]);
        shop.restores(ALI, since).await;
        let service = shop.service(SubscriptionId(5_000)).await.expect("a service");
        assert!(service.off.is_none() && agents::open_since(shop.db.read(), ALI).await.expect("read").is_empty());
    }

    async fn paying_in_time_ends_it_with_a_word(shop: Shop) {
        shop.makes_agent(ALI).await;
        assert!(shop.sells_one(ALI, 0).await);
        shop.limits(Limits::default()).await;
        assert_eq!(shop.ticks().await, [agents::Step::Told(Stage::Told)]);
        shop.later(HOUR);
        shop.corrects(ALI, AGENT_PRICE).await;
        assert_eq!(shop.ticks().await, [agents::Step::Over]);
        assert!(agents::open_since(shop.db.read(), ALI).await.expect("read").is_empty());
        assert_eq!(shop.agent_notices(ALI).await, ["accepted", "credit_negative", "credit_good"]);
    }

    async fn below_zero_again_between_two_ticks_begins_anew(shop: Shop) {
        shop.makes_agent(ALI).await;
        assert!(shop.sells_one(ALI, 0).await);
        shop.limits(Limits::default()).await;
        let first = shop.standing(ALI).await.negative_since.expect("below zero");
        shop.ticks().await;
        shop.later(24 * HOUR);
        assert_eq!(shop.ticks().await, [agents::Step::CutOff]);
        // He pays while it goes on, and is below zero again before the clock looks.
        shop.corrects(ALI, AGENT_PRICE).await;
        shop.limits(Limits { line: 1_000, ..Limits::default() }).await;
        shop.corrects(ALI, -1_000).await;
        shop.limits(Limits::default()).await;
        let steps = shop.ticks().await;
        assert_eq!(steps, [agents::Step::Restore, agents::Step::Told(Stage::Told)]);
        shop.cuts_off(ALI, first).await;
        shop.restores(ALI, first).await;
        let open = agents::open_since(shop.db.read(), ALI).await.expect("read");
        assert_eq!(open.iter().map(|one| (one.stage, one.since == first)).collect::<Vec<_>>(), [(Stage::Told, false)]);
    }
}

impl Shop {
    async fn cuts_off(&self, who: PersonId, since: Time) {
        let (settings, now) = (settings::load(self.db.read()).await.expect("settings"), self.now());
        commit!(self, tx => async move { agents::cut_some(tx, (who, since), &settings, now).await }).expect("it is done");
    }

    async fn restores(&self, who: PersonId, since: Time) {
        let (settings, now) = (settings::load(self.db.read()).await.expect("settings"), self.now());
        commit!(self, tx => async move { agents::restore_some(tx, (who, since), &settings, now).await }).expect("it is done");
    }

    async fn says_why(&self, n: i64) {
        let id = SubscriptionId(5_000 + n);
        let page = souk::base::Page::new(0, 9);
        let lines = souk::shop::accounts::audit_of(self.db.read(), &format!("service:{id}"), page).await.expect("read");
        let line = lines.first().expect("a line");
        assert_eq!(line.act, "service.off");
        assert!(line.became.as_deref().is_some_and(|why| why.contains("below zero since 2026-11-20")), "{line:?}");
    }

    /// Nothing stands against a sale but the money.
    async fn sells_nothing_owed(&self, who: PersonId) -> bool {
        self.standing(who).await.left == Money::new(0, souk::base::Asset::Irt)
    }

    /// The names of the notices about agents, in their order.
    async fn agent_notices(&self, who: PersonId) -> Vec<String> {
        let told = self.told(who).await;
        let name = |notice: &souk::shop::notices::Notice| {
            let value = serde_json::to_value(notice).expect("it is written");
            value.get("about").and_then(|about| about.as_str()).map(str::to_owned)
        };
        told.iter().filter_map(name).collect()
    }
}
