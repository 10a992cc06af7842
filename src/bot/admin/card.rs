//! The card of a payment: read in two seconds, decided with one tap.
//!
//! While the payment is under review: warnings, then the facts, then the acts. After that, three lines: what, who, when.
//! The view is pure, and says the same whenever the same facts are shown, so that drawing it again is no change.
use super::words::{self, go};
use crate::base::format::Voice;
use crate::base::texts::{Arg, args};
use crate::base::{Fault, PaymentId, SECOND, Time};
use crate::bot::kit::shorten;
use crate::bot::page::paragraphs;
use crate::bot::route::{AdminRoute as A, Why};
use crate::bot::screen::{Answer, Button, Media, Screen};
use crate::bot::turn::Turn;
use crate::shop::checkout::{self, CardFacts, Kind, Order};
use crate::shop::payments::{self, Alike, Claim, Flag, Method, Payment, Purpose, Receipt, ReceiptKind, State, Twin};

/// Twins that are named; the history shows the others. A caption has room for 1,024 letters.
const TWINS_MAX: usize = 3;
/// Letters of the note about a payment method.
const NOTE_MAX: usize = 80;
/// Letters of all the texts of receipts on the card: under a picture, and alone.
const TEXTS_ROOM: (usize, usize) = (120, 1_000);
/// Letters of a receipt's text under the card.
const FURTHER_MAX: usize = 600;

/// Which buttons a card under review shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ask {
    Decide,
    /// Why is it rejected?
    Reason,
    /// Really reject and ban?
    Ban,
}

/// May the decision still be taken back?
pub fn can_undo(facts: &CardFacts, undo_seconds: i64, now: Time) -> bool {
    let delivered = facts.order.as_ref().is_some_and(is_given);
    let fresh = facts.payment.decided_at.is_some_and(|at| now.since(at) <= undo_seconds.saturating_mul(SECOND));
    facts.payment.state.is_decided() && fresh && !delivered
}

/// What was delivered stays.
const fn is_given(order: &Order) -> bool {
    matches!(order.state, checkout::State::Delivered | checkout::State::Refunded)
}

/// The card; `undo`: a decision may still be taken back.
pub fn view(voice: &Voice, facts: &CardFacts, ask: Ask, undo: bool) -> Screen {
    if facts.payment.state != State::Submitted {
        let undo = undo.then(|| go(voice, A::Undo { payment: facts.payment.id }));
        return Screen::new(decided(voice, facts)).row(undo);
    }
    let question = match ask {
        Ask::Decide => "",
        Ask::Reason => voice.t("admin-card-why"),
        Ask::Ban => voice.t("admin-card-ban"),
    };
    let text = paragraphs(&[warnings(voice, facts), under_review(voice, facts), question.to_owned()]);
    Screen::new(text).rows(rows(voice, facts, ask))
}

fn rows(voice: &Voice, facts: &CardFacts, ask: Ask) -> Vec<Vec<Button>> {
    let payment = facts.payment.id;
    let keep = go(voice, A::Card { payment });
    match ask {
        Ask::Decide => vec![
            vec![go(voice, A::Approve { payment })],
            vec![go(voice, A::AskReject { payment })],
            vec![go(voice, A::AskAmount { payment })],
            vec![go(voice, A::AskRejectBan { payment })],
            vec![go(voice, A::History { person: facts.person.id, page: 0 }), go(voice, A::Person { person: facts.person.id })],
        ],
        Ask::Reason => {
            let mut rows: Vec<Vec<Button>> =
                Why::ALL.into_iter().map(|why| vec![go(voice, A::Reject { payment, why })]).collect();
            rows.extend([vec![go(voice, A::AskReason { payment })], vec![keep]]);
            rows
        }
        Ask::Ban => vec![vec![keep], vec![go(voice, A::RejectBan { payment })]],
    }
}

