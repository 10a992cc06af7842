//! The job that keeps a payment's card in the group: posts it once, draws it again after each change that no answer to a tap
//! drew, shows further receipts below it, and looks at their pictures.
//!
//! Always: one card a payment, whoever runs this and however often: its place is claimed before it is posted, and drawing
//! the same card again is no change. A picture that cannot be fetched or read delays nothing.
use super::card::{self, Ask};
use super::{print, topics};
use crate::app::App;
use crate::base::format::Voice;
use crate::base::{ChatId, Fault, SECOND, task};
use crate::bot::reply::{self, Refusal};
use crate::bot::screen::{Media, Screen};
use crate::bot::turn::Tapped;
use crate::queue::jobs::{Act, Attempt, JobError};
use crate::shop::checkout::{self, CardFacts, ReviewCard};
use crate::shop::notices::Topic;
use crate::shop::payments::{self, Claim, Flag, Payment, Receipt, ReceiptKind, State};
use crate::shop::settings;
use std::time::Duration;

/// Somebody else posts the card now; it is drawn again after so long.
const SOON: i64 = 3 * SECOND;
/// A picture that Telegram did not give after so many tries is left without a fingerprint,
const PICTURE_TRIES: u32 = 8;
/// and so is one that takes longer to decode.
const DECODE_MAX: Duration = Duration::from_secs(20);

impl Act<App> for ReviewCard {
    /// Somebody has paid and waits: a card is never given up.
    const TRIES: u32 = u32::MAX;

    async fn run(self, app: &App, attempt: Attempt) -> Result<(), JobError> {
        let Some(facts) = checkout::card(&app.db, self.payment).await? else { return Ok(()) };
        show(app, &facts, attempt).await?;
        if facts.payment.state != State::Submitted {
            return Ok(());
        }
        more_receipts(app, &facts, attempt).await?;
        let last_try = attempt.number >= PICTURE_TRIES;
        let Looked { warned, missing } = look(app, &facts, last_try).await?;
        if warned && let Some(facts) = checkout::card(&app.db, self.payment).await? {
            show(app, &facts, attempt).await?;
        }
        match missing {
            Some(why) if !last_try => Err(JobError::Retry { why }),
            Some(why) => {
                tracing::warn!(payment.id = %self.payment, why, "a receipt's picture stays without a fingerprint");
                Ok(())
            }
            None => Ok(()),
        }
    }

    /// The place is free for the next change's job.
    async fn gave_up(self, app: &App, _why: &str) -> Result<(), Fault> {
        let Some(payment) = payments::get(app.db.read(), self.payment).await? else { return Ok(()) };
        if let Claim::Taken(job) = Claim::of(payment.card_message) {
            app.write(move |tx| Box::pin(async move { payments::release_card(tx, payment.id, job).await })).await?;
        }
        Ok(())
    }
}

/// Draws the card where it is; posts it when it is nowhere and the payment waits for a decision.
async fn show(app: &App, facts: &CardFacts, attempt: Attempt) -> Result<(), JobError> {
    let settings = settings::current(&app.db).await?;
    let voice = Voice::new(settings.group_lang, settings.zone(), app.clock.now());
    let undo = card::can_undo(facts, settings.undo_seconds, app.clock.now());
    let screen = card::view(&voice, facts, Ask::Decide, undo);
    let payment = &facts.payment;
    let seen = Claim::of(payment.card_message);
    match seen {
        Claim::Taken(job) if job != attempt.job => {
            let why = format!("job {job} posts the card");
            return Err(JobError::RetryAt { at: attempt.now.after(SOON), why });
        }
        Claim::Posted(message) => {
            let chat = payment.card_chat.unwrap_or(ChatId(0));
            if redraw(app, chat, message, facts, &screen).await? {
                return overtaken(app, payment, attempt).await;
            }
        }
        Claim::Free | Claim::Taken(_) => {}
    }
    if payment.state == State::Submitted { post(app, facts, (seen, attempt), screen).await } else { Ok(()) }
}

/// Whoever decided meanwhile may have drawn the card just before this came and covered it: then it is drawn once more.
async fn overtaken(app: &App, drawn: &Payment, attempt: Attempt) -> Result<(), JobError> {
    if drawn.state != State::Submitted {
        return Ok(());
    }
    match payments::get(app.db.read(), drawn.id).await? {
        Some(now) if now.state != drawn.state => {
            Err(JobError::RetryAt { at: attempt.now, why: "it was decided meanwhile".to_owned() })
        }
        _ => Ok(()),
    }
}

/// True when it shows what it should, false when it is gone.
async fn redraw(app: &App, chat: ChatId, message: i64, facts: &CardFacts, screen: &Screen) -> Result<bool, Fault> {
    let Ok(message) = i32::try_from(message) else { return Ok(false) };
    // A card whose picture Telegram did not take was posted as words; so the other form is tried too.
    for has_media in [facts.has_file, !facts.has_file] {
        let screen = if has_media { screen.clone().with(Media::Same) } else { screen.clone() };
        if reply::redraw(app, chat, Tapped { message, has_media }, &screen).await? {
            return Ok(true);
        }
    }
    Ok(false)
}

