//! What a person is told unasked.
use super::refund::{self, Back};
use crate::app::App;
use crate::base::format::Voice;
use crate::base::texts::{Arg, args};
use crate::base::{Fault, Money, OrderId, PaymentId, SubscriptionId};
use crate::bot::admin;
use crate::bot::customer::services;
use crate::bot::kit::{self, go};
use crate::bot::page::{escaped, page};
use crate::bot::qr;
use crate::bot::route::{AgentRoute, CustomerRoute as C};
use crate::bot::screen::{Button, Media, Screen};
use crate::shop::accounts::Role;
use crate::shop::catalog;
use crate::shop::checkout::{self, Order};
use crate::shop::notices::{Notice, Reminding};
use crate::shop::payments::RejectReason;
use crate::shop::subscriptions::{self, Kind, Subscription, is_still_due};
use secrecy::ExposeSecret;

/// The notice as a screen; `None` when what it speaks of is gone, or when it is not for people.
pub async fn view(app: &App, voice: &Voice, notice: &Notice) -> Result<Option<Screen>, Fault> {
    Ok(match notice {
        Notice::Ready { subscription, provisional, renewed } => {
            ready(app, voice, *subscription, (*provisional, *renewed)).await?
        }
        Notice::Reminder { subscription, kind } => reminder(app, voice, *subscription, *kind).await?,
        Notice::PaymentApproved { order, .. }
        | Notice::PaymentShort { order, .. }
        | Notice::PaymentKept { order, .. }
        | Notice::OrderExpired { order }
        | Notice::DeliveryLate { order } => {
            let line = order_line(app, voice, *order).await?;
            about_payment(voice, line, notice)
        }
        Notice::Refunded { order, amount, to, so_far, ended } => {
            let line = order_line(app, voice, *order).await?;
            let back = Back { order: *order, amount: *amount, to: *to, so_far: *so_far, ended: *ended };
            refund::view(app, voice, line, back).await?
        }
        Notice::ServiceGone { subscription } => gone(app, voice, *subscription).await?,
        Notice::PaymentRejected { payment, order, .. }
        | Notice::ReceiptNamed { payment, order }
        | Notice::PaymentReopened { payment, order } => {
            let line = match order {
                Some(order) => order_line(app, voice, *order).await?,
                None => top_up_line(voice, *payment),
            };
            about_payment(voice, line, notice)
        }
        Notice::ToppedUp { payment, .. } | Notice::TopUpExpired { payment } => {
            about_payment(voice, top_up_line(voice, *payment), notice)
        }
        Notice::SavedBought { order, .. }
        | Notice::SavedShort { order, .. }
        | Notice::SavedChanged { order, .. }
        | Notice::SavedExpired { order } => saved(app, voice, *order, notice).await?,
        Notice::WalletChanged { .. }
        | Notice::Message { .. }
        | Notice::Banned { .. }
        | Notice::Unbanned
        | Notice::Sorry { .. }
        | Notice::RoleGranted { .. }
        | Notice::RoleTaken => Some(from_staff(voice, notice)),
        Notice::Agent(notice) => super::agent::view(app, voice, notice).await?,
        Notice::OrderLate { .. }
        | Notice::PanelDown { .. }
        | Notice::PanelLockedOut { .. }
        | Notice::PanelWell { .. }
        | Notice::PanelRefused { .. }
        | Notice::AccountLost { .. }
        | Notice::CorrectionAsked { .. }
        | Notice::CorrectionExpired { .. }
        | Notice::Escalated { .. }
        | Notice::CronLate { .. }
        | Notice::JobGivenUp { .. }
        | Notice::JobStuck { .. }
        | Notice::UpdateFailed { .. }
        | Notice::LedgerBroken { .. }
        | Notice::BackupMade { .. }
        | Notice::BackupFailed { .. }
        | Notice::BackupMissing { .. }
        | Notice::Proof { .. }
        | Notice::WeeklyDigest { .. }
        | Notice::RateHigh { .. }
        | Notice::RateOver { .. }
        | Notice::Undelivered { .. } => None,
    })
}