/// Warnings, a bold line each; what is about another payment names it.
fn warnings(voice: &Voice, facts: &CardFacts) -> String {
    let mut lines: Vec<String> = facts.twins.iter().take(TWINS_MAX).map(|twin| twin_line(voice, facts, twin)).collect();
    let named = |wanted: fn(&Alike) -> bool| facts.twins.iter().any(|twin| wanted(&twin.alike));
    for flag in &facts.payment.flags {
        let key = match flag {
            Flag::SamePhoto if named(|alike| *alike == Alike::SameFile) => continue,
            Flag::AlikePhoto if named(|alike| matches!(alike, Alike::Looks { .. })) => continue,
            Flag::SameNumber if named(|alike| *alike == Alike::SameNumber) => continue,
            Flag::SamePhoto => "admin-flag-same-photo",
            Flag::AlikePhoto => "admin-flag-alike-photo",
            Flag::SameNumber => "admin-flag-same-number",
            Flag::AmountDiffers => {
                lines.push(amount_line(voice, facts));
                continue;
            }
            Flag::DailyLimit => "admin-flag-daily-limit",
            Flag::Late => "admin-flag-late",
            Flag::Edited => "admin-flag-edited",
            Flag::NotCompared => "admin-flag-not-compared",
            Flag::Unnamed => "admin-flag-unnamed",
        };
        lines.push(voice.t(key).to_owned());
    }
    lines.iter().map(|line| format!("⚠️ <b>{line}</b>")).collect::<Vec<_>>().join("\n")
}

/// Which amount the customer wrote, the newest that is not what is due.
fn amount_line(voice: &Voice, facts: &CardFacts) -> String {
    let due = facts.payment.due;
    let other = |receipt: &Receipt| payments::other_amount(receipt.kind, receipt.text.as_deref().unwrap_or_default(), due);
    match facts.receipts.iter().rev().find_map(other) {
        Some(amount) => voice.t_args("admin-flag-amount-said", &args!["amount" => voice.money(amount)]),
        None => voice.t("admin-flag-amount").to_owned(),
    }
}

fn twin_line(voice: &Voice, facts: &CardFacts, twin: &Twin) -> String {
    let whose = if twin.person == facts.person.id {
        voice.t("admin-twin-own").to_owned()
    } else {
        let known = facts.twins_of.iter().find(|person| person.id == twin.person);
        words::actor(voice, twin.person, known)
    };
    let given = args![
        "payment" => format!("#{}", twin.payment),
        "who" => whose,
        "state" => words::payment_state(voice, twin.state),
    ];
    match twin.alike {
        Alike::SameFile => voice.t_args("admin-twin-photo", &given),
        Alike::SameNumber => voice.t_args("admin-twin-number", &given),
        Alike::Looks { .. } => voice.t_args("admin-twin-alike", &given),
    }
}

fn under_review(voice: &Voice, facts: &CardFacts) -> String {
    let CardFacts { payment, person, .. } = facts;
    let since = voice.duration(voice.now.since(person.first_seen));
    let mut lines = vec![
        voice.t_args(
            "admin-card-amount",
            &args!["amount" => voice.money(payment.due), "id" => Arg::code(format!("#{}", payment.id))],
        ),
        voice.t_args("admin-card-person", &args!["person" => Arg::html(words::person(voice, person))]),
        voice.t_args("admin-card-record", &args!["since" => since, "good" => person.receipts_good, "bad" => person.receipts_bad]),
        what(voice, facts),
        facts.order.as_ref().map(|order| in_parts(voice, order)).unwrap_or_default(),
    ];
    lines.extend(facts.method.iter().flat_map(|method| method_lines(voice, method)));
    if let Some(at) = payment.submitted_at {
        lines.push(voice.t_args("admin-card-sent", &args!["when" => Arg::html(words::at(voice, at))]));
    }
    if facts.receipts.len() > 1 {
        lines.push(voice.t_args("admin-card-receipts", &args!["count" => count(facts.receipts.len())]));
    }
    if facts.lent.is_some() {
        lines.push(voice.t("admin-card-lent").to_owned());
    }
    lines.extend(texts(voice, &facts.receipts));
    lines.retain(|line| !line.is_empty());
    lines.join("\n")
}

