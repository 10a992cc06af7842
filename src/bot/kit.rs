//! Rows that screens share: the words and the icon of each route of customers and agents (staff's are in `admin/words`), back and
//! home, the pager, the question before a dangerous act.
//!
//! The same route has the same words everywhere, at most 24 letters, at most one icon, and the icon from the one table
//! here. What a list shows (a plan, a service) is named by the list with [`pick`].
use super::route::{AgentRoute as G, CustomerRoute as C, PayBy, Rack, Route};
use super::screen::Button;
use crate::base::Lang;
use crate::base::format::{Voice, digits};
use crate::shop::payments::Kind;

/// Rows of a list on one screen; more than these get a pager.
pub const ROWS_MAX: u32 = 8;
/// Letters of a label that we word; Telegram cuts longer ones on small phones.
pub const LABEL_MAX: usize = 24;

/// The icons. One for one thing, everywhere.
mod icon {
    pub const BUY: &str = "🛒";
    pub const SERVICES: &str = "🔑";
    pub const WALLET: &str = "👛";
    pub const TRIAL: &str = "🎁";
    pub const SUPPORT: &str = "💬";
    pub const LANGUAGE: &str = "🌐";
    pub const HELP: &str = "📖";
    pub const HOME: &str = "🏠";
    pub const RENEW: &str = "🔁";
    pub const REFRESH: &str = "🔄";
    pub const QR: &str = "🔳";
    pub const APPS: &str = "📲";
    pub const RECEIPT: &str = "🧾";
    pub const COPY: &str = "📋";
    pub const AGENT: &str = "🤝";
    pub const MANY: &str = "📦";
    pub const FILE: &str = "📄";
    pub const FIND: &str = "🔎";
    pub const TRAFFIC: &str = "➕";
    pub const PAUSE: &str = "⏸";
    pub const RESUME: &str = "▶️";
    pub const GIVE: &str = "🎁";
    pub const LABEL: &str = "✏️";
    pub const DELETE: &str = "🗑";
    pub const SETTINGS: &str = "⚙️";
    pub const CHART: &str = "📊";
}

/// Icon and text key of the routes that have words of their own. `None`: the list that shows it names it.
const fn words(route: &C) -> Option<(&'static str, &'static str)> {
    Some(match route {
        C::Home => (icon::HOME, "button-home"),
        C::Languages => (icon::LANGUAGE, "button-language"),
        C::Categories => (icon::BUY, "button-buy"),
        C::Confirm { .. } => ("", "button-order"),
        C::Place { by, .. } | C::PlaceRenewal { by, .. } => match by {
            PayBy::Method => ("", "button-pay"),
            PayBy::Wallet => (icon::WALLET, "button-pay-wallet"),
            PayBy::Parts => ("", "button-pay-parts"),
            PayBy::TopUp => ("", "button-pay-topup"),
        },
        C::BuySaved { .. } => (icon::WALLET, "button-buy-saved"),
        C::Order { .. } => ("", "button-order-open"),
        C::AskTopUp => ("", "button-topup-other"),
        C::WalletHistory { .. } => ("", "button-wallet-history"),
        C::Renew { .. } => (icon::RENEW, "button-renew"),
        C::Payment { .. } => ("", "button-payment"),
        C::SendReceipt { .. } => (icon::RECEIPT, "button-receipt"),
        C::Ways { .. } => ("", "button-ways"),
        C::Way { kind: Kind::Card, .. } => ("", "button-way-card"),
        C::Way { kind: Kind::Sheba, .. } => ("", "button-way-sheba"),
        C::Way { kind: Kind::Crypto, .. } => ("", "button-way-crypto"),
        C::AskCancel { .. } => ("", "button-cancel"),
        C::Cancel { .. } => ("", "button-cancel-yes"),
        C::AskCancelTopUp { .. } => ("", "button-topup-cancel"),
        C::CancelTopUp { .. } => ("", "button-topup-cancel-yes"),
        C::Payments { .. } => (icon::RECEIPT, "button-payments"),
        C::Services { .. } => (icon::SERVICES, "button-services"),
        C::Service { .. } => (icon::SERVICES, "button-service"),
        C::Refresh { .. } => (icon::REFRESH, "button-refresh"),
        C::Qr { .. } => (icon::QR, "button-qr"),
        C::Apps { .. } => (icon::APPS, "button-apps"),
        C::Guides { .. } => (icon::HELP, "button-guides"),
        C::Wallet => (icon::WALLET, "button-wallet"),
        C::Trial => (icon::TRIAL, "button-trial"),
        C::TakeTrial => (icon::TRIAL, "button-trial-take"),
        C::Support => (icon::SUPPORT, "button-support"),
        C::Help => (icon::HELP, "button-help"),
        C::SetLanguage { .. }
        | C::SetLanguageFor { .. }
        | C::MoreCategories { .. }
        | C::Locations { .. }
        | C::Plans { .. }
        | C::Plan { .. }
        | C::TopUp { .. }
        | C::Guide { .. }
        | C::ReceiptFor { .. } => return None,
    })
}

