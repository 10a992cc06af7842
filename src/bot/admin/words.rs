//! Words that staff's screens share: the label of each button, how a person and a plan are named, what a refusal says.
use crate::base::PersonId;
use crate::base::format::Voice;
use crate::base::texts::{Arg, args};
use crate::bot::kit::shorten;
use crate::bot::route::{AdminRoute as A, Why};
use crate::bot::screen::Button;
use crate::bot::turn::{ChatKind, Turn};
use crate::shop::accounts::{Admin, Person, Right};
use crate::shop::catalog::Plan;
use crate::shop::checkout::{NotAllowed, ReviewError};
use crate::shop::payments::{RejectReason, State};
use crate::shop::reports::{By, Sheet, Span};

/// Letters of a name that is somebody's own choice.
const NAME_MAX: usize = 40;

/// Leaves a question; which, is written in when the answer leaves the switchboard.
pub fn stop(voice: &Voice) -> Button {
    go(voice, A::Stop { person: PersonId(0), of: 0 })
}

/// A button in the words of its route. Rows of lists are named by the list.
pub fn go(voice: &Voice, route: A) -> Button {
    let (icon, key) = match &route {
        A::Approve { .. } => ("✅", "admin-do-approve"),
        A::AskAmount { .. } => ("", "admin-do-ask-amount"),
        A::ApproveAs { .. } => ("✅", "admin-do-approve-as"),
        A::AskReject { .. } => ("❌", "admin-do-reject"),
        A::Reject { why, .. } => ("", reason_key(*why)),
        A::AskReason { .. } => ("", "admin-do-ask-reason"),
        A::AskRejectBan { .. } => ("⛔", "admin-do-reject-ban"),
        A::RejectBan { .. } => ("⛔", "admin-do-reject-ban-yes"),
        A::Undo { .. } => ("↩️", "admin-do-undo"),
        A::Card { .. } => ("", "admin-do-card"),
        A::Open { .. } => ("🧾", "admin-do-open"),
        A::Pending { .. } => ("🧾", "admin-do-pending"),
        A::Person { .. } => ("👤", "admin-do-person"),
        A::History { .. } => ("🧾", "admin-do-history"),
        A::AskBan { .. } => ("⛔", "admin-do-ban"),
        A::Ban { .. } => ("⛔", "admin-do-ban-yes"),
        A::Unban { .. } => ("", "admin-do-unban"),
        A::AskMessage { .. } => ("💬", "admin-do-message"),
        A::AskCredit { .. } => ("", "admin-do-credit"),
        A::AskDebit { .. } => ("", "admin-do-debit"),
        A::AskAgentCredit { .. } => ("", "correction-do-add"),
        A::AskAgentDebit { .. } => ("", "correction-do-take"),
        A::Confirm { .. } => ("✅", "correction-do-confirm"),
        A::Refuse { .. } => ("❌", "correction-do-refuse"),
        A::Correct { .. } => ("", "admin-do-correct"),
        A::Stop { .. } => ("", "admin-do-stop"),
        A::Order { .. } => ("", "admin-do-order"),
        A::Orders { .. } => ("", "refund-do-orders"),
        A::Services { .. } => ("", "history-do-services"),
        A::Service { .. } => ("", "history-do-service"),
        A::AskRefund { .. } => ("💸", "admin-do-refund"),
        A::Refund { .. } => ("💸", "admin-do-refund-yes"),
        A::AskRefundAmount { .. } => ("", "refund-do-typed"),
        A::RefundAmount { .. } => ("", "refund-do-amount"),
        A::RefundPart { .. } => ("👛", "refund-do-wallet"),
        A::AskHand { .. } => ("", "refund-do-hand"),
        A::Hand { .. } => ("", "refund-do-hand-from"),
        A::HandElse { .. } => ("", "refund-do-hand-else"),
        A::RefundReceipts { .. } => ("🧾", "refund-do-receipts"),
        A::AskMove { .. } | A::Move { .. } => ("", "admin-do-move"),
        A::Application { .. } => ("", "applicant-do-card"),
        A::AskRejectAgent { .. } => ("❌", "applicant-do-reject"),
        A::RejectAgent { .. } => ("❌", "applicant-do-reject-yes"),
        A::AcceptAgent { .. } => ("✅", "applicant-do-accept-any"),
        A::Panels => ("🔄", "admin-do-panels"),
        A::Stats => ("🔄", "admin-do-stats"),
        A::Report { span } => ("", span_key(*span)),
        A::ReportBack { .. } => ("", "report-do-back"),
        A::ReportBy { by, .. } => ("", by_key(*by)),
        A::ReportCharts { .. } => ("📊", "report-do-charts"),
        A::ReportBook { .. } => ("📄", "report-do-workbook"),
        A::ReportCsvs { .. } => ("📄", "report-do-csvs"),
        A::ReportCsv { sheet, .. } => ("", csv_key(*sheet)),
        A::Help => ("📖", "admin-do-help"),
    };
    let words = voice.t(key);
    let label = if icon.is_empty() { words.to_owned() } else { format!("{icon} {words}") };
    Button::Go(route.into(), label)
}

