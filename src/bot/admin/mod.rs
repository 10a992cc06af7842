//! Staff: the admin group, and an admin's private chat. Whoever is here has proved a role; what the role may do is decided
//! by the verbs, and asked here before a question is put.
//!
//! This file is the switchboard: which button, command or typed answer leads to which. A refusal is said; whoever is not
//! staff never comes here.
mod agencies;
pub mod applicant;
pub mod backup;
mod card;
mod chart;
mod columns;
mod command;
mod correction;
mod late;
mod methods;
mod pending;
mod person;
mod picture;
mod post;
mod print;
mod question;
pub mod refund;
mod report;
mod report_file;
mod reports;
mod review;
mod roles;
pub mod second;
mod services;
mod shares;
pub mod topics;
mod words;

use super::input::{self, Input};
use super::route::{AdminRoute, AgencyRoute, MethodRoute};
use super::said::Said;
use super::screen::{Answer, Button, Screen};
use super::turn::{ChatKind, Turn};
use crate::base::format::Voice;
use crate::base::{Fault, OrderId, PersonId};
use crate::shop::accounts::Admin;
use crate::shop::checkout::Purse;
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use teloxide::types::Message;

pub use agencies::AgencyAsked;
pub use question::{Answers, answered as answers};
pub use report::{digest, named};
pub use words::{go, role_key};

/// Commands that only staff may give; from others they are met with silence.
pub const COMMANDS: [&str; 15] = [
    "payments", "approve", "reject", "user", "panels", "nodes", "stats", "report", "grant", "revoke", "staff", "backup",
    "methods", "agents", "refund",
];

/// What the group's menu lists: name and the key of its description.
pub const LISTED: &[(&str, &str)] = &[
    ("payments", "command-payments"),
    ("user", "command-user"),
    ("stats", "command-stats"),
    ("report", "command-report"),
    ("panels", "command-panels"),
    ("nodes", "command-nodes"),
    ("methods", "command-methods"),
    ("agents", "command-agents"),
    ("approve", "command-approve"),
    ("reject", "command-reject"),
    ("refund", "command-refund"),
    ("staff", "command-staff"),
    ("grant", "command-grant"),
    ("revoke", "command-revoke"),
    ("backup", "command-backup"),
    ("help", "command-staff-help"),
];

/// What may be done about a paid order that is not delivered.
pub fn late_rows(voice: &Voice, order: OrderId) -> Vec<Vec<Button>> {
    vec![vec![go(voice, AdminRoute::AskRefund { order })], vec![go(voice, AdminRoute::AskMove { order })]]
}

/// A message of an admin, in the group or in private; `None` when it is no business of staff.
pub async fn message(turn: &Turn, said: &Said, message: &Message) -> Result<Option<Answer>, Fault> {
    let Some(by) = turn.who.admin.map(|by| by.acting_from(words::origin(turn))) else { return Ok(None) };
    let answer = match said {
        Said::Command { name, rest } if name == "help" || COMMANDS.contains(&name.as_str()) => {
            Some(command::run(turn, by, name, rest).await?)
        }
        Said::Command { name, .. } if name == "cancel" && asked(turn).is_some() => Some(stop(turn).await?),
        Said::Command { .. } | Said::Service => None,
        Said::Text(_) | Said::File(_) | Said::Contact { .. } | Said::Other => {
            match (question::answered(message, turn.who.person.id, asked(turn)), asked(turn)) {
                (_, None) => None,
                (Answers::Older, _) => Some(Screen::new(turn.voice().t("admin-ask-gone")).into()),
                (Answers::Closed | Answers::Nothing, Some(input)) if turn.at.kind == ChatKind::AdminGroup => {
                    aside(turn, input, said)
                }
                (_, Some(input)) => answered(turn, by, input, said).await?,
            }
        }
    };
    match answer {
        Some(answer) => question::named(turn, answer).await.map(Some),
        None => Ok(None),
    }
}

/// Words that ask for the answer again.
fn again(turn: &Turn, key: &'static str) -> Answer {
    Screen::new(turn.voice().t(key)).row([words::stop(&turn.voice())]).into()
}

/// What an admin sends in the group while a question is open, and not as a reply to it: there admins talk with one another, too.
fn aside(turn: &Turn, input: &Input, said: &Said) -> Option<Answer> {
    let may_be_meant = match said {
        Said::Text(_) => !matches!(input, Input::Corrected { .. }),
        Said::File(_) => matches!(input, Input::RefundReceipt { .. }),
        _ => false,
    };
    (may_be_meant && is_news(turn, input)).then(|| again(turn, "admin-ask-reply"))
}