async fn post(app: &App, facts: &CardFacts, (seen, attempt): (Claim, Attempt), screen: Screen) -> Result<(), JobError> {
    let (payment, job) = (facts.payment.id, attempt.job);
    let claimed = payments::claim_card(&app.db, payment, seen, job).await?;
    if !claimed.is_yes() {
        let why = "somebody else posts the card".to_owned();
        return Err(JobError::RetryAt { at: attempt.now.after(SOON), why });
    }
    let media = facts.receipts.first().and_then(card::media);
    let sent = match (topics::post(app, Topic::Payments, &Screen { media: media.clone(), ..screen.clone() }).await, media) {
        // The words matter more than the picture.
        (Err(Refusal::Refused(why)), Some(_)) => {
            tracing::warn!(payment.id = %payment, why, "a receipt's picture could not be shown on its card");
            topics::post(app, Topic::Payments, &screen).await
        }
        (outcome, _) => outcome,
    };
    match sent {
        Ok(Some((chat, sent))) => {
            let message = i64::from(sent.message_id);
            app.write(move |tx| Box::pin(async move { payments::set_card(tx, payment, chat, message).await })).await?;
            Ok(())
        }
        Ok(None) => release(app, facts, job, "there is no admin group").await,
        Err(Refusal::Blocked) => release(app, facts, job, "the admin group is closed to the bot").await,
        Err(refusal) => Err(Fault::from(refusal).into()),
    }
}

/// Nobody can be shown the card; `/payments` lists the payment all the same.
async fn release(app: &App, facts: &CardFacts, job: i64, why: &str) -> Result<(), JobError> {
    let payment = facts.payment.id;
    tracing::warn!(payment.id = %payment, why, "a card was not posted");
    app.write(move |tx| Box::pin(async move { payments::release_card(tx, payment, job).await })).await?;
    Ok(())
}

/// Shows the receipts after the first as answers to the card, each once.
async fn more_receipts(app: &App, facts: &CardFacts, attempt: Attempt) -> Result<(), JobError> {
    for receipt in facts.receipts.iter().skip(1).filter(|receipt| !matches!(Claim::of(receipt.card_message), Claim::Posted(_))) {
        let Some(now) = payments::get(app.db.read(), facts.payment.id).await? else { return Ok(()) };
        let (Some(chat), Claim::Posted(below)) = (now.card_chat, Claim::of(now.card_message)) else { return Ok(()) };
        let (id, job) = (receipt.id, attempt.job);
        let claimed = payments::claim_receipt(&app.db, id, job).await?;
        if claimed.is_yes() {
            one_more(app, (chat, below), receipt, attempt).await?;
        }
    }
    Ok(())
}

async fn one_more(app: &App, (chat, below): (ChatId, i64), receipt: &Receipt, attempt: Attempt) -> Result<(), JobError> {
    let settings = settings::current(&app.db).await?;
    let voice = Voice::new(settings.group_lang, settings.zone(), app.clock.now());
    let screen = card::further(&voice, receipt).answering(i32::try_from(below).unwrap_or_default());
    let (id, job) = (receipt.id, attempt.job);
    match topics::post(app, Topic::Payments, &screen).await {
        Ok(Some((_, sent))) => {
            let message = i64::from(sent.message_id);
            app.write(move |tx| Box::pin(async move { payments::set_receipt_card(tx, id, message).await })).await?;
            Ok(())
        }
        Err(refusal @ (Refusal::Down(_) | Refusal::Wait(_))) => Err(Fault::from(refusal).into()),
        other => {
            tracing::warn!(chat = chat.0, ?other, "a further receipt could not be shown");
            app.write(move |tx| Box::pin(async move { payments::release_receipt(tx, id, job).await })).await?;
            Ok(())
        }
    }
}

/// What looking at the pictures brought.
#[derive(Default)]
struct Looked {
    /// A warning is new.
    warned: bool,
    /// Why a picture could not be fetched, when that may be tried again.
    missing: Option<String>,
}

/// Fingerprints the pictures that have none; one that cannot be read, or that Telegram will not give us, is a warning.
async fn look(app: &App, facts: &CardFacts, last_try: bool) -> Result<Looked, Fault> {
    let (mut looked, mut unread) = (Looked::default(), false);
    let payment = facts.payment.id;
    for receipt in facts.receipts.iter().filter(|receipt| receipt.print.is_none()) {
        let (ReceiptKind::Photo | ReceiptKind::Image, Some(file)) = (receipt.kind, &receipt.file_id) else { continue };
        let bytes = match reply::download(app, file, print::BYTES_MAX).await {
            Ok(bytes) => bytes,
            Err(refusal @ (Refusal::Down(_) | Refusal::Wait(_))) => {
                unread |= last_try;
                looked.missing = Some(refusal.to_string());
                continue;
            }
            Err(refusal) => {
                tracing::warn!(payment.id = %payment, %refusal, "a receipt's picture cannot be fetched");
                unread = true;
                continue;
            }
        };
        let decoded = tokio::time::timeout(DECODE_MAX, task::heavy(move || print::of(&bytes)).await).await;
        let Ok(Ok(Some(print))) = decoded else {
            unread = true;
            continue;
        };
        let id = receipt.id;
        looked.warned |= app.write(move |tx| Box::pin(async move { payments::set_print(tx, payment, id, print).await })).await?;
    }
    if unread && !facts.payment.flags.contains(&Flag::NotCompared) {
        let found = [Flag::NotCompared];
        looked.warned |= app.write(move |tx| Box::pin(async move { payments::add_flags(tx, payment, &found).await })).await?;
    }
    Ok(looked)
}