const fn span_key(span: Span) -> &'static str {
    match span {
        Span::Today => "report-do-today",
        Span::Yesterday => "report-do-yesterday",
        Span::Week => "report-do-week",
        Span::Month => "report-do-month",
        Span::Days { .. } => "report-do-show",
    }
}

const fn by_key(by: By) -> &'static str {
    match by {
        By::Plan => "report-do-plan",
        By::Location => "report-do-location",
        By::Method => "report-do-method",
        By::Agent => "report-do-agent",
    }
}

const fn csv_key(sheet: Sheet) -> &'static str {
    match sheet {
        Sheet::Orders => "report-do-orders",
        Sheet::Payments => "report-do-payments",
        Sheet::Transfers => "report-do-transfers",
        Sheet::Agents => "report-do-agents",
        Sheet::Services => "report-do-services",
    }
}

const fn reason_key(why: Why) -> &'static str {
    match why {
        Why::NotReceived => "admin-reason-not-received",
        Why::WrongAmount => "admin-reason-wrong-amount",
        Why::Unreadable => "admin-reason-unreadable",
        Why::Duplicate => "admin-reason-duplicate",
    }
}

/// Why a receipt was not accepted, in the reviewers' words or as it was typed.
pub fn reason(voice: &Voice, reason: &RejectReason) -> String {
    let why = match reason {
        RejectReason::NotReceived => Why::NotReceived,
        RejectReason::WrongAmount => Why::WrongAmount,
        RejectReason::Unreadable => Why::Unreadable,
        RejectReason::Duplicate => Why::Duplicate,
        RejectReason::Other(words) => return shorten(words, 120),
    };
    voice.t(reason_key(why)).to_owned()
}

/// The name that a person chose, never empty.
pub fn name(person: &Person) -> String {
    let name = person.name.trim();
    if name.is_empty() { person.id.to_string() } else { shorten(name, NAME_MAX) }
}

/// Name, `@name` and id, the id to be copied; HTML.
pub fn person(voice: &Voice, person: &Person) -> String {
    let (own, id) = (name(person), Arg::code(person.id.to_string()));
    match &person.username {
        Some(username) => {
            voice.t_args("admin-person-named", &args!["name" => own, "username" => format!("@{username}"), "id" => id])
        }
        None => voice.t_args("admin-person-plain", &args!["name" => own, "id" => id]),
    }
}

/// Who did something: by name, as far as it is known.
pub fn actor(voice: &Voice, id: PersonId, known: Option<&Person>) -> String {
    match known {
        _ if id == PersonId(0) => voice.t("admin-clock").to_owned(),
        Some(person) => name(person),
        None => id.to_string(),
    }
}

