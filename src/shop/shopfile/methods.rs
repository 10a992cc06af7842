//! How payment methods are written in the file, and what of it makes a method.
//!
//! Always: a number or an address is never repeated in a mistake: what is printed here may end in a log.
use super::reader::Reader;
use crate::shop::payments::{
    Audience, Audiences, Kind, Limits, Method, MethodCode, NewMethod, ending, plain_network, read_details,
};

const AMOUNT_MAX: i64 = 1_000_000_000_000;
const COUNT_MAX: i64 = 1_000_000;
const NETWORK_CHARS: usize = 20;

/// A method. One that is off is kept, so that staff can switch it on.
pub(super) fn method(reader: &mut Reader<'_>) -> Option<NewMethod> {
    let code: Option<MethodCode> = reader.parsed("code");
    let kind = kind(reader);
    let alias = reader.text("alias");
    let coins = kind == Some(Kind::Crypto);
    let holder = if coins { None } else { Some(reader.text("holder")) };
    let bank = if coins { None } else { reader.maybe_text("bank") };
    let network = coins.then(|| network(reader));
    let key = if coins { "address" } else { "number" };
    let typed = reader.text(key);
    let note = reader.maybe_text("note");
    let limits = limits(reader);
    let on = reader.is_on();
    let details = read_details(kind.unwrap_or(Kind::Card), network.as_deref(), &typed);
    if let (Err(mistake), Some(_), false) = (&details, kind, typed.is_empty()) {
        reader.wrong(key, mistake);
    }
    let details = details.ok()?.text.into();
    let (place, filed) = (0, None);
    let (code, kind, last4) = (code?, kind?, ending(&details));
    let method = Method { code, kind, alias, last4, holder, bank, network, note, limits, place, on, filed };
    Some(NewMethod { method, details })
}

fn kind(reader: &mut Reader<'_>) -> Option<Kind> {
    let word = reader.text("kind");
    let kind = Kind::parse(&word);
    if kind.is_none() && !word.is_empty() {
        reader.wrong("kind", format!("\"{word}\" must be \"card\", \"sheba\" or \"crypto\""));
    }
    kind
}

fn network(reader: &mut Reader<'_>) -> String {
    let network = plain_network(&reader.text("network"));
    if network.chars().count() > NETWORK_CHARS {
        reader.wrong("network", format!("at most {NETWORK_CHARS} characters fit"));
    }
    network
}

fn limits(reader: &mut Reader<'_>) -> Limits {
    let hours = reader.maybe_text("hours").and_then(|text| match text.parse() {
        Ok(hours) => Some(hours),
        Err(mistake) => {
            reader.wrong("hours", format!("\"{text}\" {mistake}"));
            None
        }
    });
    let limits = Limits {
        hours,
        daily_count: reader.maybe_number("daily_count", 1..=COUNT_MAX),
        daily_limit: reader.maybe_number("daily_limit", 1..=AMOUNT_MAX),
        minimum: reader.maybe_number("minimum", 1..=AMOUNT_MAX),
        maximum: reader.maybe_number("maximum", 1..=AMOUNT_MAX),
        audience: audience(reader),
    };
    if limits.minimum.zip(limits.maximum).is_some_and(|(least, most)| least > most) {
        reader.wrong("minimum", "is more than the maximum");
    }
    limits
}

/// Absent, or with "everybody" in it, is everybody.
fn audience(reader: &mut Reader<'_>) -> Audiences {
    let words = reader.texts("audience");
    let mut named = Vec::new();
    for word in &words {
        match Audience::parse(word) {
            Some(audience) => named.push(audience),
            None if word == "everybody" => named.extend(Audience::ALL),
            None => reader.wrong("audience", format!("\"{word}\" must be \"everybody\", \"new\", \"known\" or \"agents\"")),
        }
    }
    Audiences::of(named).unwrap_or_else(Audiences::everybody)
}
