//! The snapshot that screens are drawn from.
//!
//! Always: in the operator's order; what is off or sold out is not offered, and neither is a shelf with nothing on it.
use super::code::{CategoryCode, LocationCode, PanelCode, PlanCode};
use super::words::Words;
use crate::base::{Lang, Money};

/// What kind of thing it is: dynamic IP, constant IP.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Category {
    pub code: CategoryCode,
    pub titles: Words,
    pub texts: Words,
    pub on: bool,
}

/// Where it comes out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Location {
    pub code: LocationCode,
    pub titles: Words,
    pub texts: Words,
    pub on: bool,
}

/// How much of a price goes back of its own when what it bought was used in part; an admin may say otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum RefundRule {
    /// All of it.
    Whole,
    /// By the days that are left.
    #[default]
    Time,
    /// By the traffic that is left.
    Traffic,
}

impl RefundRule {
    pub const ALL: [Self; 3] = [Self::Whole, Self::Time, Self::Traffic];

    /// As its column and the shop file have it.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Whole => "whole",
            Self::Time => "time",
            Self::Traffic => "traffic",
        }
    }

    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|rule| rule.code() == code)
    }
}

/// What is promised for a price: a plan's, or what an order of it was placed for. `traffic_bytes` and `devices` 0 = unlimited.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Promise {
    pub days: i64,
    pub traffic_bytes: i64,
    pub devices: i64,
    pub refund: RefundRule,
}

impl Promise {
    /// Do both give the same? What goes back of it later is no part of that.
    pub const fn gives_as(&self, other: &Self) -> bool {
        self.days == other.days && self.traffic_bytes == other.traffic_bytes && self.devices == other.devices
    }

    /// FNV-1a of what it gives.
    pub fn mark(&self) -> Mark {
        let bytes = [self.days, self.traffic_bytes, self.devices].into_iter().flat_map(i64::to_be_bytes);
        Mark(bytes.fold(0x811c_9dc5, |mark, byte| (mark ^ u32::from(byte)).wrapping_mul(0x0100_0193)))
    }
}

/// A short mark of what a promise gives, for a button: with another one, something else was shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mark(pub u32);

/// What can be bought. `traffic_bytes` and `devices` 0 = unlimited; `stock` `None` = no end of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    pub code: PlanCode,
    pub category: CategoryCode,
    pub location: LocationCode,
    pub titles: Words,
    pub texts: Words,
    pub days: i64,
    pub traffic_bytes: i64,
    pub devices: i64,
    pub price: Money,
    /// What one costs the shop, in the price's asset; prices of agents may follow from it.
    pub cost: Option<i64>,
    /// How much of it goes back when a delivered order is refunded.
    pub refund: RefundRule,
    /// Where it can be made, in order of preference.
    pub panels: Vec<PanelCode>,
    pub stock: Option<i64>,
    pub on: bool,
}

impl Category {
    pub fn title(&self, lang: Lang) -> &str {
        self.titles.say(lang)
    }

    pub fn text(&self, lang: Lang) -> &str {
        self.texts.say(lang)
    }
}

impl Location {
    pub fn title(&self, lang: Lang) -> &str {
        self.titles.say(lang)
    }

    pub fn text(&self, lang: Lang) -> &str {
        self.texts.say(lang)
    }
}

impl Plan {
    pub fn title(&self, lang: Lang) -> &str {
        self.titles.say(lang)
    }

    pub fn text(&self, lang: Lang) -> &str {
        self.texts.say(lang)
    }

    /// What it promises now.
    pub const fn promise(&self) -> Promise {
        Promise { days: self.days, traffic_bytes: self.traffic_bytes, devices: self.devices, refund: self.refund }
    }

    pub fn is_sold_out(&self) -> bool {
        self.stock.is_some_and(|left| left <= 0)
    }
}

/// Everything that is on the shelf, as it was when it was loaded. Also holds what is off: old orders name it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Catalog {
    pub(super) categories: Vec<Category>,
    pub(super) locations: Vec<Location>,
    pub(super) plans: Vec<Plan>,
}