/// What the money is for.
fn what(voice: &Voice, facts: &CardFacts) -> String {
    let Some(order) = &facts.order else {
        let wallet = args!["wallet" => facts.wallet.map(|wallet| voice.money(wallet)).unwrap_or_default()];
        return match facts.payment.purpose {
            Purpose::Order(_) | Purpose::Wallet => voice.t_args("admin-card-topup", &wallet),
            Purpose::Credit => voice.t("admin-card-topup-credit").to_owned(),
        };
    };
    let plan = words::plan(voice, facts.plan.as_ref(), order.plan.as_str());
    let given = args!["plan" => plan, "price" => voice.money(order.price)];
    match order.kind {
        Kind::New => voice.t_args("admin-card-new", &given),
        Kind::Renew | Kind::Traffic => voice.t_args("admin-card-renewal", &given),
    }
}

/// What it was paid to, and what admins noted there.
fn method_lines(voice: &Voice, method: &Method) -> Vec<String> {
    let (alias, last4) = (shorten(&method.alias, 40), method.last4.as_str());
    let mut lines = vec![match method.kind {
        payments::Kind::Card => voice.t_args("admin-card-method", &args!["alias" => alias, "last4" => last4]),
        payments::Kind::Sheba => voice.t_args("admin-card-method-sheba", &args!["alias" => alias, "last4" => last4]),
        payments::Kind::Crypto => {
            let network = method.network.as_deref().unwrap_or_default();
            voice.t_args("admin-card-method-crypto", &args!["alias" => alias, "network" => network, "last4" => last4])
        }
    }];
    lines.extend(method.note.as_ref().map(|note| voice.t_args("admin-card-note", &args!["note" => shorten(note, NOTE_MAX)])));
    lines
}

/// What the wallet pays of the order; empty when it pays nothing.
fn in_parts(voice: &Voice, order: &Order) -> String {
    if order.from_wallet.minor == 0 {
        return String::new();
    }
    let given = args!["part" => voice.money(order.from_wallet), "rest" => voice.money(order.to_pay())];
    voice.t_args("admin-card-parts", &given)
}

/// What was typed first and last; the others are below the card. Tracking numbers are to be copied.
fn texts(voice: &Voice, receipts: &[Receipt]) -> Vec<String> {
    let typed: Vec<&str> =
        receipts.iter().filter_map(|receipt| receipt.text.as_deref()).filter(|text| !text.is_empty()).collect();
    let shown: Vec<&str> = match typed[..] {
        [first, .., newest] => vec![first, newest],
        _ => typed,
    };
    let under_picture = receipts.first().is_some_and(|first| first.file_id.is_some());
    let room = if under_picture { TEXTS_ROOM.0 } else { TEXTS_ROOM.1 };
    let most = room / shown.len().max(1);
    shown.iter().map(|text| voice.t_args("admin-card-text", &args!["text" => Arg::code(shorten(text, most))])).collect()
}

