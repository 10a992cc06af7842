//! An agent deletes what he sold, with more than one order of it: what was added last goes back first, and nobody waits for another
//! who waits for him.
use super::stand::{AGENT_PRICE, ALI};
use crate::sales::shop::{OWNER, Shop, commit, irt, shown, stories};
use futures::future::join;
use souk::base::{BatchId, Fault, HOUR, OrderId, SubscriptionId};
use souk::db::{self, DbKind};
use souk::shop::checkout::{self, Bulk, Sale, Sell, State};
use souk::shop::{agents, settings};
use tokio::sync::oneshot;

const SERVICE: SubscriptionId = SubscriptionId(5_000);
const BATCH: BatchId = BatchId(9_000);
/// The order that made the service, and the renewal after it.
const BOTH: [OrderId; 2] = [OrderId(8_000), OrderId(7_000)];

impl Shop {
    async fn sells_as_ali(&self, order: OrderId, sale: Sale) {
        let (agent, now) = (self.agent(ALI).await.expect("an agent"), self.now());
        let sell = Sell { order, sale, price_minor: AGENT_PRICE, gives: Some(shown()) };
        commit!(self, tx => async move { checkout::sell(tx, &agent, &sell, now).await }).expect("it is sold");
    }

    async fn deletes(&self, refund_minor: i64) -> Result<(), String> {
        let (agent, now) = (self.agent(ALI).await.expect("an agent"), self.now());
        let deleted = commit!(self, tx => async move { checkout::delete_sold(tx, &agent, SERVICE, refund_minor, now).await });
        deleted.map(drop).map_err(|error| format!("{error:?}"))
    }

    /// One service of a batch that nobody was told of, and its renewal: neither is delivered.
    async fn two_undelivered(&self) {
        self.makes_agent(ALI).await;
        let items = vec![(BOTH[0], SERVICE, "box".to_owned())];
        let bulk = Bulk { batch: BATCH, plan: "m1".parse().expect("a code"), price_minor: AGENT_PRICE, gives: shown(), items };
        let (agent, now) = (self.agent(ALI).await.expect("an agent"), self.now());
        commit!(self, tx => async move {
            let batch = checkout::bulk(tx, &agent, &bulk, now).await.map_err(|error| Fault::new(format!("{error:?}")))?;
            let sold = checkout::sell_next(tx, &agent, &batch, &batch.items[0], now).await;
            sold.map_err(|error| Fault::new(format!("{error:?}")))?;
            checkout::finish_batch(tx, BATCH, &[], now).await
        })
        .expect("a batch");
        self.sells_as_ali(BOTH[1], Sale::Renew { subscription: SERVICE }).await;
        for order in BOTH {
            assert_eq!(self.order(order).await.state, State::Paid);
        }
    }

    async fn tells_late(&self) -> checkout::Told {
        let (settings, now) = (settings::load(self.db.read()).await.expect("settings"), self.now());
        commit!(self, tx => async move { checkout::tell_late(tx, &settings, now, 9).await }).expect("it is told")
    }
}