fn top_up_line(voice: &Voice, payment: PaymentId) -> String {
    voice.t_args("notice-topup", &args!["id" => Arg::code(payment.to_string())])
}

/// How an order, its payment or a top-up went on, pure. `line` names it.
fn about_payment(voice: &Voice, line: String, notice: &Notice) -> Option<Screen> {
    let wallet = |amount: Money| voice.t_args("notice-to-wallet", &args!["amount" => voice.money(amount)]);
    let screen = match notice {
        Notice::PaymentApproved { to_wallet, .. } => {
            let rest = if to_wallet.minor > 0 { wallet(*to_wallet) } else { String::new() };
            Screen::new(page(voice.t("notice-approved"), [line, rest], voice.t("notice-approved-next")))
        }
        Notice::PaymentShort { got, needed, .. } => {
            let facts = [
                line,
                voice.t_args("notice-short-got", &args!["amount" => voice.money(*got)]),
                voice.t_args("notice-short-needed", &args!["amount" => voice.money(*needed)]),
            ];
            with_wallet(voice, page(voice.t("notice-short"), facts, voice.t("notice-short-next")))
        }
        Notice::PaymentKept { amount, .. } => {
            with_wallet(voice, page(voice.t("notice-kept"), [line, wallet(*amount)], voice.t("notice-kept-next")))
        }
        Notice::PaymentRejected { payment, reason, .. } => {
            let text = page(voice.t("notice-rejected"), [line, reason_line(voice, reason)], voice.t("notice-rejected-next"));
            Screen::new(text).row([go(voice, C::Payment { payment: *payment })]).row([go(voice, C::Support)])
        }
        Notice::ReceiptNamed { payment, .. } => {
            let text = page(voice.t("notice-receipt-named"), [line], voice.t("notice-receipt-named-next"));
            Screen::new(text).row([go(voice, C::Payment { payment: *payment })]).row([go(voice, C::Support)])
        }
        Notice::PaymentReopened { payment, .. } => {
            let text = page(voice.t("notice-reopened"), [line], voice.t("notice-reopened-next"));
            Screen::new(text).row([go(voice, C::Payment { payment: *payment })])
        }
        Notice::OrderExpired { .. } => {
            let text = page(voice.t("notice-expired"), [line], voice.t("notice-expired-next"));
            Screen::new(text).row([go(voice, C::Categories)]).row(kit::home(voice))
        }
        Notice::ToppedUp { amount, balance, .. } => {
            let facts = [
                line,
                voice.t_args("notice-short-got", &args!["amount" => voice.money(*amount)]),
                voice.t_args("notice-wallet-balance", &args!["amount" => voice.money(*balance)]),
            ];
            with_wallet(voice, page(voice.t("notice-topped-up"), facts, ""))
        }
        Notice::TopUpExpired { payment } => {
            let text = page(voice.t("notice-topup-expired"), [line], voice.t("notice-expired-next"));
            Screen::new(text).row([go(voice, C::Payment { payment: *payment })]).row(kit::home(voice))
        }
        Notice::DeliveryLate { .. } => Screen::new(page(voice.t("notice-late"), [line], voice.t("notice-late-next"))),
        _ => return None,
    };
    Some(screen)
}

/// What became of a saved order.
async fn saved(app: &App, voice: &Voice, id: OrderId, notice: &Notice) -> Result<Option<Screen>, Fault> {
    let Some(order) = checkout::get(app.db.read(), id).await? else { return Ok(None) };
    let line = order_line(app, voice, id).await?;
    Ok(saved_view(voice, &order, line, notice))
}