fn count(number: usize) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// Three lines: what, for whom, who and when.
fn decided(voice: &Voice, facts: &CardFacts) -> String {
    let CardFacts { payment, .. } = facts;
    let id = || Arg::code(format!("#{}", payment.id));
    let due = voice.money(payment.due);
    let what = match payment.state {
        State::Approved => {
            let amount = voice.money(payment.approved.unwrap_or(payment.due));
            voice.t_args("admin-card-approved", &args!["id" => id(), "amount" => amount])
        }
        State::Rejected => {
            let why = payment.reason.as_ref().map(|reason| words::reason(voice, reason)).unwrap_or_default();
            voice.t_args("admin-card-rejected", &args!["id" => id(), "amount" => due, "reason" => why])
        }
        State::Cancelled => voice.t_args("admin-card-cancelled", &args!["id" => id(), "amount" => due]),
        State::Expired => voice.t_args("admin-card-expired", &args!["id" => id(), "amount" => due]),
        State::Open | State::Submitted => voice.t_args("admin-card-open", &args!["id" => id(), "amount" => due]),
    };
    let aim = match &facts.order {
        Some(order) => words::plan(voice, facts.plan.as_ref(), order.plan.as_str()),
        None => voice.t("admin-card-topup-short").to_owned(),
    };
    let whom = voice.t_args("admin-card-whom", &args!["name" => words::name(&facts.person), "plan" => aim]);
    let who = payment.decided_by.zip(payment.decided_at).map(|(by, at)| {
        let known = facts.decided_by.as_ref().or_else(|| (by == facts.person.id).then_some(&facts.person));
        voice.t_args("admin-card-by", &args!["who" => words::actor(voice, by, known), "when" => Arg::html(words::at(voice, at))])
    });
    [Some(what), Some(whom), who].into_iter().flatten().collect::<Vec<_>>().join("\n")
}

/// The picture or file that a receipt is; `None` for a text.
pub fn media(receipt: &Receipt) -> Option<Media> {
    let file = receipt.file_id.clone()?;
    match receipt.kind {
        ReceiptKind::Photo => Some(Media::Photo(file)),
        ReceiptKind::Image | ReceiptKind::Pdf => Some(Media::File(file)),
        ReceiptKind::Text => None,
    }
}

/// A further receipt: its file, and what was typed with it.
pub fn further(voice: &Voice, receipt: &Receipt) -> Screen {
    let which = voice.t_args("admin-card-further", &args!["id" => Arg::code(format!("#{}", receipt.payment))]);
    let typed = receipt.text.as_ref().filter(|text| !text.is_empty());
    let typed = typed.map(|text| voice.t_args("admin-card-text", &args!["text" => Arg::code(shorten(text, FURTHER_MAX))]));
    let screen = Screen::new([Some(which), typed].into_iter().flatten().collect::<Vec<_>>().join("\n"));
    Screen { media: media(receipt), ..screen }
}

/// A card as the answer to a tap or a command: in the place of the tapped message when that is a card, else as a new one
/// with its newest picture.
pub async fn show(turn: &Turn, payment: PaymentId, ask: Ask) -> Result<Answer, Fault> {
    let voice = turn.voice();
    let Some(facts) = checkout::card(&turn.app.db, payment).await? else {
        return Ok(Answer::alert(voice.t("admin-payment-unknown")));
    };
    Ok(of(turn, &facts, ask).into())
}

/// The same, of facts that are known.
pub fn of(turn: &Turn, facts: &CardFacts, ask: Ask) -> Screen {
    let undo = can_undo(facts, turn.settings.undo_seconds, turn.now);
    in_place(turn, view(&turn.voice(), facts, ask, undo))
}

/// The same as a message of its own.
pub async fn open(turn: &Turn, payment: PaymentId) -> Result<Answer, Fault> {
    let voice = turn.voice();
    let Some(facts) = checkout::card(&turn.app.db, payment).await? else {
        return Ok(Answer::alert(voice.t("admin-payment-unknown")));
    };
    let undo = can_undo(&facts, turn.settings.undo_seconds, turn.now);
    let mut screen = view(&voice, &facts, Ask::Decide, undo).keep();
    let receipts =
        if facts.receipts.is_empty() { payments::receipts(turn.app.db.read(), payment).await? } else { facts.receipts };
    screen.media = receipts.iter().rev().find_map(media);
    Ok(screen.into())
}

/// Is the tapped message the card that everybody sees?
pub fn is_under_tap(turn: &Turn, payment: &Payment) -> bool {
    let card = (payment.card_chat, Claim::of(payment.card_message));
    turn.at.tapped.is_some_and(|tapped| card == (Some(turn.at.chat), Claim::Posted(i64::from(tapped.message))))
}

