//! What the admin group is told unasked.
use crate::app::App;
use crate::base::format::{Voice, number};
use crate::base::texts::{Arg, args};
use crate::base::{Asset, Fault, HOUR, MINUTE, Money, OrderId};
use crate::bot::admin;
use crate::bot::page::page;
use crate::bot::screen::Screen;
use crate::shop::notices::{Notice, Rate};
use crate::shop::{accounts, catalog, checkout, payments, settings};

/// The notice as a screen; `None` when it is not for the group.
pub async fn view(app: &App, voice: &Voice, notice: &Notice) -> Result<Option<Screen>, Fault> {
    match notice {
        Notice::OrderLate { order, minutes, offer } => late(app, voice, *order, (*minutes, *offer)).await,
        Notice::BackupMade { path, bytes, at } => Ok(Some(admin::backup::made(voice, path, *bytes, *at).await)),
        Notice::CorrectionAsked { key } | Notice::CorrectionExpired { key } => admin::second::card(app, voice, key).await,
        Notice::Agent(notice) => super::agent::view(app, voice, notice).await,
        Notice::Proof { cards, clearing } => Ok(Some(proof(app, voice, cards, clearing).await?)),
        Notice::WeeklyDigest { to } => Ok(Some(admin::digest(app, voice, *to).await?)),
        other => Ok(alarm(voice, other)),
    }
}

/// The notice without its file, which Telegram did not take; `None` when it had none.
pub fn without_file(voice: &Voice, notice: &Notice) -> Option<Screen> {
    match notice {
        Notice::BackupMade { path, bytes, at } => Some(admin::backup::made_without_file(voice, path, *bytes, *at)),
        _ => None,
    }
}

async fn late(app: &App, voice: &Voice, id: OrderId, (minutes, offer): (i64, bool)) -> Result<Option<Screen>, Fault> {
    let Some(order) = checkout::get(app.db.read(), id).await? else { return Ok(None) };
    if order.state != checkout::State::Paid {
        return Ok(None);
    }
    let shelf = catalog::current(&app.db).await?;
    let plan = shelf.plan(&order.plan).map_or_else(|| order.plan.to_string(), |plan| plan.title(voice.lang).to_owned());
    let name = accounts::person(app.db.read(), order.person).await?.map(|person| person.name).unwrap_or_default();
    let facts = [
        voice.t_args("notice-order", &args!["id" => Arg::code(id.to_string()), "plan" => plan]),
        voice.t_args("alarm-person", &args!["name" => name, "id" => Arg::code(order.person.to_string())]),
        voice.t_args("alarm-since", &args!["span" => voice.duration(minutes.saturating_mul(MINUTE))]),
    ];
    let next = if offer { "alarm-order-offer" } else { "alarm-order-next" };
    let screen = Screen::new(page(voice.t("alarm-order"), facts, voice.t(next)));
    Ok(Some(if offer { screen.rows(admin::late_rows(voice, id)) } else { screen }))
}

fn alarm(voice: &Voice, notice: &Notice) -> Option<Screen> {
    let (title, facts) = match notice {
        Notice::PanelDown { .. }
        | Notice::PanelLockedOut { .. }
        | Notice::PanelWell { .. }
        | Notice::PanelRefused { .. }
        | Notice::AccountLost { .. } => panel_words(voice, notice)?,
        Notice::Escalated { payment } => {
            let line = voice.t_args("alarm-payment", &args!["id" => Arg::code(payment.to_string())]);
            ("alarm-escalated", vec![line])
        }
        Notice::CronLate { .. }
        | Notice::JobGivenUp { .. }
        | Notice::JobStuck { .. }
        | Notice::UpdateFailed { .. }
        | Notice::LedgerBroken { .. } => work_words(voice, notice)?,
        Notice::RateHigh { rate, count } => return Some(rate_high(voice, *rate, *count)),
        Notice::RateOver { rate, minutes } => (rate_over(*rate), vec![since(voice, *minutes)]),
        Notice::Undelivered { person, why } => {
            let line = voice.t_args("alarm-line", &args!["line" => Arg::code(person.to_string())]);
            ("alarm-undelivered", vec![line, why_line(voice, why)])
        }
        Notice::BackupFailed { why } => ("alarm-backup-failed", vec![why_line(voice, why)]),
        Notice::BackupMissing { hours } => {
            let span = voice.duration(hours.saturating_mul(HOUR));
            ("alarm-backup-missing", vec![voice.t_args("alarm-backup-since", &args!["span" => span])])
        }
        Notice::Ready { .. }
        | Notice::PaymentApproved { .. }
        | Notice::PaymentShort { .. }
        | Notice::PaymentKept { .. }
        | Notice::PaymentRejected { .. }
        | Notice::ReceiptNamed { .. }
        | Notice::PaymentReopened { .. }
        | Notice::ToppedUp { .. }
        | Notice::TopUpExpired { .. }
        | Notice::SavedBought { .. }
        | Notice::SavedShort { .. }
        | Notice::SavedChanged { .. }
        | Notice::SavedExpired { .. }
        | Notice::OrderExpired { .. }
        | Notice::DeliveryLate { .. }
        | Notice::Refunded { .. }
        | Notice::ServiceGone { .. }
        | Notice::WalletChanged { .. }
        | Notice::Reminder { .. }
        | Notice::Message { .. }
        | Notice::Banned { .. }
        | Notice::Unbanned
        | Notice::Sorry { .. }
        | Notice::RoleGranted { .. }
        | Notice::RoleTaken
        | Notice::BackupMade { .. }
        | Notice::CorrectionAsked { .. }
        | Notice::CorrectionExpired { .. }
        | Notice::Agent(_)
        | Notice::Proof { .. }
        | Notice::WeeklyDigest { .. }
        | Notice::OrderLate { .. } => return None,
    };
    Some(Screen::new(page(voice.t(title), facts, "")))
}

