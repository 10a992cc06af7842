//! The statement of an agent's account for any days: what stood on it, what came and went, each movement, what stands on it then;
//! and the way to the same as a file. The agent reads his own, staff that of any agent: the buttons differ, the words do not.
//!
//! Always: what is shown leads from the opening balance to the closing one that the ledger has. Whose it is was proved by the caller.
use super::Asked;
use super::credit::movement;
use super::words::ask as ask_for;
use crate::app::App;
use crate::base::format::{Voice, number};
use crate::base::texts::args;
use crate::base::{Fault, Money, Page};
use crate::bot::admin::named;
use crate::bot::input;
use crate::bot::kit::{self, pager, pick};
use crate::bot::page::{page, paragraphs};
use crate::bot::route::{AgencyRoute as Y, AgentRoute as G, Route};
use crate::bot::screen::{Answer, Button, Screen};
use crate::bot::turn::Turn;
use crate::queue::jobs;
use crate::shop::accounts::{self, Admin, Deed};
use crate::shop::agents::{Agency, Agent};
use crate::shop::ledger::{self, After, Ends, Line, Turnover};
use crate::shop::reports::{Form, Period, Span, StatementFile, month};
use crate::shop::settings;

/// Movements on one screen; each takes two lines of a phone.
const LINES_MAX: u32 = 5;
/// A transfer that commits between the questions makes their answers differ; the next look finds it.
const LOOKS: u32 = 3;

/// Who reads it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Desk {
    Own,
    Staff,
}

/// What a button of a statement does.
enum Do {
    Show { span: Span, page: u32 },
    Ask,
    File { span: Span, form: Form },
    Back,
}

/// Whose statement it is, and who reads it.
#[derive(Clone, Copy)]
pub struct Of<'a> {
    pub agency: &'a Agency,
    pub desk: Desk,
}

impl Of<'_> {
    fn route(self, act: &Do) -> Route {
        let person = self.agency.person;
        match (self.desk, act) {
            (Desk::Own, Do::Show { span, page }) => G::Month { span: *span, page: *page }.into(),
            (Desk::Own, Do::Ask) => G::AskDays.into(),
            (Desk::Own, Do::File { span, form }) => G::StatementFile { span: *span, form: *form }.into(),
            (Desk::Own, Do::Back) => G::Home.into(),
            (Desk::Staff, Do::Show { span, page }) => Y::Statement { person, span: *span, page: *page }.into(),
            (Desk::Staff, Do::Ask) => Y::AskDays { person }.into(),
            (Desk::Staff, Do::File { span, form }) => Y::StatementFile { person, span: *span, form: *form }.into(),
            (Desk::Staff, Do::Back) => Y::Show { person }.into(),
        }
    }

    fn button(self, voice: &Voice, key: &'static str, act: &Do) -> Button {
        pick(self.route(act), voice.t(key))
    }

    /// The last row: an agent goes home from here, staff back to the agent.
    fn back(self, voice: &Voice) -> Vec<Button> {
        match self.desk {
            Desk::Own => kit::back(voice, G::Home),
            Desk::Staff => vec![self.button(voice, "agencies-do-show", &Do::Back)],
        }
    }
}

/// A span with its numbers, and a page of its lines.
struct Facts {
    span: Span,
    period: Period,
    ends: Ends,
    turnover: Turnover,
    lines: Vec<Line>,
    /// The page, and how many there are.
    pages: (u32, u32),
}

async fn facts(app: &App, voice: &Voice, agency: &Agency, (span, index): (Span, u32)) -> Result<Facts, Fault> {
    let (conn, asset) = (app.db.read(), settings::current(&app.db).await?.asset);
    let (account, period) = (agency.account(asset), span.period(voice.zone, voice.now));
    let (from, to) = (period.from, period.to);
    for _ in 0..LOOKS {
        let ends = ledger::ends(conn, &account, from, to).await?;
        let turnover = ledger::turnover(conn, &account, from, to).await?;
        if ends.opening.plus(turnover.came)?.minus(turnover.went)? != ends.closing {
            continue;
        }
        let pages = Page::new(0, LINES_MAX).count(turnover.lines);
        let index = index.min(pages.saturating_sub(1));
        let page = Page::new(index, LINES_MAX);
        // The balances of a page add up from the beginning, so what stands before it is read too.
        let upto = index.saturating_add(1).saturating_mul(LINES_MAX);
        let read = ledger::lines(conn, &account, (from, to), (After::default(), ends.opening), upto).await?;
        let skipped = usize::try_from(page.offset()).unwrap_or(usize::MAX);
        let lines = read.0.into_iter().skip(skipped).collect();
        return Ok(Facts { span, period, ends, turnover, lines, pages: (index, pages) });
    }
    Err(Fault::new(format!("the statement of {account} does not lead to its balance")))
}

