//! An agent's home: the account as the ledger has it, what happens when it is below zero, and the ways from here.
use crate::base::format::Voice;
use crate::base::texts::args;
use crate::base::{Fault, Money, Time};
use crate::bot::kit::{self, go};
use crate::bot::page::page;
use crate::bot::route::{AgentRoute as G, Rack};
use crate::bot::screen::{Answer, Screen};
use crate::bot::turn::Turn;
use crate::shop::agents::{self, Agency, Agent, Stage, State};
use crate::shop::ledger::{self, Standing};

pub async fn show(turn: &Turn, agent: &Agent) -> Result<Answer, Fault> {
    let conn = turn.app.db.read();
    let standing = ledger::standing(conn, &agent.account(turn.settings.asset)).await?;
    let cut = cut(turn, agent, &standing).await?;
    Ok(view(&turn.voice(), agent, &standing, cut).into())
}

/// When the services are switched off, if they will be; and whether they are.
pub async fn cut(turn: &Turn, agency: &Agency, standing: &Standing) -> Result<(Option<Time>, bool), Fault> {
    let episodes = match standing.owing_since {
        Some(_) => agents::open_since(turn.app.db.read(), agency.person).await?,
        None => Vec::new(),
    };
    let is_cut = episodes.iter().any(|episode| matches!(episode.stage, Stage::Cutting | Stage::Cut));
    let cut_at = episodes.iter().find_map(|episode| episode.cut_at(&turn.settings)).filter(|_| standing.negative_since.is_some());
    Ok((cut_at, is_cut))
}

/// The account, a line each.
pub fn account(voice: &Voice, standing: &Standing) -> Vec<String> {
    let money = |minor| voice.money(Money::new(minor, standing.left.asset));
    let mut facts = vec![voice.t_args("agency-confirmed", &args!["amount" => voice.money(standing.confirmed)])];
    if standing.pending.minor > 0 {
        let given = args!["amount" => voice.money(standing.pending), "counted" => voice.money(standing.counted)];
        facts.push(voice.t_args("agency-pending", &given));
    }
    if standing.limits.line > 0 {
        facts.push(voice.t_args("agency-line", &args!["amount" => money(standing.limits.line)]));
    }
    facts.push(voice.t_args("agency-left", &args!["amount" => voice.money(standing.left)]));
    facts
}

fn view(voice: &Voice, agency: &Agency, standing: &Standing, (cut_at, is_cut): (Option<Time>, bool)) -> Screen {
    let title = voice.t_args("agency-title", &args!["name" => agency.shop_name.as_str()]);
    let mut facts = vec![voice.t_args("agent-tier", &args!["title" => agency.tier.title(voice.lang)])];
    facts.extend(agency.until.map(|at| voice.t_args("agency-until", &args!["date" => voice.date(at)])));
    facts.extend(account(voice, standing));
    facts.extend(standing.negative_since.map(|at| voice.t_args("agency-negative", &args!["moment" => voice.moment(at)])));
    facts.extend(cut_at.map(|at| voice.t_args("agent-cut-at", &args!["moment" => voice.moment(at)])));
    let next = match (agency.state, standing.negative_since) {
        (State::Active, None) if agency.is_over(voice.now) => voice.t("agency-over"),
        (State::Active, None) if is_cut => voice.t("agency-cut-pending"),
        (State::Active, None) => "",
        (State::Active, Some(_)) if cut_at.is_some() => voice.t("agency-negative-next"),
        (State::Active, Some(_)) => voice.t("agency-cut-next"),
        (State::Frozen | State::Closed, _) => voice.t("agency-frozen"),
    };
    Screen::new(page(&title, facts, next))
        .row([go(voice, G::Sell { page: 0 })])
        .row([go(voice, G::Sold { shelf: Rack::All, page: 0 })])
        .row([go(voice, G::TopUp)])
        .row([go(voice, G::Batches), go(voice, G::Statement { page: 0 })])
        .row([go(voice, G::Earnings { span: super::statement::ready(voice, 0) })])
        .row([go(voice, G::Settings)])
        .row(kit::home(voice))
}

