//! What happens by itself: accepted, escalated, told to be late; and the cron jobs that see to it.
use super::shop::{CASHIER, OMID, SARA, Shop, commit, stories};
use souk::app::App;
use souk::base::{ChatId, Clock, DAY, Ids, MINUTE, PersonId};
use souk::db;
use souk::jobs::{auto_accept::AutoAccept, expire_orders::ExpireOrders, prune::Prune, watchdog::Watchdog};
use souk::queue::jobs::{Act, Attempt};
use souk::shop::accounts::dialogue;
use souk::shop::checkout::{self, State};
use souk::shop::notices::Notice;
use souk::shop::payments::{self, Flag, State as Paying};
use souk::shop::subscriptions;

const GROUP: PersonId = PersonId(0);

fn app(shop: &Shop) -> App {
    App {
        db: shop.db.clone(),
        clock: Clock::stopped_at(shop.now()),
        ids: Ids::seeded(1),
        seal: shop.seal.clone(),
        telegram: teloxide::Bot::new("0:none"),
        owner: "test".into(),
        owners: [].into(),
        admin_chat: None,
        stored: souk::queue::inbox::Stored::already(),
        public_url: None,
    }
}

async fn run(shop: &Shop, job: impl Act<App>) {
    let attempt = Attempt { job: 1, number: 1, now: shop.now() };
    job.run(&app(shop), attempt).await.expect("the job is done");
}

