//! Staff's commands: from what was typed to who answers. Wrong arguments are met with the right form and an example.
use super::words::{self, go};
use super::{backup, late, pending, person, report, reports, review, roles};
use crate::base::format::Voice;
use crate::base::{Fault, OrderId, PaymentId, ascii_digits, parse_amount};
use crate::bot::route::{AdminRoute as A, CustomerRoute};
use crate::bot::screen::{Answer, Screen};
use crate::bot::turn::{ChatKind, Turn};
use crate::bot::{kit, page};
use crate::shop::accounts::{Admin, Right};
use crate::shop::payments::{self, RejectReason};

const REASON_MAX: usize = 300;

pub async fn run(turn: &Turn, by: Admin, name: &str, rest: &str) -> Result<Answer, Fault> {
    match name {
        "payments" => pending::show(turn, 0).await,
        "approve" => approve(turn, by, rest).await,
        "reject" => reject(turn, by, rest).await,
        "user" => user(turn, rest).await,
        "panels" | "nodes" => reports::panels(turn).await,
        "agents" => super::agencies::list(turn, rest, 0).await,
        "methods" => super::methods::list(turn, 0).await,
        "stats" => reports::stats(turn).await,
        "report" => report::command(turn, rest).await,
        "refund" => refund(turn, by, rest).await,
        "grant" => roles::grant(turn, by, rest).await,
        "revoke" => roles::revoke(turn, by, rest).await,
        "staff" => roles::list(turn).await,
        "backup" => backup::ask(turn, by).await,
        _ => Ok(help(turn, by)),
    }
}

/// What this admin may do here. In private he is a customer too.
pub fn help(turn: &Turn, by: Admin) -> Answer {
    let voice = turn.voice();
    let screen = help_view(&voice, by);
    if turn.at.kind == ChatKind::Private { screen.row([kit::go(&voice, CustomerRoute::Home)]).into() } else { screen.into() }
}

fn help_view(voice: &Voice, by: Admin) -> Screen {
    let mut parts =
        vec![voice.t("admin-help-title").to_owned(), voice.t("admin-help-look").to_owned(), voice.t("agencies-help").to_owned()];
    if by.may(Right::Money) {
        parts.push(voice.t("admin-help-money").to_owned());
    }
    if by.may(Right::Staff) {
        parts.push(voice.t("admin-help-staff").to_owned());
    }
    Screen::new(page::paragraphs(&parts)).row([go(voice, A::Pending { page: 0 })])
}

/// The payment that a code means: its own, or its order's.
async fn payment_of(turn: &Turn, code: &str) -> Result<Option<PaymentId>, Fault> {
    let conn = turn.app.db.read();
    let Some(id) = PaymentId::parse(&ascii_digits(code)) else { return Ok(None) };
    if payments::get(conn, id).await?.is_some() {
        return Ok(Some(id));
    }
    Ok(payments::of_order(conn, OrderId(id.0)).await?.map(|payment| payment.id))
}

/// First word and the rest.
fn split(rest: &str) -> (&str, &str) {
    rest.split_once(char::is_whitespace).map_or((rest, ""), |(first, rest)| (first, rest.trim()))
}

async fn approve(turn: &Turn, by: Admin, rest: &str) -> Result<Answer, Fault> {
    let voice = turn.voice();
    let (code, typed) = split(rest);
    if PaymentId::parse(&ascii_digits(code)).is_none() {
        return Ok(Screen::new(voice.t("admin-usage-approve")).into());
    }
    if let Some(told) = words::lacks(&voice, by, Right::Money) {
        return Ok(Screen::new(told).into());
    }
    let Some(payment) = payment_of(turn, code).await? else {
        return Ok(Screen::new(voice.t("admin-payment-unknown")).into());
    };
    if typed.is_empty() {
        return review::approve(turn, by, payment, None).await;
    }
    let whole = 10_i64.pow(turn.settings.asset.exponent());
    match parse_amount(typed).and_then(|amount| amount.checked_mul(whole)) {
        Some(minor) => review::approve(turn, by, payment, Some(minor)).await,
        None => Ok(Screen::new(voice.t("admin-usage-approve")).into()),
    }
}

async fn reject(turn: &Turn, by: Admin, rest: &str) -> Result<Answer, Fault> {
    let voice = turn.voice();
    let (code, typed) = split(rest);
    if PaymentId::parse(&ascii_digits(code)).is_none() {
        return Ok(Screen::new(voice.t("admin-usage-reject")).into());
    }
    if let Some(told) = words::lacks(&voice, by, Right::Money) {
        return Ok(Screen::new(told).into());
    }
    let Some(payment) = payment_of(turn, code).await? else {
        return Ok(Screen::new(voice.t("admin-payment-unknown")).into());
    };
    let reason =
        if typed.is_empty() { RejectReason::NotReceived } else { RejectReason::Other(typed.chars().take(REASON_MAX).collect()) };
    review::reject(turn, by, payment, reason).await
}

async fn refund(turn: &Turn, by: Admin, rest: &str) -> Result<Answer, Fault> {
    let voice = turn.voice();
    if OrderId::parse(&ascii_digits(rest)).is_none() {
        return Ok(Screen::new(voice.t("admin-usage-refund")).into());
    }
    match super::refund::order_of(turn, rest).await? {
        Some(order) => late::ask_refund(turn, by, order).await,
        None => Ok(Screen::new(voice.t("admin-order-unknown")).into()),
    }
}

async fn user(turn: &Turn, rest: &str) -> Result<Answer, Fault> {
    if rest.is_empty() {
        return Ok(Screen::new(turn.voice().t("admin-usage-user")).into());
    }
    match person::lookup(turn, rest).await? {
        Some(found) => person::show(turn, found.id).await,
        None => Ok(Screen::new(turn.voice().t("admin-person-unknown")).into()),
    }
}

#[cfg(test)]
mod tests {
    use super::split;

    #[test]
    fn the_first_word_is_told_from_the_rest() {
        assert_eq!(split("0ABC 250 000"), ("0ABC", "250 000"));
        assert_eq!(split("0ABC"), ("0ABC", ""));
        assert_eq!(split(""), ("", ""));
    }
}