fn saved_view(voice: &Voice, order: &Order, line: String, notice: &Notice) -> Option<Screen> {
    let price = |amount: Money| voice.t_args("shop-price", &args!["price" => voice.money(amount)]);
    Some(match notice {
        Notice::SavedBought { price: paid, balance, .. } => {
            let left = voice.t_args("notice-wallet-balance", &args!["amount" => voice.money(*balance)]);
            Screen::new(page(voice.t("notice-saved-bought"), [line, price(*paid), left], voice.t("notice-approved-next")))
        }
        Notice::SavedShort { missing, .. } => {
            let missing = voice.t_args("ordered-missing", &args!["amount" => voice.money(*missing)]);
            Screen::new(page(voice.t("notice-saved-short"), [line, missing], voice.t("notice-saved-short-next")))
                .row([go(voice, C::Order { order: order.id })])
        }
        Notice::SavedChanged { price: Some(now), .. } => {
            let buy = match order.kind {
                checkout::Kind::New => C::Confirm { plan: order.plan.clone() },
                checkout::Kind::Renew | checkout::Kind::Traffic => C::Renew { subscription: order.subscription },
            };
            let text = if *now == order.price {
                page(voice.t("notice-saved-other"), [line], voice.t("notice-saved-other-next"))
            } else {
                let price = args!["was" => voice.money(order.price), "is" => voice.money(*now)];
                let facts = [line, voice.t_args("notice-saved-price", &price)];
                page(voice.t("notice-saved-changed"), facts, voice.t("notice-saved-changed-next"))
            };
            Screen::new(text).row([go(voice, buy)])
        }
        Notice::SavedChanged { price: None, .. } => {
            let text = page(voice.t("notice-saved-gone"), [line], voice.t("notice-saved-gone-next"));
            Screen::new(text).row([go(voice, C::Categories)]).row([go(voice, C::Wallet)])
        }
        Notice::SavedExpired { .. } => {
            with_wallet(voice, page(voice.t("notice-saved-expired"), [line], voice.t("notice-saved-expired-next")))
        }
        _ => return None,
    })
}

/// What an admin did or says, pure.
fn from_staff(voice: &Voice, notice: &Notice) -> Screen {
    match notice {
        Notice::WalletChanged { amount, balance, reason } => {
            let facts = [
                voice.t_args("notice-wallet-change", &args!["amount" => voice.money(*amount)]),
                voice.t_args("notice-wallet-balance", &args!["amount" => voice.money(*balance)]),
                reason_line(voice, reason),
            ];
            with_wallet(voice, page(voice.t("notice-wallet"), facts, ""))
        }
        Notice::Message { text } => {
            Screen::new(page(voice.t("notice-message"), [escaped(text)], "")).row([go(voice, C::Support)])
        }
        Notice::Sorry { code } => {
            Screen::new(voice.t_args("common-sorry", &args!["code" => Arg::code(code)])).row(kit::home(voice))
        }
        Notice::Banned { reason } => Screen::new(page(voice.t("notice-banned"), [reason_line(voice, reason)], "")),
        Notice::RoleGranted { role } => {
            let name = Role::parse(role).map_or(role.as_str(), |role| voice.t(admin::role_key(role)));
            let fact = voice.t_args("notice-role-name", &args!["role" => name]);
            Screen::new(page(voice.t("notice-role"), [fact], voice.t("notice-role-next")))
        }
        Notice::RoleTaken => {
            Screen::new(page(voice.t("notice-role-taken"), [], voice.t("notice-role-taken-next"))).row(kit::home(voice))
        }
        _ => Screen::new(page(voice.t("notice-unbanned"), [], "")).row(kit::home(voice)),
    }
}

fn with_wallet(voice: &Voice, text: String) -> Screen {
    Screen::new(text).row([go(voice, C::Wallet)]).row(kit::home(voice))
}

fn reason_line(voice: &Voice, reason: &str) -> String {
    if reason.is_empty() {
        return String::new();
    }
    // A reason is one of ours by its code, or somebody's own words.
    let reason = RejectReason::parse(reason);
    let words = match &reason {
        RejectReason::NotReceived => voice.t("reason-not-received"),
        RejectReason::WrongAmount => voice.t("reason-wrong-amount"),
        RejectReason::Unreadable => voice.t("reason-unreadable"),
        RejectReason::Duplicate => voice.t("reason-duplicate"),
        RejectReason::Other(own) => own,
    };
    voice.t_args("notice-reason", &args!["reason" => words])
}

