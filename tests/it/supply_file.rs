//! The operator's file: what applying it does, and that doing it again does nothing.
use crate::supply::{Supply, file};
use crate::world::postgres::Kind as Place;
use secrecy::ExposeSecret as _;
use souk::base::{Fault, Ids, Page};
use souk::db::{self, Seal};
use souk::shop::accounts;
use souk::shop::catalog::{self, Catalog, PlanCode};
use souk::shop::panels::{self, Intake};
use souk::shop::payments;
use souk::shop::settings;
use souk::shop::shopfile::{self, ShopFile};

const EXAMPLE: &str = include_str!("../../assets/shop.example.toml");

async fn would_change(shop: &Supply, text: &str, seal: &Seal) -> Vec<String> {
    let file = ShopFile::parse(text).expect("a file without mistakes");
    let changes = shopfile::changes(shop.app.db.read(), &file, seal).await.expect("it compares");
    changes.iter().map(ToString::to_string).collect()
}

#[tokio::test]
async fn applying_twice_is_applying_once() {
    for place in Place::BOTH {
        let shop = Supply::open(place).await;
        let seal = shop.app.seal.clone();
        let announced = would_change(&shop, EXAMPLE, &seal).await;
        let done = shop.apply(EXAMPLE).await;
        assert_eq!(done, announced, "what was announced is what was done");
        assert!(done.iter().any(|line| line == "plan m1: switched off, the file does not name it"), "{done:#?}");
        assert!(done.iter().any(|line| line == "settings: trial_plan: \"m1\" -> \"any-1m-30\""), "{done:#?}");
        assert!(done.iter().all(|line| !line.contains("change-me") && !line.contains("6037")), "no secret is shown: {done:#?}");
        assert_eq!(would_change(&shop, EXAMPLE, &seal).await, [""; 0]);
        assert_eq!(shop.apply(EXAMPLE).await, [""; 0]);
        let shelf = Catalog::load(shop.app.db.read()).await.expect("it loads");
        let on_sale: Vec<String> = shelf.categories_on_sale().iter().map(|category| category.code.to_string()).collect();
        assert_eq!(on_sale, ["dynamic", "constant"]);
        assert!(!shelf.is_on_sale(&code("tr-1m-50")) && !shelf.is_on_sale(&code("fix-de-3m")) && !shelf.is_on_sale(&code("m1")));
        assert!(shelf.is_on_sale(&code("any-1m-30")));
        let lines = accounts::audit_of(shop.app.db.read(), "shop", Page::new(0, 10)).await.expect("it answers");
        assert_eq!(lines.len(), 2, "each act that changed something is on record");
    }
}

fn code(text: &str) -> PlanCode {
    text.parse().expect("a code")
}

#[tokio::test]
async fn what_changes_is_said_line_by_line_and_done() {
    let shop = Supply::open(Place::Sqlite).await;
    shop.apply(EXAMPLE).await;
    let fewer = EXAMPLE
        .replace("price = 120000", "price = 130000")
        .replace("order_minutes = 120", "order_minutes = 60")
        .replace("password = \"change-me\"", "password = \"hidden-word\"")
        .replace("6104-3300-0000-0003", "6037991111111112")
        .replace("state = \"on\"", "state = \"draining\"");
    let mut lines = shop.apply(&fewer).await;
    lines.sort();
    assert_eq!(
        lines,
        [
            "panel main: another password or proxy",
            "panel main: state: on -> draining",
            "payment method card-2: another number or address",
            "plan any-1m-30: price: 120000 IRT -> 130000 IRT",
            "settings: order_minutes: 120 -> 60",
        ]
    );
    assert_eq!(settings::load(shop.app.db.read()).await.expect("they load").order_minutes, 60);
    let panel = panels::get(shop.app.db.read(), &"main".parse().expect("a code")).await.expect("it answers").expect("a panel");
    assert_eq!(panel.intake, Intake::Draining);
    let secrets = panels::secrets_of(&panel, &shop.app.seal).expect("they open");
    assert_eq!(secrets.password.expose_secret(), "hidden-word");
    let methods = payments::methods(shop.app.db.read()).await.expect("it answers");
    assert_eq!(methods.iter().map(|method| method.last4.as_str()).collect::<Vec<_>>(), ["0006", "1112", "0001", "uWwb"]);
    assert_eq!(shop.apply(&fewer).await, [""; 0]);
    // What is gone from the file is off, and comes back.
    let without = fewer.replace("code = \"card-2\"\n", "code = \"card-2\"\non = false\n");
    assert_eq!(shop.apply(&without).await, ["payment method card-2: on: true -> false"]);
    assert_eq!(shop.apply(&without).await, [""; 0]);
    assert_eq!(shop.apply(&fewer).await, ["payment method card-2: on: false -> true"]);
}