/// The statement as it stands at the voice's moment.
pub async fn screen(app: &App, voice: &Voice, of: Of<'_>, asked: (Span, u32)) -> Result<Screen, Fault> {
    Ok(view(voice, of, &facts(app, voice, of.agency, asked).await?))
}

pub async fn show(turn: &Turn, of: Of<'_>, asked: (Span, u32)) -> Result<Answer, Fault> {
    Ok(screen(&turn.app, &turn.voice(), of, asked).await?.into())
}

/// This month's.
pub async fn this_month(turn: &Turn, of: Of<'_>) -> Result<Answer, Fault> {
    show(turn, of, (ready(&turn.voice(), 0), 0)).await
}

/// The month of the reader's calendar, so many before this one.
pub fn ready(voice: &Voice, back: u32) -> Span {
    month(voice.lang, voice.zone, voice.now, back)
}

fn view(voice: &Voice, of: Of<'_>, facts: &Facts) -> Screen {
    let span = named(voice, (facts.period.from, facts.period.to));
    let title = voice.t_args("account-title", &args!["span" => span]);
    let whose = match of.desk {
        Desk::Own => String::new(),
        Desk::Staff => voice.t_args("agent-who", &args!["name" => title_of(of.agency)]),
    };
    let lines = std::iter::once(whose).chain(sums(voice, facts));
    let mut parts = vec![page(&title, lines, "")];
    parts.extend(facts.lines.iter().map(|line| movement(voice, line)));
    if facts.lines.is_empty() {
        parts.push(voice.t("account-none").to_owned());
    }
    let (index, pages) = facts.pages;
    let month = |key, back| of.button(voice, key, &Do::Show { span: ready(voice, back), page: 0 });
    let file = |key, form| of.button(voice, key, &Do::File { span: facts.span, form });
    Screen::new(paragraphs(&parts))
        .row(pager(voice, index, pages, |page| of.route(&Do::Show { span: facts.span, page })))
        .row([file("account-do-workbook", Form::Workbook), file("account-do-csv", Form::Csv)])
        .row([month("account-do-this", 0), month("account-do-last", 1)])
        .row([of.button(voice, "account-do-days", &Do::Ask)])
        .row(of.back(voice))
}

/// A month's statement, as a notice.
pub async fn month_told(app: &App, voice: &Voice, agency: &Agency, span: Span) -> Result<Screen, Fault> {
    let of = Of { agency, desk: Desk::Own };
    Ok(month_view(voice, of, &facts(app, voice, agency, (span, 0)).await?))
}

fn month_view(voice: &Voice, of: Of<'_>, facts: &Facts) -> Screen {
    let span = named(voice, (facts.period.from, facts.period.to));
    let title = voice.t_args("account-month-title", &args!["span" => span]);
    let file = |key, form| of.button(voice, key, &Do::File { span: facts.span, form });
    Screen::new(page(&title, sums(voice, facts), ""))
        .row([of.button(voice, "account-do-open", &Do::Show { span: facts.span, page: 0 })])
        .row([file("account-do-workbook", Form::Workbook), file("account-do-csv", Form::Csv)])
}

fn sums(voice: &Voice, facts: &Facts) -> Vec<String> {
    let amount = |money: Money| args!["amount" => voice.money(money)];
    vec![
        voice.t_args("account-opening", &amount(facts.ends.opening)),
        voice.t_args("account-in", &amount(facts.turnover.came)),
        voice.t_args("account-out", &amount(facts.turnover.went)),
        voice.t_args("account-closing", &amount(facts.ends.closing)),
        voice.t_args("account-count", &args!["count" => number(voice.lang, facts.turnover.lines)]),
    ]
}

/// As a file's head has it.
pub fn title_of(agency: &Agency) -> String {
    format!("{} ({} {})", agency.shop_name, agency.first_name, agency.last_name)
}

/// Which days?
pub async fn ask(turn: &Turn) -> Result<Answer, Fault> {
    let voice = turn.voice();
    ask_for(turn, Asked::Days, question(&voice, "").row(kit::back(&voice, G::Home))).await
}

