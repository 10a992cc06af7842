//! The harness of everything that may go wrong between us and a panel: each flow is played with its first call spoiled, then
//! with its second, and so on until there is no such call; afterwards, with a panel that is well, the flow must have ended
//! as if nothing had happened. And each flow once with every update and every job done twice.
//!
//! The databases take turns: each kind of fault meets each call on one of them, and each call meets both.

use souk::base::{Asset, DAY, Lang, MINUTE, SECOND};
use souk::shop::ledger::Account;
use souk::sim::marzban::{Down, FaultKind};
use souk::sim::telegram;

use crate::world::postgres::Kind;
use crate::world::shop::{Setup, World, world_in, world_on};
use crate::world::shopping::PRICE;

const GIGABYTE: i64 = 1 << 30;
/// No flow makes more calls.
const CALLS_MAX: usize = 40;

/// A flow: what is done before it is spoiled, what is spoiled, and what must be true in the end.
pub trait Flow {
    /// The shop that it needs.
    fn setup() -> Setup {
        Setup::default()
    }
    async fn before(w: &World);
    async fn play(w: &World);
    async fn ends(w: &World);
}

pub async fn revenue(w: &World) -> i64 {
    w.posted(&Account::revenue("vpn", Asset::Irt)).await
}

/// A new service, from the order to the link.
pub struct Buy;

impl Flow for Buy {
    async fn before(w: &World) {
        w.customer("Sara").await.orders().await;
    }

    async fn play(w: &World) {
        w.first().sends_photo(1).await;
        w.run_jobs().await;
        w.owner().taps("admin-do-approve").await;
        w.run_jobs().await;
    }

    async fn ends(w: &World) {
        assert_eq!((w.orders("delivered").await, revenue(w).await), (1, PRICE));
        let account = w.account();
        assert_eq!((account.status, account.data_limit), ("active", Some(30 * GIGABYTE)));
        w.first().heard_once("notice-ready");
        assert!(w.first().told("notice-ready")[0].text.contains("/sub/"), "{}", w.first().chat());
    }
}

/// A renewal of a service that lives.
pub struct Renew;

impl Flow for Renew {
    async fn before(w: &World) {
        let sara = w.customer("Sara").await;
        sara.owns_a_service(1).await;
        w.panel.set_usage(&w.account().username, 10 * GIGABYTE);
        w.later(DAY).await;
        sara.says("/services").await;
        sara.taps_all(&["1 month, 30 GB", "button-renew", "button-pay"]).await;
    }

    async fn play(w: &World) {
        w.first().sends_photo(2).await;
        w.run_jobs().await;
        w.owner().taps("admin-do-approve").await;
        w.run_jobs().await;
    }

    async fn ends(w: &World) {
        assert_eq!((w.orders("delivered").await, revenue(w).await), (2, 2 * PRICE));
        let account = w.account();
        assert_eq!((account.status, account.data_limit, account.used_bytes), ("active", Some(60 * GIGABYTE), 10 * GIGABYTE));
        let bought = w.count("SELECT MIN(paid_at) AS v FROM orders").await;
        assert_eq!(account.expire, Some((bought + 60 * DAY) / SECOND));
        w.first().heard_once("notice-renewed");
    }
}

/// A receipt that is rejected, after a part of the service was lent.
pub struct Reject;

impl Flow for Reject {
    async fn before(w: &World) {
        w.customer("Sara").await.orders().await;
    }

    async fn play(w: &World) {
        w.first().sends_photo(1).await;
        w.run_jobs().await;
        w.owner().taps_all(&["admin-do-reject", "admin-reason-not-received"]).await;
        w.run_jobs().await;
    }

    async fn ends(w: &World) {
        assert_eq!((w.orders("rejected").await, w.payments("rejected").await, revenue(w).await), (1, 1, 0));
        assert_eq!(w.wallet(w.first().id()).await, 0);
        let open: Vec<_> = w.panel.accounts().into_iter().filter(|account| account.status == "active").collect();
        assert!(open.is_empty(), "{open:?}");
        w.first().heard_once("notice-rejected");
    }
}