async fn order_line(app: &App, voice: &Voice, id: OrderId) -> Result<String, Fault> {
    let Some(order) = checkout::get(app.db.read(), id).await? else { return Ok(String::new()) };
    let shelf = catalog::current(&app.db).await?;
    let plan = shelf.plan(&order.plan).map_or_else(|| order.plan.to_string(), |plan| plan.title(voice.lang).to_owned());
    Ok(voice.t_args("notice-order", &args!["id" => Arg::code(id.to_string()), "plan" => plan]))
}

/// The link of the service, as a picture and as text, with what imports it; it stays.
async fn ready(
    app: &App,
    voice: &Voice,
    id: SubscriptionId,
    (provisional, renewed): (bool, bool),
) -> Result<Option<Screen>, Fault> {
    let Some(service) = subscriptions::get(app.db.read(), id).await? else { return Ok(None) };
    let Some(link) = service.open_link(&app.seal)? else { return Ok(None) };
    let shelf = catalog::current(&app.db).await?;
    let title = title(voice, &shelf, &service);
    let facts = Ready { title: &title, link: link.expose_secret(), provisional, renewed };
    let screen = ready_view(voice, app.public_url.as_deref(), &service, &facts);
    if renewed {
        return Ok(Some(screen));
    }
    Ok(Some(screen.with(Media::Png(qr::png(link.expose_secret().to_owned()).await?))))
}

/// What an agent sold and keeps is known by its label; everything else by its plan.
/// What he took over from an agent is no more.
async fn gone(app: &App, voice: &Voice, id: SubscriptionId) -> Result<Option<Screen>, Fault> {
    let Some(service) = subscriptions::get(app.db.read(), id).await? else { return Ok(None) };
    let shelf = catalog::current(&app.db).await?;
    Ok(Some(gone_view(voice, &title(voice, &shelf, &service))))
}

fn gone_view(voice: &Voice, title: &str) -> Screen {
    let line = voice.t_args("notice-service", &args!["title" => title]);
    Screen::new(page(voice.t("notice-gone"), [line], voice.t("notice-gone-next")))
        .row([go(voice, C::Support)])
        .row(kit::home(voice))
}

fn title(voice: &Voice, shelf: &catalog::Catalog, service: &Subscription) -> String {
    let label = service.label.as_ref().filter(|_| is_of_agent(service));
    label.cloned().unwrap_or_else(|| services::title_of(voice, shelf, service))
}

/// Sold by an agent, and taken over by nobody yet.
fn is_of_agent(service: &Subscription) -> bool {
    service.agent == Some(service.person)
}

struct Ready<'a> {
    title: &'a str,
    link: &'a str,
    provisional: bool,
    renewed: bool,
}

fn ready_view(voice: &Voice, public_url: Option<&str>, service: &Subscription, ready: &Ready<'_>) -> Screen {
    let subscription = service.id;
    let (title, next) = match (service.kind, ready.provisional, ready.renewed) {
        (_, _, true) => ("notice-renewed", ""),
        (Kind::Provisional, ..) | (_, true, false) => ("notice-provisional", "notice-provisional-next"),
        (Kind::Trial, ..) => ("notice-trial", "notice-ready-next"),
        (Kind::Full, false, false) => ("notice-ready", "notice-ready-next"),
    };
    let quota = service.quota().map_or_else(
        || voice.t("notice-unlimited").to_owned(),
        |quota| voice.t_args("notice-traffic", &args!["quota" => voice.traffic(quota)]),
    );
    let facts = [
        voice.t_args("notice-service", &args!["title" => ready.title]),
        voice.t_args("notice-until", &args!["moment" => voice.moment(service.until)]),
        quota,
        format!("\n<code>{}</code>", escaped(ready.link)),
    ];
    let next = if next.is_empty() { "" } else { voice.t(next) };
    let mut screen = Screen::new(page(voice.t(title), facts, next)).keep();
    if public_url.is_some() && service.token.is_some() {
        screen = screen.row([go(voice, C::Apps { subscription })]);
    }
    screen
        .row(kit::copy(voice, "button-copy-link", ready.link))
        .row([go(voice, C::Guides { subscription }), open(voice, service)])
}