/// Title and facts of what is told about the shop's own work.
fn work_words(voice: &Voice, notice: &Notice) -> Option<(&'static str, Vec<String>)> {
    Some(match notice {
        Notice::CronLate { line, minutes } => {
            let name = voice.t_args("alarm-line", &args!["line" => Arg::code(line.as_str())]);
            ("alarm-cron", vec![name, since(voice, *minutes)])
        }
        Notice::JobGivenUp { kind, why } | Notice::JobStuck { kind, why } => {
            let title = if matches!(notice, Notice::JobStuck { .. }) { "alarm-job-stuck" } else { "alarm-job" };
            (title, vec![voice.t_args("alarm-line", &args!["line" => Arg::code(kind.as_str())]), why_line(voice, why)])
        }
        Notice::UpdateFailed { update, code } => (
            "alarm-update",
            vec![voice.t_args("alarm-line", &args!["line" => Arg::code(update.to_string())]), why_line(voice, code)],
        ),
        Notice::LedgerBroken { findings, shown } => {
            let count = voice.t_args("alarm-findings", &args!["count" => number(voice.lang, *findings)]);
            let shown =
                shown.iter().map(|finding| voice.t_args("alarm-finding", &args!["finding" => Arg::code(finding.as_str())]));
            ("alarm-ledger", std::iter::once(count).chain(shown).collect())
        }
        _ => return None,
    })
}

/// Title and facts of what is told about a panel.
fn panel_words(voice: &Voice, notice: &Notice) -> Option<(&'static str, Vec<String>)> {
    Some(match notice {
        Notice::PanelDown { panel, why, minutes } => {
            ("alarm-panel-down", vec![panel_line(voice, panel), since(voice, *minutes), why_line(voice, why)])
        }
        Notice::PanelLockedOut { panel, why } => ("alarm-panel-locked", vec![panel_line(voice, panel), why_line(voice, why)]),
        Notice::PanelWell { panel, minutes } => ("alarm-panel-well", vec![panel_line(voice, panel), since(voice, *minutes)]),
        Notice::PanelRefused { panel, subscription, why } => (
            "alarm-panel-refused",
            vec![panel_line(voice, panel), service_line(voice, &subscription.to_string()), why_line(voice, why)],
        ),
        Notice::AccountLost { panel, subscription } => {
            ("alarm-account-lost", vec![panel_line(voice, panel), service_line(voice, &subscription.to_string())])
        }
        _ => return None,
    })
}

const fn rate_over(rate: Rate) -> &'static str {
    match rate {
        Rate::Errors => "alarm-rate-errors-over",
        Rate::Panels => "alarm-rate-panels-over",
    }
}

fn rate_high(voice: &Voice, rate: Rate, count: i64) -> Screen {
    let key = match rate {
        Rate::Errors => "alarm-rate-errors",
        Rate::Panels => "alarm-rate-panels",
    };
    let count = voice.t_args("alarm-rate-count", &args!["count" => number(voice.lang, count)]);
    Screen::new(page(voice.t(key), [count], voice.t("alarm-rate-next")))
}

/// What should be found on our cards, in one line, and each card below it under the name that admins gave it.
async fn proof(app: &App, voice: &Voice, cards: &[(String, Money)], clearing: &[(String, Money)]) -> Result<Screen, Fault> {
    let asset = settings::current(&app.db).await?.asset;
    let methods = payments::methods(app.db.read()).await?;
    let named = |code: &String| {
        let known = methods.iter().find(|method| method.code.as_str() == code);
        known.map_or_else(|| code.clone(), |method| method.alias.clone())
    };
    let all: Vec<(String, Money)> = cards.iter().chain(clearing).map(|(code, amount)| (named(code), *amount)).collect();
    Ok(proof_view(voice, (sums(cards, asset)?, sums(clearing, asset)?), &all))
}