/// A refund of what was paid and could not be delivered.
struct Refund;

impl Flow for Refund {
    async fn before(w: &World) {
        w.customer("Sara").await.orders_and_pays(1).await;
        w.panel.set_down(Down::BadGateway).await;
        w.owner().taps("admin-do-approve").await;
        w.run_jobs().await;
        w.later(11 * MINUTE).await;
        w.later(50 * MINUTE).await;
        w.later(MINUTE).await;
        w.owner().taps("admin-do-refund").await;
    }

    async fn play(w: &World) {
        w.owner().taps("admin-do-refund-yes").await;
        w.panel.set_down(Down::No).await;
        w.run_jobs().await;
        w.later(MINUTE).await;
    }

    async fn ends(w: &World) {
        let tail = w.payment_tail().await;
        assert_eq!((w.orders("refunded").await, w.wallet(w.first().id()).await), (1, PRICE + tail));
        let open: Vec<_> = w.panel.accounts().into_iter().filter(|account| account.status == "active").collect();
        assert!(open.is_empty(), "{open:?}");
        w.first().heard_once("notice-refunded");
        assert!(w.first().told("notice-ready").is_empty(), "{}", w.first().chat());
    }
}

/// A new service, paid at once from the wallet.
struct BuyFromWallet;

impl Flow for BuyFromWallet {
    async fn before(w: &World) {
        let sara = w.customer("Sara").await;
        sara.has_in_wallet("200,000", 1).await;
        sara.chooses_in(Lang::En).await;
    }

    async fn play(w: &World) {
        w.first().taps("button-pay-wallet").await;
        w.run_jobs().await;
    }

    async fn ends(w: &World) {
        let topped_up = w.count("SELECT approved AS v FROM payments").await;
        assert_eq!((w.orders("delivered").await, revenue(w).await), (1, PRICE));
        assert_eq!(w.wallet(w.first().id()).await, topped_up - PRICE);
        assert_eq!(w.account().data_limit, Some(30 * GIGABYTE));
        w.first().heard_once("notice-ready");
    }
}

/// A new service, partly from the wallet, the rest by a transfer.
struct BuyInParts;

impl Flow for BuyInParts {
    async fn before(w: &World) {
        let sara = w.customer("Sara").await;
        sara.has_in_wallet("50,000", 1).await;
        sara.chooses_in(Lang::En).await;
        sara.taps("button-pay-parts").await;
    }

    async fn play(w: &World) {
        w.first().sends_photo(2).await;
        w.run_jobs().await;
        w.owner().taps("admin-do-approve").await;
        w.run_jobs().await;
    }

    async fn ends(w: &World) {
        let came = w.count("SELECT CAST(SUM(approved) AS BIGINT) AS v FROM payments").await;
        assert_eq!((w.orders("delivered").await, w.payments("approved").await, revenue(w).await), (1, 2, PRICE));
        assert_eq!(w.wallet(w.first().id()).await, came - PRICE);
        let account = w.account();
        assert_eq!((account.status, account.data_limit), ("active", Some(30 * GIGABYTE)));
        w.first().heard_once("notice-ready");
    }
}

/// A saved order that buys itself after the top-up.
struct TopUpAndBuy;

impl Flow for TopUpAndBuy {
    async fn before(w: &World) {
        let sara = w.customer("Sara").await;
        sara.chooses_in(Lang::En).await;
        sara.taps("button-pay-topup").await;
        sara.taps_named("200,000").await;
    }

    async fn play(w: &World) {
        w.first().sends_photo(1).await;
        w.run_jobs().await;
        w.owner().taps("admin-do-approve").await;
        w.run_jobs().await;
    }

    async fn ends(w: &World) {
        let came = w.count("SELECT approved AS v FROM payments").await;
        assert_eq!((w.orders("delivered").await, revenue(w).await), (1, PRICE));
        assert_eq!(w.wallet(w.first().id()).await, came - PRICE);
        w.first().heard_once("notice-saved-bought");
        w.first().heard_once("notice-ready");
        assert_eq!(w.account().data_limit, Some(30 * GIGABYTE));
    }
}