/// What answers the question that is open.
async fn answered(turn: &Turn, by: Admin, input: &Input, said: &Said) -> Result<Option<Answer>, Fault> {
    match (input, said) {
        (Input::RefundReceipt { .. }, Said::File(file)) => {
            refund::received(turn, by, refund::Answered::File(file)).await.map(Some)
        }
        (Input::RefundReceipt { .. }, Said::Other | Said::Contact { .. }) => {
            refund::received(turn, by, refund::Answered::Else).await.map(Some)
        }
        (_, Said::Text(text)) => typed(turn, by, input, text).await,
        // It may be the receipt of an order of his own.
        (_, Said::File(_)) if turn.at.kind == ChatKind::Private => Ok(None),
        (Input::Corrected { .. }, _) => Ok(None),
        _ => Ok(Some(again(turn, "admin-ask-words"))),
    }
}

/// Who was told to answer which question by a reply, in this process. Staff is few.
#[derive(Default)]
struct Told(Mutex<HashMap<PersonId, Input>>);

/// True once a question: afterwards its admin talks with the others, and knows.
fn is_news(turn: &Turn, input: &Input) -> bool {
    let told = turn.app.db.lasting::<Told>();
    let mut told = told.0.lock().unwrap_or_else(PoisonError::into_inner);
    told.insert(turn.who.person.id, input.clone()).is_none_or(|before| before != *input)
}

/// The question of staff that is open in this chat.
fn asked(turn: &Turn) -> Option<&Input> {
    turn.who.input.as_ref().filter(|input| input.is_of_staff())
}

async fn typed(turn: &Turn, by: Admin, input: &Input, text: &str) -> Result<Option<Answer>, Fault> {
    let answer = match input {
        Input::ReviewAmount { payment } => review::amount_typed(turn, *payment, text).await?,
        Input::ReviewReason { payment } => review::reason_typed(turn, by, *payment, text).await?,
        Input::RefundAmount { order } => refund::amount_typed(turn, by, *order, text).await?,
        Input::RefundReceipt { .. } => refund::received(turn, by, refund::Answered::Words(text)).await?,
        Input::BanReason { person } => person::ban(turn, by, *person, text).await?,
        Input::MessageTo { person } => person::write_to(turn, by, *person, text).await?,
        Input::Correction { person, purse, adds } => correction::typed(turn, by, (*person, *purse, *adds), text).await?,
        // A yes is a tap; what is typed meanwhile is no answer to it.
        Input::Corrected { .. } if turn.at.kind == ChatKind::Private => correction::still(turn),
        Input::MethodField { .. } | Input::NewMethod { .. } => return methods::typed(turn, by, input, text).await,
        Input::Agency(asked) => agencies::typed(turn, by, asked, text).await?,
        Input::RejectAgent { application, card } => applicant::reason_typed(turn, by, (*application, *card), text).await?,
        Input::Corrected { .. } | Input::Receipt { .. } | Input::TopUp | Input::Agent(_) => {
            return Ok(None);
        }
    };
    Ok(Some(answer))
}

/// The open question is closed; what was asked is not done.
async fn stop(turn: &Turn) -> Result<Answer, Fault> {
    input::close_now(turn).await?;
    Ok(Screen::new(turn.voice().t("admin-stopped")).into())
}

/// A tap of an admin about payment methods.
pub async fn about_methods(turn: &Turn, by: Admin, route: MethodRoute) -> Result<Answer, Fault> {
    question::named(turn, methods::tap(turn, by.acting_from(words::origin(turn)), route).await?).await
}

/// A tap of an admin about an agent.
pub async fn about_agents(turn: &Turn, by: Admin, route: AgencyRoute) -> Result<Answer, Fault> {
    question::named(turn, agencies::tap(turn, by.acting_from(words::origin(turn)), route).await?).await
}

/// A tap of an admin.
pub async fn tap(turn: &Turn, by: Admin, route: AdminRoute) -> Result<Answer, Fault> {
    question::named(turn, tapped(turn, by.acting_from(words::origin(turn)), route).await?).await
}