/// The button that opens the service: an agent's among those that he sold.
fn open(voice: &Voice, service: &Subscription) -> Button {
    let subscription = service.id;
    if is_of_agent(service) { go(voice, AgentRoute::Service { subscription }) } else { go(voice, C::Service { subscription }) }
}

/// The button that renews it: an agent pays for what he sold from his credit.
fn renew(voice: &Voice, service: &Subscription) -> Button {
    let subscription = service.id;
    if is_of_agent(service) { go(voice, AgentRoute::AskRenew { subscription }) } else { go(voice, C::Renew { subscription }) }
}

/// `None` too when it is not true any more: it may have been held back through the quiet hours.
async fn reminder(app: &App, voice: &Voice, id: SubscriptionId, kind: Reminding) -> Result<Option<Screen>, Fault> {
    let service = subscriptions::get(app.db.read(), id).await?;
    let Some(service) = service.filter(|service| is_still_due(service, kind, app.clock.now())) else { return Ok(None) };
    let shelf = catalog::current(&app.db).await?;
    let is_resold = services::is_resold(app, &service).await?;
    Ok(Some(reminder_view(voice, &title(voice, &shelf, &service), (&service, is_resold), kind)))
}

fn reminder_view(voice: &Voice, title: &str, (service, is_resold): (&Subscription, bool), kind: Reminding) -> Screen {
    let subscription = service.id;
    let (head, next) = match kind {
        Reminding::Days3 | Reminding::Days1 => ("reminder-days", "reminder-days-next"),
        Reminding::Traffic80 | Reminding::Traffic95 => ("reminder-traffic", "reminder-traffic-next"),
        Reminding::Ended => ("reminder-ended", "reminder-ended-next"),
        Reminding::NeverConnected => ("reminder-unused", "reminder-unused-next"),
    };
    // A trial cannot be renewed: what follows it is bought.
    let next = match (kind, service.kind) {
        (Reminding::NeverConnected, _) | (_, Kind::Full) => next,
        (_, Kind::Trial | Kind::Provisional) => "services-hint-buy",
    };
    // What an agent sold is renewed by him.
    let next = if is_resold && kind != Reminding::NeverConnected { "services-hint-resold" } else { next };
    let left = service.quota().map(|quota| (quota - service.used()).max(0));
    let about_traffic = matches!(kind, Reminding::Traffic80 | Reminding::Traffic95);
    let facts = [
        voice.t_args("notice-service", &args!["title" => title]),
        voice.t_args("notice-until", &args!["moment" => voice.moment(service.until)]),
        left.filter(|_| about_traffic)
            .map(|left| voice.t_args("reminder-left", &args!["left" => voice.traffic(left)]))
            .unwrap_or_default(),
    ];
    let screen = Screen::new(page(voice.t(head), facts, voice.t(next)));
    match (kind, service.kind) {
        (Reminding::NeverConnected, _) => screen
            .row([go(voice, C::Guides { subscription })])
            .row([go(voice, C::Service { subscription }), go(voice, C::Support)]),
        (_, Kind::Full) if is_resold => screen.row([open(voice, service)]),
        (_, Kind::Full) => screen.row([renew(voice, service)]).row([open(voice, service)]),
        (_, Kind::Trial | Kind::Provisional) => {
            screen.row([go(voice, C::Categories)]).row([go(voice, C::Service { subscription })])
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Ready, about_payment, from_staff, gone_view, ready_view, reminder_view, saved_view};
    use crate::base::{Asset, Money, OrderId, PaymentId};
    use crate::bot::customer::services::tests::service;
    use crate::bot::kit::tests::in_every_language;
    use crate::shop::checkout;
    use crate::shop::notices::{Notice, Reminding};
    use crate::shop::subscriptions::{Kind, State};

    #[test]
    fn notices_to_people_in_every_language() {
        let toman = |minor| Money::new(minor, Asset::Irt);
        let (payment, order) = (PaymentId(7), OrderId(7));
        let orders = [
            Notice::PaymentApproved { payment, order, to_wallet: toman(137) },
            Notice::PaymentShort { payment, order, got: toman(100_000), needed: toman(190_000) },
            Notice::PaymentKept { payment, order, amount: toman(190_000) },
            Notice::PaymentRejected { payment, order: Some(order), reason: "duplicate".to_owned() },
            Notice::PaymentRejected { payment, order: Some(order), reason: "other:a cat & a <dog>".to_owned() },
            Notice::ReceiptNamed { payment, order: Some(order) },
            Notice::PaymentReopened { payment, order: Some(order) },
            Notice::ToppedUp { payment, amount: toman(100_431), balance: toman(120_431) },
            Notice::TopUpExpired { payment },
            Notice::OrderExpired { order },
            Notice::DeliveryLate { order },
        ];
        let saved = [
            Notice::SavedBought { order, price: toman(190_000), balance: toman(431) },
            Notice::SavedShort { order, missing: toman(20_000) },
            Notice::SavedChanged { order, price: Some(toman(210_000)) },
            Notice::SavedChanged { order, price: Some(toman(250_000)) },
            Notice::SavedChanged { order, price: None },
            Notice::SavedExpired { order },
        ];
        let waits = checkout::sample::order(checkout::State::Cancelled, crate::base::Time(0));
        insta::assert_snapshot!(in_every_language(|voice| {
            let (full, trial) = (service(State::Active, Kind::Full), service(State::Active, Kind::Trial));
            let early = service(State::Active, Kind::Provisional);
            let ready =
                |provisional, renewed| Ready { title: "1 month", link: "https://de.example/sub/dG9", provisional, renewed };
            vec![
                ready_view(voice, Some("https://shop.example"), &full, &ready(false, false)),
                ready_view(voice, None, &early, &ready(true, false)),
                ready_view(voice, None, &trial, &ready(false, false)),
                ready_view(voice, None, &full, &ready(false, true)),
                reminder_view(voice, "1 month", (&full, false), Reminding::Days3),
                reminder_view(voice, "1 month", (&full, true), Reminding::Days3),
                reminder_view(voice, "1 month", (&full, false), Reminding::Traffic80),
                reminder_view(voice, "1 month", (&trial, false), Reminding::Ended),
                reminder_view(voice, "1 month", (&full, false), Reminding::NeverConnected),
                gone_view(voice, "1 month"),
                from_staff(
                    voice,
                    &Notice::WalletChanged { amount: toman(-5_000), balance: toman(20_000), reason: "twice paid <3".to_owned() },
                ),
                from_staff(voice, &Notice::Message { text: "Hello <b>".to_owned() }),
                from_staff(voice, &Notice::Banned { reason: "duplicate".to_owned() }),
                from_staff(voice, &Notice::RoleGranted { role: "cashier".to_owned() }),
                from_staff(voice, &Notice::RoleTaken),
                from_staff(voice, &Notice::Unbanned),
                from_staff(voice, &Notice::Sorry { code: "4711".to_owned() }),
            ]
            .into_iter()
            .chain(saved.iter().filter_map(|notice| saved_view(voice, &waits, "Order: 00000000A7".to_owned(), notice)))
            .chain(orders.iter().filter_map(|notice| about_payment(voice, "Order: 00000000A7".to_owned(), notice)))
            .collect()
        }));
    }
}