/// The panel is well again: what waits gets its time.
pub async fn recover(w: &World) {
    for wait in [11 * SECOND, 31 * SECOND, MINUTE, MINUTE, 10 * MINUTE, 10 * MINUTE] {
        w.later(wait).await;
    }
}

/// The databases take turns.
pub fn in_turn(number: usize, first: Kind) -> Kind {
    match (number % 2, first) {
        (1, _) => first,
        (_, Kind::Sqlite) => Kind::Postgres,
        (_, Kind::Postgres) => Kind::Sqlite,
    }
}

/// Spoils the first call, then the second, until the flow has no such call.
pub async fn spoil_each_call<F: Flow>(spoil: FaultKind, first: Kind) {
    // A panel that says nothing is given up on soon.
    let setup = F::setup().with("timeout_seconds = 10", "timeout_seconds = 1");
    for number in 1..=CALLS_MAX {
        let kind = in_turn(number, first);
        let struck = std::cell::Cell::new(true);
        world_in(kind, &setup, async |w: &World| {
            F::before(w).await;
            w.panel.fault_at(number, spoil.clone());
            F::play(w).await;
            struck.set(!w.panel.clear_faults());
            w.panel.land_late();
            recover(w).await;
            F::ends(w).await;
        })
        .await;
        if !struck.get() {
            assert!(number > 2, "the flow calls the panel");
            return;
        }
    }
    panic!("the flow calls the panel without end");
}

pub async fn everything_twice<F: Flow>() {
    world_on(Setup { updates_twice: true, jobs_twice: true, ..F::setup() }, async |w: &World| {
        F::before(w).await;
        F::play(w).await;
        recover(w).await;
        F::ends(w).await;
    })
    .await;
    world_on(F::setup(), async |w: &World| {
        w.telegram.fault(telegram::Fault::new(telegram::FaultKind::DeliverTwice));
        F::before(w).await;
        F::play(w).await;
        recover(w).await;
        F::ends(w).await;
    })
    .await;
}

macro_rules! flows {
    ($($name:ident is $flow:ty;)*) => {$(
        mod $name {
            use super::*;

            #[tokio::test]
            async fn ends_well_though_a_call_is_refused() {
                spoil_each_call::<$flow>(FaultKind::Status(502, "<html>Bad Gateway</html>".to_owned()), Kind::Sqlite).await;
            }

            #[tokio::test]
            async fn ends_well_though_a_call_is_done_and_then_refused() {
                spoil_each_call::<$flow>(FaultKind::StatusAfter(502), Kind::Postgres).await;
            }

            #[tokio::test]
            async fn ends_well_though_a_connection_is_cut() {
                spoil_each_call::<$flow>(FaultKind::Cut, Kind::Postgres).await;
            }

            #[tokio::test]
            async fn ends_well_though_a_call_is_done_and_the_connection_cut() {
                spoil_each_call::<$flow>(FaultKind::CutAfter, Kind::Sqlite).await;
            }

            #[tokio::test]
            async fn ends_well_though_a_call_is_done_and_never_answered() {
                spoil_each_call::<$flow>(FaultKind::SilentAfter { ms: 1_500 }, Kind::Sqlite).await;
            }

            #[tokio::test]
            async fn ends_well_though_a_call_is_done_long_after_we_gave_it_up() {
                spoil_each_call::<$flow>(FaultKind::Late { ms: 1_500 }, Kind::Postgres).await;
            }

            #[tokio::test]
            async fn ends_the_same_with_everything_twice() {
                everything_twice::<$flow>().await;
            }
        }
    )*};
}

pub(crate) use flows;

flows! {
    buying is Buy;
    renewing is Renew;
    rejecting is Reject;
    refunding is Refund;
    buying_from_the_wallet is BuyFromWallet;
    buying_in_parts is BuyInParts;
    topping_up_and_buying is TopUpAndBuy;
}
