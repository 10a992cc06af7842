//! What differs between the file and the shop, section by section, in readable lines.
//!
//! Always: equal facts give no line; a secret is compared, and never a part of a line. Never: reads or writes rows.
use super::Change;
use crate::shop::catalog::{Category, Location, PanelCode, Plan, Words};
use crate::shop::panels::{Panel, Wish};
use crate::shop::payments::Method;
use std::collections::BTreeMap;

/// One thing of a section, as a list of what can be said about it.
#[derive(Debug, Clone)]
pub(super) struct Facts {
    pub code: String,
    pub fields: Vec<(String, String)>,
}

/// What is to be done about a section. The numbers are places in the lists that were compared.
#[derive(Debug, Default)]
pub(super) struct Section {
    pub changes: Vec<Change>,
    pub put: Vec<usize>,
    pub off: Vec<usize>,
}

/// Compares what is there (and whether it is on) with what is to be.
pub(super) fn section(noun: &str, was: &[(Facts, bool)], is: &[Facts]) -> Section {
    let mut section = Section::default();
    let mut any_new = false;
    for (index, facts) in is.iter().enumerate() {
        let known = was.iter().find(|(known, _)| known.code == facts.code);
        let lines = match known {
            None => vec![format!("{noun} {}: new ({})", facts.code, listed(facts))],
            Some((known, _)) => {
                differences(known, facts).into_iter().map(|line| format!("{noun} {}: {line}", facts.code)).collect()
            }
        };
        any_new |= known.is_none();
        if !lines.is_empty() {
            section.put.push(index);
        }
        section.changes.extend(lines.into_iter().map(Change));
    }
    for (index, (facts, _)) in was.iter().enumerate().filter(|(_, (_, on))| *on) {
        if !is.iter().any(|other| other.code == facts.code) {
            section.changes.push(Change(format!("{noun} {}: switched off, the file does not name it", facts.code)));
            section.off.push(index);
        }
    }
    let kept = |other: &Facts| is.iter().any(|facts| facts.code == other.code);
    let before = was.iter().map(|(facts, _)| facts).filter(|facts| kept(facts)).map(|facts| &facts.code);
    let after = is.iter().filter(|facts| was.iter().any(|(known, _)| known.code == facts.code)).map(|facts| &facts.code);
    let reordered = !before.eq(after);
    if reordered {
        section.changes.push(Change(format!("{noun}: another order")));
    }
    if reordered || any_new {
        section.put = (0..is.len()).collect();
    }
    section
}

fn listed(facts: &Facts) -> String {
    let said = facts.fields.iter().filter(|(_, value)| value != NOTHING);
    said.map(|(name, value)| format!("{name} {value}")).collect::<Vec<_>>().join(", ")
}

fn differences(was: &Facts, is: &Facts) -> Vec<String> {
    let before: BTreeMap<&str, &str> = was.fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let after: BTreeMap<&str, &str> = is.fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let mut names: Vec<&str> = is.fields.iter().map(|(name, _)| name.as_str()).collect();
    names.extend(was.fields.iter().map(|(name, _)| name.as_str()).filter(|name| !after.contains_key(name)));
    let value = |facts: &BTreeMap<&str, &str>, name: &str| facts.get(name).copied().unwrap_or(NOTHING).to_owned();
    names
        .into_iter()
        .map(|name| (name, value(&before, name), value(&after, name)))
        .filter(|(_, was, is)| was != is)
        .map(|(name, was, is)| format!("{name}: {was} -> {is}"))
        .collect()
}

const NOTHING: &str = "-";

fn maybe(value: Option<impl ToString>) -> String {
    value.map_or_else(|| NOTHING.to_owned(), |value| value.to_string())
}

struct Fields(Vec<(String, String)>);

