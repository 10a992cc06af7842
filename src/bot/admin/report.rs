//! A report on the screen: the numbers of a time against the time before it, what they came from, pictures, and the way to files.
use super::reports::change;
use super::words::{self, go};
use super::{columns, shares};
use crate::app::App;
use crate::base::format::{Voice, percent};
use crate::base::texts::{Arg, args};
use crate::base::{Fault, Money, PersonId, Time};
use crate::bot::kit::{grid, shorten};
use crate::bot::page::paragraphs;
use crate::bot::reply;
use crate::bot::route::AdminRoute as A;
use crate::bot::screen::{Answer, Media, Screen};
use crate::bot::turn::Turn;
use crate::queue::jobs;
use crate::shop::accounts::{self, Admin, Right};
use crate::shop::agents;
use crate::shop::catalog;
use crate::shop::payments;
use crate::shop::reports::{self, By, Figures, Form, Period, ReportFile, Share, Sheet, Span};
use teloxide::types::ChatAction;

/// Lines of a table on the screen, bars of a chart.
const SHARES_MAX: u32 = 12;
const NAME_MAX: usize = 28;

/// `/report`, with or without days.
pub async fn command(turn: &Turn, rest: &str) -> Result<Answer, Fault> {
    match Span::parse(rest, turn.settings.zone(), turn.now) {
        Some(span) => show(turn, span).await,
        None => Ok(Screen::new(turn.voice().t("report-usage")).into()),
    }
}

pub async fn show(turn: &Turn, span: Span) -> Result<Answer, Fault> {
    Ok(screen(&turn.app, &turn.voice(), span).await?.into())
}

/// The report as it stands at the voice's moment, with its buttons.
pub async fn screen(app: &App, voice: &Voice, span: Span) -> Result<Screen, Fault> {
    let settings = crate::shop::settings::current(&app.db).await?;
    let period = span.period(voice.zone, voice.now);
    let numbers = numbers(app, settings.asset, &period).await?;
    Ok(view(voice, span, &period, &numbers))
}

async fn numbers(app: &App, asset: crate::base::Asset, period: &Period) -> Result<[Figures; 2], Fault> {
    let conn = app.db.read_long();
    let (from, to) = period.before;
    Ok([reports::figures(conn, asset, period.from, period.to).await?, reports::figures(conn, asset, from, to).await?])
}

/// The seven days that end just before `to`, without buttons but the way to the report.
pub async fn digest(app: &App, voice: &Voice, to: Time) -> Result<Screen, Fault> {
    let settings = crate::shop::settings::current(&app.db).await?;
    let span = Span::ending(voice.zone, to.after(-1), 7);
    let period = span.period(voice.zone, voice.now);
    let numbers = numbers(app, settings.asset, &period).await?;
    let title = voice.t_args("report-digest-title", &args!["span" => named(voice, (period.from, period.to))]);
    Ok(Screen::new(words_of(voice, &title, &period, &numbers)).row([go(voice, A::Report { span })]))
}

/// The days of a span, in words.
pub fn named(voice: &Voice, (from, to): (Time, Time)) -> Arg {
    let (first, last) = (voice.date(from), voice.date(to.after(-1).max(from)));
    Arg::html(if first == last {
        voice.t_args("report-day", &args!["day" => Arg::html(first)])
    } else {
        voice.t_args("report-days", &args!["first" => Arg::html(first), "last" => Arg::html(last)])
    })
}

fn view(voice: &Voice, span: Span, period: &Period, numbers: &[Figures; 2]) -> Screen {
    let title = voice.t_args("report-title", &args!["span" => named(voice, (period.from, period.to))]);
    let text = paragraphs(&[words_of(voice, &title, period, numbers), voice.t("report-next").to_owned()]);
    let ready: Vec<_> = Span::READY.into_iter().map(|span| go(voice, A::Report { span })).collect();
    let by: Vec<_> = By::ALL.into_iter().map(|by| go(voice, A::ReportBy { span, by })).collect();
    Screen::new(text)
        .rows(grid(&ready))
        .rows(grid(&by))
        .row([go(voice, A::ReportCharts { span })])
        .row([go(voice, A::ReportBook { span }), go(voice, A::ReportCsvs { span })])
}