/// What an agent may switch.
pub fn settings(turn: &Turn, digest: bool) -> Screen {
    settings_view(&turn.voice(), digest)
}

fn settings_view(voice: &Voice, digest: bool) -> Screen {
    let (state, route) = if digest { ("agency-digest-on", G::DigestOff) } else { ("agency-digest-off", G::DigestOn) };
    Screen::new(page(voice.t("agency-settings"), [voice.t(state).to_owned()], ""))
        .row([go(voice, route)])
        .row(kit::back(voice, G::Home))
}

pub async fn set_digest(turn: &Turn, agent: &Agent, on: bool) -> Result<Answer, Fault> {
    let who = agent.clone();
    turn.app.write(move |tx| Box::pin(async move { agents::set_digest(tx, &who, on).await })).await?;
    Ok(settings(turn, on).into())
}

#[cfg(test)]
pub(in crate::bot) mod tests {
    use super::{settings_view, view};
    use crate::base::{ApplicationId, Asset, DAY, HOUR, Lang, Money, PersonId};
    use crate::bot::kit::tests::{NOW, in_every_language};
    use crate::shop::agents::{Agency, Prices, Selling, State, Tier};
    use crate::shop::catalog::Words;
    use crate::shop::ledger::{Limits, Standing};

    pub fn agency(state: State) -> Agency {
        let tier = Tier {
            code: "silver".parse().expect("a code"),
            titles: Words::from([(Lang::En, "Silver"), (Lang::Fa, "نقره‌ای"), (Lang::Ru, "Серебро")]),
            line: 300_000,
            pending_percent: 50,
            overdraft: 100_000,
            days: None,
            plans: vec![],
            prices: Prices::default(),
            on: true,
        };
        Agency {
            person: PersonId(700),
            application: ApplicationId(7),
            first_name: "Ali".to_owned(),
            last_name: "Karimi".to_owned(),
            shop_name: "Ali <Net>".to_owned(),
            tier,
            state,
            line: None,
            prices: Prices::default(),
            selling: Selling::default(),
            until: None,
            digest: true,
            since: NOW.after(-90 * DAY),
        }
    }

    pub fn standing(confirmed: i64, pending: i64) -> Standing {
        let toman = |minor| Money::new(minor, Asset::Irt);
        let limits = Limits { line: 300_000, pending_per_mille: 500, pending_max: 100_000 };
        let counted = limits.counted(pending);
        let left = confirmed + counted + limits.line;
        Standing {
            confirmed: toman(confirmed),
            pending: toman(pending),
            held: toman(0),
            limits,
            counted: toman(counted),
            left: toman(left),
            negative_since: (left < 0).then(|| NOW.after(-3 * HOUR)),
            owing_since: (confirmed < -300_000).then(|| NOW.after(-3 * HOUR)),
        }
    }

    #[test]
    fn the_agents_home_in_every_language() {
        insta::assert_snapshot!(in_every_language(|voice| {
            let ended = Agency { until: Some(NOW.after(-DAY)), ..agency(State::Active) };
            vec![
                view(voice, &agency(State::Active), &standing(1_250_000, 0), (None, false)),
                view(voice, &agency(State::Active), &standing(-120_000, 500_000), (None, false)),
                view(voice, &agency(State::Active), &standing(-350_000, 0), (Some(NOW.after(21 * HOUR)), false)),
                view(voice, &agency(State::Active), &standing(-350_000, 0), (None, true)),
                view(voice, &agency(State::Active), &standing(-350_000, 500_000), (None, true)),
                view(voice, &agency(State::Frozen), &standing(0, 0), (None, false)),
                view(voice, &ended, &standing(0, 0), (None, false)),
                settings_view(voice, true),
                settings_view(voice, false),
            ]
        }));
    }
}
