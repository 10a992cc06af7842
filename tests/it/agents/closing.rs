//! What becomes of an agent's money and debt when he is frozen, or his agency is closed: through verbs, on both databases.
use super::stand::{AGENT_PRICE, ALI, REZA};
use crate::sales::shop::{CASHIER, OWNER, SARA, Shop, commit, irt, shown, stories};
use souk::base::{Money, OrderId, Page, SubscriptionId};
use souk::shop::agents::{self, CloseError, Settlement};
use souk::shop::checkout::{self, AgentServiceError, Sale, Sell, UndoError};
use souk::shop::notices::{AgentNotice, Notice};
use souk::shop::payments::Payment;
use souk::shop::subscriptions::{self, State, Subscription};
use souk::shop::{accounts, settings};

fn sold(n: i64) -> SubscriptionId {
    SubscriptionId(5_000 + n)
}

impl Shop {
    /// Ali's n-th sale.
    async fn sells_a_month(&self, n: i64) {
        let sale = Sale::New { plan: "m1".parse().expect("a code"), subscription: sold(n), label: format!("customer {n}") };
        let sell = Sell { order: OrderId(6_000 + n), sale, price_minor: AGENT_PRICE, gives: Some(shown()) };
        let (agent, now) = (self.agent(ALI).await.expect("an agent"), self.now());
        commit!(self, tx => async move { checkout::sell(tx, &agent, &sell, now).await }).expect("it is sold");
    }

    async fn freezes(&self) {
        let (owner, now) = (self.admin(OWNER).await, self.now());
        commit!(self, tx => async move { agents::freeze(tx, &owner, ALI, "a wrong receipt", now).await }).expect("he is frozen");
    }

    /// A payment is under review, and nothing of it is pending.
    async fn waits_for_the_wallet(&self, payment: &Payment) {
        assert_eq!((self.standing(ALI).await.pending.minor, self.wallet(ALI).await), (0, 0));
        self.approve(CASHIER, payment.id, None).await.expect("it is approved");
        assert_eq!((self.wallet(ALI).await, self.credit(ALI).await), (payment.due.minor, (0, 0)));
    }

    async fn alone_left(&self) -> Money {
        checkout::alone_left(self.db.read(), OWNER, self.now()).await.expect("it reads")
    }
}

