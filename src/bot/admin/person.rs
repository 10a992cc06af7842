//! All about a person: who it is, what was bought, what staff did; and what staff may do: write, ban, credit, debit.
use super::words::{self, go};
use crate::base::format::Voice;
use crate::base::texts::{Arg, args};
use crate::base::{Fault, Money, OrderId, Page, PaymentId, PersonId, SubscriptionId, ascii_digits};
use crate::bot::customer::services::title_of;
use crate::bot::input::{self, Input};
use crate::bot::kit::{confirm, shorten};
use crate::bot::page::{page, paragraphs};
use crate::bot::route::AdminRoute as A;
use crate::bot::screen::{Answer, Screen};
use crate::bot::turn::Turn;
use crate::shop::accounts::{self, Admin, Deed, Line, Person, PersonError, Right, Role};
use crate::shop::checkout::{self, Order};
use crate::shop::ledger::{self, Account};
use crate::shop::notices::{self, Notice};
use crate::shop::subscriptions::{self, Subscription};
use crate::shop::{catalog, payments};

/// Rows of each list on the screen; the history has the others.
const ROWS: u32 = 3;
const MESSAGE_MAX: usize = 2_000;
const REASON_MAX: usize = 300;

struct Facts {
    person: Person,
    role: Option<Role>,
    wallet: Money,
    services: (Vec<Subscription>, i64),
    /// Or what he sold.
    has_services: bool,
    orders: (Vec<Order>, i64),
    acts: Vec<Line>,
    /// Those who did the acts.
    actors: Vec<Person>,
}

/// Whom an id, an `@name`, or the code of an order, a payment or a service means.
pub async fn lookup(turn: &Turn, text: &str) -> Result<Option<Person>, Fault> {
    let conn = turn.app.db.read();
    let text = ascii_digits(text.trim());
    if !text.starts_with('#') {
        if let Some(person) = accounts::find(conn, &text).await? {
            return Ok(Some(person));
        }
        if let Some(person) = accounts::find(conn, &format!("@{text}")).await? {
            return Ok(Some(person));
        }
    }
    match owner_of(turn, &text).await? {
        Some(id) => accounts::person(conn, id).await,
        None => Ok(None),
    }
}

async fn owner_of(turn: &Turn, code: &str) -> Result<Option<PersonId>, Fault> {
    let conn = turn.app.db.read();
    let Some(order) = OrderId::parse(code) else { return Ok(None) };
    if let Some(order) = checkout::get(conn, order).await? {
        return Ok(Some(order.person));
    }
    if let Some(payment) = payments::get(conn, PaymentId(order.0)).await? {
        return Ok(Some(payment.person));
    }
    Ok(subscriptions::get(conn, SubscriptionId(order.0)).await?.map(|service| service.person))
}

pub async fn show(turn: &Turn, person: PersonId) -> Result<Answer, Fault> {
    let voice = turn.voice();
    let Some(facts) = load(turn, person).await? else { return Ok(Answer::alert(voice.t("admin-person-unknown"))) };
    let shelf = catalog::current(&turn.app.db).await?;
    let mut screen = view(&voice, &facts, &shelf);
    // The card that was tapped stays.
    screen.keep = turn.at.tapped.is_some_and(|tapped| tapped.has_media);
    Ok(screen.into())
}

async fn load(turn: &Turn, id: PersonId) -> Result<Option<Facts>, Fault> {
    let conn = turn.app.db.read();
    let Some(person) = accounts::person(conn, id).await? else { return Ok(None) };
    let few = Page::new(0, ROWS);
    let acts = accounts::audit_of(conn, &format!("person:{id}"), few).await?;
    let by: Vec<PersonId> = acts.iter().map(|line| line.actor).collect();
    Ok(Some(Facts {
        role: accounts::admin(conn, id, &turn.app.owners).await?.map(|admin| admin.role()),
        wallet: ledger::balance(conn, &Account::wallet(id, turn.settings.asset)).await?.available,
        services: subscriptions::of_person(conn, id, few).await?,
        has_services: subscriptions::of_person_or_agent(conn, id, Page::new(0, 1)).await?.1 > 0,
        orders: checkout::of_person(conn, id, few).await?,
        actors: accounts::persons(conn, &by).await?,
        acts,
        person,
    }))
}

