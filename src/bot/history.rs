//! What was done to a service and why, in the reader's words: for the agent who sold it, and for staff. Pure.
use super::kit::shorten;
use crate::base::format::Voice;
use crate::base::texts::args;
use crate::shop::accounts::Line;
use crate::shop::subscriptions::Reason;

/// Lines of a history; the newest are what somebody asks about.
pub const LINES_MAX: u32 = 10;

/// Letters of what no sentence is for.
const OTHER_MAX: usize = 60;

/// The name under which a service's history is kept.
pub fn subject(id: crate::base::SubscriptionId) -> String {
    format!("service:{id}")
}

/// Why a service is as it is: our own reasons in the reader's words, any other as it was typed.
pub fn why(voice: &Voice, why: &str) -> String {
    let key = match Reason::of(why) {
        Some(Reason::TimeOver) => "history-why-time",
        Some(Reason::UsedUp) => "history-why-traffic",
        Some(Reason::OffOnPanel) => "history-why-panel",
        Some(Reason::BelowZero) => "history-why-credit",
        Some(Reason::Paused) => "history-why-paused",
        Some(Reason::DeletedByAgent) => "history-why-deleted",
        Some(Reason::TrialOver) => "history-why-trial",
        Some(Reason::Cancelled) => "history-why-cancelled",
        Some(Reason::Rejected) => "history-why-rejected",
        Some(Reason::TooLittle) => "history-why-short",
        Some(Reason::Undone) => "history-why-undone",
        Some(Reason::Refunded) => "history-why-refunded",
        None => return voice.t_args("history-why", &args!["why" => why]),
    };
    voice.t_args("history-why", &args!["why" => voice.t(key)])
}

/// A line each, the newest first.
pub fn lines(voice: &Voice, history: &[Line]) -> Vec<String> {
    history.iter().map(|line| one(voice, line)).collect()
}

fn one(voice: &Voice, line: &Line) -> String {
    let when = voice.moment(line.at);
    let key = match line.act.as_str() {
        "service.off" => "history-off",
        "service.on" => "history-on",
        "service.release" => "history-release",
        "service.pause" => "history-pause",
        "service.resume" => "history-resume",
        "service.revoke_link" => "history-link",
        "service.delete" => "history-delete",
        other => {
            let words = shorten(line.became.as_deref().unwrap_or("—"), OTHER_MAX);
            return voice.t_args("history-other", &args!["when" => when, "act" => other, "words" => words]);
        }
    };
    voice.t_args(key, &args!["when" => when])
}

#[cfg(test)]
pub mod tests {
    use super::why;
    use crate::base::{HOUR, PersonId};
    use crate::bot::kit::tests::{NOW, in_every_language};
    use crate::bot::screen::Screen;
    use crate::shop::accounts::Line;
    use crate::shop::subscriptions::Reason;

    /// One of each, an hour apart.
    pub fn history() -> Vec<Line> {
        let acts = [
            "service.delete",
            "service.revoke_link",
            "service.release",
            "service.resume",
            "service.pause",
            "service.on",
            "service.off",
            "service.unheard",
        ];
        let line = |(hours, act): (i64, &str)| Line {
            at: NOW.after(-hours * HOUR),
            actor: PersonId(700),
            act: act.to_owned(),
            subject: "service:0000000007".to_owned(),
            was: None,
            became: Some("as <b>it</b> was".to_owned()),
            origin: "agent".to_owned(),
        };
        (1..).zip(acts).map(line).collect()
    }

    #[test]
    fn why_a_service_is_so_in_every_language() {
        let reasons = Reason::ALL.map(Reason::words).into_iter().chain(["asked <so> on the phone"]);
        let reasons: Vec<&str> = reasons.collect();
        insta::assert_snapshot!(in_every_language(|voice| {
            let lines: Vec<String> = reasons.iter().map(|words| why(voice, words)).collect();
            vec![Screen::new(lines.join("\n"))]
        }));
    }
}