#[tokio::test]
async fn no_secret_lies_open_in_the_database() {
    let shop = Supply::open(Place::Sqlite).await;
    shop.apply(
        &EXAMPLE
            .replace("password = \"change-me\"", "password = \"hidden-word\"\nproxy = \"socks5://u:hidden-word@127.0.0.1:1\""),
    )
    .await;
    for (table, column) in
        [("panels", "password_sealed"), ("panels", "proxy_sealed"), ("payment_methods", "details_sealed"), ("audit", "became")]
    {
        let sql = format!("SELECT COUNT(*) AS v FROM {table} WHERE {column} LIKE '%hidden-word%' OR {column} LIKE '%60379900%'");
        let open: Option<i64> = db::scalar(shop.app.db.read(), &sql, vec![]).await.expect("it counts");
        assert_eq!(open, Some(0), "{table}.{column}");
    }
    // Under another key nothing opens, and applying the file seals everything anew.
    let other = Seal::new(&[8; 32], Ids::seeded(1));
    let panel = panels::get(shop.app.db.read(), &"main".parse().expect("a code")).await.expect("it answers").expect("a panel");
    assert!(panels::secrets_of(&panel, &other).is_err());
    let lines = would_change(&shop, EXAMPLE, &other).await;
    assert!(lines.contains(&"panel main: another password or proxy".to_owned()), "{lines:#?}");
    assert!(lines.contains(&"payment method card-1: another number or address".to_owned()), "{lines:#?}");
}

#[tokio::test]
async fn sales_lower_the_stock_and_only_another_number_raises_it() {
    let shop = Supply::open(Place::Sqlite).await;
    let with =
        |stock: &str| file("http://127.0.0.1:1", "http://127.0.0.1:2").replace("devices = 2", &format!("devices = 2\n{stock}"));
    shop.apply(&with("stock = 2")).await;
    let sell = async || {
        let plan = code("m1");
        shop.write(move |tx| Box::pin(async move { catalog::take_stock(tx, &plan).await })).await.is_yes()
    };
    assert!(sell().await && sell().await);
    assert!(!sell().await, "the last one went");
    assert_eq!(shop.plan().await.stock, Some(0));
    assert_eq!(shop.apply(&with("stock = 2")).await, [""; 0], "the same number is the same shelf");
    assert_eq!(shop.apply(&with("stock = 2").replace("price = 100000", "price = 5")).await.len(), 1);
    assert_eq!(shop.plan().await.stock, Some(0));
    assert_eq!(shop.apply(&with("stock = 3").replace("price = 100000", "price = 5")).await, ["plan m1: stock: 2 -> 3"]);
    assert_eq!(shop.plan().await.stock, Some(3));
    shop.write(move |tx| Box::pin(async move { catalog::give_back(tx, &code("m1")).await })).await;
    assert_eq!(shop.plan().await.stock, Some(4));
    assert_eq!(shop.apply(&with("").replace("price = 100000", "price = 5")).await, ["plan m1: stock: 3 -> -"]);
    assert!(sell().await && sell().await);
    assert_eq!(shop.plan().await.stock, None);
}

/// What staff changed in the bot stands while the file says what it said; another word of the file about it wins.
#[tokio::test]
async fn a_change_by_staff_stands_until_the_file_says_something_else() {
    for place in Place::BOTH {
        let shop = Supply::open(place).await;
        shop.apply(EXAMPLE).await;
        let known = async |code: &str| {
            let code = code.parse().expect("a code");
            payments::method(shop.app.db.read(), &code).await.expect("it answers").expect("a method")
        };
        let now = shop.app.clock.now();
        let seal = shop.app.seal.clone();
        let by = accounts::Admin::clock();
        shop.write(move |tx| {
            Box::pin(async move {
                let code = |text: &str| text.parse().expect("a code");
                payments::switch_method(tx, &by, &code("card-2"), false, now).await.map_err(Fault::new)?;
                let few = payments::Change::DailyCount(Some(3));
                payments::change_method(tx, &by, &code("card-1"), &few, now).await.map_err(Fault::new)?;
                let draft = payments::Draft {
                    kind: payments::Kind::Card,
                    alias: "By hand".to_owned(),
                    details: "4242424242424242".to_owned().into(),
                    holder: Some("Nobody".to_owned()),
                    bank: None,
                    network: None,
                };
                let added = payments::add_method(tx, &by, draft, &seal, now).await.map_err(Fault::new)?;
                payments::switch_method(tx, &by, &added.code, true, now).await.map_err(Fault::new)
            })
        })
        .await;
        assert_eq!(shop.apply(EXAMPLE).await, [""; 0]);
        assert!(!known("card-2").await.on && known("card-1").await.limits.daily_count == Some(3));
        assert!(known("card-3").await.on, "what the file never named is left alone");
        let other = EXAMPLE.replace("daily_limit = 50000000", "daily_limit = 60000000");
        let lines = ["payment method card-2: daily_limit: 50000000 -> 60000000", "payment method card-2: on: false -> true"];
        assert_eq!(shop.apply(&other).await, lines);
        let after = known("card-2").await;
        assert_eq!((after.on, after.limits.daily_limit), (true, Some(60_000_000)));
        assert_eq!(known("card-1").await.limits.daily_count, Some(3), "of this one the file says what it said");
        // What the file names no more is off; named again in the same words, it is on.
        let without = other.replace("code = \"card-2\"", "code = \"card-9\"").replace("6104-3300-0000-0003", "6037991111111112");
        let lines = shop.apply(&without).await;
        assert!(lines.contains(&"payment method card-2: switched off, the file does not name it".to_owned()), "{lines:#?}");
        assert!(!known("card-2").await.on);
        assert_eq!(shop.apply(&without).await, [""; 0]);
        shop.apply(&other).await;
        assert!(known("card-2").await.on && !known("card-9").await.on);
    }
}
