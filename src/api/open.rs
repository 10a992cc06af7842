//! `/open/<app>/<token>`: hands a subscription link over to an app.
//!
//! Telegram refuses addresses like `v2rayng://` in buttons, so the button leads here, and this page leads on: at once by
//! itself, by its one big link otherwise. The token is the service's own and unguessable; the app comes from a closed
//! list, so no address is ever made from what somebody asked for. Whoever has no right to a link gets the same page as
//! somebody who mistyped.
use crate::app::App;
use crate::base::apps::App as Client;
use crate::base::texts::{escape, t};
use crate::base::{Fault, Lang};
use crate::shop::subscriptions::{self, State as Life};
use crate::shop::{accounts, settings};
use axum::Router;
use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use secrecy::ExposeSecret;

/// No script but ours, nothing from elsewhere, and no trace of the address in logs of others.
const HEADERS: [(header::HeaderName, &str); 4] = [
    (header::CONTENT_SECURITY_POLICY, "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'"),
    (header::REFERRER_POLICY, "no-referrer"),
    (header::CACHE_CONTROL, "no-store"),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
];

/// The route.
pub fn open(app: App) -> Router {
    Router::new().route("/open/{app}/{token}", get(show)).with_state(app)
}

async fn show(State(app): State<App>, Path((client, token)): Path<(String, String)>) -> Response {
    match find(&app, &client, &token).await {
        Ok(Some(page)) => (HEADERS, Html(page)).into_response(),
        Ok(None) => (StatusCode::NOT_FOUND, HEADERS, Html(absent())).into_response(),
        Err(fault) => {
            tracing::error!(error = %fault, "an import page could not be made");
            StatusCode::SERVICE_UNAVAILABLE.into_response()
        }
    }
}

async fn find(app: &App, client: &str, token: &str) -> Result<Option<String>, Fault> {
    let Some(client) = Client::parse(client) else { return Ok(None) };
    let Some(service) = subscriptions::by_token(app.db.read(), token).await? else { return Ok(None) };
    if service.state == Life::Deleted {
        return Ok(None);
    }
    let Some(link) = service.open_link(&app.seal)? else { return Ok(None) };
    let lang = accounts::person(app.db.read(), service.person).await?.and_then(|person| person.lang).unwrap_or_default();
    let shop = settings::current(&app.db).await?.shop_name.clone();
    Ok(Some(page(lang, &shop, client, link.expose_secret())))
}

fn page(lang: Lang, shop: &str, client: &Client, link: &str) -> String {
    let address = client.address(link, shop);
    let action = address.as_deref().map_or_else(String::new, |address| {
        let label = format!("{} {}", t(lang, "open-button"), client.name);
        format!("<a class=\"main\" id=\"go\" href=\"{}\">{}</a>", escape(address), escape(&label))
    });
    let hint = t(lang, if address.is_some() { "open-hint" } else { "open-paste" });
    let body = format!(
        "<h1>{}</h1><p>{}</p>{action}<p class=\"small\">{}</p><textarea id=\"link\" readonly rows=\"4\" dir=\"ltr\">{}</textarea>\
         <button type=\"button\" onclick=\"{COPY}\">{}</button><p class=\"small\"><a href=\"{}\">{} {}</a></p>",
        escape(client.name),
        hint,
        t(lang, "open-or-copy"),
        escape(link),
        t(lang, "open-copy"),
        escape(client.home),
        t(lang, "open-get"),
        escape(client.name),
    );
    let forward = if address.is_some() { "<script>location.href=document.getElementById('go').href</script>" } else { "" };
    framed(lang, shop, &format!("{body}{forward}"))
}

const COPY: &str = "var l=document.getElementById('link');l.select();navigator.clipboard?navigator.clipboard.writeText(l.value):document.execCommand('copy')";

fn absent() -> String {
    framed(Lang::En, "souk", &format!("<h1>{}</h1><p>{}</p>", t(Lang::En, "open-absent"), t(Lang::En, "open-absent-next")))
}

fn framed(lang: Lang, title: &str, body: &str) -> String {
    let dir = if lang.is_rtl() { "rtl" } else { "ltr" };
    format!(
        "<!doctype html><html lang=\"{lang}\" dir=\"{dir}\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><meta name=\"robots\" content=\"noindex\">\
         <title>{}</title><style>{STYLE}</style></head><body><main>{body}</main></body></html>",
        escape(title)
    )
}

const STYLE: &str = "body{font:17px/1.5 system-ui,sans-serif;margin:0;background:#f4f5f7;color:#1b1f24}\
main{max-width:28rem;margin:0 auto;padding:2rem 1.25rem}h1{font-size:1.4rem;margin:0 0 .5rem}\
.main,button{display:block;box-sizing:border-box;width:100%;padding:.9rem 1rem;margin:1rem 0;border:0;border-radius:.75rem;\
background:#2f6fed;color:#fff;font:inherit;font-weight:600;text-align:center;text-decoration:none;cursor:pointer}\
button{background:#e3e7ee;color:#1b1f24}textarea{box-sizing:border-box;width:100%;border:1px solid #cfd6e0;border-radius:.5rem;\
padding:.6rem;font:13px/1.4 monospace;resize:none;background:#fff;color:inherit}.small{color:#5b6470;font-size:.9rem}\
@media(prefers-color-scheme:dark){body{background:#14171b;color:#e8ebef}textarea{background:#1d2126;border-color:#333a43}\
button{background:#2a3038;color:#e8ebef}.small{color:#9aa4b0}.small a{color:#8ab4ff}}";

#[cfg(test)]
mod tests {
    use super::{absent, page};
    use crate::base::Lang;
    use crate::base::apps::App as Client;

    #[test]
    fn the_page_leads_on_and_escapes_what_it_shows() {
        let client = Client::parse("v2rayng").unwrap();
        let html = page(Lang::En, "Shop <&>", client, "https://de.example/sub/\"><script>alert(1)</script>");
        assert!(html.contains("href=\"v2rayng://install-sub?url=https%3A%2F%2Fde.example"));
        assert!(!html.contains("<script>alert"), "{html}");
        assert!(html.contains("Shop &lt;&amp;&gt;"));
        assert!(page(Lang::Fa, "s", client, "x").contains("dir=\"rtl\""));
    }

    #[test]
    fn an_app_without_an_address_gets_the_link_to_paste() {
        let html = page(Lang::Ru, "s", Client::parse("v2rayn").unwrap(), "https://de.example/sub/a");
        assert!(!html.contains("id=\"go\"") && html.contains("https://de.example/sub/a</textarea>"));
        assert!(absent().contains("<h1>"));
    }
}