fn view(voice: &Voice, facts: &Facts, shelf: &catalog::Catalog) -> Screen {
    let person = &facts.person;
    let title = voice.t_args("admin-person-title", &args!["person" => Arg::html(words::person(voice, person))]);
    let since = voice.duration(voice.now.since(person.first_seen));
    let mut lines = vec![
        voice.t_args("admin-person-since", &args!["date" => voice.date(person.first_seen), "since" => since]),
        state_line(voice, person),
    ];
    lines.extend(person.lang.map(|lang| voice.t_args("admin-person-lang", &args!["lang" => lang.own_name()])));
    lines.extend(facts.role.map(|role| voice.t_args("admin-person-role", &args!["role" => voice.t(words::role_key(role))])));
    lines.push(voice.t_args("admin-history-record", &args!["good" => person.receipts_good, "bad" => person.receipts_bad]));
    lines.push(voice.t_args("admin-person-wallet", &args!["amount" => voice.money(facts.wallet)]));
    let text = paragraphs(&[
        page(&title, lines, ""),
        listed(voice.t_args("admin-person-services", &args!["count" => facts.services.1]), services(voice, facts, shelf)),
        listed(voice.t_args("admin-person-orders", &args!["count" => facts.orders.1]), orders(voice, facts, shelf)),
        if facts.acts.is_empty() { String::new() } else { listed(voice.t("admin-person-acts").to_owned(), acts(voice, facts)) },
    ]);
    let id = person.id;
    let services = facts.has_services.then(|| go(voice, A::Services { person: id, page: 0 }));
    let barred = if person.banned.is_some() { A::Unban { person: id } } else { A::AskBan { person: id } };
    Screen::new(text)
        .row([go(voice, A::History { person: id, page: 0 }), go(voice, A::AskMessage { person: id })])
        .row([go(voice, A::AskCredit { person: id }), go(voice, A::AskDebit { person: id })])
        .row((facts.orders.1 > 0).then(|| go(voice, A::Orders { person: id, page: 0 })).into_iter().chain(services))
        .row([go(voice, barred)])
}

fn listed(title: String, lines: Vec<String>) -> String {
    std::iter::once(title).chain(lines).collect::<Vec<_>>().join("\n")
}

fn state_line(voice: &Voice, person: &Person) -> String {
    match (&person.banned, person.blocked_at) {
        (Some(reason), _) if reason.is_empty() => voice.t("admin-person-banned").to_owned(),
        (Some(reason), _) => voice.t_args("admin-person-banned-for", &args!["reason" => shorten(reason, 120)]),
        (None, Some(at)) => voice.t_args("admin-person-blocked", &args!["date" => voice.date(at)]),
        (None, None) => voice.t("admin-person-welcome").to_owned(),
    }
}

fn services(voice: &Voice, facts: &Facts, shelf: &catalog::Catalog) -> Vec<String> {
    let line = |service: &Subscription| {
        voice.t_args(
            "admin-person-service",
            &args![
                "id" => Arg::code(format!("#{}", service.id)),
                "plan" => title_of(voice, shelf, service),
                "state" => service_state(voice, service.state),
                "until" => voice.date(service.until),
            ],
        )
    };
    facts.services.0.iter().map(line).collect()
}

fn orders(voice: &Voice, facts: &Facts, shelf: &catalog::Catalog) -> Vec<String> {
    let line = |order: &Order| {
        voice.t_args(
            "admin-person-order",
            &args![
                "id" => Arg::code(format!("#{}", order.id)),
                "plan" => words::plan(voice, shelf.plan(&order.plan), order.plan.as_str()),
                "price" => voice.money(order.price),
                "state" => words::order_state(voice, order.state),
            ],
        )
    };
    facts.orders.0.iter().map(line).collect()
}

fn acts(voice: &Voice, facts: &Facts) -> Vec<String> {
    let line = |line: &Line| {
        let known = facts.actors.iter().find(|person| person.id == line.actor);
        voice.t_args(
            "admin-person-act",
            &args![
                "act" => line.act.as_str(),
                "became" => shorten(line.became.as_deref().unwrap_or("—"), 60),
                "who" => words::actor(voice, line.actor, known),
                "when" => Arg::html(words::at(voice, line.at)),
            ],
        )
    };
    facts.acts.iter().map(line).collect()
}

pub fn service_state(voice: &Voice, state: subscriptions::State) -> &'static str {
    use subscriptions::State;
    voice.t(match state {
        State::Pending => "admin-service-pending",
        State::Active => "admin-service-active",
        State::Disabled => "admin-service-disabled",
        State::Ended => "admin-service-ended",
        State::Deleted => "admin-service-deleted",
    })
}

/// The exact consequence, and a reason that may be typed; the safe answer first.
pub async fn ask_ban(turn: &Turn, by: Admin, id: PersonId) -> Result<Answer, Fault> {
    let voice = turn.voice();
    let Some(person) = known(turn, by, id).await? else { return Ok(refusal(&voice, by)) };
    let screen = Screen::new(voice.t_args("admin-ban-ask", &args!["name" => words::name(&person)]))
        .rows(confirm(words::stop(&voice), go(&voice, A::Ban { person: id })));
    open(turn, Input::BanReason { person: id }, screen).await
}

/// The person, when this admin may speak with people.
async fn known(turn: &Turn, by: Admin, id: PersonId) -> Result<Option<Person>, Fault> {
    if !by.may(Right::Talk) {
        return Ok(None);
    }
    accounts::person(turn.app.db.read(), id).await
}

fn refusal(voice: &Voice, by: Admin) -> Answer {
    Answer::alert(words::lacks(voice, by, Right::Talk).unwrap_or_else(|| voice.t("admin-person-unknown").to_owned()))
}

