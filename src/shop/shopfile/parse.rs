//! From the text of a file to what it says, with every mistake that can be found without the database.
use super::methods::method;
use super::reader::Reader;
use super::shelf::{category, location, panel, plan};
use super::{Mistakes, ShopFile, tiers};
use crate::base::Asset;
use crate::shop::payments::NewMethod;
use crate::shop::settings::Settings;
use secrecy::ExposeSecret;
use std::collections::BTreeSet;
use toml::{Table, Value};

pub(super) fn parse(text: &str) -> Result<ShopFile, Mistakes> {
    let table: Table = text.parse().map_err(|error| Mistakes(vec![format!("the file is not TOML: {error}")]))?;
    let mut mistakes = Vec::new();
    let file = read(table, &mut mistakes);
    check(&file, &mut mistakes);
    if mistakes.is_empty() { Ok(file) } else { Err(Mistakes(mistakes)) }
}

fn read(table: Table, mistakes: &mut Vec<String>) -> ShopFile {
    let mut top = Reader::new(table, "the file", mistakes);
    let sections = ["categories", "locations", "panels", "plans", "tiers", "payment_methods"].map(|key| top.tables(key));
    let settings = top.table("settings");
    top.finish();
    let settings = read_settings(settings, mistakes);
    let [categories, locations, panels, plans, agent_tiers, methods] = sections;
    let asset = settings.asset;
    let languages = settings.languages.clone();
    ShopFile {
        categories: each("categories", categories, mistakes, |reader| category(reader, &languages)),
        locations: each("locations", locations, mistakes, |reader| location(reader, &languages)),
        panels: each("panels", panels, mistakes, panel),
        plans: each("plans", plans, mistakes, |reader| plan(reader, &languages, asset)),
        tiers: each("tiers", agent_tiers, mistakes, |reader| tiers::tier(reader, &languages)),
        methods: each("payment_methods", methods, mistakes, method),
        settings,
    }
}

