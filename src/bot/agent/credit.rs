//! An agent's credit account: putting money in, and everything that moved on it.
//!
//! A top-up is a payment like a customer's, with the same receipts and the same review; its id is minted with the button
//! that offers it, or with the message that names the amount.
use super::Asked;
use super::statement::ready;
use super::words::ask as ask_for;
use crate::base::format::Voice;
use crate::base::texts::{Arg, args};
use crate::base::{Fault, Money, OrderId, Page, PaymentId, parse_amount};
use crate::bot::customer::ways;
use crate::bot::input::Input;
use crate::bot::kit::{self, pager, pick, shorten};
use crate::bot::page::{page, paragraphs};
use crate::bot::route::{AgentRoute as G, Route};
use crate::bot::screen::{Answer, Screen};
use crate::bot::turn::Turn;
use crate::shop::accounts::Customer;
use crate::shop::agents::Agent;
use crate::shop::checkout::{self, TopUp, TopUpError};
use crate::shop::ledger::{self, Line};
use crate::shop::payments::Purpose;

/// Movements on one screen; each takes two lines of a phone.
const LINES_MAX: u32 = 6;
/// Letters of a reason that somebody typed.
const REASON_MAX: usize = 80;

/// How much?
pub async fn ask(turn: &Turn) -> Result<Answer, Fault> {
    ask_for(turn, Asked::TopUp, question(turn, "")).await
}

fn question(turn: &Turn, wrong: &str) -> Screen {
    let asset = turn.settings.asset;
    let offer = |minor: &i64| (PaymentId(turn.mint(&format!("credit.{minor}"))), Money::new(*minor, asset));
    let offered: Vec<(PaymentId, Money)> = turn.settings.topup_amounts.iter().map(offer).collect();
    question_view(&turn.voice(), &offered, wrong)
}

fn question_view(voice: &Voice, offered: &[(PaymentId, Money)], wrong: &str) -> Screen {
    let button = |(payment, amount): &(PaymentId, Money)| {
        pick(
            G::Credit { payment: *payment, amount_minor: amount.minor },
            voice.label("credit-amount", &args!["amount" => voice.money(*amount)]),
        )
    };
    let buttons: Vec<_> = offered.iter().map(button).collect();
    Screen::new(page(voice.t("credit-title"), [wrong.to_owned()], voice.t("credit-ask")))
        .rows(buttons.chunks(2).map(<[_]>::to_vec))
        .row(kit::back(voice, G::Home))
}

/// The payment of the amount that this message names.
pub fn minted(turn: &Turn) -> PaymentId {
    PaymentId(turn.mint("credit"))
}

/// The amount was typed.
pub async fn typed(turn: &Turn, customer: &Customer, text: &str) -> Result<Answer, Fault> {
    let whole = 10_i64.pow(turn.settings.asset.exponent());
    match parse_amount(text).and_then(|amount| amount.checked_mul(whole)) {
        Some(minor) => open(turn, customer, (minted(turn), minor)).await,
        None => Ok(question(turn, turn.voice().t("credit-unread")).into()),
    }
}

/// Opens the payment, and shows how to pay it.
pub async fn open(turn: &Turn, customer: &Customer, (payment, minor): (PaymentId, i64)) -> Result<Answer, Fault> {
    let (voice, mine, who) = (turn.voice(), turn.clone(), customer.clone());
    let amount = Money::new(minor, turn.settings.asset);
    let top_up = TopUp { payment, amount, purpose: Purpose::Credit, kind: None };
    let outcome = turn
        .app
        .write(move |tx| {
            Box::pin(async move {
                let payment = checkout::top_up(tx, &who, &top_up, mine.now).await?;
                Input::Receipt { payment: payment.id }.open(tx, &mine).await?;
                Ok::<_, TopUpError>(payment)
            })
        })
        .await;
    let told = match outcome {
        Ok(payment) => return ways::opened(turn, &payment, None).await.map(Answer::from),
        Err(TopUpError::TooSmall { least }) => voice.label("credit-small", &args!["amount" => voice.money(least)]),
        Err(TopUpError::TooLarge { most }) => voice.label("credit-large", &args!["amount" => voice.money(most)]),
        Err(TopUpError::NoMethod { when: Some(when) }) => {
            voice.label("order-no-card-until", &args!["moment" => voice.moment(when)])
        }
        Err(TopUpError::NoMethod { when: None }) => voice.t("order-no-card").to_owned(),
        Err(TopUpError::TooManyOpen { most }) => voice.label("order-too-many", &args!["count" => most]),
        Err(TopUpError::NotYours) => voice.t("common-not-yours").to_owned(),
        Err(TopUpError::Fault(fault)) => return Err(fault),
    };
    Ok(Answer::alert(told))
}

