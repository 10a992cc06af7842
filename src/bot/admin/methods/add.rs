//! A new payment method, described step by step by an owner, alone with the bot.
//!
//! What was typed is sealed between the steps: a dialogue lies in the database. The last screen shows what will be added and mints
//! the act's key, so that a second tap finds nothing to do.
use super::{go, kind_key, refusal, show};
use crate::base::Fault;
use crate::base::format::Voice;
use crate::base::texts::args;
use crate::bot::admin::words;
use crate::bot::input::{self, Found, Input, NewMethod};
use crate::bot::kit::shorten;
use crate::bot::page::page;
use crate::bot::route::MethodRoute as M;
use crate::bot::screen::{Answer, Screen};
use crate::bot::turn::{ChatKind, Turn};
use crate::shop::accounts::{Admin, Right};
use crate::shop::payments::{self, BadDetails, Draft, Kind, Network, ending, plain_network, read_details};
use secrecy::{ExposeSecret, SecretString};

const NAME_MAX: usize = 60;
const NETWORK_MAX: usize = 20;
/// Where the details lie sealed between two steps.
const PLACE: &str = "dialogues:state:new_method";

/// Whether this admin may add a method here; what he is told when he may not.
fn barred(turn: &Turn, by: Admin) -> Option<Answer> {
    let voice = turn.voice();
    if !by.may(Right::Staff) {
        return Some(Answer::alert(voice.t("methods-add-owner")));
    }
    (turn.at.kind != ChatKind::Private).then(|| Answer::alert(voice.t("methods-add-private")))
}

/// Which kind?
pub async fn begin(turn: &Turn, by: Admin) -> Result<Answer, Fault> {
    if let Some(told) = barred(turn, by) {
        return Ok(told);
    }
    input::close_now(turn).await?;
    Ok(begin_view(&turn.voice()).into())
}

fn begin_view(voice: &Voice) -> Screen {
    let kinds = Kind::ALL.into_iter().map(|kind| vec![go(voice, M::AddKind { kind })]);
    Screen::new(page(voice.t("methods-add-title"), [], voice.t("methods-add-kind")))
        .rows(kinds)
        .row([go(voice, M::List { page: 0 })])
}

/// The kind was chosen.
pub async fn kind(turn: &Turn, by: Admin, kind: Kind) -> Result<Answer, Fault> {
    if let Some(told) = barred(turn, by) {
        return Ok(told);
    }
    let step = if kind == Kind::Crypto { NewMethod::Network } else { NewMethod::Details { kind, network: None } };
    asks(turn, step).await
}

/// The network was chosen, or typed.
pub async fn network(turn: &Turn, by: Admin, name: &str) -> Result<Answer, Fault> {
    if let Some(told) = barred(turn, by) {
        return Ok(told);
    }
    asks(turn, NewMethod::Details { kind: Kind::Crypto, network: Some(plain_network(name)) }).await
}

/// Opens the question of a step.
async fn asks(turn: &Turn, step: NewMethod) -> Result<Answer, Fault> {
    let screen = step_view(&turn.voice(), &step, "");
    let mine = turn.clone();
    turn.app.write(move |tx| Box::pin(async move { Input::NewMethod { step }.open(tx, &mine).await })).await?;
    Ok(screen.into())
}

fn step_view(voice: &Voice, step: &NewMethod, wrong: &str) -> Screen {
    let text = match step {
        NewMethod::Network => voice.t("methods-add-network").to_owned(),
        NewMethod::Details { kind: Kind::Card, .. } => voice.t("methods-add-card").to_owned(),
        NewMethod::Details { kind: Kind::Sheba, .. } => voice.t("methods-add-sheba").to_owned(),
        NewMethod::Details { kind: Kind::Crypto, network } => {
            voice.t_args("methods-add-address", &args!["network" => network.as_deref().unwrap_or_default()])
        }
        NewMethod::Holder { .. } => voice.t("methods-add-holder").to_owned(),
        NewMethod::Bank { .. } => voice.t("methods-add-bank").to_owned(),
        NewMethod::Ready { found, holder, bank, key } => {
            let lines = ready_lines(voice, found, [holder.as_deref(), bank.as_deref()]);
            return Screen::new(page(voice.t("methods-add-title"), lines, voice.t("methods-add-ask")))
                .row([words::stop(voice)])
                .row([go(voice, M::AddYes { key: *key })]);
        }
    };
    let screen = Screen::new(page(voice.t("methods-add-title"), [wrong.to_owned()], &text));
    let screen = match step {
        NewMethod::Network => {
            let known: Vec<_> = Network::ALL.into_iter().map(|network| go(voice, M::AddNetwork { network })).collect();
            screen.rows(known.chunks(3).map(<[_]>::to_vec))
        }
        NewMethod::Bank { .. } => screen.row([go(voice, M::AddNoBank)]),
        _ => screen,
    };
    screen.row([words::stop(voice)])
}

