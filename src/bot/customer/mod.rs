//! A customer's screens: one file a family, each with its view (pure) and its act (short). This file is the switchboard:
//! which button, command or word leads to which.
mod guide;
mod home;
mod language;
mod order;
mod ordered;
mod pasted;
mod payee;
mod payment;
mod receipt;
pub mod services;
pub mod shelf;
mod topup;
mod trial;
mod wallet;
pub mod ways;
mod which;

pub use payment::rejected as rejection;
pub use services::{app_buttons, title_of};

use super::agent;
use super::input::{self, Input};
use super::message::banned;
use super::route::{AgentRoute, CustomerRoute as C};
use super::said::Said;
use super::screen::{Answer, Screen};
use super::turn::Turn;
use crate::base::Fault;
use crate::shop::accounts::Customer;
use crate::shop::catalog::PlanCode;

/// The choice of a language.
pub fn choose_language(turn: &Turn) -> Screen {
    language::show(turn, None)
}

/// Home, afresh.
pub fn home(turn: &Turn) -> Answer {
    home::show(turn).into()
}

/// A tap on one of a customer's buttons.
pub async fn tap(turn: &Turn, route: C) -> Result<Answer, Fault> {
    let Some(customer) = turn.customer() else { return Ok(banned(turn)) };
    let kept;
    let turn = if turn.who.person.lang.is_none() && leads_on(&route) {
        kept = language::set(turn, turn.who.lang).await?;
        &kept
    } else {
        turn
    };
    match route {
        C::Home => Ok(home(turn)),
        C::Languages => Ok(language::show(turn, None).into()),
        C::SetLanguage { lang } => Ok(home(&language::set(turn, lang).await?)),
        C::SetLanguageFor { lang, plan } => shelf::plan(&language::set(turn, lang).await?, &plan).await,
        C::Support => Ok(home::support(turn).into()),
        C::Help => Ok(home::help(turn).into()),
        C::Wallet => wallet::show(turn).await,
        C::AskTopUp => topup::ask(turn).await,
        C::TopUp { payment, amount_minor } => topup::open(turn, &customer, (payment, amount_minor)).await,
        C::WalletHistory { page } => wallet::history(turn, page).await,
        C::Trial => trial::trial(turn).await,
        C::TakeTrial => trial::take(turn, &customer).await,
        C::Categories
        | C::MoreCategories { .. }
        | C::Locations { .. }
        | C::Plans { .. }
        | C::Plan { .. }
        | C::Confirm { .. }
        | C::Place { .. }
        | C::Renew { .. }
        | C::PlaceRenewal { .. }
        | C::Order { .. }
        | C::BuySaved { .. }
        | C::AskCancel { .. }
        | C::Cancel { .. } => buying(turn, &customer, route).await,
        C::Payment { .. }
        | C::Ways { .. }
        | C::Way { .. }
        | C::SendReceipt { .. }
        | C::ReceiptFor { .. }
        | C::AskCancelTopUp { .. }
        | C::CancelTopUp { .. }
        | C::Payments { .. } => paying(turn, &customer, route).await,
        C::Services { .. }
        | C::Service { .. }
        | C::Refresh { .. }
        | C::Qr { .. }
        | C::Apps { .. }
        | C::Guides { .. }
        | C::Guide { .. } => owning(turn, route).await,
    }
}

/// Whether something may follow that we write of later. Whoever gets there without choosing a language keeps the one that he
/// reads, so that notices come in it too.
const fn leads_on(route: &C) -> bool {
    !matches!(route, C::Home | C::Languages | C::SetLanguage { .. } | C::SetLanguageFor { .. } | C::Support | C::Help)
}

/// From the shelf to the order.
async fn buying(turn: &Turn, customer: &Customer, route: C) -> Result<Answer, Fault> {
    match route {
        C::MoreCategories { page } => shelf::categories(turn, page).await,
        C::Locations { category, page } => shelf::locations(turn, &category, page).await,
        C::Plans { category, location, page } => shelf::plans(turn, &category, &location, page).await,
        C::Plan { plan } => shelf::plan(turn, &plan).await,
        C::Confirm { plan } => order::confirm(turn, customer, plan).await,
        C::Place { order, plan, price_minor, gives, by } => {
            order::place(turn, customer, order::Agreed { order, price_minor, gives, by }, plan).await
        }
        C::Renew { subscription } => order::confirm_renewal(turn, customer, subscription).await,
        C::PlaceRenewal { order, subscription, price_minor, gives, by } => {
            order::place_renewal(turn, customer, order::Agreed { order, price_minor, gives, by }, subscription).await
        }
        C::Order { order } => ordered::show(turn, order).await,
        C::BuySaved { order } => order::buy_saved(turn, customer, order).await,
        C::AskCancel { order } => order::ask_cancel(turn, order).await,
        C::Cancel { order } => order::cancel(turn, customer, order).await,
        _ => shelf::categories(turn, 0).await,
    }
}

/// Payments and their receipts.
async fn paying(turn: &Turn, customer: &Customer, route: C) -> Result<Answer, Fault> {
    match route {
        C::Payment { payment } => payment::show(turn, payment).await,
        C::SendReceipt { payment } => receipt::ask(turn, customer, payment).await,
        C::ReceiptFor { payment } => which::named(turn, customer, payment).await,
        C::Ways { payment } => ways::show(turn, payment).await,
        C::Way { payment, kind } => ways::choose(turn, customer, payment, kind).await,
        C::AskCancelTopUp { payment } => topup::ask_cancel(turn, payment).await,
        C::CancelTopUp { payment } => topup::cancel(turn, customer, payment).await,
        C::Payments { page } => payment::history(turn, page).await,
        _ => Ok(home(turn)),
    }
}