impl Catalog {
    pub fn plan(&self, code: &PlanCode) -> Option<&Plan> {
        self.plans.iter().find(|plan| plan.code == *code)
    }

    pub fn category(&self, code: &CategoryCode) -> Option<&Category> {
        self.categories.iter().find(|category| category.code == *code)
    }

    pub fn location(&self, code: &LocationCode) -> Option<&Location> {
        self.locations.iter().find(|location| location.code == *code)
    }

    /// The plan's title where plans stand side by side: with its location, or its category too, when others that are on are
    /// titled alike.
    pub fn name(&self, plan: &Plan, lang: Lang) -> String {
        let is_alike = |other: &&Plan| other.on && other.code != plan.code && other.title(lang) == plan.title(lang);
        let alike: Vec<&Plan> = self.plans.iter().filter(is_alike).collect();
        let mut name = plan.title(lang).to_owned();
        if !alike.is_empty()
            && let Some(location) = self.location(&plan.location)
        {
            name = format!("{name} · {}", location.title(lang));
        }
        if alike.iter().any(|other| other.location == plan.location)
            && let Some(category) = self.category(&plan.category)
        {
            name = format!("{name} · {}", category.title(lang));
        }
        name
    }

    /// All of them, on and off.
    pub fn plans(&self) -> &[Plan] {
        &self.plans
    }

    pub fn categories(&self) -> &[Category] {
        &self.categories
    }

    pub fn locations(&self) -> &[Location] {
        &self.locations
    }

    /// Can it be bought, as far as this snapshot knows?
    pub fn is_on_sale(&self, code: &PlanCode) -> bool {
        self.plan(code).is_some_and(|plan| self.offers(plan))
    }

    /// Those with something to buy.
    pub fn categories_on_sale(&self) -> Vec<&Category> {
        let has_any = |category: &Category| self.plans.iter().any(|plan| plan.category == category.code && self.offers(plan));
        self.categories.iter().filter(|category| has_any(category)).collect()
    }

    /// Those with something of this category to buy.
    pub fn locations_on_sale(&self, category: &CategoryCode) -> Vec<&Location> {
        let has_any = |location: &Location| {
            self.plans.iter().any(|plan| plan.category == *category && plan.location == location.code && self.offers(plan))
        };
        self.locations.iter().filter(|location| has_any(location)).collect()
    }

    pub fn plans_on_sale(&self, category: &CategoryCode, location: &LocationCode) -> Vec<&Plan> {
        let fits = |plan: &&Plan| plan.category == *category && plan.location == *location && self.offers(plan);
        self.plans.iter().filter(fits).collect()
    }

    fn offers(&self, plan: &Plan) -> bool {
        plan.on
            && !plan.is_sold_out()
            && self.category(&plan.category).is_some_and(|category| category.on)
            && self.location(&plan.location).is_some_and(|location| location.on)
    }
}

#[cfg(test)]
pub mod sample {
    use super::{Plan, RefundRule};
    use crate::base::{Asset, Lang, Money};
    use crate::shop::catalog::Words;

