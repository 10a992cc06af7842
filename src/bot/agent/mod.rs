//! An agent's screens, and the application of somebody who wants to become one: one file a family. This file is the
//! switchboard: which button or typed answer leads to which.
//!
//! Whoever asks is proved an agent here, each time; every service, order and batch is asked for with the agent's own id, so an
//! id of another's opens nothing.
mod apply;
mod asked;
mod batch;
mod credit;
pub mod earnings;
mod files;
mod give;
pub mod home;
mod many;
mod own_prices;
mod sell;
mod service;
mod services;
pub mod statement;
mod statement_file;
mod words;

pub use apply::facts as form_facts;
pub use asked::Asked;
pub use batch::links as batch_links;
pub use credit::minted;
pub use give::take;

use super::customer::services as services_of;
use super::input::Input;
use super::message::banned;
use super::route::AgentRoute as G;
use super::said::Said;
use super::screen::{Answer, Keyboard, Screen};
use super::turn::Turn;
use crate::app::App;
use crate::base::Fault;
use crate::shop::accounts::Customer;
use crate::shop::agents::{self, Agent};
use statement::{Desk, Of};

/// Whether the shop takes new agents; as old as the catalogue may be.
#[derive(Debug, Clone, Copy)]
struct Tiers(bool);

pub async fn has_tiers(app: &App) -> Result<bool, Fault> {
    let db = &app.db;
    let tiers = db.fresh(|| async { Ok(Tiers(agents::tiers(db.read()).await?.iter().any(|tier| tier.on))) }).await?;
    Ok(tiers.0)
}

/// A tap on one of an agent's buttons.
pub async fn tap(turn: &Turn, route: G) -> Result<Answer, Fault> {
    let Some(customer) = turn.customer() else { return Ok(banned(turn)) };
    match (agents::agent(turn.app.db.read(), &customer).await?, route) {
        (None, G::Home) => apply::intro(turn, &customer).await,
        (None, G::Apply) => apply::start(turn, &customer).await,
        (None, G::File { application }) => apply::file(turn, &customer, application).await,
        // What he sold and nobody took over is his own, once his agency is closed.
        (None, G::Service { subscription } | G::AskRenew { subscription }) => match services_of::own(turn, subscription).await? {
            Some(_) => services_of::show(turn, subscription).await,
            None => Ok(Answer::alert(turn.voice().t("agency-none"))),
        },
        (None, _) => Ok(Answer::alert(turn.voice().t("agency-none"))),
        (Some(agent), G::Home | G::Apply | G::File { .. }) => home::show(turn, &agent).await,
        (Some(agent), route) => working(turn, (&customer, &agent), route).await,
    }
}

async fn working(turn: &Turn, (customer, agent): (&Customer, &Agent), route: G) -> Result<Answer, Fault> {
    match route {
        G::Sell { page } => sell::list(turn, agent, page).await,
        G::Plan { plan } => sell::ask_label(turn, agent, plan).await,
        G::NoLabel { plan } => sell::unlabelled(turn, agent, plan).await,
        G::Buy { order, price_minor, gives } => sell::buy(turn, agent, (order, price_minor, gives)).await,
        G::Many { plan } => many::ask_count(turn, agent, plan).await,
        G::NoPrefix => many::unnamed(turn, agent).await,
        G::BuyMany { batch, price_minor, gives } => many::buy(turn, agent, (batch, price_minor, gives)).await,
        G::Batches => batch::list(turn, agent).await,
        G::Batch { batch } => batch::show(turn, agent, batch).await,
        G::BatchLinks { batch } => batch::send_links(turn, agent, batch).await,
        G::BatchPictures { batch } => batch::send_pictures(turn, agent, batch).await,
        G::TopUp => credit::ask(turn).await,
        G::Credit { payment, amount_minor } => credit::open(turn, customer, (payment, amount_minor)).await,
        G::Statement { page } => credit::statement(turn, agent, page).await,
        route @ (G::Month { .. } | G::AskDays | G::StatementFile { .. }) => statement::own(turn, agent, route).await,
        G::Earnings { span } => earnings::show(turn, agent, span).await,
        G::OwnPrices { page } => own_prices::list(turn, agent, page).await,
        G::AskOwnPrice { plan } => own_prices::ask(turn, agent, plan).await,
        G::NoOwnPrice { plan } => own_prices::set(turn, agent, plan, None).await,
        G::Settings => Ok(home::settings(turn, agent.digest).into()),
        G::DigestOn => home::set_digest(turn, agent, true).await,
        G::DigestOff => home::set_digest(turn, agent, false).await,
        other => sold(turn, agent, other).await,
    }
}

