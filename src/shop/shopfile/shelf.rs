//! How categories, locations, plans and panels are written in the file.
use super::reader::{Reader, TEXT_CHARS, TITLE_CHARS};
use crate::base::{Asset, Lang, Money};
use crate::providers::http::ProviderError;
use crate::providers::panel::{PanelConfig, PanelKind, connect};
use crate::shop::catalog::{Category, Location, PanelCode, Plan, RefundRule};
use crate::shop::panels::{Intake, Secrets, Wish};
use secrecy::ExposeSecret as _;
use std::collections::BTreeMap;

const GIGABYTE: i64 = 1 << 30;

pub(super) fn category(reader: &mut Reader<'_>, languages: &[Lang]) -> Option<Category> {
    let code = reader.parsed("code");
    let titles = reader.words("title", languages, TITLE_CHARS);
    let texts = reader.words("text", &[], TEXT_CHARS);
    let on = reader.is_on();
    Some(Category { code: code?, titles, texts, on })
}

pub(super) fn location(reader: &mut Reader<'_>, languages: &[Lang]) -> Option<Location> {
    let code = reader.parsed("code");
    let titles = reader.words("title", languages, TITLE_CHARS);
    let texts = reader.words("text", &[], TEXT_CHARS);
    let on = reader.is_on();
    Some(Location { code: code?, titles, texts, on })
}

pub(super) fn plan(reader: &mut Reader<'_>, languages: &[Lang], asset: Asset) -> Option<Plan> {
    let (code, category, location) = (reader.parsed("code"), reader.parsed("category"), reader.parsed("location"));
    let titles = reader.words("title", languages, TITLE_CHARS);
    let texts = reader.words("text", &[], TEXT_CHARS);
    let days = reader.number("days", 1..=3_650);
    let traffic_gb = reader.number("traffic_gb", 0..=1_000_000);
    let devices = reader.maybe_number("devices", 0..=1_000).unwrap_or(0);
    let price = reader.number("price", 1..=1_000_000_000_000);
    let cost = reader.maybe_number("cost", 0..=1_000_000_000_000);
    let refund = refund(reader, traffic_gb);
    let stock = reader.maybe_number("stock", 0..=1_000_000);
    let on = reader.is_on();
    let names = reader.texts("panels");
    if names.is_empty() {
        reader.wrong("panels", "name at least one panel, in order of preference");
    }
    let mut panels: Vec<PanelCode> = Vec::with_capacity(names.len());
    for name in names {
        match name.parse::<PanelCode>() {
            Ok(code) if panels.contains(&code) => reader.wrong("panels", format!("\"{name}\" comes twice")),
            Ok(code) => panels.push(code),
            Err(error) => reader.wrong("panels", format!("\"{name}\": {error}")),
        }
    }
    Some(Plan {
        code: code?,
        category: category?,
        location: location?,
        titles,
        texts,
        days,
        traffic_bytes: traffic_gb * GIGABYTE,
        devices,
        price: Money::new(price, asset),
        cost,
        refund,
        panels,
        stock,
        on,
    })
}

fn refund(reader: &mut Reader<'_>, traffic_gb: i64) -> RefundRule {
    let Some(text) = reader.maybe_text("refund") else { return RefundRule::default() };
    match RefundRule::parse(&text) {
        Some(RefundRule::Traffic) if traffic_gb == 0 => {
            reader.wrong("refund", "\"traffic\" needs a limit on the traffic; write \"time\" or \"whole\"");
        }
        Some(rule) => return rule,
        None => reader.wrong("refund", format!("\"{text}\" must be \"whole\", \"time\" or \"traffic\"")),
    }
    RefundRule::default()
}

pub(super) fn panel(reader: &mut Reader<'_>) -> Option<Wish> {
    let code = reader.parsed::<PanelCode>("code");
    let kind = reader.parsed::<PanelKind>("kind");
    let base_url = reader.text("base_url");
    let sub_base_url = reader.maybe_text("sub_base_url");
    let (username, password) = (reader.text("username"), reader.text("password"));
    let proxy = reader.maybe_text("proxy");
    let timeout_ms = reader.maybe_number("timeout_seconds", 1..=120).unwrap_or(10) * 1_000;
    let capacity = reader.maybe_number("capacity", 1..=10_000_000);
    let protocols = reader.texts("protocols");
    let inbounds = inbounds(reader);
    let flow = reader.maybe_text("flow");
    let intake = intake(reader);
    let secrets = Secrets { password: password.into(), proxy: proxy.map(Into::into) };
    let wish = Wish {
        code: code?,
        kind: kind?,
        base_url,
        sub_base_url,
        username,
        timeout_ms,
        capacity,
        protocols,
        inbounds,
        flow,
        intake,
        secrets,
    };
    if let Some(wrong) = cannot_be_reached(&wish) {
        reader.wrong("is not set right", wrong);
    }
    Some(wish)
}

fn inbounds(reader: &mut Reader<'_>) -> BTreeMap<String, Vec<String>> {
    let mut found = BTreeMap::new();
    for (protocol, tags) in reader.table("inbounds") {
        let texts: Option<Vec<String>> =
            tags.as_array().and_then(|tags| tags.iter().map(|tag| tag.as_str().map(str::to_owned)).collect());
        match texts {
            Some(tags) if !tags.is_empty() => drop(found.insert(protocol, tags)),
            _ => reader.wrong("inbounds", format!("{protocol}: must be a list of tags, with at least one")),
        }
    }
    found
}

fn intake(reader: &mut Reader<'_>) -> Intake {
    let Some(text) = reader.maybe_text("state") else { return Intake::On };
    Intake::parse(&text).unwrap_or_else(|| {
        reader.wrong("state", format!("\"{text}\" must be \"on\", \"draining\" or \"off\""));
        Intake::On
    })
}

/// What the panel's own client has against these words; nothing is asked of the panel.
fn cannot_be_reached(wish: &Wish) -> Option<String> {
    if wish.base_url.is_empty() {
        return None;
    }
    let config = PanelConfig {
        code: wish.code.to_string(),
        kind: wish.kind,
        base_url: wish.base_url.clone(),
        sub_base_url: wish.sub_base_url.clone(),
        username: wish.username.clone(),
        password: wish.secrets.password.clone(),
        proxy: wish.secrets.proxy.as_ref().map(|proxy| proxy.expose_secret().to_owned()),
        timeout_ms: u64::try_from(wish.timeout_ms).unwrap_or(10_000),
        protocols: wish.protocols.clone(),
        inbounds: wish.inbounds.clone(),
        flow: wish.flow.clone(),
    };
    match connect(config) {
        Ok(_) => None,
        Err(ProviderError::Refused { say, .. }) => Some(say),
        Err(error) => Some(error.to_string()),
    }
}