/// Everything that moved, the newest first, with what was on the account then.
pub async fn statement(turn: &Turn, agent: &Agent, index: u32) -> Result<Answer, Fault> {
    let page = Page::new(index, LINES_MAX);
    let found = ledger::statement(turn.app.db.read(), &agent.account(turn.settings.asset), page).await?;
    Ok(statement_view(&turn.voice(), &found.lines, (index, page.count(found.count))).into())
}

fn statement_view(voice: &Voice, lines: &[Line], (index, pages): (u32, u32)) -> Screen {
    let title = voice.t("credit-statement").to_owned();
    let text = if lines.is_empty() {
        paragraphs(&[title, voice.t("credit-statement-empty").to_owned()])
    } else {
        paragraphs(&[title].into_iter().chain(lines.iter().map(|line| movement(voice, line))).collect::<Vec<_>>())
    };
    let to = |page| Route::from(G::Statement { page });
    let month = pick(G::Month { span: ready(voice, 0), page: 0 }, voice.t("account-do-months"));
    Screen::new(text).row(pager(voice, index, pages, to)).row([month]).row(kit::back(voice, G::Home))
}

/// One line of what moved, in two of a phone.
pub fn movement(voice: &Voice, line: &Line) -> String {
    let sign = if line.amount.minor > 0 { "+" } else { "" };
    let amount = format!("<b>{sign}{}</b>", voice.money(line.amount));
    let when = voice.t_args(
        "credit-line-when",
        &args![
            "date" => Arg::html(voice.date(line.at)),
            "time" => Arg::html(voice.clock_time(line.at)),
            "amount" => Arg::html(voice.money(line.balance)),
        ],
    );
    let first = voice.t_args("credit-line", &args!["amount" => Arg::html(amount), "what" => Arg::html(what(voice, line))]);
    format!("{first}\n{when}")
}

/// What it was for.
fn what(voice: &Voice, line: &Line) -> String {
    let (about, id) = line.about.split_once(':').unwrap_or((&line.about, ""));
    let is_order = about == "order" && OrderId::parse(id).is_some();
    let code = || args!["id" => Arg::code(id)];
    match (line.kind.as_str(), is_order) {
        ("topup", _) => voice.t_args("credit-what-topup", &code()),
        ("sale", true) => voice.t_args("credit-what-sale", &code()),
        ("refund", true) => voice.t_args("credit-what-refund", &code()),
        ("reversal", _) => voice.t_args("credit-what-reversal", &code()),
        _ => match &line.reason {
            Some(reason) => voice.t_args("credit-what-correction", &args!["reason" => shorten(reason, REASON_MAX)]),
            None => voice.t("credit-what-other").to_owned(),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::{question_view, statement_view};
    use crate::base::{Asset, HOUR, Money, OrderId, PaymentId, PersonId};
    use crate::bot::kit::tests::{NOW, in_every_language};
    use crate::shop::ledger::{Line, TransactionId};

    fn line(kind: &str, about: String, reason: Option<&str>, (amount, balance): (i64, i64)) -> Line {
        Line {
            transaction: TransactionId(1),
            kind: kind.to_owned(),
            about,
            actor: PersonId(7),
            reason: reason.map(str::to_owned),
            at: NOW.after(-HOUR),
            amount: Money::new(amount, Asset::Irt),
            balance: Money::new(balance, Asset::Irt),
        }
    }

    #[test]
    fn the_credit_account_in_every_language() {
        let toman = |minor| Money::new(minor, Asset::Irt);
        let offered = [(PaymentId(1), toman(50_000)), (PaymentId(2), toman(100_000)), (PaymentId(3), toman(500_000))];
        let (payment, order) = (format!("payment:{}", PaymentId(8_001)), format!("order:{}", OrderId(7_001)));
        let lines = [
            line("debit", "person:5".to_owned(), Some("a fine <3"), (-5_000, 45_431)),
            line("refund", order.clone(), Some("deleted by its agent"), (150_000, 50_431)),
            line("sale", order, None, (-350_000, -99_569)),
            line("topup", payment.clone(), None, (250_431, 250_431)),
            line("reversal", payment, None, (-250_431, 0)),
        ];
        insta::assert_snapshot!(in_every_language(|voice| vec![
            question_view(voice, &offered, ""),
            question_view(voice, &offered, voice.t("credit-unread")),
            statement_view(voice, &lines, (0, 2)),
            statement_view(voice, &[], (0, 1)),
        ]));
    }
}
