//! The wallet: what is on it, putting money in, and everything that moved on it.
use super::topup;
use crate::base::format::Voice;
use crate::base::texts::{Arg, args};
use crate::base::{Fault, Money, OrderId, Page, PaymentId};
use crate::bot::kit::{self, go, pager, pick};
use crate::bot::page::{page, paragraphs};
use crate::bot::route::{CustomerRoute as C, Route};
use crate::bot::screen::{Answer, Button, Screen};
use crate::bot::turn::Turn;
use crate::shop::checkout::{self, Order};
use crate::shop::ledger::{self, Account, Line};

/// Movements on one screen; each takes two lines of a phone.
const LINES_MAX: u32 = 6;
/// Letters of a reason that somebody typed.
const REASON_MAX: usize = 80;

/// What is on the wallet.
struct Facts {
    available: Money,
    held: Money,
    saved: Option<Order>,
}

pub async fn show(turn: &Turn) -> Result<Answer, Fault> {
    let (conn, me) = (turn.app.db.read(), turn.who.person.id);
    let balance = ledger::balance(conn, &Account::wallet(me, turn.settings.asset)).await?;
    let saved = checkout::saved_of(conn, me).await?;
    let facts = Facts { available: balance.available, held: balance.held, saved };
    let offered = topup::offered(turn, Money::new(0, turn.settings.asset));
    Ok(view(&turn.voice(), &facts, &offered).into())
}

fn view(voice: &Voice, wallet: &Facts, offered: &[(PaymentId, Money)]) -> Screen {
    let mut facts = vec![voice.t_args("wallet-balance", &args!["amount" => voice.money(wallet.available)])];
    if wallet.held.minor > 0 {
        facts.push(voice.t_args("wallet-held", &args!["amount" => voice.money(wallet.held)]));
    }
    let saved = wallet.saved.as_ref();
    facts.extend(saved.map(|order| {
        let given = args!["order" => Arg::code(order.id.to_string()), "price" => voice.money(order.price)];
        voice.t_args("wallet-saved", &given)
    }));
    Screen::new(page(voice.t("wallet-title"), facts, voice.t("wallet-about")))
        .rows(amounts(voice, offered))
        .row([go(voice, C::AskTopUp)])
        .row(saved.map(|order| go(voice, C::Order { order: order.id })))
        .row([go(voice, C::WalletHistory { page: 0 }), go(voice, C::Payments { page: 0 })])
        .row(kit::home(voice))
}

/// Amounts to put in, two a row.
pub fn amounts(voice: &Voice, offered: &[(PaymentId, Money)]) -> Vec<Vec<Button>> {
    let buttons: Vec<Button> = offered
        .iter()
        .map(|(payment, amount)| {
            let label = voice.label("topup-amount", &args!["amount" => voice.money(*amount)]);
            pick(C::TopUp { payment: *payment, amount_minor: amount.minor }, label)
        })
        .collect();
    buttons.chunks(2).map(<[Button]>::to_vec).collect()
}

/// Everything that moved on the wallet, the newest first, with what was on it then.
pub async fn history(turn: &Turn, index: u32) -> Result<Answer, Fault> {
    let account = Account::wallet(turn.who.person.id, turn.settings.asset);
    let page = Page::new(index, LINES_MAX);
    let statement = ledger::statement(turn.app.db.read(), &account, page).await?;
    Ok(history_view(&turn.voice(), &statement.lines, (index, page.count(statement.count))).into())
}

fn history_view(voice: &Voice, lines: &[Line], (index, pages): (u32, u32)) -> Screen {
    let title = voice.t("wallet-history-title").to_owned();
    let text = if lines.is_empty() {
        paragraphs(&[title, voice.t("wallet-history-empty").to_owned()])
    } else {
        let moved = lines.iter().map(|line| movement(voice, line));
        paragraphs(&[title].into_iter().chain(moved).collect::<Vec<_>>())
    };
    let to = |page| Route::from(C::WalletHistory { page });
    Screen::new(text).row(pager(voice, index, pages, to)).row(kit::back(voice, C::Wallet))
}

