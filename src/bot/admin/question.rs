//! Which question of ours a message of staff answers.
//!
//! Under each question stands Stop, and it says to whom which question was put. So a reply to an older question, to one of somebody
//! else, or to any other message of the bot is never taken for the answer to the newest.
use crate::base::{Fault, PersonId};
use crate::bot::input::{self, Input};
use crate::bot::route::{AdminRoute, Route};
use crate::bot::screen::{Answer, Button};
use crate::bot::turn::Turn;
use teloxide::types::{InlineKeyboardButtonKind, Message, MessageKind};

/// What a message answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answers {
    /// The question that is open.
    Open,
    /// One that was put to this person before, while another is open now.
    Older,
    /// A question that is closed (perhaps by this very message, which comes again), or that was put to somebody else.
    Closed,
    /// No question.
    Nothing,
}

/// Telegram sends the answered message with its buttons (Bot API, `Message.reply_to_message`).
pub fn answered(message: &Message, person: PersonId, open: Option<&Input>) -> Answers {
    let Some(asked) = message.reply_to_message().filter(|asked| matches!(asked.kind, MessageKind::Common(_))) else {
        return Answers::Nothing;
    };
    let buttons = asked.reply_markup().into_iter().flat_map(|markup| markup.inline_keyboard.iter().flatten());
    let mut routes = buttons.filter_map(|button| match &button.kind {
        InlineKeyboardButtonKind::CallbackData(data) => Route::decode(data),
        _ => None,
    });
    routes.find_map(|route| of(&route, person, open)).unwrap_or(Answers::Nothing)
}

/// What a button says of the question that it stands under; `None` when it stands under none.
fn of(route: &Route, person: PersonId, open: Option<&Input>) -> Option<Answers> {
    let is_open = match route {
        Route::Admin(AdminRoute::Stop { person: asked, .. }) if *asked != person => return Some(Answers::Closed),
        Route::Admin(AdminRoute::Stop { of, .. }) => open.is_some_and(|input| input.tag() == *of || came_of(input, *of)),
        // The card of an applicant asks on itself.
        Route::Admin(AdminRoute::RejectAgent { application }) => {
            matches!(open, Some(Input::RejectAgent { application: asked, .. }) if asked == application)
        }
        _ => return None,
    };
    Some(match open {
        _ if is_open => Answers::Open,
        Some(_) => Answers::Older,
        None => Answers::Closed,
    })
}

/// What was answered comes again, or is said anew: what is asked now came of it.
fn came_of(open: &Input, of: i64) -> bool {
    open.came_of().is_some_and(|before| before.tag() == of)
}

/// Names the question that is open after this turn on each Stop of its answer.
pub async fn named(turn: &Turn, mut answer: Answer) -> Result<Answer, Fault> {
    let mut stops: Vec<&mut Button> =
        answer.screens.iter_mut().flat_map(|screen| &mut screen.rows).flatten().filter(|button| is_stop(button)).collect();
    if !stops.is_empty() {
        let of = input::open_now(turn).await?.map_or(0, |input| input.tag());
        for button in &mut stops {
            if let Button::Go(route, _) = button {
                *route = AdminRoute::Stop { person: turn.who.person.id, of }.into();
            }
        }
    }
    Ok(answer)
}

const fn is_stop(button: &Button) -> bool {
    matches!(button, Button::Go(Route::Admin(AdminRoute::Stop { .. }), _))
}