fn proof_view(voice: &Voice, (cards, clearing): (Vec<Money>, Vec<Money>), each: &[(String, Money)]) -> Screen {
    let said = |sums: &[Money]| Arg::html(sums.iter().map(|sum| voice.money(*sum)).collect::<Vec<_>>().join(" + "));
    let line = voice.t_args("proof-holds", &args!["cards" => said(&cards), "clearing" => said(&clearing)]);
    let each = each
        .iter()
        .map(|(name, amount)| voice.t_args("proof-holding", &args!["name" => name.as_str(), "amount" => voice.money(*amount)]));
    Screen::new(page(&format!("✅ {line}"), each, ""))
}

/// By asset; nothing at all is nothing of the shop's own.
fn sums(amounts: &[(String, Money)], asset: Asset) -> Result<Vec<Money>, Fault> {
    let mut sums = vec![Money::new(0, asset)];
    for (_, amount) in amounts {
        match sums.iter_mut().find(|sum| sum.asset == amount.asset) {
            Some(sum) => *sum = sum.plus(*amount)?,
            None => sums.push(*amount),
        }
    }
    Ok(sums)
}

fn panel_line(voice: &Voice, panel: &str) -> String {
    voice.t_args("alarm-panel", &args!["panel" => Arg::code(panel)])
}

fn service_line(voice: &Voice, id: &str) -> String {
    voice.t_args("alarm-service", &args!["id" => Arg::code(id)])
}

fn since(voice: &Voice, minutes: i64) -> String {
    voice.t_args("alarm-since", &args!["span" => voice.duration(minutes.saturating_mul(MINUTE))])
}

fn why_line(voice: &Voice, why: &str) -> String {
    // A provider's whole story is in the log; the group needs its beginning.
    let short: String = why.chars().take(300).collect();
    voice.t_args("alarm-why", &args!["why" => short])
}

#[cfg(test)]
mod tests {
    use super::{alarm, proof_view};
    use crate::base::{Asset, Money, PaymentId, PersonId, SubscriptionId};
    use crate::bot::kit::tests::in_every_language;
    use crate::shop::notices::{Notice, Rate};

    #[test]
    fn alarms_in_every_language() {
        let panel = || "de1".to_owned();
        let why = || "502 <html> from the proxy".to_owned();
        let all = [
            Notice::PanelDown { panel: panel(), why: why(), minutes: 6 },
            Notice::PanelLockedOut { panel: panel(), why: why() },
            Notice::PanelWell { panel: panel(), minutes: 31 },
            Notice::PanelRefused { panel: panel(), subscription: SubscriptionId(7), why: why() },
            Notice::AccountLost { panel: panel(), subscription: SubscriptionId(7) },
            Notice::Escalated { payment: PaymentId(9) },
            Notice::CronLate { line: "remind".to_owned(), minutes: 12 },
            Notice::JobGivenUp { kind: "provision".to_owned(), why: why() },
            Notice::JobStuck { kind: "cut_off".to_owned(), why: why() },
            Notice::UpdateFailed { update: 12, code: "panicked".to_owned() },
            Notice::LedgerBroken { findings: 2, shown: vec!["I7: an account's sums differ (account 3)".to_owned()] },
            Notice::RateHigh { rate: Rate::Errors, count: 12 },
            Notice::RateHigh { rate: Rate::Panels, count: 120 },
            Notice::RateOver { rate: Rate::Errors, minutes: 25 },
            Notice::RateOver { rate: Rate::Panels, minutes: 25 },
            Notice::Undelivered { person: PersonId(5), why: why() },
            Notice::BackupFailed { why: "The folder /mnt/backups cannot be used: Permission denied".to_owned() },
            Notice::BackupMissing { hours: 27 },
        ];
        insta::assert_snapshot!(in_every_language(|voice| all.iter().filter_map(|notice| alarm(voice, notice)).collect()));
    }

    #[test]
    fn the_daily_proof_in_every_language() {
        let toman = |amount| Money::new(amount, Asset::Irt);
        let each = [("Melli".to_owned(), toman(12_250_431)), ("کارت دوم".to_owned(), toman(0))];
        insta::assert_snapshot!(in_every_language(|voice| vec![proof_view(
            voice,
            (vec![toman(12_250_431)], vec![toman(0)]),
            &each
        )]));
    }
}
