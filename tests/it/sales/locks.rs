//! Acts that take the same locks, at once and many times: on PostgreSQL none may end as the victim of a deadlock, and on both
//! databases each ends as it may, and the books agree.
use super::shop::{CASHIER, OWNER, PRICE, SARA, Shop, commit, people, stories};
use super::wallet::gives;
use futures::future::{join, join_all};
use souk::base::{Fault, HOUR, OrderId, PaymentId, PersonId, SubscriptionId};
use souk::db;
use souk::shop::checkout::{self, Pay, Place, PlaceError, ReviewError, State, TopUp};
use souk::shop::payments::{Payment, Purpose};

const ROUNDS: i64 = 12;
/// People who buy in each round.
const BUYERS: i64 = 8;

/// The plan that is sold by the piece has so many.
async fn stocked(shop: &Shop, pieces: i64) {
    commit!(shop, tx => async move {
        db::execute(tx, "UPDATE plans SET stock = $1 WHERE code = 'last'", vec![pieces.into()]).await
    })
    .expect("a stock");
}

/// The clock's line, as two processes run it.
async fn expires(shop: &Shop) -> usize {
    let one = async || {
        let mut count = 0;
        loop {
            let now = shop.now();
            let gone = commit!(shop, tx => async move { checkout::expire_due(tx, now, 1).await }).expect("it expires");
            if gone.is_empty() {
                return count;
            }
            count += gone.len();
        }
    };
    let (first, second) = join(one(), one()).await;
    first + second
}

async fn tops_up(shop: &Shop, n: i64) -> Payment {
    let (sara, now) = (shop.customer(SARA).await, shop.now());
    let top_up = TopUp { payment: PaymentId(40_000 + n), amount: super::shop::irt(PRICE), purpose: Purpose::Wallet, kind: None };
    let payment = commit!(shop, tx => async move { checkout::top_up(tx, &sara, &top_up, now).await }).expect("it is opened");
    shop.send(SARA, payment.id, shop.photo(&format!("top-up {n}"))).await.expect("it is taken").payment
}

fn fault<T>(error: T) -> Fault
where
    T: std::fmt::Debug,
{
    Fault::new(format!("{error:?}"))
}

/// A refusal is an answer; a fault is a deadlock, or worse.
fn answered(outcome: Result<checkout::Placed, PlaceError>) -> Option<checkout::Placed> {
    match outcome {
        Ok(placed) => Some(placed),
        Err(PlaceError::Fault(fault)) => panic!("{}", fault.chain()),
        Err(_) => None,
    }
}

/// New orders ask for the very amounts that just expire, take from the same stock, and keep parts of the same wallets.
fn sale(round: i64, buyer: i64, pay: Pay) -> Place {
    // Payments whose ids are 999 apart begin with the same tail.
    Place {
        order: OrderId(10_000 + round * 100 + buyer),
        payment: PaymentId(20_000 + round * 999 + buyer),
        plan: "last".parse().expect("a code"),
        subscription: SubscriptionId(30_000 + round * 100 + buyer),
        pay,
        ..Shop::sale(1)
    }
}

stories! {
    async fn orders_expire_while_others_are_placed(shop: Shop) {
        people(shop, 100..100 + BUYERS, None).await;
        stocked(shop, 1_000).await;
        for buyer in 0..BUYERS {
            gives(shop, PersonId(100 + buyer), 20_000).await;
        }
        let pay = |buyer: i64| if buyer % 2 == 0 { Pay::Method } else { Pay::WalletAndMethod };
        for round in 0..ROUNDS {
            let buy = |buyer: i64| shop.try_order(PersonId(100 + buyer), sale(round, buyer, pay(buyer + round)));
            let (expired, placed) = join(expires(shop), join_all((0..BUYERS).map(buy))).await;
            assert_eq!(i64::try_from(expired).expect("a count"), if round == 0 { 0 } else { BUYERS });
            assert_eq!(placed.into_iter().filter_map(answered).count(), usize::try_from(BUYERS).expect("a count"));
            shop.later(3 * HOUR);
        }
        expires(shop).await;
        assert_eq!(shop.stock("last").await, Some(1_000));
        for buyer in 0..BUYERS {
            assert_eq!(shop.wallet(PersonId(100 + buyer)).await, 20_000);
        }
    }

    async fn payments_are_approved_while_the_same_person_buys_from_the_wallet(shop: Shop) {
        shop.settings(|settings| settings.correction_alone_max = PRICE * ROUNDS * 3).await;
        gives(shop, SARA, PRICE * ROUNDS * 3).await;
        for round in 0..ROUNDS {
            let (_, payment) = shop.submitted(SARA, 100 + round).await;
            let saved = shop.try_order(SARA, Place { pay: Pay::Save, ..Shop::sale(300 + round) }).await.expect("it is saved");
            let top_up = tops_up(shop, round).await;
            let (customer, now, id) = (shop.customer(SARA).await, shop.now(), saved.order.id);
            let buy = |n: i64| shop.try_order(SARA, Place { pay: Pay::Wallet, ..Shop::sale(n) });
            let takes = async { commit!(shop, tx => async move { checkout::buy_saved(tx, &customer, id, now).await }) };
            let ((one, other), (bought, (paid, topped))) = join(
                Box::pin(join(buy(500 + 2 * round), buy(501 + 2 * round))),
                join(takes, Box::pin(join(shop.approve(CASHIER, payment.id, None), shop.approve(OWNER, top_up.id, None)))),
            )
            .await;
            assert!(answered(one).is_some() && answered(other).is_some(), "the wallet covers them");
            if let Err(PlaceError::Fault(fault)) = bought {
                panic!("{}", fault.chain());
            }
            assert!(paid.map_err(fault).expect("it is approved").paid);
            topped.map_err(fault).expect("it is approved");
            assert_ne!(shop.order(id).await.state, State::Placed, "it was bought, or a newer order took its place");
        }
    }

    async fn decisions_are_taken_back_while_others_are_made_on_the_same_card(shop: Shop) {
        people(shop, 100..100 + BUYERS, None).await;
        for round in 0..ROUNDS {
            let mut decided = Vec::new();
            for buyer in 0..BUYERS {
                decided.push(shop.submitted(PersonId(100 + buyer), 1_000 + round * 100 + buyer).await.1.id);
            }
            let (undone, later) = decided.split_at(decided.len() / 2);
            for id in undone {
                shop.approve(CASHIER, *id, None).await.expect("it is approved");
            }
            let back = join_all(undone.iter().map(|id| shop.undo(CASHIER, *id)));
            let on = join_all(later.iter().map(|id| shop.approve(OWNER, *id, None)));
            let (back, on) = join(back, on).await;
            for outcome in back {
                outcome.map_err(fault).expect("it is taken back");
            }
            for outcome in on {
                match outcome {
                    Ok(approved) => assert!(approved.paid),
                    Err(ReviewError::Fault(fault)) => panic!("{}", fault.chain()),
                    Err(refusal) => panic!("{refusal:?}"),
                }
            }
            for id in undone {
                shop.reject(CASHIER, *id, false).await.expect("it is rejected");
            }
        }
    }
}