/// One movement: how much, what for, when, and what was on the wallet after it.
fn movement(voice: &Voice, line: &Line) -> String {
    let amount = if line.amount.minor > 0 {
        voice.t_args("wallet-line-in", &args!["amount" => voice.money(line.amount)])
    } else {
        let out = Money::new(line.amount.minor.saturating_abs(), line.amount.asset);
        voice.t_args("wallet-line-out", &args!["amount" => voice.money(out)])
    };
    let when = voice.t_args(
        "wallet-line-when",
        &args![
            "date" => Arg::html(voice.date(line.at)),
            "time" => Arg::html(voice.clock_time(line.at)),
            "amount" => Arg::html(voice.money(line.balance)),
        ],
    );
    let what = what(voice, line);
    format!("{}\n{when}", voice.t_args("wallet-line", &args!["amount" => Arg::html(amount), "what" => Arg::html(what)]))
}

/// What it was for, in the person's words.
fn what(voice: &Voice, line: &Line) -> String {
    let (about, id) = line.about.split_once(':').unwrap_or((&line.about, ""));
    let payment = PaymentId::parse(id).filter(|_| about == "payment");
    let order = OrderId::parse(id).filter(|_| about == "order");
    let code = || Arg::code(id);
    match (line.kind.as_str(), payment, order) {
        ("topup", Some(_), _) => voice.t_args("wallet-what-payment", &args!["id" => code()]),
        ("sale", _, Some(_)) => voice.t_args("wallet-what-order", &args!["id" => code()]),
        ("refund", _, Some(_)) => voice.t_args("wallet-what-refund", &args!["id" => code()]),
        ("reversal", Some(_), _) => voice.t_args("wallet-what-payment-undone", &args!["id" => code()]),
        ("reversal", _, Some(_)) => voice.t_args("wallet-what-order-undone", &args!["id" => code()]),
        _ => match &line.reason {
            Some(reason) => voice.t_args("wallet-what-correction", &args!["reason" => kit::shorten(reason, REASON_MAX)]),
            None => voice.t("wallet-what-other").to_owned(),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::{Facts, history_view, view};
    use crate::base::{Asset, DAY, HOUR, Money, OrderId, PaymentId, PersonId};
    use crate::bot::kit::tests::{NOW, in_every_language};
    use crate::shop::checkout::sample;
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
    fn the_wallet_and_its_history_in_every_language() {
        let toman = |minor| Money::new(minor, Asset::Irt);
        let offered = [(PaymentId(1), toman(50_000)), (PaymentId(2), toman(100_000)), (PaymentId(3), toman(200_000))];
        let empty = Facts { available: toman(0), held: toman(0), saved: None };
        let order = sample::saved(NOW.after(DAY), NOW.after(-DAY));
        let saved = Facts { available: toman(120_500), held: toman(5_000), saved: Some(order) };
        let (payment, order) = (format!("payment:{}", PaymentId(8_001)), format!("order:{}", OrderId(7_001)));
        let lines = [
            line("debit", "person:5".to_owned(), Some("paid twice <3"), (-5_000, 45_431)),
            line("refund", order.clone(), Some("not delivered"), (150_000, 50_431)),
            line("reversal", payment.clone(), Some("decision taken back"), (-250_431, -99_569)),
            line("sale", order.clone(), None, (-150_000, 100_431)),
            line("topup", payment, None, (250_431, 250_431)),
            line("reversal", order, None, (150_000, 0)),
        ];
        insta::assert_snapshot!(in_every_language(|voice| vec![
            view(voice, &empty, &offered),
            view(voice, &saved, &offered),
            history_view(voice, &lines, (1, 4)),
            history_view(voice, &[], (0, 1)),
        ]));
    }
}