async fn tapped(turn: &Turn, by: Admin, route: AdminRoute) -> Result<Answer, Fault> {
    use card::Ask;
    match route {
        AdminRoute::Card { payment } => card::show(turn, payment, Ask::Decide).await,
        AdminRoute::Open { payment } => card::open(turn, payment).await,
        AdminRoute::Approve { payment } => review::approve(turn, by, payment, None).await,
        AdminRoute::AskAmount { payment } => review::ask_typed(turn, by, Input::ReviewAmount { payment }).await,
        AdminRoute::ApproveAs { payment, amount } => review::approve(turn, by, payment, Some(amount)).await,
        AdminRoute::AskReject { payment } => review::ask(turn, by, payment, Ask::Reason).await,
        AdminRoute::Reject { payment, why } => review::reject(turn, by, payment, why.reason()).await,
        AdminRoute::AskReason { payment } => review::ask_typed(turn, by, Input::ReviewReason { payment }).await,
        AdminRoute::AskRejectBan { payment } => review::ask(turn, by, payment, Ask::Ban).await,
        AdminRoute::RejectBan { payment } => review::reject_and_ban(turn, by, payment).await,
        AdminRoute::Undo { payment } => review::undo(turn, by, payment).await,
        AdminRoute::Pending { page } => pending::show(turn, page).await,
        AdminRoute::Person { person } => person::show(turn, person).await,
        AdminRoute::History { person, page } => pending::history(turn, person, page).await,
        AdminRoute::AskBan { person } => person::ask_ban(turn, by, person).await,
        AdminRoute::Ban { person } => person::ban(turn, by, person, "").await,
        AdminRoute::Unban { person } => person::unban(turn, by, person).await,
        AdminRoute::AskMessage { person } => person::ask_message(turn, by, person).await,
        AdminRoute::AskCredit { person } => correction::ask(turn, by, (person, Purse::Wallet, true)).await,
        AdminRoute::AskDebit { person } => correction::ask(turn, by, (person, Purse::Wallet, false)).await,
        AdminRoute::AskAgentCredit { person } => correction::ask(turn, by, (person, Purse::Credit, true)).await,
        AdminRoute::AskAgentDebit { person } => correction::ask(turn, by, (person, Purse::Credit, false)).await,
        AdminRoute::Confirm { key } => second::confirm(turn, by, key).await,
        AdminRoute::Refuse { key } => second::refuse(turn, by, key).await,
        AdminRoute::Correct { key } => correction::confirmed(turn, by, key).await,
        AdminRoute::Stop { person, .. } if person != turn.who.person.id => {
            Ok(Answer::alert(turn.voice().t("admin-ask-not-yours")))
        }
        AdminRoute::Stop { of, .. } if asked(turn).is_none_or(|input| input.tag() == of) => stop(turn).await,
        AdminRoute::Stop { .. } => Ok(Answer::alert(turn.voice().t("admin-ask-gone"))),
        AdminRoute::Order { order } => late::show(turn, order).await,
        AdminRoute::Orders { person, page } => pending::orders(turn, person, page).await,
        AdminRoute::Services { person, page } => services::list(turn, person, page).await,
        AdminRoute::Service { subscription } => services::show(turn, subscription).await,
        AdminRoute::AskRefund { order } => late::ask_refund(turn, by, order).await,
        AdminRoute::AskRefundAmount { order } => refund::ask_typed(turn, by, order).await,
        AdminRoute::RefundAmount { order, amount } => refund::confirm(turn, by, (order, amount)).await,
        AdminRoute::RefundPart { order, amount, so_far } => refund::to_account(turn, by, (order, amount, so_far)).await,
        AdminRoute::AskHand { order, amount } => refund::ask_hand(turn, by, (order, amount)).await,
        AdminRoute::Hand { order, amount, method } => refund::ask_receipt(turn, by, (order, amount), Some(method)).await,
        AdminRoute::HandElse { order, amount } => refund::ask_receipt(turn, by, (order, amount), None).await,
        AdminRoute::RefundReceipts { order } => refund::receipts(turn, order).await,
        AdminRoute::Refund { order } => late::give_back(turn, by, order).await,
        AdminRoute::AskMove { order } => late::ask_move(turn, by, order).await,
        AdminRoute::Move { order, panel } => late::move_to(turn, by, order, &panel).await,
        AdminRoute::Application { application } => applicant::show(turn, application).await,
        AdminRoute::AcceptAgent { application, tier } => applicant::accept(turn, by, application, &tier).await,
        AdminRoute::AskRejectAgent { application } => applicant::ask_reject(turn, by, application).await,
        AdminRoute::RejectAgent { application } => applicant::reject(turn, by, application).await,
        AdminRoute::Panels => reports::panels(turn).await,
        AdminRoute::Stats => reports::stats(turn).await,
        AdminRoute::Report { span } | AdminRoute::ReportBack { span } => report::show(turn, span).await,
        AdminRoute::ReportBy { span, by } => report::by(turn, span, by).await,
        AdminRoute::ReportCharts { span } => report::charts(turn, span).await,
        AdminRoute::ReportBook { span } => report::file(turn, by, span, None).await,
        AdminRoute::ReportCsvs { span } => Ok(report::csvs(turn, span)),
        AdminRoute::ReportCsv { span, sheet } => report::file(turn, by, span, Some(sheet)).await,
        AdminRoute::Help => Ok(command::help(turn, by)),
    }
}