fn ready_lines(voice: &Voice, found: &Found, [holder, bank]: [Option<&str>; 2]) -> Vec<String> {
    let mut lines = vec![
        voice.t_args("methods-what", &args!["kind" => voice.t(kind_key(found.kind)), "last4" => found.last4.as_str()]),
        voice.t(if found.checked { "methods-sum-right" } else { "methods-sum-none" }).to_owned(),
    ];
    lines.extend(holder.map(|holder| voice.t_args("methods-holder", &args!["holder" => holder])));
    lines.extend(bank.map(|bank| voice.t_args("methods-bank", &args!["bank" => bank])));
    lines.extend(found.network.as_deref().map(|network| voice.t_args("methods-network", &args!["network" => network])));
    lines
}

/// A step was answered by a text; `None` when the step waits for a tap.
pub async fn typed(turn: &Turn, by: Admin, step: &NewMethod, text: &str) -> Result<Option<Answer>, Fault> {
    let voice = turn.voice();
    if let Some(told) = barred(turn, by) {
        return Ok(Some(told));
    }
    let name = |most: usize| {
        let plain = text.split_whitespace().collect::<Vec<_>>().join(" ");
        (1..=most).contains(&plain.chars().count()).then_some(plain)
    };
    let again = |key: &'static str| Ok(Some(step_view(&voice, step, voice.t(key)).into()));
    match step {
        NewMethod::Network => match name(NETWORK_MAX) {
            Some(name) => network(turn, by, &name).await.map(Some),
            None => again("methods-bad-words"),
        },
        NewMethod::Details { kind, network } => details_typed(turn, (*kind, network.as_deref()), text).await.map(Some),
        NewMethod::Holder { found } => match name(NAME_MAX) {
            Some(holder) => asks(turn, NewMethod::Bank { found: found.clone(), holder }).await.map(Some),
            None => again("methods-bad-words"),
        },
        NewMethod::Bank { found, holder } => match name(NAME_MAX) {
            Some(bank) => ready(turn, found.clone(), Some(holder.clone()), Some(bank)).await.map(Some),
            None => again("methods-bad-words"),
        },
        NewMethod::Ready { .. } => Ok(Some(step_view(&voice, step, "").into())),
    }
}

async fn details_typed(turn: &Turn, (kind, network): (Kind, Option<&str>), text: &str) -> Result<Answer, Fault> {
    let voice = turn.voice();
    let read = match read_details(kind, network, text) {
        Ok(read) => read,
        Err(mistake) => {
            let step = NewMethod::Details { kind, network: network.map(str::to_owned) };
            return Ok(step_view(&voice, &step, &mistaken(&voice, mistake)).into());
        }
    };
    let details = SecretString::from(read.text);
    let sealed = turn.app.seal.seal(PLACE, details.expose_secret());
    let sealed = sealed.map_err(|error| Fault::new(error).context("sealing a payment method's details"))?;
    let network = network.map(str::to_owned);
    let found = Found { kind, network, sealed, last4: ending(&details), checked: read.checked };
    if kind == Kind::Crypto { ready(turn, found, None, None).await } else { asks(turn, NewMethod::Holder { found }).await }
}

fn mistaken(voice: &Voice, mistake: BadDetails) -> String {
    match mistake {
        BadDetails::Card => voice.t("methods-bad-card").to_owned(),
        BadDetails::ShebaForm => voice.t("methods-bad-sheba-form").to_owned(),
        BadDetails::ShebaCheck => voice.t("methods-bad-sheba-check").to_owned(),
        BadDetails::AddressForm(network) => voice.t_args("methods-bad-address-form", &args!["network" => network.name()]),
        BadDetails::AddressCheck(network) => voice.t_args("methods-bad-address-check", &args!["network" => network.name()]),
        BadDetails::Address => voice.t("methods-bad-address").to_owned(),
    }
}