/// Services.
async fn owning(turn: &Turn, route: C) -> Result<Answer, Fault> {
    match route {
        C::Services { page } => services::list(turn, page).await,
        C::Service { subscription } => services::show(turn, subscription).await,
        C::Refresh { subscription } => services::refresh(turn, subscription).await,
        C::Qr { subscription } => services::picture(turn, subscription).await,
        C::Apps { subscription } => services::apps(turn, subscription).await,
        C::Guides { subscription } => guide::choose(turn, subscription).await,
        C::Guide { subscription, system } => guide::show(turn, subscription, system).await,
        _ => Ok(home(turn)),
    }
}

/// A command. One that nobody knows leads home.
pub async fn command(turn: &Turn, name: &str, rest: &str) -> Result<Answer, Fault> {
    let route = match name {
        "start" => return start(turn, rest).await,
        "buy" => C::Categories,
        "services" => C::Services { page: 0 },
        "wallet" => C::Wallet,
        "trial" => C::Trial,
        "language" => C::Languages,
        "support" => C::Support,
        "help" => C::Help,
        "agent" => return agent::tap(turn, AgentRoute::Home).await,
        "cancel" => return cancel(turn).await,
        _ => return Ok(home::unexpected(turn).into()),
    };
    tap(turn, route).await
}

/// The language first, once; then home, or the plan that a deep link names.
async fn start(turn: &Turn, payload: &str) -> Result<Answer, Fault> {
    if let Some(token) = payload.strip_prefix("give_") {
        return agent::take(turn, token).await;
    }
    let plan: Option<PlanCode> = payload.strip_prefix("plan_").and_then(|code| code.parse().ok());
    if turn.who.person.lang.is_none() {
        return Ok(language::show(turn, plan.as_ref()).into());
    }
    input::close_now(turn).await?;
    match plan {
        Some(plan) => shelf::plan(turn, &plan).await,
        None => Ok(home(turn)),
    }
}

/// Stops what is being asked; the order itself stays until it is cancelled by its button.
async fn cancel(turn: &Turn) -> Result<Answer, Fault> {
    let mut screen: Screen = home::show(turn);
    if turn.who.input.is_none() {
        turn.voice().t("common-nothing-to-cancel").clone_into(&mut screen.text);
    }
    input::close_now(turn).await?;
    // A keyboard goes away with a message of its own.
    Ok(agent::without_keyboard(turn).map_or_else(Answer::default, Answer::from).and(screen))
}

/// A text, a file, or something else that is no command: an agent's question first, then what it could name, then the other open
/// question, then a receipt that nobody asked for, and else home with a kind word.
pub async fn said(turn: &Turn, customer: &Customer, said: &Said) -> Result<Answer, Fault> {
    if let Some(Input::Agent(asked)) = &turn.who.input
        && let Some(answer) = agent::said(turn, customer, asked, said).await?
    {
        return Ok(answer);
    }
    if let Said::Text(text) = said
        && let Some(opened) = pasted::open(turn, text).await?
    {
        return Ok(opened);
    }
    match (&turn.who.input, said) {
        // The amount that this very message named was taken, and its answer did not arrive.
        (Some(Input::Receipt { payment }), Said::Text(_))
            if *payment == topup::minted(turn) || *payment == agent::minted(turn) =>
        {
            return payment::show(turn, *payment).await;
        }
        (Some(Input::Receipt { payment }), _) => return receipt::answered(turn, customer, *payment, said).await,
        (Some(Input::TopUp), Said::Text(text)) => return topup::typed(turn, customer, text).await,
        (Some(Input::TopUp), Said::Other | Said::Contact { .. }) => return Ok(topup::again(turn)),
        _ => {}
    }
    if let Some(taken) = receipt::unasked(turn, customer, said).await? {
        return Ok(taken);
    }
    if turn.who.input == Some(Input::TopUp) {
        return Ok(topup::again(turn));
    }
    if let Some(asked) = which::again(turn, turn.voice().t("receipt-wrong-kind")).await? {
        return Ok(asked);
    }
    let mut screen = home::unexpected(turn);
    if matches!(said, Said::File(_)) {
        turn.voice().t("receipt-nothing-waits").clone_into(&mut screen.text);
    }
    Ok(screen.into())
}

/// A text that is too long to be anything of ours.
pub async fn too_long(turn: &Turn, customer: &Customer) -> Result<Answer, Fault> {
    if let Some(Input::Receipt { payment }) = turn.who.input {
        return receipt::answered(turn, customer, payment, &Said::Other).await;
    }
    if turn.who.input == Some(Input::TopUp) {
        return Ok(topup::again(turn));
    }
    if let Some(Input::Agent(asked)) = &turn.who.input
        && let Some(answer) = agent::said(turn, customer, asked, &Said::Other).await?
    {
        return Ok(answer);
    }
    if let Some(asked) = which::again(turn, turn.voice().t("common-too-long")).await? {
        return Ok(asked);
    }
    let mut screen = home::unexpected(turn);
    turn.voice().t("common-too-long").clone_into(&mut screen.text);
    Ok(screen.into())
}

/// An edited message: a receipt in it is taken.
pub async fn edited(turn: &Turn, customer: &Customer, said: &Said) -> Result<Answer, Fault> {
    receipt::edited(turn, customer, said).await
}