stories! {
    async fn orders_of_one_moment_are_known_in_the_order_in_which_they_were_paid(shop: Shop) {
        shop.makes_agent(ALI).await;
        let (owner, now) = (shop.admin(OWNER).await, shop.now());
        commit!(shop, tx => async move { agents::set_line(tx, &owner, ALI, Some(AGENT_PRICE * 9), now).await }).expect("a line");
        // Ids say nothing of time.
        let ids = [6_005, 6_001, 6_004, 6_002, 6_003].map(OrderId);
        let sale = Sale::New { plan: "m1".parse().expect("a code"), subscription: SERVICE, label: "box".to_owned() };
        shop.sells_as_ali(ids[0], sale).await;
        shop.delivers(SERVICE).await;
        for id in &ids[1..] {
            shop.sells_as_ali(*id, Sale::Renew { subscription: SERVICE }).await;
        }
        let orders = checkout::of_subscription(shop.db.read(), SERVICE).await.expect("they are read");
        assert!(orders.iter().all(|order| order.placed_at == now), "in one moment");
        let newest_first: Vec<OrderId> = ids.into_iter().rev().collect();
        assert_eq!(orders.iter().map(|order| order.id).collect::<Vec<_>>(), newest_first);
        shop.delivers(SERVICE).await;
        for (place, id) in newest_first.iter().enumerate() {
            let quote = checkout::quote_refund(shop.db.read(), *id, now).await;
            assert_eq!(quote.is_ok(), place == 0, "what was added last goes back first");
        }
    }

    async fn what_was_not_delivered_goes_back_whole_with_all_its_orders(shop: Shop) {
        shop.two_undelivered().await;
        shop.deletes(2 * AGENT_PRICE).await.expect("it is deleted");
        for order in BOTH {
            assert_eq!((shop.order(order).await.state, shop.order(order).await.refunded), (State::Refunded, irt(AGENT_PRICE)));
        }
        assert_eq!(shop.credit(ALI).await.0, 0);
    }

    /// The watchdog marks an order and then its batch. A deletion that held the batch while it waited for that order would never end.
    async fn a_deletion_waits_for_an_order_before_it_takes_the_batch(shop: Shop) {
        shop.two_undelivered().await;
        if shop.db.kind() == DbKind::Sqlite {
            // One writer: nobody waits for a row.
            return;
        }
        let (holds, is_held) = oneshot::channel();
        let other = shop.db.clone();
        let watchdog = async {
            commit!(shop, tx => async move {
                // Of the two, the one that goes back last.
                db::execute(tx, "UPDATE orders SET late_told_at = NULL WHERE id = $1", vec![BOTH[0].into()]).await?;
                holds.send(()).map_err(|()| Fault::new("nobody waits"))?;
                let waits = "SELECT COUNT(*) AS v FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
                while db::scalar::<i64>(other.read(), waits, vec![]).await?.unwrap_or_default() == 0 {
                    tokio::task::yield_now().await;
                }
                db::execute(tx, "UPDATE agent_batches SET told_at = NULL WHERE id = $1", vec![BATCH.into()]).await
            })
        };
        let deletion = async {
            is_held.await.expect("the order is held");
            shop.deletes(2 * AGENT_PRICE).await
        };
        let (marked, deleted): (Result<u64, Fault>, _) = join(watchdog, deletion).await;
        assert_eq!((marked.map_err(|fault| fault.chain()), deleted), (Ok(1), Ok(())));
        assert_eq!(shop.credit(ALI).await.0, 0);
    }

    async fn the_watchdog_waits_for_no_order_that_is_being_changed(shop: Shop) {
        shop.two_undelivered().await;
        shop.later(2 * HOUR);
        if shop.db.kind() == DbKind::Sqlite {
            assert_eq!(shop.tells_late().await, checkout::Told { late: 2, offered: 2 });
            return;
        }
        let (holds, is_held) = oneshot::channel();
        let (go, told) = oneshot::channel::<()>();
        let delivery = async {
            let done: Result<(), Fault> = commit!(shop, tx => async move {
                let sql = "UPDATE orders SET finished_at = NULL WHERE id = $1";
                db::execute(tx, sql, vec![BOTH[0].into()]).await?;
                holds.send(()).map_err(|()| Fault::new("nobody waits"))?;
                told.await.map_err(Fault::new)
            });
            done.expect("it ends");
        };
        let watchdog = async {
            is_held.await.expect("the order is held");
            assert_eq!(shop.tells_late().await, checkout::Told { late: 1, offered: 1 }, "the other");
            go.send(()).expect("it is held");
        };
        join(delivery, watchdog).await;
        assert_eq!(shop.tells_late().await, checkout::Told { late: 1, offered: 1 }, "at the next tick");
        assert_eq!(shop.tells_late().await, checkout::Told::default(), "once");
    }
}