/// The same for the routes of agents.
const fn agent_words(route: &G) -> Option<(&'static str, &'static str)> {
    Some(match route {
        G::Home => (icon::AGENT, "button-agent"),
        G::Apply => ("", "button-apply"),
        G::File { .. } => ("", "button-apply-file"),
        G::Sell { .. } => (icon::BUY, "button-sell"),
        G::NoLabel { .. } => ("", "button-sell-no-label"),
        G::Buy { .. } => ("", "button-sell-yes"),
        G::Many { .. } => (icon::MANY, "button-many"),
        G::NoPrefix => ("", "button-many-no-prefix"),
        G::BuyMany { .. } => ("", "button-many-yes"),
        G::Batches => (icon::MANY, "button-batches"),
        G::Batch { .. } => (icon::REFRESH, "button-batch"),
        G::BatchLinks { .. } => (icon::FILE, "button-batch-links"),
        G::BatchPictures { .. } => (icon::QR, "button-batch-pictures"),
        G::Sold { shelf: Rack::All, .. } => (icon::SERVICES, "button-sold"),
        G::Find => (icon::FIND, "button-find"),
        G::Service { .. } => (icon::SERVICES, "button-sold-open"),
        G::Qr { .. } => (icon::QR, "button-sold-qr"),
        G::AskRenew { .. } => (icon::RENEW, "button-sold-renew"),
        G::Renew { .. } => ("", "button-sold-renew-yes"),
        G::AskTraffic { .. } => (icon::TRAFFIC, "button-traffic"),
        G::AddTraffic { .. } => ("", "button-traffic-yes"),
        G::Pause { .. } => (icon::PAUSE, "button-pause"),
        G::Resume { .. } => (icon::RESUME, "button-resume"),
        G::AskNewLink { .. } => ("", "button-new-link"),
        G::NewLink { .. } => ("", "button-new-link-yes"),
        G::AskDelete { .. } => (icon::DELETE, "button-delete"),
        G::Delete { .. } => (icon::DELETE, "button-delete-yes"),
        G::AskLabel { .. } => (icon::LABEL, "button-label"),
        G::Give { .. } => (icon::GIVE, "button-give"),
        G::History { .. } => (icon::RECEIPT, "button-history"),
        G::TopUp => (icon::WALLET, "button-credit"),
        G::Statement { .. } => (icon::RECEIPT, "button-statement"),
        G::Earnings { .. } => (icon::CHART, "button-earnings"),
        G::OwnPrices { .. } => ("", "button-own-prices"),
        G::Settings => (icon::SETTINGS, "button-agent-settings"),
        G::DigestOn => ("", "button-digest-on"),
        G::DigestOff => ("", "button-digest-off"),
        G::Plan { .. }
        | G::Sold { .. }
        | G::Traffic { .. }
        | G::Credit { .. }
        | G::Month { .. }
        | G::AskDays
        | G::StatementFile { .. }
        | G::AskOwnPrice { .. }
        | G::NoOwnPrice { .. } => return None,
    })
}

