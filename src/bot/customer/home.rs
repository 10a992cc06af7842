//! Home, help and support: where everything begins, and where one asks.
use crate::base::format::Voice;
use crate::base::texts::{Arg, args};
use crate::bot::kit::{self, go, grid};
use crate::bot::route::{AgentRoute, CustomerRoute as C};
use crate::bot::screen::{Button, Screen};
use crate::bot::turn::Turn;

/// What home needs to know.
#[derive(Debug, Clone, Copy)]
pub struct Facts<'a> {
    pub shop: &'a str,
    pub name: &'a str,
    pub trials: bool,
    /// Somebody can become an agent.
    pub agents: bool,
}

/// Home. It reads nothing but the turn, so that the commonest tap costs least.
pub fn show(turn: &Turn) -> Screen {
    view(&turn.voice(), facts(turn))
}

fn facts(turn: &Turn) -> Facts<'_> {
    let trials = !turn.settings.trial_plan.is_empty();
    Facts { shop: &turn.settings.shop_name, name: &turn.who.person.name, trials, agents: turn.has_tiers }
}

/// Home, after a message that we could not make anything of.
pub fn unexpected(turn: &Turn) -> Screen {
    let voice = turn.voice();
    let mut screen = view(&voice, facts(turn));
    voice.t("common-unexpected").clone_into(&mut screen.text);
    screen
}

pub fn view(voice: &Voice, facts: Facts<'_>) -> Screen {
    let title = voice.t_args("home-title", &args!["shop" => facts.shop]);
    let hello = voice.t_args("home-hello", &args!["name" => facts.name]);
    let mut rest = vec![go(voice, C::Payments { page: 0 }), go(voice, C::Wallet)];
    rest.extend(facts.trials.then(|| go(voice, C::Trial)));
    rest.extend(facts.agents.then(|| go(voice, AgentRoute::Home)));
    rest.extend([go(voice, C::Support), go(voice, C::Help), go(voice, C::Languages)]);
    Screen::new(format!("{title}\n\n{hello}\n{}", voice.t("home-ask")))
        .row([go(voice, C::Categories)])
        .row([go(voice, C::Services { page: 0 })])
        .rows(pairs(&rest))
}

/// Home's lesser choices stand two a row; the labels are short in every language.
fn pairs(buttons: &[Button]) -> Vec<Vec<Button>> {
    buttons.chunks(2).map(<[Button]>::to_vec).collect()
}

pub fn help(turn: &Turn) -> Screen {
    help_view(&turn.voice())
}

fn help_view(voice: &Voice) -> Screen {
    let buttons = vec![go(voice, C::Categories), go(voice, C::Services { page: 0 }), go(voice, C::Support)];
    Screen::new(format!("{}\n\n{}", voice.t("help-title"), voice.t("help-text"))).rows(grid(&buttons)).row(kit::home(voice))
}

pub fn support(turn: &Turn) -> Screen {
    support_view(&turn.voice(), &turn.settings.support_contact, &turn.who.person.id.to_string())
}

fn support_view(voice: &Voice, contact: &str, id: &str) -> Screen {
    let title = voice.t("support-title");
    if contact.is_empty() {
        return Screen::new(format!("{title}\n\n{}", voice.t("support-none"))).row(kit::home(voice));
    }
    let text = voice.t_args("support-text", &args!["contact" => contact, "id" => Arg::code(id)]);
    let link = contact.strip_prefix('@').map_or_else(|| contact.to_owned(), |name| format!("https://t.me/{name}"));
    let write = link.starts_with("https://").then(|| Button::Url(link, voice.t("button-write").to_owned()));
    Screen::new(format!("{title}\n\n{text}")).row(write).row(kit::home(voice))
}

#[cfg(test)]
mod tests {
    use super::{Facts, help_view, support_view, view};
    use crate::bot::kit::tests::in_every_language;

    #[test]
    fn home_help_and_support_in_every_language() {
        insta::assert_snapshot!(in_every_language(|voice| vec![
            view(voice, Facts { shop: "Bazar <1>", name: "Sara & co", trials: true, agents: true }),
            help_view(voice),
            support_view(voice, "@bazar_help", "123456"),
            support_view(voice, "", "123456"),
        ]));
    }
}
