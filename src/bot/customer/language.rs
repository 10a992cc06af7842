//! The language: asked first, changeable later.
use crate::base::format::Voice;
use crate::base::{Fault, Lang};
use crate::bot::commands;
use crate::bot::kit::{self, pick};
use crate::bot::route::CustomerRoute as C;
use crate::bot::screen::{Button, Screen};
use crate::bot::turn::Turn;
use crate::shop::accounts;
use crate::shop::catalog::PlanCode;

/// The choice; `plan`: what a deep link wanted to show afterwards.
pub fn show(turn: &Turn, plan: Option<&PlanCode>) -> Screen {
    view(&turn.voice(), &turn.settings.languages, turn.who.person.lang.is_some(), plan)
}

fn view(voice: &Voice, offered: &[Lang], changing: bool, plan: Option<&PlanCode>) -> Screen {
    let choice = |lang: Lang| {
        let route = match plan {
            None => C::SetLanguage { lang },
            Some(plan) => C::SetLanguageFor { lang, plan: plan.clone() },
        };
        let mark = if lang == voice.lang { "✅ " } else { "" };
        pick(route, format!("{mark}{}", lang.own_name()))
    };
    let rows = offered.iter().map(|lang| vec![choice(*lang)]);
    let back: Vec<Button> = if changing { kit::home(voice) } else { Vec::new() };
    Screen::new(voice.t("language-ask")).rows(rows).row(back)
}

/// The choice was made: home, or what the deep link wanted, in that language.
pub async fn set(turn: &Turn, lang: Lang) -> Result<Turn, Fault> {
    if !turn.settings.languages.contains(&lang) {
        return Ok(turn.clone());
    }
    let id = turn.who.person.id;
    if turn.who.person.lang != Some(lang) {
        turn.app.write(move |tx| Box::pin(async move { accounts::set_lang(tx, id, lang).await })).await?;
    }
    // Before its first word to the bot, Telegram lists nothing in a chat: an owner may have come after the shop opened.
    if turn.who.person.lang.is_none() && turn.who.admin.is_some() {
        commands::publish_for(&turn.app, id).await;
    }
    let mut turn = turn.clone();
    turn.who.person.lang = Some(lang);
    turn.who.lang = lang;
    Ok(turn)
}

#[cfg(test)]
mod tests {
    use super::view;
    use crate::base::Lang;
    use crate::bot::kit::tests::in_every_language;

    #[test]
    fn the_choice_of_language_in_every_language() {
        insta::assert_snapshot!(in_every_language(|voice| vec![view(voice, &Lang::ALL, false, None)]));
    }
}