fn words_of(voice: &Voice, title: &str, period: &Period, [now, before]: &[Figures; 2]) -> String {
    let counted = |key, now: i64, before: i64| voice.t_args(key, &args!["count" => now, "change" => change(voice, now, before)]);
    let paid = |key, count: i64, now: Money, before: Money| {
        let change = change(voice, now.minor, before.minor);
        voice.t_args(key, &args!["count" => count, "amount" => voice.money(now), "change" => change])
    };
    let alone = |key, now: Money, before: Money| {
        voice.t_args(key, &args!["amount" => voice.money(now), "change" => change(voice, now.minor, before.minor)])
    };
    let zero = Money::new(0, now.revenue.asset);
    let mut sold = vec![paid("report-sales", now.sales, now.revenue, before.revenue)];
    if now.refunds > 0 || before.refunds > 0 {
        sold.push(paid("report-refunds", now.refunds, now.refunded, before.refunded));
        sold.push(alone("report-net", now.net(), before.net()));
    }
    sold.push(counted("report-payers", now.payers, before.payers));
    sold.extend(now.average().map(|average| alone("report-average", average, before.average().unwrap_or(zero))));
    let mut people = vec![
        counted("report-people", now.new_people, before.new_people),
        counted("report-lost", now.lost_people, before.lost_people),
    ];
    let share = |share: i64| percent(voice.lang, share);
    people.extend(now.conversion().map(|rate| {
        voice.t_args("report-trials", &args!["count" => now.trials, "paid" => now.converted, "share" => share(rate)])
    }));
    people.extend(now.churn().map(|rate| {
        voice.t_args("report-churn", &args!["count" => now.customers, "lost" => now.churned, "share" => share(rate)])
    }));
    let against = voice.t_args("report-against", &args!["span" => named(voice, period.before)]);
    paragraphs(&[format!("{title}\n{against}"), sold.join("\n"), people.join("\n")])
}

/// Sales by what they came from, each against the time before.
pub async fn by(turn: &Turn, span: Span, by: By) -> Result<Answer, Fault> {
    let (voice, zone) = (turn.voice(), turn.settings.zone());
    let period = span.period(zone, turn.now);
    let shares = named_shares(turn, &voice, &period, by).await?;
    let key = match by {
        By::Plan => "report-by-plan",
        By::Location => "report-by-location",
        By::Method => "report-by-method",
        By::Agent => "report-by-agent",
    };
    let title = voice.t_args(key, &args!["span" => named(&voice, (period.from, period.to))]);
    let others = By::ALL.into_iter().filter(|other| *other != by).map(|by| go(&voice, A::ReportBy { span, by }));
    let screen = Screen::new(paragraphs(&[title, lines(&voice, &shares)]))
        .rows(grid(&others.collect::<Vec<_>>()))
        .row([go(&voice, A::ReportBack { span })]);
    Ok(screen.into())
}

fn lines(voice: &Voice, shares: &[Share]) -> String {
    if shares.is_empty() {
        return voice.t("report-share-none").to_owned();
    }
    let all: i64 = shares.iter().map(|share| share.revenue.minor).fold(0, i64::saturating_add).max(1);
    let line = |share: &Share| {
        let part = i64::try_from(i128::from(share.revenue.minor) * 1_000 / i128::from(all)).unwrap_or_default();
        voice.t_args(
            "report-share",
            &args![
                "name" => share.code.as_str(),
                "amount" => voice.money(share.revenue),
                "change" => change(voice, share.revenue.minor, share.before.minor),
                "count" => share.sales,
                "share" => percent(voice.lang, part),
            ],
        )
    };
    shares.iter().map(line).collect::<Vec<_>>().join("\n")
}

/// The shares with names in the place of their codes.
async fn named_shares(turn: &Turn, voice: &Voice, period: &Period, by: By) -> Result<Vec<Share>, Fault> {
    let conn = turn.app.db.read_long();
    let mut shares = reports::shares(conn, turn.settings.asset, period, by, SHARES_MAX).await?;
    let shelf = catalog::current(&turn.app.db).await?;
    let methods = payments::methods(conn).await?;
    for share in &mut shares {
        let code = share.code.as_str();
        let name = match by {
            By::Plan => code.parse().ok().and_then(|code| shelf.plan(&code)).map(|plan| shelf.name(plan, voice.lang)),
            By::Location => {
                let location = code.parse().ok().and_then(|code| shelf.location(&code));
                location.map(|location| location.title(voice.lang).to_owned())
            }
            By::Method if code.is_empty() => Some(voice.t("report-method-wallet").to_owned()),
            By::Method if code == reports::CREDIT => Some(voice.t("report-method-credit").to_owned()),
            By::Agent if code.is_empty() => Some(voice.t("report-agent-none").to_owned()),
            By::Agent => match code.parse() {
                Ok(person) => agents::agency(conn, PersonId(person)).await?.map(|agency| agency.shop_name),
                Err(_) => None,
            },
            By::Method => methods.iter().find(|method| method.code.as_str() == code).map(|method| method.alias.clone()),
        };
        share.code = shorten(name.as_deref().unwrap_or(code), NAME_MAX);
    }
    Ok(shares)
}

