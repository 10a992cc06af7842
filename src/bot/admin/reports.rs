//! What the shop looks like: the panels, and the numbers of today and of the days before.
use super::chart;
use super::words::go;
use crate::base::format::{Voice, digits};
use crate::base::texts::{Arg, args};
use crate::base::{Fault, Time, task};
use crate::bot::kit::shorten;
use crate::bot::page::{page, paragraphs};
use crate::bot::reply;
use crate::bot::route::AdminRoute as A;
use crate::bot::screen::{Answer, Media, Screen};
use crate::bot::turn::Turn;
use crate::shop::panels::{self, Health, Intake, Panel};
use crate::shop::reports::{self, Compared, Pending};
use teloxide::types::ChatAction;

/// Letters of a panel's last error.
const ERROR_MAX: usize = 160;

pub async fn panels(turn: &Turn) -> Result<Answer, Fault> {
    let panels = panels::all(turn.app.db.read()).await?;
    Ok(panels_view(&turn.voice(), &panels).into())
}

fn panels_view(voice: &Voice, panels: &[Panel]) -> Screen {
    let title = voice.t("admin-panels-title").to_owned();
    let next = if panels.is_empty() { voice.t("admin-panels-none") } else { voice.t("admin-panels-next") };
    let parts = std::iter::once(title).chain(panels.iter().map(|panel| panel_lines(voice, panel)));
    let parts: Vec<String> = parts.chain([next.to_owned()]).collect();
    Screen::new(paragraphs(&parts)).row([go(voice, A::Panels)])
}

/// In a word, for lists.
pub fn health(voice: &Voice, health: Health) -> &'static str {
    voice.t(match health {
        Health::Unknown => "admin-health-unknown",
        Health::Well => "admin-health-well",
        Health::Down => "admin-health-down",
        Health::LockedOut => "admin-health-locked-out",
    })
}

fn panel_lines(voice: &Voice, panel: &Panel) -> String {
    let sign = match panel.health {
        Health::Well => "🟢",
        Health::Unknown => "⚪",
        Health::Down | Health::LockedOut => "🔴",
    };
    let intake = voice.t(match panel.intake {
        Intake::On => "admin-intake-on",
        Intake::Draining => "admin-intake-draining",
        Intake::Off => "admin-intake-off",
    });
    let mut lines = vec![voice.t_args(
        "admin-panel-name",
        &args!["sign" => sign, "panel" => panel.code.as_str(), "kind" => panel.kind.to_string(), "intake" => intake],
    )];
    let health = health(voice, panel.health);
    lines.push(if panel.since == Time(0) {
        voice.t_args("admin-panel-health", &args!["health" => health])
    } else {
        let since = voice.duration(voice.now.since(panel.since));
        voice.t_args("admin-panel-health-since", &args!["health" => health, "since" => since])
    });
    lines.extend(panel.version.as_deref().map(|version| voice.t_args("admin-panel-version", &args!["version" => version])));
    lines.extend(panel.accounts.map(|count| match panel.capacity {
        Some(most) => voice.t_args("admin-panel-accounts-of", &args!["count" => count, "most" => most]),
        None => voice.t_args("admin-panel-accounts", &args!["count" => count]),
    }));
    lines.extend(panel.checked_at.map(|at| {
        voice.t_args("admin-panel-checked", &args!["ago" => crate::base::format::relative(voice.lang, at.since(voice.now))])
    }));
    // Also of a panel that is well again: it says what to look at before it happens once more.
    lines.extend(panel.last_error.as_deref().zip(panel.error_at).map(|(error, at)| {
        let ago = crate::base::format::relative(voice.lang, at.since(voice.now));
        voice.t_args("admin-panel-error", &args!["ago" => ago, "error" => Arg::code(shorten(error, ERROR_MAX))])
    }));
    lines.join("\n")
}

pub async fn stats(turn: &Turn) -> Result<Answer, Fault> {
    reply::busy(turn, ChatAction::UploadPhoto).await;
    let (conn, asset, zone) = (turn.app.db.read_long(), turn.settings.asset, turn.settings.zone());
    let spans = reports::compared(conn, asset, zone, turn.now).await?;
    let pending = reports::pending(conn, asset).await?;
    let days = reports::daily(conn, asset, zone, turn.now).await?;
    let voice = turn.voice();
    let drawn = task::heavy(move || chart::of(&voice, &days)).await.await;
    let screen = stats_view(&voice, &spans, &pending);
    Ok(match drawn {
        Ok(Ok(png)) => screen.with(Media::Png(png)).into(),
        Ok(Err(fault)) => {
            tracing::warn!(error = %fault, "the chart could not be drawn; the numbers are shown without it");
            screen.into()
        }
        Err(error) => {
            tracing::warn!(%error, "the chart could not be drawn; the numbers are shown without it");
            screen.into()
        }
    })
}

fn stats_view(voice: &Voice, [today, week, month]: &[Compared; 3], pending: &Pending) -> Screen {
    let waiting = [
        voice.t_args("admin-stats-pending", &args!["count" => pending.payments, "amount" => voice.money(pending.amount)]),
        voice.t_args("admin-stats-undelivered", &args!["count" => pending.undelivered]),
    ];
    let parts = [
        voice.t("admin-stats-title").to_owned(),
        page(voice.t("admin-stats-today"), span(voice, today), ""),
        page(voice.t("admin-stats-week"), span(voice, week), ""),
        page(voice.t("admin-stats-month"), span(voice, month), ""),
        waiting.join("\n"),
        voice.t("admin-stats-chart").to_owned(),
    ];
    Screen::new(paragraphs(&parts.map(|part| part.replace("\n\n", "\n")))).row([go(voice, A::Stats)])
}

fn span(voice: &Voice, span: &Compared) -> [String; 3] {
    let Compared { now, before } = span;
    [
        voice.t_args(
            "admin-stats-revenue",
            &args!["amount" => voice.money(now.revenue), "change" => change(voice, now.revenue.minor, before.revenue.minor)],
        ),
        voice.t_args("admin-stats-sales", &args!["count" => now.sales, "change" => change(voice, now.sales, before.sales)]),
        voice.t_args(
            "admin-stats-people",
            &args!["count" => now.new_people, "change" => change(voice, now.new_people, before.new_people)],
        ),
    ]
}

/// Against the period before, in whole per cent; a start from nothing has no per cent.
pub fn change(voice: &Voice, now: i64, before: i64) -> String {
    if now == before {
        return "=".to_owned();
    }
    let sign = if now > before { '▲' } else { '▼' };
    if before == 0 {
        return sign.to_string();
    }
    let share = (i128::from(now) - i128::from(before)).abs() * 100 / i128::from(before).abs();
    let percent = if voice.lang.is_rtl() { '٪' } else { '%' };
    digits(voice.lang, &format!("{sign} {share}{percent}"))
}

#[cfg(test)]
mod tests {
    use super::change;
    use crate::base::format::Voice;
    use crate::base::{Lang, Time};

    #[test]
    fn changes_are_told_against_the_period_before() {
        let say = |lang, now, before| change(&Voice::new(lang, chrono_tz::UTC, Time(0)), now, before);
        assert_eq!(say(Lang::En, 120, 100), "▲ 20%");
        assert_eq!(say(Lang::Fa, 50, 100), "▼ ۵۰٪");
        assert_eq!(say(Lang::En, 5, 5), "=");
        assert_eq!(say(Lang::En, 5, 0), "▲");
    }
}
