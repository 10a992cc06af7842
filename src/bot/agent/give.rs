//! Handing a service over: the one-time link for the customer, and what opening it does.
use super::services::{not_yours, own};
use crate::base::format::Voice;
use crate::base::texts::{Arg, args};
use crate::base::{Fault, SubscriptionId};
use crate::bot::customer::{choose_language, services};
use crate::bot::kit::{self, go};
use crate::bot::page::page;
use crate::bot::route::{AgentRoute as G, CustomerRoute as C};
use crate::bot::screen::{Answer, Screen};
use crate::bot::turn::Turn;
use crate::bot::{input, message};
use crate::shop::agents::Agent;
use crate::shop::checkout::{self, HandOverError};

/// Makes the link; one that was made before ends.
pub async fn offer(turn: &Turn, agent: &Agent, id: SubscriptionId) -> Result<Answer, Fault> {
    let voice = turn.voice();
    let Some(service) = own(turn, agent, id).await? else { return Ok(not_yours(turn)) };
    let (token, who, now) = (turn.app.ids.token(), agent.clone(), turn.now);
    let made = token.clone();
    let outcome = turn.app.write(move |tx| Box::pin(async move { checkout::hand_over(tx, &who, id, &made, now).await })).await;
    match outcome {
        Ok(()) => {
            let link = match &turn.me {
                Some(me) => format!("https://t.me/{me}?start=give_{token}"),
                None => format!("/start give_{token}"),
            };
            Ok(view(&voice, (&super::services::name(&service), id), &link).into())
        }
        Err(error) => Ok(Answer::alert(refusal(&voice, error)?)),
    }
}

fn view(voice: &Voice, (label, subscription): (&str, SubscriptionId), link: &str) -> Screen {
    let title = voice.t_args("give-title", &args!["label" => label]);
    let shown = voice.t_args("give-link", &args!["link" => Arg::code(link)]);
    Screen::new(page(&title, [shown], voice.t("give-next")))
        .row(kit::copy(voice, "button-copy-give", link))
        .row(kit::back(voice, G::Service { subscription }))
}

fn refusal(voice: &Voice, error: HandOverError) -> Result<String, Fault> {
    Ok(match error {
        HandOverError::Unknown => voice.t("give-unknown").to_owned(),
        HandOverError::Used => voice.t("give-used").to_owned(),
        HandOverError::Expired => voice.t("give-expired").to_owned(),
        HandOverError::Own => voice.t("give-own").to_owned(),
        HandOverError::Taken => voice.t("give-taken").to_owned(),
        HandOverError::Fault(fault) => return Err(fault),
    })
}

/// The customer opened the link. Whoever has no language yet is asked for it below.
pub async fn take(turn: &Turn, token: &str) -> Result<Answer, Fault> {
    let Some(customer) = turn.customer() else { return Ok(message::banned(turn)) };
    input::close_now(turn).await?;
    let (token, now) = (token.to_owned(), turn.now);
    let outcome = turn.app.write(move |tx| Box::pin(async move { checkout::take_over(tx, &customer, &token, now).await })).await;
    let voice = turn.voice();
    let answer = match outcome {
        Ok(service) => services::show(turn, service.id).await?,
        Err(error) => refused_view(&voice, &refusal(&voice, error)?).into(),
    };
    Ok(if turn.who.person.lang.is_none() { answer.and(choose_language(turn)) } else { answer })
}

fn refused_view(voice: &Voice, why: &str) -> Screen {
    Screen::new(page(voice.t("give-refused"), [], why)).row([go(voice, C::Services { page: 0 })]).row(kit::home(voice))
}

#[cfg(test)]
mod tests {
    use super::{refusal, refused_view, view};
    use crate::base::SubscriptionId;
    use crate::bot::kit::tests::in_every_language;
    use crate::shop::checkout::HandOverError as E;

    #[test]
    fn handing_over_in_every_language() {
        insta::assert_snapshot!(in_every_language(|voice| {
            let link = "https://t.me/souk_bot?start=give_0123456789abcdefghjkmnpq";
            let refused = |error| refused_view(voice, &refusal(voice, error).expect("a word"));
            let mut all = vec![view(voice, ("Sara <3", SubscriptionId(7)), link)];
            all.extend([E::Unknown, E::Used, E::Expired, E::Own, E::Taken].map(refused));
            all
        }));
    }
}