/// A button in the words of its route.
pub fn go(voice: &Voice, route: impl Into<Route>) -> Button {
    let route = route.into();
    let label = match &route {
        Route::Customer(customer) => words(customer).map(|(icon, key)| with_icon(icon, voice.t(key))),
        Route::Agent(agent) => agent_words(agent).map(|(icon, key)| with_icon(icon, voice.t(key))),
        Route::Admin(_) | Route::Method(_) | Route::Agency(_) => None,
    };
    let label = label.unwrap_or_else(|| voice.t("button-open").to_owned());
    Button::Go(route, label)
}

fn with_icon(icon: &str, words: &str) -> String {
    if icon.is_empty() { words.to_owned() } else { format!("{icon} {words}") }
}

/// A button that a list or an admin's screen words itself.
pub fn pick(route: impl Into<Route>, label: impl Into<String>) -> Button {
    Button::Go(route.into(), label.into())
}

/// Copies a text by a tap; `None` when it is longer than Telegram lets a button carry.
pub fn copy(voice: &Voice, key: &'static str, text: &str) -> Option<Button> {
    const COPY_MAX: usize = 256;
    (text.chars().count() <= COPY_MAX).then(|| Button::Copy(text.to_owned(), with_icon(icon::COPY, voice.t(key))))
}

/// The last row: back where one came from, and home. Telegram draws a row from left to right in every language, so for
/// a Persian reader the row is turned around: back is on the right, where a page is turned back.
pub fn back(voice: &Voice, to: impl Into<Route>) -> Vec<Button> {
    let arrow = if voice.lang.is_rtl() { "→" } else { "←" };
    let back = Button::Go(to.into(), format!("{arrow} {}", voice.t("button-back")));
    turned(voice.lang, vec![back, go(voice, C::Home)])
}

/// The last row of a screen that lies right under home.
pub fn home(voice: &Voice) -> Vec<Button> {
    vec![go(voice, C::Home)]
}

/// Buttons in reading order.
fn turned(lang: Lang, mut row: Vec<Button>) -> Vec<Button> {
    if lang.is_rtl() {
        row.reverse();
    }
    row
}

/// The row that turns pages: `‹ 2 / 5 ›`. Empty when there is one page.
pub fn pager(voice: &Voice, page: u32, pages: u32, to: impl Fn(u32) -> Route) -> Vec<Button> {
    if pages <= 1 {
        return Vec::new();
    }
    let page = page.min(pages - 1);
    let turn = |target: u32, label: &str| Button::Go(to(target), label.to_owned());
    let mut row = Vec::new();
    if page > 0 {
        row.push(turn(page - 1, if voice.lang.is_rtl() { "›" } else { "‹" }));
    }
    row.push(Button::Go(to(page), digits(voice.lang, &format!("{} / {pages}", page + 1))));
    if page + 1 < pages {
        row.push(turn(page + 1, if voice.lang.is_rtl() { "‹" } else { "›" }));
    }
    turned(voice.lang, row)
}

/// The rows under a question about a dangerous act: the safe answer first, alone; the act after it.
pub fn confirm(safe: Button, act: Button) -> Vec<Vec<Button>> {
    vec![vec![safe], vec![act]]
}

/// Two a row when all labels are short, else one.
pub fn grid(buttons: &[Button]) -> Vec<Vec<Button>> {
    const SHORT: usize = 14;
    let width = if buttons.iter().all(|button| button.label().chars().count() <= SHORT) { 2 } else { 1 };
    buttons.chunks(width).map(<[Button]>::to_vec).collect()
}

/// A name that somebody else gave, cut so that it fits a button.
pub fn shorten(name: &str, most: usize) -> String {
    if name.chars().count() <= most {
        return name.to_owned();
    }
    let mut cut: String = name.chars().take(most.saturating_sub(1)).collect();
    cut.push('…');
    cut
}

#[cfg(test)]
pub(super) mod tests {
    use super::{Button, C, G, LABEL_MAX, agent_words, back, grid, pager, pick, shorten, words};
    use crate::base::format::Voice;
    use crate::base::texts::t;
    use crate::base::{Lang, Time};
    use crate::bot::route::Route;
    use crate::bot::screen::Screen;

    /// 2026-12-02, 18:30 in Tehran.
    pub const NOW: Time = Time(1_796_223_600_000);

    const fn voice(lang: Lang) -> Voice {
        Voice::new(lang, chrono_tz::Asia::Tehran, NOW)
    }