/// Pictures below the report: revenue over the time, and what it came from.
pub async fn charts(turn: &Turn, span: Span) -> Result<Answer, Fault> {
    let (voice, zone, asset) = (turn.voice(), turn.settings.zone(), turn.settings.asset);
    let period = span.period(zone, turn.now);
    let bars = reports::columns(turn.app.db.read_long(), asset, &period).await?;
    if bars.iter().all(|bar| bar.revenue.minor == 0 && bar.before.minor == 0) {
        return Ok(Answer::alert(voice.t("report-chart-none")));
    }
    reply::busy(turn, ChatAction::UploadPhoto).await;
    let mut parts = Vec::with_capacity(By::ALL.len());
    for by in By::ALL {
        let title = voice.t(match by {
            By::Plan => "report-chart-plan",
            By::Location => "report-chart-location",
            By::Method => "report-chart-method",
            By::Agent => "report-chart-agent",
        });
        parts.push((title, named_shares(turn, &voice, &period, by).await?));
    }
    let drawn =
        tokio::task::spawn_blocking(move || Ok::<_, Fault>([columns::of(&voice, &period, &bars)?, shares::of(&voice, &parts)?]));
    let [time, source] = drawn.await.map_err(|error| Fault::new(format!("drawing charts: {error}")))??;
    let caption = voice.t_args("report-chart-caption", &args!["span" => named(&voice, (period.from, period.to))]);
    let shown = |png| Screen::new(caption.clone()).with(Media::Png(png)).keep();
    Ok(Answer::from(shown(time)).and(shown(source)))
}

/// Which sheet?
pub fn csvs(turn: &Turn, span: Span) -> Answer {
    csvs_view(&turn.voice(), span).into()
}

fn csvs_view(voice: &Voice, span: Span) -> Screen {
    let period = span.period(voice.zone, voice.now);
    let question = voice.t_args("report-csv-ask", &args!["span" => named(voice, (period.from, period.to))]);
    let rows = Sheet::ALL.into_iter().map(|sheet| vec![go(voice, A::ReportCsv { span, sheet })]);
    Screen::new(question).rows(rows).row([go(voice, A::ReportBack { span })])
}

/// Wants a file: a workbook, or one sheet as a CSV. The report says that it is being made until it has come.
pub async fn file(turn: &Turn, by: Admin, span: Span, sheet: Option<Sheet>) -> Result<Answer, Fault> {
    let voice = turn.voice();
    if !by.may(Right::Money) {
        let role = args!["role" => voice.t(words::role_key(by.role()))];
        return Ok(Answer::alert(voice.label("report-file-money", &role)));
    }
    let fixed = span.fixed(turn.settings.zone(), turn.now);
    let wanted = ReportFile {
        by: by.person(),
        span: fixed,
        asked_at: turn.now,
        form: if sheet.is_some() { Form::Csv } else { Form::Workbook },
        sheet,
        lang: voice.lang,
        chat: turn.at.chat,
        thread: turn.at.thread,
        message: turn.at.tapped.filter(|tapped| !tapped.has_media).map(|tapped| tapped.message),
    };
    let (now, once) = (turn.now, turn.mint("report file").to_string());
    let origin = words::origin(turn);
    turn.app
        .write::<_, Fault, _>(move |tx| {
            Box::pin(async move {
                let subject = format!("report:{}", wanted.sheet.map_or("workbook", Sheet::code));
                let deed = accounts::Deed { by: wanted.by, act: "report.file", subject, was: None, became: None, origin };
                accounts::audit(tx, &deed, now).await?;
                jobs::enqueue(tx, &wanted, now, Some(once)).await
            })
        })
        .await?;
    let period = span.period(turn.settings.zone(), turn.now);
    let title = voice.t_args("report-title", &args!["span" => named(&voice, (period.from, period.to))]);
    Ok(Screen::new(paragraphs(&[title, format!("⏳ {}", voice.t("report-making"))])).into())
}

#[cfg(test)]
mod tests {
    use super::{csvs_view, lines, view};
    use crate::base::{Asset, Money};
    use crate::bot::kit::tests::{NOW, in_every_language};
    use crate::bot::screen::Screen;
    use crate::shop::reports::{Figures, Share, Span};

    fn toman(amount: i64) -> Money {
        Money::new(amount, Asset::Irt)
    }

    fn figures(scale: i64) -> Figures {
        Figures {
            sales: 12 * scale,
            revenue: toman(1_440_000 * scale),
            refunds: scale - 1,
            refunded: toman(120_000 * (scale - 1)),
            new_people: 31,
            lost_people: 2 * scale,
            payers: 10 * scale,
            trials: 8,
            converted: 3,
            customers: 40,
            churned: 3,
        }
    }

    #[test]
    fn reports_in_every_language() {
        insta::assert_snapshot!(in_every_language(|voice| {
            let quiet = Figures { sales: 0, revenue: toman(0), payers: 0, trials: 0, customers: 0, ..figures(1) };
            let week = Span::Week.period(voice.zone, NOW);
            let today = Span::Today.period(voice.zone, NOW);
            let share =
                |code: &str, now, before| Share { code: code.to_owned(), sales: 4, revenue: toman(now), before: toman(before) };
            let shares = [share("VIP <30>", 900_000, 600_000), share("یک ماهه", 540_000, 0)];
            vec![
                view(voice, Span::Week, &week, &[figures(2), figures(1)]),
                view(voice, Span::Today, &today, &[quiet, quiet]),
                Screen::new(lines(voice, &shares)),
                Screen::new(lines(voice, &[])),
                csvs_view(voice, Span::Week),
            ]
        }));
    }
}