/// What was sold before.
async fn sold(turn: &Turn, agent: &Agent, route: G) -> Result<Answer, Fault> {
    match route {
        G::Sold { shelf, page } => services::list(turn, agent, (shelf, page)).await,
        G::Find => services::ask(turn).await,
        G::Service { subscription } => service::show(turn, agent, subscription).await,
        G::Qr { subscription } => service::picture(turn, agent, subscription).await,
        G::AskRenew { subscription } => sell::ask_renew(turn, agent, subscription).await,
        G::Renew { order, subscription, price_minor, gives } => {
            sell::renew(turn, agent, (order, price_minor, gives), subscription).await
        }
        G::AskTraffic { subscription } => sell::ask_traffic(turn, agent, subscription).await,
        G::Traffic { subscription, gigabytes } => sell::confirm_traffic(turn, agent, (subscription, gigabytes)).await,
        G::AddTraffic { order, subscription, gigabytes, price_minor } => {
            sell::add_traffic(turn, agent, (order, price_minor), (subscription, gigabytes)).await
        }
        G::Pause { subscription } => service::pause(turn, agent, subscription).await,
        G::Resume { subscription } => service::resume(turn, agent, subscription).await,
        G::AskNewLink { subscription } => service::ask_new_link(turn, agent, subscription).await,
        G::NewLink { subscription } => service::new_link(turn, agent, subscription).await,
        G::AskDelete { subscription } => service::ask_delete(turn, agent, subscription).await,
        G::Delete { subscription, refund_minor } => service::delete(turn, agent, (subscription, refund_minor)).await,
        G::AskLabel { subscription } => service::ask_label(turn, agent, subscription).await,
        G::Give { subscription } => give::offer(turn, agent, subscription).await,
        G::History { subscription } => service::history(turn, agent, subscription).await,
        _ => home::show(turn, agent).await,
    }
}

/// Takes away the keyboard that asked for a phone number, when it may be there.
pub fn without_keyboard(turn: &Turn) -> Option<Screen> {
    match &turn.who.input {
        Some(Input::Agent(Asked::Form { given, .. })) if !given.is_empty() => {
            Some(Screen::new(turn.voice().t("apply-stopped")).keyboard(Keyboard::Gone))
        }
        _ => None,
    }
}

/// An answer to what was asked; `None` when it is none, such as a picture.
pub async fn said(turn: &Turn, customer: &Customer, asked: &Asked, said: &Said) -> Result<Option<Answer>, Fault> {
    if matches!(said, Said::File(_)) {
        return Ok(None);
    }
    if let Asked::Form { given, last } = asked {
        return apply::answered(turn, (given, *last), said).await.map(Some);
    }
    let Some(agent) = agents::agent(turn.app.db.read(), customer).await? else { return Ok(None) };
    let Said::Text(text) = said else { return Ok(None) };
    let answer = match asked {
        Asked::Form { .. } => return Ok(None),
        Asked::Label { plan } | Asked::Sale { plan, .. } => sell::labelled(turn, &agent, plan.clone(), text).await?,
        Asked::Count { plan } => many::counted(turn, &agent, plan.clone(), text).await?,
        Asked::Prefix { last, plan, count } | Asked::Bulk { last, plan, count, .. } => {
            many::named(turn, &agent, (plan.clone(), *count, *last), text).await?
        }
        Asked::Find => services::find(turn, &agent, text).await?,
        Asked::Relabel { subscription } => service::relabel(turn, &agent, *subscription, text).await?,
        Asked::TopUp => credit::typed(turn, customer, text).await?,
        Asked::OwnPrice { plan } => own_prices::typed(turn, &agent, plan.clone(), text).await?,
        Asked::Days => statement::typed(turn, Of { agency: &agent, desk: Desk::Own }, text).await?,
    };
    Ok(Some(answer))
}