/// The bank is not named.
pub async fn no_bank(turn: &Turn, by: Admin) -> Result<Answer, Fault> {
    if let Some(told) = barred(turn, by) {
        return Ok(told);
    }
    match &turn.who.input {
        Some(Input::NewMethod { step: NewMethod::Bank { found, holder } }) => {
            ready(turn, found.clone(), Some(holder.clone()), None).await
        }
        _ => Ok(Answer::alert(turn.voice().t("methods-add-gone"))),
    }
}

async fn ready(turn: &Turn, found: Found, holder: Option<String>, bank: Option<String>) -> Result<Answer, Fault> {
    asks(turn, NewMethod::Ready { found, holder, bank, key: turn.mint("method") }).await
}

/// The yes.
pub async fn confirmed(turn: &Turn, by: Admin, key: i64) -> Result<Answer, Fault> {
    let voice = turn.voice();
    if let Some(told) = barred(turn, by) {
        return Ok(told);
    }
    let Some(Input::NewMethod { step: NewMethod::Ready { found, holder, bank, key: asked } }) = turn.who.input.clone() else {
        return Ok(Answer::alert(voice.t("methods-add-gone")));
    };
    if asked != key {
        return Ok(Answer::alert(voice.t("methods-add-gone")));
    }
    let opened = turn.app.seal.open(PLACE, &found.sealed);
    let details = opened.map_err(|error| Fault::new(error).context("opening a new payment method's details"))?;
    let called = bank.as_deref().or(found.network.as_deref()).or(holder.as_deref()).unwrap_or_default();
    let alias = format!("{} {}", shorten(called, NAME_MAX - 5), found.last4);
    let draft = Draft { kind: found.kind, alias, details, holder, bank, network: found.network };
    let (now, mine) = (turn.now, turn.clone());
    let outcome = turn
        .app
        .write(move |tx| {
            Box::pin(async move {
                let added = payments::add_method(tx, &by, draft, &mine.app.seal, now).await?;
                input::close(tx, &mine).await?;
                Ok(added)
            })
        })
        .await;
    match outcome {
        Ok(added) => Ok(show::page(turn, &added.code).await?.saying(voice.t("admin-done"))),
        Err(error) => Ok(Answer::alert(refusal(&voice, by, error)?)),
    }
}

#[cfg(test)]
mod tests {
    use super::{BadDetails, Found, Kind, Network, NewMethod, begin_view, mistaken, step_view};
    use crate::bot::kit::tests::in_every_language;

    fn found(kind: Kind) -> Found {
        let network = (kind == Kind::Crypto).then(|| "SOL".to_owned());
        Found { kind, network, sealed: String::new(), last4: "7893".to_owned(), checked: kind != Kind::Crypto }
    }

    #[test]
    fn a_new_method_step_by_step_in_every_language() {
        let name = || "Sara Ahmadi".to_owned();
        let details = |kind, network: Option<&str>| NewMethod::Details { kind, network: network.map(str::to_owned) };
        let ready = |kind, holder, bank| NewMethod::Ready { found: found(kind), holder, bank, key: 7 };
        insta::assert_snapshot!(in_every_language(|voice| vec![
            begin_view(voice),
            step_view(voice, &NewMethod::Network, voice.t("methods-bad-words")),
            step_view(voice, &details(Kind::Card, None), &mistaken(voice, BadDetails::Card)),
            step_view(voice, &details(Kind::Sheba, None), &mistaken(voice, BadDetails::ShebaForm)),
            step_view(voice, &details(Kind::Sheba, None), &mistaken(voice, BadDetails::ShebaCheck)),
            step_view(voice, &details(Kind::Crypto, Some("TRC20")), &mistaken(voice, BadDetails::AddressForm(Network::Trc20))),
            step_view(voice, &details(Kind::Crypto, Some("BTC")), &mistaken(voice, BadDetails::AddressCheck(Network::Btc))),
            step_view(voice, &details(Kind::Crypto, Some("SOL")), &mistaken(voice, BadDetails::Address)),
            step_view(voice, &NewMethod::Holder { found: found(Kind::Card) }, ""),
            step_view(voice, &NewMethod::Bank { found: found(Kind::Card), holder: name() }, ""),
            step_view(voice, &ready(Kind::Card, Some(name()), Some("Mellat".to_owned())), ""),
            step_view(voice, &ready(Kind::Crypto, None, None), ""),
        ]));
    }
}