/// The screen under the picture that the tapped message has.
pub fn in_place(turn: &Turn, mut screen: Screen) -> Screen {
    if turn.at.tapped.is_some_and(|tapped| tapped.has_media) {
        screen.media = Some(Media::Same);
    }
    screen
}

#[cfg(test)]
pub(super) mod tests {
    use super::{Ask, can_undo, view};
    use crate::base::{Asset, DAY, Lang, MINUTE, Money, OrderId, PaymentId, PersonId, SECOND, Time};
    use crate::bot::kit::tests::{NOW, in_every_language};
    use crate::shop::accounts::Person;
    use crate::shop::checkout::{self, CardFacts};
    use crate::shop::payments::{
        Alike, Flag, Kind, Method, Payment, Purpose, Receipt, ReceiptKind, RejectReason, State, Twin, sample,
    };

    pub fn person(id: i64, name: &str) -> Person {
        Person {
            id: PersonId(id),
            name: name.to_owned(),
            username: (id == 501).then(|| "sara_k".to_owned()),
            lang: Some(Lang::Fa),
            banned: None,
            blocked_at: None,
            receipts_good: 3,
            receipts_bad: 1,
            first_seen: NOW.after(-40 * DAY),
        }
    }

    pub fn payment(state: State) -> Payment {
        let decided = !matches!(state, State::Open | State::Submitted);
        Payment {
            id: PaymentId(8_001),
            purpose: Purpose::Order(OrderId(7_001)),
            person: PersonId(501),
            method: "mellat".parse().unwrap(),
            price: Money::new(250_000, Asset::Irt),
            due: Money::new(250_431, Asset::Irt),
            state,
            opened_at: NOW.after(-50 * MINUTE),
            expires_at: NOW.after(70 * MINUTE),
            submitted_at: Some(NOW.after(-10 * MINUTE)),
            decided_at: decided.then(|| NOW.after(-30 * SECOND)),
            decided_by: decided.then_some(PersonId(77)),
            approved: (state == State::Approved).then(|| Money::new(250_431, Asset::Irt)),
            reason: (state == State::Rejected).then_some(RejectReason::Unreadable),
            posting: None,
            hold: None,
            round: 0,
            flags: Vec::new(),
            escalated_at: None,
            card_chat: None,
            card_message: None,
        }
    }

    fn receipt(kind: ReceiptKind, text: Option<&str>) -> Receipt {
        Receipt {
            id: 1,
            payment: PaymentId(8_001),
            kind,
            file_id: Some("file".to_owned()),
            file_key: Some("key".to_owned()),
            text: text.map(str::to_owned),
            album: None,
            print: None,
            card_message: None,
            at: NOW.after(-10 * MINUTE),
        }
    }

    fn facts(state: State) -> CardFacts {
        CardFacts {
            payment: payment(state),
            order: Some(checkout::sample::order(checkout::State::Placed, NOW.after(-50 * MINUTE))),
            plan: None,
            person: person(501, "Sara <3"),
            method: None,
            receipts: vec![receipt(ReceiptKind::Photo, None)],
            twins: Vec::new(),
            twins_of: Vec::new(),
            wallet: None,
            has_file: true,
            lent: None,
            decided_by: Some(person(77, "Ali")),
        }
    }

    fn by(kind: Kind) -> CardFacts {
        let method = Method { note: Some("Ask Sara before noon".to_owned()), ..sample::method(kind) };
        CardFacts { method: Some(method), ..facts(State::Submitted) }
    }

    fn in_parts() -> CardFacts {
        let facts = facts(State::Submitted);
        CardFacts { order: Some(checkout::sample::in_parts(90_000, NOW.after(-50 * MINUTE))), ..facts }
    }

