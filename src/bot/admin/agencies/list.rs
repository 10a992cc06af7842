//! The list of agents: all, or those whom typed words mean; each with tier, credit and services.
use super::{asked::AgencyAsked, go, services, show};
use crate::base::format::{Voice, number};
use crate::base::texts::{Arg, args};
use crate::base::{Fault, Money, Page};
use crate::bot::admin::words;
use crate::bot::input::{self, Input};
use crate::bot::kit::{pager, pick, shorten};
use crate::bot::page::{page, paragraphs};
use crate::bot::route::{AgencyRoute as Y, Route};
use crate::bot::screen::{Answer, Screen};
use crate::bot::turn::Turn;
use crate::shop::agents::{self, Agency, Search, State};
use crate::shop::ledger::{self, Standing};

/// Agents on one screen; each takes three or four lines of a phone.
const ROWS: u32 = 5;
/// Letters of a name in a row.
const NAME_MAX: usize = 18;
/// Letters of what is searched for.
const TEXT_MAX: usize = 64;

/// An agent of the list.
pub(super) struct Row {
    pub agency: Agency,
    pub standing: Standing,
    /// Sold, and switched off.
    pub services: (i64, i64),
}

/// Those whom the words mean, or all, the newest first. The words of a search are kept in the dialogue, for its other pages.
pub async fn list(turn: &Turn, text: &str, index: u32) -> Result<Answer, Fault> {
    let conn = turn.app.db.read();
    let (asset, page) = (turn.settings.asset, Page::new(index, ROWS));
    let text: String = text.trim().chars().take(TEXT_MAX).collect();
    let search = Search { text: (!text.is_empty()).then(|| text.clone()), ..Search::default() };
    let (found, total) = agents::list(conn, &search, page).await?;
    if let ([only], false, 0) = (found.as_slice(), text.is_empty(), index) {
        input::close_now(turn).await?;
        return show(turn, only.person).await;
    }
    let mut rows = Vec::with_capacity(found.len());
    for agency in found {
        let standing = ledger::standing(conn, &agency.account(asset)).await?;
        let services = services(turn, agency.person).await?;
        rows.push(Row { agency, standing, services });
    }
    let screen = view(&turn.voice(), &rows, (&text, total), (index, page.count(total)));
    if !text.is_empty() && page.count(total) > 1 {
        let (mine, asked) = (turn.clone(), Input::Agency(AgencyAsked::Find { text }));
        turn.app.write(move |tx| Box::pin(async move { asked.open(tx, &mine).await })).await?;
    }
    Ok(screen.into())
}

/// Another page of what was found; when the words are forgotten, of all.
pub async fn found(turn: &Turn, index: u32) -> Result<Answer, Fault> {
    match turn.who.input.clone() {
        Some(Input::Agency(AgencyAsked::Find { text })) => list(turn, &text, index).await,
        _ => list(turn, "", 0).await,
    }
}

/// Whom?
pub async fn ask(turn: &Turn) -> Result<Answer, Fault> {
    let screen = question(&turn.voice());
    super::open(turn, AgencyAsked::Find { text: String::new() }, screen).await
}

pub(super) fn question(voice: &Voice) -> Screen {
    Screen::new(voice.t("agencies-ask-find")).row([words::stop(voice)])
}

const fn icon(agency: &Agency, standing: &Standing) -> &'static str {
    match (agency.state, standing.negative_since) {
        (State::Active, Some(_)) => "🔻",
        (State::Active, None) => "🟢",
        (State::Frozen, _) => "⏸",
        (State::Closed, _) => "▫️",
    }
}

fn name(agency: &Agency) -> String {
    format!("{} {}", agency.first_name, agency.last_name)
}

fn block(voice: &Voice, Row { agency, standing, services: (all, off) }: &Row) -> String {
    let head = args![
        "icon" => Arg::html(icon(agency, standing)),
        "name" => name(agency),
        "tier" => agency.tier.title(voice.lang),
    ];
    let credit = args![
        "confirmed" => voice.money(standing.confirmed),
        "pending" => voice.money(standing.pending),
        "line" => voice.money(Money::new(standing.limits.line, standing.left.asset)),
    ];
    let counts = args!["count" => number(voice.lang, *all), "off" => number(voice.lang, *off)];
    let mut lines = vec![voice.t_args("agencies-head", &head), voice.t_args("agencies-credit", &credit)];
    lines.extend(standing.negative_since.map(|at| voice.t_args("agency-negative", &args!["moment" => voice.moment(at)])));
    lines.push(voice.t_args("agencies-services", &counts));
    lines.join("\n")
}

pub(super) fn view(voice: &Voice, found: &[Row], (text, total): (&str, i64), (index, pages): (u32, u32)) -> Screen {
    let mut count = vec![voice.t_args("agencies-count", &args!["count" => number(voice.lang, total)])];
    if !text.is_empty() {
        count.push(voice.t_args("agencies-searched", &args!["text" => text]));
    }
    let next = if found.is_empty() { voice.t("agencies-none") } else { voice.t("agencies-next") };
    let mut parts = vec![page(voice.t("agencies-title"), count, "")];
    parts.extend(found.iter().map(|row| block(voice, row)));
    parts.push(next.to_owned());
    let rows = found.iter().map(|Row { agency, standing, .. }| {
        let label = format!("{} {}", icon(agency, standing), shorten(&name(agency), NAME_MAX));
        pick(Y::Show { person: agency.person }, label)
    });
    let to = |page| Route::from(if text.is_empty() { Y::List { page } } else { Y::Found { page } });
    let buttons: Vec<_> = rows.collect();
    Screen::new(paragraphs(&parts))
        .rows(buttons.chunks(2).map(<[_]>::to_vec))
        .row(pager(voice, index, pages, to))
        .row([go(voice, Y::Find), go(voice, Y::AskTell)])
}
