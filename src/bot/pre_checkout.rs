//! The one update that cannot wait in line: Telegram asks whether a payment may go on, and takes silence for no after ten
//! seconds. The shop sends no invoices yet, so whoever asks holds one that is not ours to honour: he is refused with a
//! reason before any money moves.
use super::reply;
use crate::app::App;
use crate::base::Lang;
use crate::base::texts::t;
use teloxide::payloads::{AnswerPreCheckoutQuery, AnswerPreCheckoutQuerySetters};
use teloxide::types::{Update, UpdateKind};

/// Answers a `pre_checkout_query`, given its raw update.
pub async fn pre_checkout(app: &App, raw: &str) {
    let Ok(Update { kind: UpdateKind::PreCheckoutQuery(query), .. }) = serde_json::from_str(raw) else {
        tracing::error!("a pre-checkout query cannot be read");
        return;
    };
    let lang = query.from.language_code.as_deref().and_then(Lang::parse).unwrap_or_default();
    let refusal = AnswerPreCheckoutQuery::new(query.id, false).error_message(t(lang, "payment-invoice-unknown"));
    if let Err(refused) = reply::ask::<_, bool>(app, &refusal).await {
        tracing::warn!(%refused, "a pre-checkout query was not answered");
    }
}
