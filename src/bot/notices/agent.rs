//! What agents are told unasked, and the group about them.
use crate::app::App;
use crate::base::format::{Voice, number};
use crate::base::texts::{Arg, args};
use crate::base::{Fault, Money, PersonId};
use crate::bot::kit::go;
use crate::bot::page::page;
use crate::bot::route::{AgentRoute as G, CustomerRoute as C, Rack};
use crate::bot::screen::Button;
use crate::bot::screen::Screen;
use crate::bot::{admin, agent};
use crate::shop::agents::{self, Agency, State};
use crate::shop::notices::AgentNotice;
use crate::shop::reports::Span;

/// The notice as a screen; `None` when what it speaks of is gone.
pub async fn view(app: &App, voice: &Voice, notice: &AgentNotice) -> Result<Option<Screen>, Fault> {
    Ok(match notice {
        AgentNotice::Accepted { tier } | AgentNotice::Tier { tier } => {
            let title = tier_title(app, voice, tier).await?;
            Some(told(voice, notice, &title))
        }
        AgentNotice::Applied { application } => admin::applicant::card(app, voice, *application).await?,
        AgentNotice::BatchReady { batch } => agent::batch_links(app, voice, *batch).await?,
        AgentNotice::Week { agent, to } => match open_agency(app, *agent).await? {
            Some(agency) => Some(agent::earnings::digest(app, voice, &agency, *to).await?),
            None => None,
        },
        AgentNotice::Month { agent, first, last } => match open_agency(app, *agent).await? {
            Some(agency) => {
                let span = Span::Days { first: *first, last: *last };
                Some(agent::statement::month_told(app, voice, &agency, span).await?)
            }
            None => None,
        },
        AgentNotice::AgentCutOff { agent, .. } | AgentNotice::AgentRestored { agent, .. } => {
            let name = name_of(app, *agent).await?;
            Some(told(voice, notice, &name))
        }
        AgentNotice::Rejected { .. }
        | AgentNotice::State { .. }
        | AgentNotice::Closed { .. }
        | AgentNotice::CreditNegative { .. }
        | AgentNotice::CreditGood { .. }
        | AgentNotice::CutOff { .. }
        | AgentNotice::Restored { .. }
        | AgentNotice::CreditChanged { .. }
        | AgentNotice::ToppedUp { .. }
        | AgentNotice::KeptInWallet { .. }
        | AgentNotice::TakenOver { .. } => Some(told(voice, notice, "")),
    })
}

async fn tier_title(app: &App, voice: &Voice, code: &str) -> Result<String, Fault> {
    let tiers = agents::tiers(app.db.read()).await?;
    let known = tiers.iter().find(|tier| tier.code.as_str() == code);
    Ok(known.map_or_else(|| code.to_owned(), |tier| tier.title(voice.lang).to_owned()))
}

async fn open_agency(app: &App, person: PersonId) -> Result<Option<Agency>, Fault> {
    Ok(agents::agency(app.db.read(), person).await?.filter(|agency| agency.state != State::Closed))
}

async fn name_of(app: &App, agent: PersonId) -> Result<String, Fault> {
    let agency = agents::agency(app.db.read(), agent).await?;
    Ok(agency.map_or_else(|| agent.to_string(), |agency| format!("{} {}", agency.first_name, agency.last_name)))
}