async fn open(turn: &Turn, input: Input, question: Screen) -> Result<Answer, Fault> {
    let mine = turn.clone();
    turn.app.write(move |tx| Box::pin(async move { input.open(tx, &mine).await })).await?;
    Ok(question.keep().into())
}

/// Bars a person, who is told why.
pub async fn ban(turn: &Turn, by: Admin, id: PersonId, reason: &str) -> Result<Answer, Fault> {
    let (now, mine) = (turn.now, turn.clone());
    let reason: String = reason.trim().chars().take(REASON_MAX).collect();
    let once = format!("ban:{}", turn.mint("ban"));
    // An owner of the environment has no row among those who hold a role.
    if turn.app.owners.contains(&id) {
        return done(turn, by, id, Err(PersonError::Staff)).await;
    }
    let outcome = turn
        .app
        .write(move |tx| {
            Box::pin(async move {
                accounts::ban(tx, &by, id, &reason, now).await?;
                notices::tell(tx, id, &Notice::Banned { reason }, now, Some(once)).await?;
                input::close(tx, &mine).await.map_err(PersonError::from)
            })
        })
        .await;
    done(turn, by, id, outcome).await
}

pub async fn unban(turn: &Turn, by: Admin, id: PersonId) -> Result<Answer, Fault> {
    let now = turn.now;
    let once = format!("unban:{}", turn.mint("unban"));
    let outcome = turn
        .app
        .write(move |tx| {
            Box::pin(async move {
                accounts::unban(tx, &by, id, now).await?;
                notices::tell(tx, id, &Notice::Unbanned, now, Some(once)).await.map_err(PersonError::from)
            })
        })
        .await;
    done(turn, by, id, outcome).await
}

/// The person as it is now; with a word when the act changed nothing.
async fn done(turn: &Turn, by: Admin, id: PersonId, outcome: Result<(), PersonError>) -> Result<Answer, Fault> {
    let voice = turn.voice();
    match outcome {
        Ok(()) => Ok(show(turn, id).await?.saying(voice.t("admin-done"))),
        Err(PersonError::Already) => Ok(show(turn, id).await?.saying(voice.t("admin-already"))),
        Err(error) => Ok(Answer::alert(person_refusal(&voice, by, error)?)),
    }
}

/// Why an act on a person was not done. A fault is given back.
pub fn person_refusal(voice: &Voice, by: Admin, error: PersonError) -> Result<String, Fault> {
    Ok(match error {
        PersonError::Unknown => voice.t("admin-person-unknown").to_owned(),
        PersonError::NotAllowed => {
            let lacks = words::lacks(voice, by, Right::Talk).or_else(|| words::lacks(voice, by, Right::Staff));
            lacks.unwrap_or_else(|| voice.t("admin-already").to_owned())
        }
        PersonError::Staff => voice.t("admin-ban-staff").to_owned(),
        PersonError::Already => voice.t("admin-already").to_owned(),
        PersonError::Fault(fault) => return Err(fault),
    })
}

pub async fn ask_message(turn: &Turn, by: Admin, id: PersonId) -> Result<Answer, Fault> {
    let voice = turn.voice();
    let Some(person) = known(turn, by, id).await? else { return Ok(refusal(&voice, by)) };
    if person.blocked_at.is_some() {
        return Ok(Answer::alert(voice.label("admin-message-blocked", &args!["name" => words::name(&person)])));
    }
    let text = voice.t_args("admin-message-ask", &args!["name" => words::name(&person)]);
    open(turn, Input::MessageTo { person: id }, Screen::new(text).row([words::stop(&voice)])).await
}

/// Tells a person what was typed, in the shop's name.
pub async fn write_to(turn: &Turn, by: Admin, id: PersonId, text: &str) -> Result<Answer, Fault> {
    let voice = turn.voice();
    let Some(person) = known(turn, by, id).await? else { return Ok(refusal(&voice, by)) };
    // He may have left since he was asked about.
    if person.blocked_at.is_some() {
        return Ok(Screen::new(voice.t_args("admin-message-blocked", &args!["name" => words::name(&person)])).into());
    }
    if text.chars().count() > MESSAGE_MAX {
        let wrong = voice.t_args("admin-message-long", &args!["most" => i64::try_from(MESSAGE_MAX).unwrap_or(i64::MAX)]);
        return Ok(Screen::new(wrong).row([words::stop(&voice)]).into());
    }
    let (now, mine, text) = (turn.now, turn.clone(), text.to_owned());
    let once = format!("message:{}", turn.mint("message"));
    turn.app
        .write(move |tx| {
            Box::pin(async move {
                let became = Some(shorten(&text, 200));
                let subject = format!("person:{id}");
                let deed = Deed { by: by.person(), act: "person.message", subject, was: None, became, origin: by.origin() };
                accounts::audit(tx, &deed, now).await?;
                notices::tell(tx, id, &Notice::Message { text }, now, Some(once)).await?;
                input::close(tx, &mine).await
            })
        })
        .await?;
    Ok(Screen::new(voice.t_args("admin-message-sent", &args!["name" => words::name(&person)])).into())
}