/// Reads each table of a section; a code that comes twice is a mistake.
fn each<T>(
    section: &str,
    tables: Vec<Table>,
    mistakes: &mut Vec<String>,
    mut read: impl FnMut(&mut Reader<'_>) -> Option<T>,
) -> Vec<T> {
    let mut seen = BTreeSet::new();
    let mut found = Vec::with_capacity(tables.len());
    for (index, table) in tables.into_iter().enumerate() {
        let code = table.get("code").and_then(Value::as_str).unwrap_or("without a code").to_owned();
        let place = format!("{section} {} ({code})", index + 1);
        if !seen.insert(code.clone()) && code != "without a code" {
            mistakes.push(format!("{place}: code: \"{code}\" is taken by another of the {section}"));
        }
        let mut reader = Reader::new(table, place, mistakes);
        found.extend(read(&mut reader));
        reader.finish();
    }
    found
}

/// Key by key, so that every wrong one is named.
fn read_settings(table: Table, mistakes: &mut Vec<String>) -> Settings {
    let mut good = Table::new();
    for (key, value) in table {
        let alone = Table::from_iter([(key.clone(), value.clone())]);
        match alone.try_into::<Settings>() {
            Ok(_) => drop(good.insert(key, value)),
            Err(error) if error.message().starts_with("unknown field") => {
                mistakes.push(format!("settings: \"{key}\" is not known here; is it misspelt?"));
            }
            Err(error) => mistakes.push(format!("settings: {key}: {}", error.message())),
        }
    }
    let settings: Settings = good.try_into().unwrap_or_default();
    mistakes.extend(settings.mistakes());
    settings
}

/// What one part of the file says of another.
fn check(file: &ShopFile, mistakes: &mut Vec<String>) {
    for (index, plan) in file.plans.iter().enumerate() {
        let mut wrong = |key: &str, what: String| {
            mistakes.push(format!("plans {} ({}): {key}: {what}", index + 1, plan.code));
        };
        if !file.categories.iter().any(|category| category.code == plan.category) {
            wrong("category", format!("there is no category \"{}\"", plan.category));
        }
        if !file.locations.iter().any(|location| location.code == plan.location) {
            wrong("location", format!("there is no location \"{}\"", plan.location));
        }
        for code in plan.panels.iter().filter(|code| !file.panels.iter().any(|panel| panel.code == **code)) {
            wrong("panels", format!("there is no panel \"{code}\""));
        }
    }
    for (index, new) in file.methods.iter().enumerate() {
        let same = |other: &&NewMethod| other.details.expose_secret() == new.details.expose_secret();
        if let Some(other) = file.methods[..index].iter().find(same) {
            let (code, other) = (&new.method.code, &other.method.code);
            mistakes.push(format!("payment_methods {} ({code}): has the number or address of \"{other}\"", index + 1));
        }
    }
    tiers::check(&file.tiers, &file.plans, mistakes);
    let trial = &file.settings.trial_plan;
    if !trial.is_empty() && !file.plans.iter().any(|plan| plan.code.as_str() == trial) {
        mistakes.push(format!("settings: trial_plan: there is no plan \"{trial}\""));
    }
    if matches!(file.settings.asset, Asset::Usd6) {
        mistakes.push("settings: asset: \"USD6\" is for costs, not for prices".to_owned());
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Mistakes, ShopFile};
    use super::parse;
    use crate::shop::catalog::Plan;
    use crate::shop::payments::Kind;

    const EXAMPLE: &str = include_str!("../../../assets/shop.example.toml");

    fn mistakes_of(text: &str) -> Vec<String> {
        match parse(text) {
            Ok(_) => Vec::new(),
            Err(Mistakes(lines)) => lines,
        }
    }

    fn changed(was: &str, is: &str) -> String {
        assert!(EXAMPLE.contains(was), "{was}");
        EXAMPLE.replacen(was, is, 1)
    }

    #[test]
    fn the_example_is_without_mistakes_and_shows_every_case() {
        let ShopFile { settings, categories, locations, panels, plans, tiers, methods } = parse(EXAMPLE).unwrap();
        assert_eq!((categories.len(), panels.len(), methods.len()), (2, 1, 4));
        assert!(Kind::ALL.into_iter().all(|kind| methods.iter().any(|new| new.method.kind == kind)));
        assert!(tiers.len() == 2 && tiers.iter().any(|tier| !tier.prices.is_empty()));
        assert!(locations.len() >= 5 && plans.len() >= 12);
        assert!(plans.iter().any(Plan::is_sold_out) && plans.iter().any(|plan| !plan.on));
        assert!(plans.iter().any(|plan| plan.traffic_bytes == 0));
        assert_eq!(settings.shop_name, "Souk");
        for lang in crate::base::Lang::ALL {
            assert!(plans.iter().all(|plan| !plan.text(lang).is_empty()));
        }
    }

    #[test]
    fn the_example_names_every_setting() {
        let table: toml::Table = EXAMPLE.parse().unwrap();
        let named: Vec<&String> = table["settings"].as_table().unwrap().keys().collect();
        let fields = serde_json::to_value(crate::shop::settings::Settings::default()).unwrap();
        for field in fields.as_object().unwrap().keys() {
            assert!(named.contains(&field), "assets/shop.example.toml: explain settings.{field}");
        }
    }

    #[test]
    fn an_empty_file_is_an_empty_shop() {
        assert_eq!(mistakes_of(""), Vec::<String>::new());
    }

    #[test]
    fn each_mistake_is_named_with_its_place() {
        for (was, is, expected) in [
            ("price = 120000", "prize = 120000", "plans 1 (any-1m-30): \"prize\" is not known here; is it misspelt?"),
            ("price = 120000", "", "plans 1 (any-1m-30): price: is missing"),
            ("price = 120000", "price = 0", "plans 1 (any-1m-30): price: 0 is outside 1 to 1000000000000"),
            (
                "price = 120000",
                "price = 1.5",
                "plans 1 (any-1m-30): price: must be a whole number without quotes, and is a number with a point",
            ),
            ("code = \"any-1m-30\"", "code = \"Any\"", "plans 1 (Any): code: \"Any\": a code is 1 to 16 of a-z, 0-9 and \"-\""),
            (
                "code = \"any-1m-100\"",
                "code = \"any-1m-30\"",
                "plans 2 (any-1m-30): code: \"any-1m-30\" is taken by another of the plans",
            ),
            ("category = \"dynamic\"", "category = \"other\"", "plans 1 (any-1m-30): category: there is no category \"other\""),
            ("panels = [\"main\"]", "panels = [\"gone\"]", "plans 1 (any-1m-30): panels: there is no panel \"gone\""),
            (
                "panels = [\"main\"]",
                "panels = []",
                "plans 1 (any-1m-30): panels: name at least one panel, in order of preference",
            ),
            (
                "refund = \"traffic\"",
                "refund = \"half\"",
                "plans 2 (any-1m-100): refund: \"half\" must be \"whole\", \"time\" or \"traffic\"",
            ),
            (
                "stock = 50",
                "refund = \"traffic\"",
                "plans 4 (any-1m-open): refund: \"traffic\" needs a limit on the traffic; write \"time\" or \"whole\"",
            ),
            ("trial_plan = \"any-1m-30\"", "trial_plan = \"gone\"", "settings: trial_plan: there is no plan \"gone\""),
            ("order_minutes = 120", "order_minuets = 120", "settings: \"order_minuets\" is not known here; is it misspelt?"),
            ("order_minutes = 120", "order_minutes = 1", "settings.order_minutes: 1 is outside 5 to 10080"),
            (
                "kind = \"marzban\"",
                "kind = \"marzbann\"",
                "panels 1 (main): kind: \"marzbann\": \"marzbann\" is no kind of panel; known kinds: marzban",
            ),
            ("state = \"on\"", "state = \"up\"", "panels 1 (main): state: \"up\" must be \"on\", \"draining\" or \"off\""),
            ("ru = \"Германия\"", "xx = \"Германия\"", "locations 3 (de): title: \"xx\" is no language; write en, fa or ru"),
            ("ru = \"Германия\"", "en2 = \"\"", "locations 3 (de): title: the words in \"ru\" are missing"),
        ] {
            let found = mistakes_of(&changed(was, is));
            assert!(found.iter().any(|line| line == expected), "{expected}\nfound: {found:#?}");
        }
        let found = mistakes_of(&changed("http://127.0.0.1:0", "ftp://panel"));
        assert!(found.len() == 1 && found[0].contains("http(s) address"), "{found:?}");
    }

    #[test]
    fn each_mistake_in_a_payment_method_is_named_with_its_place() {
        for (was, is, expected) in [
            (
                "number = \"6037-9900-0000-0006\"",
                "number = \"6037-9900-0000-0007\"",
                "payment_methods 1 (card-1): number: is no card number: 16 digits, of which the last checks the others; look for a mistyped one",
            ),
            ("[[payment_methods]]", "[extra]\n[[payment_methods]]", "the file: \"extra\" is not known here; is it misspelt?"),
            (
                "kind = \"card\"",
                "kind = \"cash\"",
                "payment_methods 1 (card-1): kind: \"cash\" must be \"card\", \"sheba\" or \"crypto\"",
            ),
            ("kind = \"card\"", "kind = \"crypto\"", "payment_methods 1 (card-1): \"holder\" is not known here; is it misspelt?"),
            (
                "number = \"IR31 ",
                "number = \"IR13 ",
                "payment_methods 3 (sheba-1): number: is no Sheba number: its two check digits do not fit the others; look for a mistyped one",
            ),
            (
                "network = \"TRC20\"",
                "network = \"ERC20\"",
                "payment_methods 4 (usdt-1): address: is no address of ERC20: it is \"0x\" and 40 digits of 0-9 and a-f",
            ),
            (
                "hours = \"08:00-24:00\"",
                "hours = \"8 to 24\"",
                "payment_methods 3 (sheba-1): hours: \"8 to 24\" must be hours of the day such as \"09:00-23:30\"; they may pass midnight, and begin and end at different times",
            ),
            (
                "audience = [\"known\", \"agents\"]",
                "audience = [\"friends\"]",
                "payment_methods 3 (sheba-1): audience: \"friends\" must be \"everybody\", \"new\", \"known\" or \"agents\"",
            ),
            ("minimum = 500000", "minimum = 999999999", "payment_methods 3 (sheba-1): minimum: is more than the maximum"),
            (
                "number = \"6104-3300-0000-0003\"",
                "number = \"6037990000000006\"",
                "payment_methods 2 (card-2): has the number or address of \"card-1\"",
            ),
        ] {
            let found = mistakes_of(&changed(was, is));
            assert!(found.iter().any(|line| line == expected), "{expected}\nfound: {found:#?}");
        }
    }

    #[test]
    fn what_tiers_say_of_plans_must_be_so() {
        for (was, is, expected) in [
            (
                "plans = [\"any-1m-30\", \"any-3m-200\"]",
                "plans = [\"gone\"]",
                "tiers 1 (silver): plans: there is no plan \"gone\"",
            ),
            (
                "{ percent_off = 10 }",
                "{ percent_off = 100 }",
                "tiers 1 (silver): prices: \"*\": write one of { fixed = amount }, { percent_off = 0 to 99 }, { cost_plus = per cent on top of the cost }",
            ),
            (
                "\"any-1m-100\" = { cost_plus = 15 }",
                "\"any-3m-200\" = { cost_plus = 15 }",
                "tiers 2 (gold): prices: \"any-3m-200\": plan \"any-3m-200\" has no cost; give it one",
            ),
        ] {
            let found = mistakes_of(&changed(was, is));
            assert!(found.iter().any(|line| line == expected), "{expected}\nfound: {found:#?}");
        }
    }

    #[test]
    fn all_mistakes_come_at_once_and_none_holds_a_secret() {
        let broken = changed("price = 120000", "prize = 1")
            .replace("code = \"card-2\"", "code = \"card-1\"")
            .replace("number = \"6104-3300-0000-0003\"", "number = \"6104-3300-0000-0009\"")
            .replace("password = \"change-me\"", "password = \"hidden-word\"\npasword = \"hidden-word\"");
        let found = mistakes_of(&broken);
        assert_eq!(found.len(), 5, "{found:#?}");
        assert!(found.iter().all(|line| !line.contains("hidden-word") && !line.contains("6104")), "{found:#?}");
    }

    #[test]
    fn what_is_not_toml_is_said_with_its_line() {
        let found = mistakes_of("[settings]\nshop_name = \"Souk\nasset = 1");
        assert!(found.len() == 1 && found[0].contains("line 2"), "{found:?}");
    }
}