    fn top_up(state: State) -> CardFacts {
        let payment = Payment { purpose: Purpose::Wallet, ..payment(state) };
        CardFacts { payment, order: None, wallet: Some(Money::new(12_500, Asset::Irt)), ..facts(state) }
    }

    fn another_amount() -> CardFacts {
        let mut facts = facts(State::Submitted);
        facts.payment.flags = vec![Flag::AmountDiffers];
        facts.receipts = vec![receipt(ReceiptKind::Photo, Some("paid 100,000 toman"))];
        facts
    }

    fn doubtful() -> CardFacts {
        let mut facts = facts(State::Submitted);
        facts.payment.flags = vec![Flag::SamePhoto, Flag::SameNumber, Flag::DailyLimit, Flag::Late];
        let twin = |payment, person, alike| Twin {
            payment: PaymentId(payment),
            person: PersonId(person),
            state: State::Approved,
            alike,
            at: NOW.after(-DAY),
        };
        facts.twins = vec![
            twin(8_002, 502, Alike::SameFile),
            twin(8_003, 501, Alike::SameNumber),
            twin(8_004, 503, Alike::Looks { bits: 2 }),
        ];
        facts.twins_of = vec![person(502, "رضا")];
        facts.receipts.push(receipt(ReceiptKind::Text, Some("کد پیگیری 123456789")));
        facts
    }

    #[test]
    fn cards_in_every_language() {
        insta::assert_snapshot!(in_every_language(|voice| vec![
            view(voice, &facts(State::Submitted), Ask::Decide, false),
            view(voice, &doubtful(), Ask::Decide, false),
            view(voice, &facts(State::Submitted), Ask::Reason, false),
            view(voice, &facts(State::Submitted), Ask::Ban, false),
            view(voice, &facts(State::Approved), Ask::Decide, true),
            view(voice, &facts(State::Rejected), Ask::Decide, false),
            view(voice, &facts(State::Cancelled), Ask::Decide, false),
            view(voice, &by(Kind::Card), Ask::Decide, false),
            view(voice, &by(Kind::Sheba), Ask::Decide, false),
            view(voice, &by(Kind::Crypto), Ask::Decide, false),
            view(voice, &in_parts(), Ask::Decide, false),
            view(voice, &top_up(State::Submitted), Ask::Decide, false),
            view(voice, &top_up(State::Approved), Ask::Decide, true),
            view(voice, &another_amount(), Ask::Decide, false),
        ]));
    }

    #[test]
    fn a_caption_has_room_for_the_longest_card() {
        let mut worst = doubtful();
        worst.payment.flags = Flag::ALL.to_vec();
        worst.person.name = "W".repeat(128);
        worst.twins_of = vec![person(502, &"W".repeat(128)), person(503, &"W".repeat(128))];
        worst.receipts = vec![receipt(ReceiptKind::Photo, Some(&"9".repeat(1_000))); 5];
        for ask in [Ask::Decide, Ask::Reason, Ask::Ban] {
            for lang in Lang::ALL {
                let voice = crate::base::format::Voice::new(lang, chrono_tz::UTC, NOW);
                let text = view(&voice, &worst, ask, false).text;
                // Telegram counts UTF-16 units, tags left out.
                let units: usize = text.split('<').map(|part| part.rsplit('>').next().unwrap().encode_utf16().count()).sum();
                assert!(units <= 1_024, "{lang}: {units}");
            }
        }
    }

    #[test]
    fn undo_is_offered_for_a_minute_and_not_after_the_delivery() {
        let mut facts = facts(State::Approved);
        let decided = facts.payment.decided_at.unwrap();
        assert!(can_undo(&facts, 60, decided.after(60 * SECOND)));
        assert!(!can_undo(&facts, 60, decided.after(60 * SECOND + 1)));
        facts.order = Some(checkout::sample::order(checkout::State::Delivered, Time(0)));
        assert!(!can_undo(&facts, 60, decided));
    }
}
