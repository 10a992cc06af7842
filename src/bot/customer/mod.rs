//! A customer's screens: one file a family, each with its view (pure) and its act (short). This file is the switchboard:
//! which button, command or word leads to which.
mod home;
mod language;
mod shelf;

use super::input;
use super::route::CustomerRoute;
use super::screen::{Answer, Screen};
use super::turn::Turn;
use crate::base::Fault;
use crate::shop::catalog::PlanCode;

/// Home, afresh.
pub fn home(turn: &Turn) -> Answer {
    home::show(turn).into()
}

/// A tap on one of a customer's buttons.
pub async fn tap(turn: &Turn, route: CustomerRoute) -> Result<Answer, Fault> {
    match route {
        CustomerRoute::Languages => Ok(language::show(turn, None).into()),
        CustomerRoute::SetLanguage { lang } => Ok(home(&language::set(turn, lang).await?)),
        CustomerRoute::SetLanguageFor { lang, plan } => shelf::plan(&language::set(turn, lang).await?, &plan).await,
        CustomerRoute::Categories => shelf::categories(turn).await,
        CustomerRoute::Locations { category } => shelf::locations(turn, &category).await,
        CustomerRoute::Plans { category, location, page } => shelf::plans(turn, &category, &location, page).await,
        CustomerRoute::Plan { plan } => shelf::plan(turn, &plan).await,
        CustomerRoute::Support => Ok(home::support(turn).into()),
        CustomerRoute::Help => Ok(home::help(turn).into()),
        _ => Ok(home(turn)),
    }
}

/// A command. One that nobody knows leads home.
pub async fn command(turn: &Turn, name: &str, rest: &str) -> Result<Answer, Fault> {
    let route = match name {
        "start" => return start(turn, rest).await,
        "buy" => CustomerRoute::Categories,
        "services" => CustomerRoute::Services { page: 0 },
        "wallet" => CustomerRoute::Wallet,
        "trial" => CustomerRoute::Trial,
        "language" => CustomerRoute::Languages,
        "support" => CustomerRoute::Support,
        "help" => CustomerRoute::Help,
        "cancel" => return cancel(turn).await,
        _ => return Ok(home::unexpected(turn).into()),
    };
    tap(turn, route).await
}

/// The language first, once; then home, or the plan that a deep link names.
async fn start(turn: &Turn, payload: &str) -> Result<Answer, Fault> {
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
    Ok(screen.into())
}

/// A text that is too long to be anything of ours.
pub fn too_long(turn: &Turn) -> Answer {
    let mut screen = home::unexpected(turn);
    turn.voice().t("common-too-long").clone_into(&mut screen.text);
    screen.into()
}

/// A message that we have no use for: home, with a kind word.
pub fn other(turn: &Turn) -> Answer {
    home::unexpected(turn).into()
}