/// What is bought; its code when the plan is not known any more.
pub fn plan(voice: &Voice, plan: Option<&Plan>, code: &str) -> String {
    plan.map_or_else(|| code.to_owned(), |plan| shorten(plan.title(voice.lang), 60))
}

/// How a payment stands, in a word.
pub fn payment_state(voice: &Voice, state: State) -> &'static str {
    voice.t(match state {
        State::Open => "admin-payment-open",
        State::Submitted => "admin-payment-submitted",
        State::Approved => "admin-payment-approved",
        State::Rejected => "admin-payment-rejected",
        State::Cancelled => "admin-payment-cancelled",
        State::Expired => "admin-payment-expired",
    })
}

/// A moment that reads the same whenever it is read.
pub fn at(voice: &Voice, at: crate::base::Time) -> String {
    voice.t_args("admin-at", &args!["date" => Arg::html(voice.date(at)), "time" => Arg::html(voice.clock_time(at))])
}

/// Where an act came from, for the audit log.
pub fn origin(turn: &Turn) -> &'static str {
    if turn.at.kind == ChatKind::Private { "private" } else { "group" }
}

/// What a role that lacks a right is told; `None` when it has it.
pub fn lacks(voice: &Voice, by: Admin, right: Right) -> Option<String> {
    if by.may(right) {
        return None;
    }
    let role = args!["role" => voice.t(role_key(by.role()))];
    Some(match right {
        Right::Look | Right::Talk => voice.label("admin-refused-talk", &role),
        Right::Money => voice.label("admin-refused-money", &role),
        Right::Staff => voice.label("admin-refused-staff", &role),
    })
}

pub const fn role_key(role: crate::shop::accounts::Role) -> &'static str {
    use crate::shop::accounts::Role;
    match role {
        Role::Owner => "admin-role-owner",
        Role::Cashier => "admin-role-cashier",
        Role::Support => "admin-role-support",
        Role::Viewer => "admin-role-viewer",
    }
}

pub fn not_allowed(voice: &Voice, by: Admin, why: NotAllowed) -> String {
    match why {
        NotAllowed::Own => voice.t("admin-refused-own").to_owned(),
        NotAllowed::Role => lacks(voice, by, Right::Money).unwrap_or_else(|| voice.t("admin-refused-own").to_owned()),
    }
}

/// What somebody is told whose decision about a payment was not taken. `who`: the one who was faster, if known by name.
/// A fault is given back.
pub fn review_refusal(voice: &Voice, by: Admin, error: ReviewError, who: Option<&Person>) -> Result<String, crate::base::Fault> {
    Ok(match error {
        ReviewError::Unknown => voice.t("admin-payment-unknown").to_owned(),
        ReviewError::AlreadyDecided { by: first, at: when, state } => voice.label(
            "admin-payment-decided",
            &args!["state" => payment_state(voice, state), "who" => actor(voice, first, who), "when" => at(voice, when)],
        ),
        ReviewError::NotSubmitted => voice.t("admin-payment-no-receipt").to_owned(),
        ReviewError::NotAllowed(why) => not_allowed(voice, by, why),
        ReviewError::BadAmount => voice.t("admin-amount-bad").to_owned(),
        ReviewError::CannotBan => voice.t("admin-ban-staff").to_owned(),
        ReviewError::Fault(fault) => return Err(fault),
    })
}

/// How an order stands, in a word.
pub fn order_state(voice: &Voice, state: crate::shop::checkout::State) -> &'static str {
    use crate::shop::checkout::State;
    voice.t(match state {
        State::Placed => "admin-order-placed",
        State::Paid => "admin-order-paid",
        State::Delivered => "admin-order-delivered",
        State::Cancelled => "admin-order-cancelled",
        State::Expired => "admin-order-expired",
        State::Rejected => "admin-order-rejected",
        State::Refunded => "admin-order-refunded",
    })
}
