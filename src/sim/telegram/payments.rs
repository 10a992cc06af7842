//! Telegram Stars: invoices, the pre-checkout question, the charge, the refund. The bot has ten seconds to answer a
//! pre-checkout query; after that the payment fails, as it does at Telegram.

use std::collections::HashMap;

use serde_json::{Value, json};

use super::answer::{Answer, Refusal};
use super::params::{Params, int_of};
use super::state::{Body, Message, State};

#[derive(Debug, Clone)]
pub struct Invoice {
    pub currency: String,
    pub total: i64,
    pub payload: String,
    pub shown: Value,
}

#[derive(Debug, Clone)]
pub struct Charge {
    pub person: i64,
    pub invoice: Invoice,
    pub is_refunded: bool,
}

#[derive(Default)]
pub struct Payments {
    /// By chat and message.
    pub invoices: HashMap<(i64, i64), Invoice>,
    /// By the last part of the link.
    pub links: HashMap<String, Invoice>,
    /// Queries without an answer yet are `None`; an answer is ok or the reason why not.
    pub queries: HashMap<String, Option<Result<(), String>>>,
    pub charges: HashMap<String, Charge>,
}

pub fn read_invoice(params: &Params) -> Result<Invoice, Refusal> {
    let text = |key: &str| params.str(key).unwrap_or_default().to_owned();
    let (title, description, payload, currency) = (text("title"), text("description"), text("payload"), text("currency"));
    if title.is_empty() || title.chars().count() > 32 {
        return Err(Refusal::bad("INVOICE_TITLE_INVALID"));
    }
    if description.is_empty() || description.chars().count() > 255 {
        return Err(Refusal::bad("INVOICE_DESCRIPTION_INVALID"));
    }
    if payload.is_empty() || payload.len() > 128 {
        return Err(Refusal::bad("INVOICE_PAYLOAD_INVALID"));
    }
    let prices = params.list("prices")?;
    let amounts = prices.iter().map(|price| price.get("amount").and_then(int_of)).collect::<Option<Vec<_>>>();
    let total: i64 = amounts.ok_or_else(|| Refusal::bad("can't parse prices JSON object"))?.iter().sum();
    if total <= 0 {
        return Err(Refusal::bad("CURRENCY_TOTAL_AMOUNT_INVALID"));
    }
    let is_stars = currency == "XTR";
    if is_stars && prices.len() != 1 {
        return Err(Refusal::bad("STARS_INVOICE_INVALID"));
    }
    if !is_stars && params.str("provider_token").is_none_or(str::is_empty) {
        return Err(Refusal::bad("PAYMENT_PROVIDER_INVALID"));
    }
    let shown = json!({
        "title": title, "description": description, "currency": currency, "total_amount": total,
        "start_parameter": params.str("start_parameter").unwrap_or_default(),
    });
    Ok(Invoice { currency, total, payload, shown })
}

impl State {
    pub fn on_send_invoice(&mut self, params: &Params) -> Answer {
        let invoice = read_invoice(params)?;
        let mut message = Message::new(self.bot.id);
        message.body = Some(Body { field: "invoice", value: invoice.shown.clone() });
        let given = params.markup()?;
        message.markup = Some(given.unwrap_or_else(
            || json!({ "inline_keyboard": [[{ "text": format!("Pay {} {}", invoice.total, invoice.currency), "pay": true }]] }),
        ));
        let (chat, id) = self.send(params, message)?;
        self.payments.invoices.insert((chat, id), invoice);
        Ok(self.message_value(chat, id))
    }

    pub fn create_invoice_link(&mut self, params: &Params) -> Answer {
        let invoice = read_invoice(params)?;
        let slug = format!("sim{}", self.next_serial());
        self.payments.links.insert(slug.clone(), invoice);
        Ok(format!("https://t.me/${slug}").into())
    }

    pub fn answer_pre_checkout(&mut self, params: &Params) -> Answer {
        let id = params.str("pre_checkout_query_id").unwrap_or_default();
        let Some(waiting @ None) = self.payments.queries.get_mut(id) else {
            return Err(Refusal::bad("query is too old and response timeout expired or query ID is invalid"));
        };
        let reason = params.str("error_message").unwrap_or_default();
        if !params.flag("ok") && reason.is_empty() {
            return Err(Refusal::bad("error message must be specified"));
        }
        *waiting = Some(if params.flag("ok") { Ok(()) } else { Err(reason.to_owned()) });
        self.settled.notify_waiters();
        Ok(true.into())
    }

    pub fn refund_star_payment(&mut self, params: &Params) -> Answer {
        let (person, id) = (params.int("user_id"), params.str("telegram_payment_charge_id").unwrap_or_default());
        let Some(charge) = self.payments.charges.get_mut(id).filter(|charge| Some(charge.person) == person) else {
            return Err(Refusal::bad("CHARGE_NOT_FOUND"));
        };
        if charge.is_refunded {
            return Err(Refusal::bad("CHARGE_ALREADY_REFUNDED"));
        }
        charge.is_refunded = true;
        let charge = charge.clone();
        let value = json!({
            "currency": charge.invoice.currency, "total_amount": charge.invoice.total,
            "invoice_payload": charge.invoice.payload, "telegram_payment_charge_id": id,
        });
        self.people_service(charge.person, charge.person, Body { field: "refunded_payment", value });
        Ok(true.into())
    }

    /// Asks the bot whether it takes the money. Returns the query's id.
    pub fn ask_pre_checkout(&mut self, person: i64, invoice: &Invoice) -> String {
        let id = format!("70{}", self.next_serial());
        let query = json!({
            "id": id, "from": self.user_json(person), "currency": invoice.currency,
            "total_amount": invoice.total, "invoice_payload": invoice.payload,
        });
        self.payments.queries.insert(id.clone(), None);
        self.push_update("pre_checkout_query", person, &query);
        id
    }

    /// The money moves: the charge is kept and the bot is told. Returns the charge's id.
    pub fn charge(&mut self, person: i64, chat: i64, invoice: Invoice) -> String {
        let id = format!("stx{}", self.next_serial());
        let value = json!({
            "currency": invoice.currency, "total_amount": invoice.total, "invoice_payload": invoice.payload,
            "telegram_payment_charge_id": id, "provider_payment_charge_id": format!("p{id}"),
        });
        self.payments.charges.insert(id.clone(), Charge { person, invoice, is_refunded: false });
        self.people_service(person, chat, Body { field: "successful_payment", value });
        id
    }
}