stories! {
    async fn money_for_a_closed_agency_comes_to_the_wallet(shop: Shop) {
        shop.makes_agent(ALI).await;
        let payment = shop.tops_up(ALI, 1, 200_000).await.expect("it is opened");
        shop.closes(OWNER, ALI, Settlement::Paid).await.expect("it is closed");
        let late = shop.photo("late");
        shop.send(ALI, payment.id, late).await.expect("a receipt is never lost");
        shop.waits_for_the_wallet(&payment).await;
        let told = AgentNotice::KeptInWallet { amount: payment.due, balance: payment.due };
        assert!(shop.told(ALI).await.contains(&Notice::Agent(told)), "{:?}", shop.told(ALI).await);
        shop.undo(CASHIER, payment.id).await.expect("it is taken back");
        shop.waits_for_the_wallet(&payment).await;
    }

    async fn what_an_agent_had_paused_runs_to_its_end_without_him(shop: Shop) {
        shop.makes_agent(ALI).await;
        shop.corrects(ALI, AGENT_PRICE).await;
        for n in 0..3 {
            shop.sells_a_month(n).await;
        }
        let stale = shop.agent(ALI).await.expect("an agent");
        let (agent, now) = (stale.clone(), shop.now());
        commit!(shop, tx => async move {
            checkout::pause(tx, &agent, sold(0), now).await?;
            checkout::pause(tx, &agent, sold(1), now).await
        })
        .expect("they are paused");
        let (agent, sara, now) = (stale.clone(), shop.customer(SARA).await, shop.now());
        commit!(shop, tx => async move {
            checkout::hand_over(tx, &agent, sold(0), "a token", now).await?;
            checkout::take_over(tx, &sara, "a token", now).await
        })
        .expect("she takes it over");
        let his = async |who| subscriptions::of_person(shop.db.read(), who, Page::new(0, 9)).await.expect("they are read");
        assert_eq!(his(ALI).await.1, 0, "what he sells is not his own");
        shop.closes(OWNER, ALI, Settlement::WriteOff(irt(2 * AGENT_PRICE))).await.expect("it is closed");
        for _ in 0..2 {
            let (settings, now) = (settings::load(shop.db.read()).await.expect("settings"), shop.now());
            let more = commit!(shop, tx => async move { agents::release_some(tx, ALI, &settings, now).await });
            assert!(!more.expect("they are switched on"));
        }
        for n in 0..3 {
            let service = shop.service(sold(n)).await.expect("a service");
            assert!(service.off.is_none() && service.state != State::Disabled, "{service:?}");
        }
        let lines = accounts::audit_of(shop.db.read(), &format!("service:{}", sold(0)), Page::new(0, 9)).await.expect("read");
        let told = lines.first().map(|line| (line.act.as_str(), line.became.as_deref()));
        assert_eq!(told, Some(("service.release", Some("the agency was closed"))));
        let ids = |found: (Vec<Subscription>, i64)| found.0.into_iter().map(|one| one.id).collect::<Vec<_>>();
        let mut own = ids(his(ALI).await);
        own.sort();
        assert_eq!((own, ids(his(SARA).await)), (vec![sold(1), sold(2)], vec![sold(0)]));
        let now = shop.now();
        let late = commit!(shop, tx => async move { checkout::pause(tx, &stale, sold(2), now).await });
        assert!(matches!(late, Err(AgentServiceError::NotYours)), "{late:?}");
    }

    async fn a_rejection_is_taken_back_after_the_end(shop: Shop) {
        shop.makes_agent(ALI).await;
        let payment = shop.credit_under_review(ALI, 1, 200_000).await;
        assert!(matches!(shop.closes(OWNER, ALI, Settlement::Paid).await, Err(CloseError::Pending(due)) if due == payment.due));
        shop.reject(CASHIER, payment.id, false).await.expect("it is rejected");
        shop.closes(OWNER, ALI, Settlement::Paid).await.expect("it is closed");
        shop.undo(CASHIER, payment.id).await.expect("it is taken back");
        shop.waits_for_the_wallet(&payment).await;
    }

    async fn what_an_end_settled_is_not_taken_back(shop: Shop) {
        shop.makes_agent(ALI).await;
        let payment = shop.credit_under_review(ALI, 1, 200_000).await;
        shop.approve(CASHIER, payment.id, None).await.expect("it is approved");
        assert_eq!(shop.closes(OWNER, ALI, Settlement::Paid).await.expect("it is closed"), payment.due);
        let before = shop.all_rows().await;
        assert!(matches!(shop.undo(CASHIER, payment.id).await, Err(UndoError::Spent)));
        assert_eq!(shop.all_rows().await, before);
    }

    async fn a_wrong_receipt_is_taken_back_after_its_agent_was_frozen(shop: Shop) {
        shop.makes_agent(ALI).await;
        let payment = shop.credit_under_review(ALI, 1, 200_000).await;
        shop.approve(CASHIER, payment.id, None).await.expect("it is approved");
        let told = AgentNotice::ToppedUp {
            amount: payment.due,
            confirmed: payment.due,
            left: shop.standing(ALI).await.left,
        };
        assert!(shop.told(ALI).await.contains(&Notice::Agent(told)), "{:?}", shop.told(ALI).await);
        shop.freezes().await;
        shop.undo(CASHIER, payment.id).await.expect("it is taken back");
        let standing = shop.standing(ALI).await;
        assert_eq!((standing.confirmed.minor, standing.pending), (0, payment.due));
        shop.reject(CASHIER, payment.id, false).await.expect("it is rejected");
        assert_eq!((shop.credit(ALI).await.0, shop.standing(ALI).await.pending.minor), (0, 0));
    }

    async fn what_a_frozen_agent_has_spent_is_not_taken_back(shop: Shop) {
        shop.makes_agent(ALI).await;
        let (admin, now) = (shop.admin(OWNER).await, shop.now());
        commit!(shop, tx => async move { agents::set_line(tx, &admin, ALI, Some(0), now).await }).expect("he has no line");
        let payment = shop.credit_under_review(ALI, 1, 300_000).await;
        shop.approve(CASHIER, payment.id, None).await.expect("it is approved");
        for n in 0..2 {
            shop.sells_a_month(n).await;
        }
        shop.freezes().await;
        let before = shop.all_rows().await;
        assert!(matches!(shop.undo(CASHIER, payment.id).await, Err(UndoError::Spent)));
        assert_eq!(shop.all_rows().await, before);
    }

    async fn a_debt_is_given_up_within_what_one_owner_may_correct_alone(shop: Shop) {
        shop.settings(|settings| settings.correction_alone_max = 100_000).await;
        shop.makes_agent(ALI).await;
        shop.corrects(ALI, -100_001).await;
        let before = shop.all_rows().await;
        let given_up = shop.closes(OWNER, ALI, Settlement::WriteOff(irt(100_001))).await;
        assert!(matches!(given_up, Err(CloseError::NeedsSecond { alone }) if alone == irt(100_000)), "{given_up:?}");
        assert_eq!(shop.all_rows().await, before);
        shop.corrects(ALI, 40_001).await;
        shop.closes(OWNER, ALI, Settlement::WriteOff(irt(60_000))).await.expect("it is closed");
        assert_eq!(shop.alone_left().await, irt(40_000), "it counts as a correction");
        shop.makes_agent(REZA).await;
        shop.corrects(REZA, -40_001).await;
        let given_up = shop.closes(OWNER, REZA, Settlement::WriteOff(irt(40_001))).await;
        assert!(matches!(given_up, Err(CloseError::NeedsSecond { alone }) if alone == irt(40_000)), "{given_up:?}");
    }
}