/// The words of a notice, pure. `name` is the tier's or the agent's.
fn told(voice: &Voice, notice: &AgentNotice, name: &str) -> Screen {
    let left = |amount: &Money| voice.t_args("agent-left", &args!["amount" => voice.money(*amount)]);
    let reason = |words: &str| {
        if words.is_empty() { String::new() } else { voice.t_args("notice-reason", &args!["reason" => words]) }
    };
    let services = |count: i64| voice.t_args("agent-services", &args!["count" => number(voice.lang, count)]);
    let came = |amount: &Money| voice.t_args("notice-short-got", &args!["amount" => voice.money(*amount)]);
    let tier = || voice.t_args("agent-tier", &args!["title" => name]);
    let who = || voice.t_args("agent-who", &args!["name" => name]);
    let (title, facts, next) = match notice {
        AgentNotice::Accepted { .. } => ("agent-accepted", vec![tier()], "agent-accepted-next"),
        AgentNotice::Tier { .. } => ("agent-new-tier", vec![tier()], ""),
        AgentNotice::Rejected { reason: words } => ("agent-rejected", vec![reason(words)], "agent-rejected-next"),
        AgentNotice::State { state, reason: words } if state == State::Active.code() => ("agent-thawed", vec![reason(words)], ""),
        AgentNotice::State { reason: words, .. } => ("agent-frozen", vec![reason(words)], "agent-frozen-next"),
        AgentNotice::Closed { to_wallet } => {
            let back = voice.t_args("notice-to-wallet", &args!["amount" => voice.money(*to_wallet)]);
            ("agent-closed", if to_wallet.minor > 0 { vec![back] } else { vec![] }, "")
        }
        AgentNotice::CreditNegative { left: amount, cut_at } => {
            let at = voice.t_args("agent-cut-at", &args!["moment" => voice.moment(*cut_at)]);
            ("agent-negative", vec![left(amount), at], "agent-negative-next")
        }
        AgentNotice::CreditGood { left: amount } => ("agent-good", vec![left(amount)], ""),
        AgentNotice::CutOff { left: amount, services: count } => {
            ("agent-cut", vec![left(amount), services(*count)], "agent-cut-next")
        }
        AgentNotice::Restored { left: amount, services: count } => ("agent-restored", vec![left(amount), services(*count)], ""),
        AgentNotice::CreditChanged { amount, left: can, reason: words } => {
            let sum = voice.t_args("notice-wallet-change", &args!["amount" => voice.money(*amount)]);
            ("agent-credit-changed", vec![sum, left(can), reason(words)], "")
        }
        AgentNotice::ToppedUp { amount, confirmed, left: can } => {
            let has = voice.t_args("agency-confirmed", &args!["amount" => voice.money(*confirmed)]);
            let spendable = voice.t_args("agency-left", &args!["amount" => voice.money(*can)]);
            ("agent-topped-up", vec![came(amount), has, spendable], "")
        }
        AgentNotice::KeptInWallet { amount, balance } => {
            let has = voice.t_args("notice-wallet-balance", &args!["amount" => voice.money(*balance)]);
            ("agent-kept", vec![came(amount), has], "agent-kept-next")
        }
        AgentNotice::BatchReady { batch } => {
            ("agent-batch", vec![voice.t_args("agent-batch-id", &args!["id" => Arg::code(batch.to_string())])], "")
        }
        AgentNotice::TakenOver { subscription } => {
            ("agent-taken", vec![voice.t_args("alarm-service", &args!["id" => Arg::code(subscription.to_string())])], "")
        }
        // Their words are of screens of their own.
        AgentNotice::Week { .. } => ("button-earnings", vec![], ""),
        AgentNotice::Month { .. } => ("button-statement", vec![], ""),
        AgentNotice::Applied { .. } => ("agent-applied", vec![], ""),
        AgentNotice::AgentCutOff { left: amount, services: count, .. } => {
            ("agent-cut-group", vec![who(), left(amount), services(*count)], "")
        }
        AgentNotice::AgentRestored { left: amount, services: count, .. } => {
            ("agent-restored-group", vec![who(), left(amount), services(*count)], "")
        }
    };
    let next = if next.is_empty() { "" } else { voice.t(next) };
    Screen::new(page(voice.t(title), facts, next)).row(way(voice, notice))
}

/// Where one goes from there; the group's have no way.
fn way(voice: &Voice, notice: &AgentNotice) -> Option<Button> {
    Some(match notice {
        AgentNotice::Accepted { .. }
        | AgentNotice::Tier { .. }
        | AgentNotice::CreditGood { .. }
        | AgentNotice::CreditChanged { .. }
        | AgentNotice::ToppedUp { .. } => go(voice, G::Home),
        AgentNotice::KeptInWallet { .. } => go(voice, C::Wallet),
        AgentNotice::CreditNegative { .. } | AgentNotice::CutOff { .. } => go(voice, G::TopUp),
        AgentNotice::BatchReady { batch } => go(voice, G::Batch { batch: *batch }),
        AgentNotice::TakenOver { subscription } => go(voice, G::Service { subscription: *subscription }),
        AgentNotice::Restored { .. } => go(voice, G::Sold { shelf: Rack::All, page: 0 }),
        AgentNotice::State { .. } | AgentNotice::Rejected { .. } | AgentNotice::Closed { .. } => go(voice, C::Support),
        AgentNotice::Applied { .. }
        | AgentNotice::AgentCutOff { .. }
        | AgentNotice::AgentRestored { .. }
        | AgentNotice::Week { .. }
        | AgentNotice::Month { .. } => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::told;
    use crate::base::{Asset, BatchId, HOUR, Money, PersonId, SubscriptionId, Time};
    use crate::bot::kit::tests::in_every_language;
    use crate::shop::notices::AgentNotice as N;

    #[test]
    fn notices_about_agents_in_every_language() {
        let toman = |minor| Money::new(minor, Asset::Irt);
        let (left, agent, services) = (toman(-350_000), PersonId(700), 12);
        let all = [
            N::Accepted { tier: "gold".to_owned() },
            N::Tier { tier: "gold".to_owned() },
            N::Rejected { reason: "not in your city".to_owned() },
            N::State { state: "frozen".to_owned(), reason: "a call is needed".to_owned() },
            N::State { state: "active".to_owned(), reason: String::new() },
            N::Closed { to_wallet: toman(20_000) },
            N::CreditNegative { left, cut_at: Time(24 * HOUR) },
            N::CreditGood { left: toman(10_000) },
            N::CutOff { left, services },
            N::Restored { left: toman(10_000), services },
            N::CreditChanged { amount: toman(-50_000), left: toman(10_000), reason: "paid <twice>".to_owned() },
            N::ToppedUp { amount: toman(100_431), confirmed: toman(20_431), left: toman(320_431) },
            N::KeptInWallet { amount: toman(100_431), balance: toman(120_431) },
            N::BatchReady { batch: BatchId(7) },
            N::TakenOver { subscription: SubscriptionId(7) },
            N::AgentCutOff { agent, left, services },
            N::AgentRestored { agent, left: toman(10_000), services },
        ];
        insta::assert_snapshot!(in_every_language(|voice| { all.iter().map(|notice| told(voice, notice, "Gold")).collect() }));
    }
}