    pub fn plan() -> Plan {
        Plan {
            code: "m1".parse().unwrap(),
            category: "vpn".parse().unwrap(),
            location: "de".parse().unwrap(),
            titles: Words::from([(Lang::En, "1 month, 30 GB"), (Lang::Fa, "یک ماهه، ۳۰ گیگ"), (Lang::Ru, "1 месяц, 30 ГБ")]),
            texts: Words::default(),
            days: 30,
            traffic_bytes: 30 << 30,
            devices: 2,
            price: Money::new(120_000, Asset::Irt),
            cost: None,
            refund: RefundRule::Time,
            panels: vec![],
            stock: None,
            on: true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(code: &str, location: &str, stock: Option<i64>, on: bool) -> Plan {
        let (code, category) = (code.parse().unwrap(), "dynamic".parse().unwrap());
        Plan { code, category, location: location.parse().unwrap(), stock, on, ..sample::plan() }
    }

    fn location(code: &str, on: bool) -> Location {
        Location { code: code.parse().unwrap(), titles: Words::default(), texts: Words::default(), on }
    }

    #[test]
    fn whatever_else_is_given_has_another_mark() {
        let month = plan("m1", "de", None, true).promise();
        let others = [
            Promise { days: 31, ..month },
            Promise { traffic_bytes: 1, ..month },
            Promise { devices: 1, ..month },
            Promise { traffic_bytes: 1 << 30, ..month },
        ];
        let marks: std::collections::HashSet<u32> = others.iter().chain([&month]).map(|promise| promise.mark().0).collect();
        assert_eq!(marks.len(), others.len() + 1);
        assert!(others.iter().all(|other| !other.gives_as(&month)));
        let other_rule = Promise { refund: RefundRule::Whole, ..month };
        assert!(other_rule.gives_as(&month) && other_rule.mark() == month.mark());
    }

    #[test]
    fn plans_with_one_title_have_names_of_their_own() {
        let category = |code: &str, title| {
            let titles = Words::from([(Lang::En, title)]);
            Category { code: code.parse().unwrap(), titles, texts: Words::default(), on: true }
        };
        let germany = Location { titles: Words::from([(Lang::En, "Germany")]), ..location("de", true) };
        let turkey = Location { titles: Words::from([(Lang::En, "Turkey")]), ..location("tr", true) };
        let fixed = Plan { category: "constant".parse().unwrap(), ..plan("fix-de", "de", None, true) };
        let year = Plan { titles: Words::from([(Lang::En, "1 year")]), ..plan("year", "de", None, true) };
        let shelf = Catalog {
            categories: vec![category("constant", "Constant IP"), category("dynamic", "Dynamic IP")],
            locations: vec![germany, turkey],
            plans: vec![plan("de", "de", None, true), plan("tr", "tr", None, true), plan("off", "tr", None, false), fixed, year],
        };
        let names: Vec<String> = shelf.plans().iter().map(|plan| shelf.name(plan, Lang::En)).collect();
        assert_eq!(
            [&names[0], &names[1], &names[3], &names[4]],
            [
                "1 month, 30 GB · Germany · Dynamic IP",
                "1 month, 30 GB · Turkey",
                "1 month, 30 GB · Germany · Constant IP",
                "1 year"
            ]
        );
    }

    #[test]
    fn only_what_can_be_bought_is_offered_and_no_empty_shelf_is_shown() {
        let category =
            |code: &str| Category { code: code.parse().unwrap(), titles: Words::default(), texts: Words::default(), on: true };
        let shelf = Catalog {
            categories: vec![category("constant"), category("dynamic")],
            locations: vec![location("de", true), location("nl", true), location("tr", false)],
            plans: vec![
                plan("de-on", "de", None, true),
                plan("de-last", "de", Some(1), true),
                plan("de-gone", "de", Some(0), true),
                plan("de-off", "de", None, false),
                plan("nl-gone", "nl", Some(0), true),
                plan("tr-on", "tr", None, true),
            ],
        };
        let dynamic = "dynamic".parse().unwrap();
        let codes = |plans: Vec<&Plan>| plans.iter().map(|plan| plan.code.to_string()).collect::<Vec<_>>();
        assert_eq!(codes(shelf.plans_on_sale(&dynamic, &"de".parse().unwrap())), ["de-on", "de-last"]);
        assert_eq!(codes(shelf.plans_on_sale(&dynamic, &"tr".parse().unwrap())), [""; 0]);
        assert_eq!(shelf.locations_on_sale(&dynamic).len(), 1);
        assert_eq!(shelf.categories_on_sale().len(), 1);
        assert!(!shelf.is_on_sale(&"none".parse().unwrap()));
        assert!(shelf.plan(&"de-off".parse().unwrap()).is_some());
    }
}