pub fn question(voice: &Voice, wrong: &str) -> Screen {
    Screen::new(page(voice.t("account-days-title"), [wrong.to_owned()], voice.t("account-days-ask")))
}

/// The days were typed.
pub async fn typed(turn: &Turn, of: Of<'_>, text: &str) -> Result<Answer, Fault> {
    let voice = turn.voice();
    let Some(span) = Span::parse(text, turn.settings.zone(), turn.now) else {
        return Ok(question(&voice, voice.t("account-days-unread")).row(of.back(&voice)).into());
    };
    input::close_now(turn).await?;
    show(turn, of, (span, 0)).await
}

/// Wants a file. The statement says that it is being made until it has come. `by`: the admin, when it is one.
pub async fn file(turn: &Turn, of: Of<'_>, by: Option<Admin>, (span, form): (Span, Form)) -> Result<Answer, Fault> {
    let (voice, now) = (turn.voice(), turn.now);
    let agent = of.agency.person;
    let wanted = StatementFile {
        by: by.map_or(agent, |by| by.person()),
        agent,
        span: span.fixed(voice.zone, now),
        asked_at: now,
        form,
        lang: voice.lang,
        chat: turn.at.chat,
        thread: turn.at.thread,
        message: turn.at.tapped.filter(|tapped| !tapped.has_media).map(|tapped| tapped.message),
    };
    let once = turn.mint("statement file").to_string();
    turn.app
        .write::<_, Fault, _>(move |tx| {
            Box::pin(async move {
                if let Some(by) = by {
                    let (subject, origin) = (format!("person:{agent}"), by.origin());
                    let deed = Deed { by: by.person(), act: "statement.file", subject, was: None, became: None, origin };
                    accounts::audit(tx, &deed, now).await?;
                }
                jobs::enqueue(tx, &wanted, now, Some(once)).await
            })
        })
        .await?;
    let period = span.period(voice.zone, now);
    let title = voice.t_args("account-title", &args!["span" => named(&voice, (period.from, period.to))]);
    Ok(Screen::new(paragraphs(&[title, format!("⏳ {}", voice.t("report-making"))])).into())
}

/// An agent's own buttons.
pub async fn own(turn: &Turn, agent: &Agent, route: G) -> Result<Answer, Fault> {
    let of = Of { agency: agent, desk: Desk::Own };
    match route {
        G::Month { span, page } => show(turn, of, (span, page)).await,
        G::AskDays => ask(turn).await,
        G::StatementFile { span, form } => file(turn, of, None, (span, form)).await,
        _ => this_month(turn, of).await,
    }
}

#[cfg(test)]
mod tests {
    use super::{Desk, Facts, Of, month_view, question, ready, view};
    use crate::base::{Asset, HOUR, Money, OrderId, PersonId};
    use crate::bot::agent::home::tests::agency;
    use crate::bot::kit::tests::{NOW, in_every_language};
    use crate::shop::agents::State;
    use crate::shop::ledger::{Ends, Line, TransactionId, Turnover};

    #[test]
    fn statements_in_every_language() {
        let toman = |minor| Money::new(minor, Asset::Irt);
        let sale = Line {
            transaction: TransactionId(1),
            kind: "sale".to_owned(),
            about: format!("order:{}", OrderId(7_001)),
            actor: PersonId(700),
            reason: None,
            at: NOW.after(-HOUR),
            amount: toman(-96_000),
            balance: toman(154_000),
        };
        let of = |agency, desk| Of { agency, desk };
        let ali = agency(State::Active);
        insta::assert_snapshot!(in_every_language(|voice| {
            let facts = |back: u32, (opening, went, closing): (i64, i64, i64), (lines, pages)| Facts {
                span: ready(voice, back),
                period: ready(voice, back).period(voice.zone, voice.now),
                ends: Ends { opening: toman(opening), closing: toman(closing) },
                turnover: Turnover { lines: 12, came: toman(0), went: toman(went) },
                lines,
                pages,
            };
            let full = facts(1, (250_000, 96_000, 154_000), (vec![sale.clone()], (1, 3)));
            let mut empty = facts(0, (0, 0, 0), (vec![], (0, 1)));
            empty.turnover.lines = 0;
            vec![
                view(voice, of(&ali, Desk::Own), &full),
                view(voice, of(&ali, Desk::Staff), &full),
                view(voice, of(&ali, Desk::Own), &empty),
                month_view(voice, of(&ali, Desk::Own), &full),
                question(voice, voice.t("account-days-unread")),
            ]
        }));
    }
}