    /// A screen as a reader of a snapshot wants it: the words, then a line for each row of buttons.
    fn shown(screen: &Screen) -> String {
        let media = screen.media.as_ref().map_or("", |_| "(picture)\n");
        let button = |button: &Button| match button {
            Button::Go(route, label) => format!("[{label} → {}]", route.encode()),
            Button::Url(url, label) => format!("[{label} ↗ {url}]"),
            Button::Copy(text, label) => format!("[{label} ⧉ {text}]"),
        };
        let rows = screen.rows.iter().map(|row| row.iter().map(button).collect::<Vec<_>>().join(" "));
        format!("{media}{}\n{}", screen.text, rows.collect::<Vec<_>>().join("\n"))
    }

    /// The same screens in each language, one below the other. Invisible marks are shown as `⟨` and `⟩`.
    pub fn in_every_language(screens: impl Fn(&Voice) -> Vec<Screen>) -> String {
        let all = Lang::ALL.into_iter().map(|lang| {
            let shown: Vec<String> = screens(&voice(lang)).iter().map(shown).collect();
            format!("=== {lang}\n{}", shown.join("\n---\n"))
        });
        all.collect::<Vec<_>>().join("\n\n").replace('\u{2068}', "⟨").replace('\u{2069}', "⟩")
    }

    fn labels(row: &[Button]) -> Vec<&str> {
        row.iter().map(Button::label).collect()
    }

    #[test]
    fn every_label_is_short_in_every_language() {
        for lang in Lang::ALL {
            let all = C::extremes().iter().filter_map(words).collect::<Vec<_>>().into_iter();
            for (icon, key) in all.chain(G::extremes().iter().filter_map(agent_words)) {
                let label = super::with_icon(icon, t(lang, key));
                assert_ne!(t(lang, key), key, "{lang} has no {key}");
                assert!(label.chars().count() <= LABEL_MAX, "{lang}: «{label}» is longer than {LABEL_MAX}");
            }
        }
    }

    #[test]
    fn no_words_stand_for_two_things() {
        for lang in Lang::ALL {
            let mut seen = std::collections::HashMap::new();
            let all = C::extremes().iter().filter_map(words).collect::<Vec<_>>().into_iter();
            for (_, key) in all.chain(G::extremes().iter().filter_map(agent_words)) {
                let other = seen.insert(t(lang, key), key).unwrap_or(key);
                assert_eq!(other, key, "{lang}: the same words for {key} and {other}");
            }
        }
    }

    #[test]
    fn back_is_where_a_reader_turns_back() {
        assert_eq!(labels(&back(&voice(Lang::En), C::Home)), ["← Back", "🏠 Home"]);
        assert_eq!(labels(&back(&voice(Lang::Fa), C::Home)), ["🏠 خانه", "→ بازگشت"]);
    }

    #[test]
    fn pages_are_turned_within_their_bounds() {
        let to = |page| Route::from(C::Services { page });
        assert!(pager(&voice(Lang::En), 0, 1, to).is_empty());
        assert_eq!(labels(&pager(&voice(Lang::En), 0, 3, to)), ["1 / 3", "›"]);
        assert_eq!(labels(&pager(&voice(Lang::En), 1, 3, to)), ["‹", "2 / 3", "›"]);
        assert_eq!(labels(&pager(&voice(Lang::En), 9, 3, to)), ["‹", "3 / 3"]);
        assert_eq!(labels(&pager(&voice(Lang::Fa), 1, 3, to)), ["‹", "۲ / ۳", "›"]);
    }

    #[test]
    fn short_choices_share_a_row() {
        let buttons = |names: [&str; 3]| names.map(|name| pick(C::Home, name)).to_vec();
        assert_eq!(grid(&buttons(["iOS", "Linux", "macOS"])).iter().map(Vec::len).collect::<Vec<_>>(), [2, 1]);
        assert_eq!(grid(&buttons(["iOS", "Linux", "A very long name"])).len(), 3);
        assert_eq!(shorten("abcdef", 4), "abc…");
        assert_eq!(shorten("abcd", 4), "abcd");
    }
}
