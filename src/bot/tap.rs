//! Taps: from the data of a button to who answers it. What a tap asks for is checked again by who answers.
use super::route::Route;
use super::screen::{Answer, Toast};
use super::turn::{ChatKind, Turn};
use super::{admin, agent, customer, message};
use crate::base::Fault;

pub async fn answer(turn: &Turn, data: &str) -> Result<Answer, Fault> {
    let route = Route::decode(data);
    match (turn.at.kind, route) {
        (kind, Some(route @ (Route::Admin(_) | Route::Method(_) | Route::Agency(_)))) => {
            let Some(admin) = turn.who.admin.filter(|_| kind != ChatKind::Elsewhere) else {
                message::overheard(turn, data).await?;
                return Ok(Answer::nothing());
            };
            match route {
                Route::Agency(route) => admin::about_agents(turn, admin, route).await,
                Route::Method(route) => admin::about_methods(turn, admin, route).await,
                Route::Admin(route) => admin::tap(turn, admin, route).await,
                Route::Customer(_) | Route::Agent(_) => Ok(Answer::nothing()),
            }
        }
        (ChatKind::Private, _) if turn.customer().is_none() => Ok(in_a_box(message::banned(turn))),
        (ChatKind::Private, Some(Route::Customer(route))) => customer::tap(turn, route).await,
        (ChatKind::Private, Some(Route::Agent(route))) => agent::tap(turn, route).await,
        (ChatKind::Private, None) => Ok(customer::home(turn).saying(turn.voice().t("common-old-menu"))),
        (ChatKind::AdminGroup | ChatKind::Elsewhere, _) => Ok(Answer::toast(turn.voice().t("common-old-menu"))),
    }
}

/// What would be a message, as the answer to the tap.
fn in_a_box(answer: Answer) -> Answer {
    let text = answer.screens.into_iter().next().map(|screen| screen.text).unwrap_or_default();
    Answer { screens: Vec::new(), toast: Some(Toast::Alert(text)) }
}