impl Fields {
    fn of(pairs: impl IntoIterator<Item = (&'static str, String)>) -> Self {
        Self(pairs.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
    }

    fn words(mut self, name: &str, words: &Words) -> Self {
        self.0.extend(words.each().map(|(lang, text)| (format!("{name}.{lang}"), format!("\"{text}\""))));
        self
    }
}

fn on(on: bool) -> (&'static str, String) {
    ("on", on.to_string())
}

pub(super) fn of_category(category: &Category) -> Facts {
    let fields = Fields::of([on(category.on)]).words("title", &category.titles).words("text", &category.texts);
    Facts { code: category.code.to_string(), fields: fields.0 }
}

pub(super) fn of_location(location: &Location) -> Facts {
    let fields = Fields::of([on(location.on)]).words("title", &location.titles).words("text", &location.texts);
    Facts { code: location.code.to_string(), fields: fields.0 }
}

/// `stock` is what the file says, or last said: what is left of it is the sales' business.
pub(super) fn of_plan(plan: &Plan, stock: Option<i64>) -> Facts {
    let panels: Vec<&str> = plan.panels.iter().map(PanelCode::as_str).collect();
    let fields = Fields::of([
        ("category", plan.category.to_string()),
        ("location", plan.location.to_string()),
        ("price", format!("{} {}", plan.price.minor, plan.price.asset)),
        ("cost", maybe(plan.cost)),
        ("refund", plan.refund.code().to_owned()),
        ("days", plan.days.to_string()),
        ("traffic_gb", (plan.traffic_bytes >> 30).to_string()),
        ("devices", plan.devices.to_string()),
        ("panels", panels.join(" ")),
        ("stock", maybe(stock)),
        on(plan.on),
    ]);
    Facts { code: plan.code.to_string(), fields: fields.words("title", &plan.titles).words("text", &plan.texts).0 }
}

pub(super) fn of_panel(panel: &Panel) -> Facts {
    let fields = Fields::of([
        ("kind", panel.kind.to_string()),
        ("base_url", panel.base_url.clone()),
        ("sub_base_url", maybe(panel.sub_base_url.clone())),
        ("username", panel.username.clone()),
        ("timeout_ms", panel.timeout_ms.to_string()),
        ("capacity", maybe(panel.capacity)),
        ("protocols", panel.protocols.join(" ")),
        ("inbounds", format!("{:?}", panel.inbounds)),
        ("flow", maybe(panel.flow.clone())),
        ("state", panel.intake.as_str().to_owned()),
    ]);
    Facts { code: panel.code.to_string(), fields: fields.0 }
}

pub(super) fn of_wish(wish: &Wish) -> Facts {
    let fields = Fields::of([
        ("kind", wish.kind.to_string()),
        ("base_url", wish.base_url.clone()),
        ("sub_base_url", maybe(wish.sub_base_url.clone())),
        ("username", wish.username.clone()),
        ("timeout_ms", wish.timeout_ms.to_string()),
        ("capacity", maybe(wish.capacity)),
        ("protocols", wish.protocols.join(" ")),
        ("inbounds", format!("{:?}", wish.inbounds)),
        ("flow", maybe(wish.flow.clone())),
        ("state", wish.intake.as_str().to_owned()),
    ]);
    Facts { code: wish.code.to_string(), fields: fields.0 }
}

pub(super) fn of_method(method: &Method) -> Facts {
    let limits = &method.limits;
    let unchecked = if method.is_checked() { "" } else { " (addresses of this network are not checked)" };
    let fields = Fields::of([
        ("kind", method.kind.code().to_owned()),
        ("alias", method.alias.clone()),
        ("holder", maybe(method.holder.clone())),
        ("bank", maybe(method.bank.clone())),
        ("network", maybe(method.network.as_ref().map(|network| format!("{network}{unchecked}")))),
        ("note", maybe(method.note.clone())),
        ("hours", maybe(limits.hours)),
        ("daily_count", maybe(limits.daily_count)),
        ("daily_limit", maybe(limits.daily_limit)),
        ("minimum", maybe(limits.minimum)),
        ("maximum", maybe(limits.maximum)),
        ("audience", limits.audience.to_string()),
        on(method.on),
    ]);
    Facts { code: method.code.to_string(), fields: fields.0 }
}

/// All that is said of a thing, as one text.
pub(super) fn in_words(facts: &Facts) -> String {
    facts.fields.iter().map(|(name, value)| format!("{name}: {value}")).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts(code: &str, price: &str) -> Facts {
        Facts { code: code.to_owned(), fields: vec![("price".to_owned(), price.to_owned())] }
    }

    fn lines(section: &Section) -> Vec<String> {
        section.changes.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn what_differs_is_said_once_and_what_does_not_is_not() {
        let was = [(facts("a", "1"), true), (facts("b", "2"), true), (facts("c", "3"), false)];
        assert!(lines(&section("plan", &was, &[facts("a", "1"), facts("b", "2")])).is_empty(), "c is off already");
        let found = section("plan", &was, &[facts("a", "1"), facts("b", "9"), facts("d", "4")]);
        assert_eq!(lines(&found), ["plan b: price: 2 -> 9", "plan d: new (price 4)"]);
        assert_eq!((found.put, found.off), (vec![0, 1, 2], vec![]), "what is new shifts the others");
        let found = section("plan", &was, &[facts("b", "2")]);
        assert_eq!(lines(&found), ["plan a: switched off, the file does not name it"]);
        assert_eq!((found.put, found.off), (vec![], vec![0]));
        let found = section("plan", &was, &[facts("b", "2"), facts("a", "1")]);
        assert_eq!(lines(&found), ["plan: another order"]);
    }
}
