//! The page that hands a link over to an app, as a phone opens it from the chat's buttons.

use souk::api;
use souk::base::apps::APPS;
use souk::base::texts::t;
use souk::base::{Lang, OrderId};
use souk::db::scalar;

use crate::queue_doors::{browser, open};
use crate::world::shop::World;
use crate::world::world;

/// The addresses on the buttons of the newest message, without the shop's name before them.
fn buttons(message: &souk::sim::telegram::SeenMessage) -> Vec<String> {
    let urls = message.keyboard.iter().flatten().filter_map(|button| button.url.as_deref());
    urls.filter_map(|url| url.strip_prefix("https://shop.example")).map(str::to_owned).collect()
}

#[tokio::test]
async fn the_buttons_of_the_apps_open_a_page_that_leads_to_the_app() {
    world(async |w: &World| {
        let maryam = w.customer_in(Lang::Fa, "مریم").await;
        maryam.orders_in(Lang::Fa).await;
        maryam.sends_photo(1).await;
        w.run_jobs().await;
        w.owner().taps("admin-do-approve").await;
        w.run_jobs().await;
        maryam.taps("button-apps").await;
        let (address, client) = (open(api::nothing_here(api::open(w.app.clone()))).await, browser());
        let get = async |path: &str| {
            let answer = client.get(format!("http://{address}{path}")).send().await.expect("it answers");
            let headers = answer.headers().clone();
            (answer.status().as_u16(), headers, answer.text().await.expect("it has a body"))
        };
        let paths = buttons(&maryam.last());
        assert!(paths.len() >= 3, "{}", maryam.sees());
        for path in &paths {
            let (status, headers, page) = get(path).await;
            assert_eq!(status, 200, "{path}");
            assert!(page.contains("dir=\"rtl\"") && page.contains("/sub/"), "{page}");
            assert_eq!(headers["referrer-policy"], "no-referrer");
            assert_eq!(headers["cache-control"], "no-store");
            let app = APPS.iter().find(|app| path.contains(&format!("/{}/", app.code))).expect("an app of the list");
            let leads_on = page.split("id=\"go\" href=\"").nth(1).and_then(|rest| rest.split('"').next());
            assert_eq!(leads_on.is_some(), app.address("https://x.example", "x").is_some(), "{path}");
            if let Some(to) = leads_on {
                let scheme = |address: &str| address.split_once(':').map(|(scheme, _)| scheme.to_owned());
                assert_eq!(scheme(to), scheme(&app.address("https://x.example", "x").expect("an address")), "{path}");
            }
        }
        let token = scalar::<String>(w.app.db.read(), "SELECT token AS v FROM subscriptions", vec![]).await;
        let token = token.expect("it reads").expect("a token");
        let absent = t(Lang::En, "open-absent");
        for path in [
            format!("/open/unknown/{token}"),
            format!("/open/javascript:/{token}"),
            format!("/open/V2RAYNG/{token}"),
            format!("/open/v2rayng:%2F%2Fevil.example%2F/{token}"),
            "/open/v2rayng/0000000000".to_owned(),
            format!("/open/v2rayng/{token}0"),
        ] {
            let (status, _, page) = get(&path).await;
            assert_eq!(status, 404, "{path}");
            assert!(page.contains(absent) && !page.contains(&token) && !page.contains("/sub/"), "{path}: {page}");
        }
        assert_eq!(get("/open/v2rayng").await.0, 404);
    })
    .await;
}

#[tokio::test]
async fn a_service_that_ended_keeps_its_page_and_one_that_is_deleted_has_none() {
    world(async |w: &World| {
        let sara = w.customer("Sara").await;
        sara.owns_a_service(1).await;
        let service = || scalar::<String>(w.app.db.read(), "SELECT state AS v FROM subscriptions", vec![]);
        let token = scalar::<String>(w.app.db.read(), "SELECT token AS v FROM subscriptions", vec![]).await;
        let path = format!("/open/v2rayng/{}", token.expect("it reads").expect("a token"));
        let (address, client) = (open(api::nothing_here(api::open(w.app.clone()))).await, browser());
        let get = async || {
            let answer = client.get(format!("http://{address}{path}")).send().await.expect("it answers");
            (answer.status().as_u16(), answer.text().await.expect("it has a body"))
        };
        assert_eq!(get().await.0, 200);
        w.days(31).await;
        assert_eq!(service().await.expect("it reads").as_deref(), Some("ended"));
        let (status, page) = get().await;
        assert!(status == 200 && page.contains("/sub/"), "the link stays for who renews: {status} {page}");
        // An admin gives all of it back, and the service is deleted.
        let order = OrderId(w.count("SELECT id AS v FROM orders").await);
        w.owner().says(&format!("/refund {order}")).await;
        w.owner().taps("refund-do-typed").await;
        w.owner().says("120000").await;
        w.owner().taps("refund-do-wallet").await;
        w.run_jobs().await;
        assert_eq!(service().await.expect("it reads").as_deref(), Some("deleted"), "{}", w.group());
        let (status, page) = get().await;
        assert!(status == 404 && page.contains(t(Lang::En, "open-absent")) && !page.contains("/sub/"), "{status} {page}");
    })
    .await;
}