stories! {
    async fn what_nobody_reviewed_for_three_days_is_accepted_unless_it_is_doubtful(shop: Shop) {
        let (clean, _) = shop.submitted(SARA, 1).await;
        let (doubtful, payment) = shop.place(OMID, Shop::sale(2)).await;
        shop.send(OMID, payment.id, shop.photo("photo-1")).await.expect("the same photo");
        shop.later(3 * DAY - 1);
        run(shop, AutoAccept {}).await;
        assert_eq!(shop.order(clean.id).await.state, State::Placed);
        assert_eq!(shop.told(GROUP).await, []);
        shop.later(1);
        run(shop, AutoAccept {}).await;
        assert_eq!(shop.order(clean.id).await.state, State::Paid);
        assert_eq!(shop.payment(Shop::sale(1).payment).await.decided_by, Some(PersonId(0)));
        assert_eq!(shop.order(doubtful.id).await.state, State::Placed);
        assert_eq!(shop.told(GROUP).await, [Notice::Escalated { payment: payment.id }]);
        let before = shop.all_rows().await;
        run(shop, AutoAccept {}).await;
        assert_eq!(shop.all_rows().await, before, "once");
    }

    /// A warning that is found between the clock's look and its act still keeps the clock away.
    async fn a_doubt_that_comes_at_the_last_moment_counts(shop: Shop) {
        let (order, payment) = shop.submitted(SARA, 1).await;
        shop.later(3 * DAY);
        let (id, now) = (payment.id, shop.now());
        let due = checkout::auto_accept_due(shop.db.read(), now, 10).await.expect("it reads");
        assert_eq!(due, [id]);
        commit!(shop, tx => async move { payments::add_flags(tx, id, &[Flag::AlikePhoto]).await }).expect("it is flagged");
        let accepted = commit!(shop, tx => async move { checkout::auto_accept(tx, id, now).await }).expect("it answers");
        assert!(!accepted);
        assert_eq!(shop.order(order.id).await.state, State::Placed);
    }

    /// A doubtful receipt that was withdrawn and sent again is a new wait, and the group is called again.
    async fn a_doubtful_receipt_that_comes_again_is_spoken_of_again(shop: Shop) {
        shop.submitted(SARA, 1).await;
        let (order, payment) = shop.place(OMID, Shop::sale(2)).await;
        shop.send(OMID, payment.id, shop.photo("photo-1")).await.expect("the same photo");
        shop.later(3 * DAY);
        run(shop, AutoAccept {}).await;
        let (omid, now) = (shop.customer(OMID).await, shop.now());
        commit!(shop, tx => async move { checkout::cancel(tx, &omid, order.id, now).await }).expect("it is cancelled");
        shop.send(OMID, payment.id, shop.photo("late")).await.expect("it is taken");
        shop.later(3 * DAY);
        run(shop, AutoAccept {}).await;
        let escalated = Notice::Escalated { payment: payment.id };
        assert_eq!(shop.told(GROUP).await, [escalated.clone(), escalated]);
    }

    async fn a_shop_that_does_not_want_it_accepts_nothing_by_itself(shop: Shop) {
        shop.settings(|settings| settings.auto_accept_days = 0).await;
        let (_, payment) = shop.submitted(SARA, 1).await;
        shop.later(30 * DAY);
        run(shop, AutoAccept {}).await;
        assert_eq!(shop.payment(payment.id).await.state, Paying::Submitted);
    }

    async fn unpaid_orders_expire_by_the_clock_and_those_with_a_receipt_do_not(shop: Shop) {
        let (unpaid, _) = shop.place(SARA, Shop::sale(1)).await;
        let (waiting, _) = shop.submitted(OMID, 2).await;
        shop.later(DAY);
        run(shop, ExpireOrders {}).await;
        assert_eq!(shop.order(unpaid.id).await.state, State::Expired);
        assert_eq!(shop.order(waiting.id).await.state, State::Placed);
        let before = shop.all_rows().await;
        run(shop, ExpireOrders {}).await;
        assert_eq!(shop.all_rows().await, before);
    }

    async fn a_paid_order_that_is_late_is_told_of_once_and_then_a_way_out_is_offered(shop: Shop) {
        let (order, payment) = shop.submitted(SARA, 1).await;
        shop.approve(CASHIER, payment.id, None).await.expect("it is approved");
        shop.later(10 * MINUTE - 1);
        run(shop, Watchdog {}).await;
        assert_eq!(shop.told(GROUP).await, []);
        shop.later(1);
        run(shop, Watchdog {}).await;
        run(shop, Watchdog {}).await;
        let late = Notice::OrderLate { order: order.id, minutes: 10, offer: false };
        assert_eq!(shop.told(GROUP).await, std::slice::from_ref(&late));
        assert_eq!(shop.told(SARA).await.last(), Some(&Notice::DeliveryLate { order: order.id }));
        shop.later(50 * MINUTE);
        run(shop, Watchdog {}).await;
        run(shop, Watchdog {}).await;
        assert_eq!(shop.told(GROUP).await, [late, Notice::OrderLate { order: order.id, minutes: 60, offer: true }]);
        assert_eq!(shop.delivers(order.subscription).await, [order.id]);
        shop.later(DAY);
        run(shop, Watchdog {}).await;
        assert_eq!(shop.told(GROUP).await.len(), 2);
    }

    /// All panels of the plan were closed when it was paid; the watchdog sees that they take accounts again.
    async fn a_paid_order_that_found_no_room_is_made_once_there_is_some(shop: Shop) {
        shop.settings(|settings| settings.provisional_percent = 0).await;
        let intake = async |state: &'static str| {
            let sql = "UPDATE panels SET state = $1";
            commit!(shop, tx => async move { db::execute(tx, sql, vec![state.into()]).await }).expect("the panels change");
        };
        intake("draining").await;
        let (order, payment) = shop.submitted(SARA, 1).await;
        let (refunded, other) = shop.submitted(OMID, 2).await;
        for payment in [payment.id, other.id] {
            assert!(shop.approve(CASHIER, payment, None).await.expect("it is approved").paid);
        }
        let (cashier, now) = (shop.admin(CASHIER).await, shop.now());
        commit!(shop, tx => async move { checkout::refund_undelivered(tx, &cashier, refunded.id, now).await }).expect("a refund");
        let before = shop.all_rows().await;
        run(shop, Watchdog {}).await;
        assert_eq!(shop.all_rows().await, before, "there is no room yet");
        intake("on").await;
        run(shop, Watchdog {}).await;
        let service = shop.service(order.subscription).await.expect("a service");
        assert_eq!((service.kind, service.person), (subscriptions::Kind::Full, SARA));
        assert_eq!(shop.service(refunded.subscription).await, None);
        let before = shop.all_rows().await;
        run(shop, Watchdog {}).await;
        assert_eq!(shop.all_rows().await, before, "once");
        assert_eq!(shop.delivers(order.subscription).await, [order.id]);
    }

    async fn a_cron_line_that_did_not_run_is_told_of_once(shop: Shop) {
        let now = shop.now();
        commit!(shop, tx => async move {
            let sql = "INSERT INTO heartbeats (line, every_ms, last_slot, last_ok, since) VALUES ('remind', 60000, $1, $1, $1)";
            db::execute(tx, sql, vec![now.into()]).await
        }).expect("a heartbeat");
        run(shop, Watchdog {}).await;
        assert_eq!(shop.told(GROUP).await, []);
        shop.later(10 * MINUTE);
        run(shop, Watchdog {}).await;
        run(shop, Watchdog {}).await;
        assert_eq!(shop.told(GROUP).await, [Notice::CronLate { line: "remind".to_owned(), minutes: 10 }]);
    }

    async fn what_ended_long_ago_is_forgotten_and_nothing_else(shop: Shop) {
        let (order, payment) = shop.submitted(SARA, 1).await;
        let now = shop.now();
        commit!(shop, tx => async move {
            for (id, state) in [(1, "done"), (2, "failed"), (3, "new")] {
                let sql = "INSERT INTO inbox (update_id, lane, payload, state, received_at, finished_at) VALUES ($1, 1, '{}', $2, $3, $4)";
                let finished = (state != "new").then_some(now.0);
                db::execute(tx, sql, vec![id.into(), state.into(), now.into(), finished.into()]).await?;
            }
            db::execute(tx, "UPDATE jobs SET state = 'done', finished_at = $1 WHERE kind = 'review_card'", vec![now.into()]).await?;
            let open = dialogue::Open { person: SARA, chat: ChatId(1), version: 1, state: "{}", expires_at: now.after(DAY) };
            dialogue::save(tx, open).await
        }).expect("rows");
        let counts = async || {
            let mut counts = Vec::new();
            for table in ["inbox", "jobs", "dialogues", "orders", "payments", "receipts"] {
                let count: Option<i64> =
                    db::scalar(shop.db.read(), &format!("SELECT COUNT(*) AS v FROM {table}"), vec![]).await.expect("it counts");
                counts.push(count.unwrap_or_default());
            }
            counts
        };
        assert_eq!(counts().await, [3, 2, 1, 1, 1, 1], "two jobs: the card, and the lent part");
        run(shop, Prune {}).await;
        assert_eq!(counts().await, [3, 2, 1, 1, 1, 1]);
        shop.later(15 * DAY);
        run(shop, Prune {}).await;
        assert_eq!(counts().await, [1, 1, 0, 1, 1, 1]);
        assert_eq!((shop.order(order.id).await.state, shop.payment(payment.id).await.state), (State::Placed, Paying::Submitted));
    }
}
