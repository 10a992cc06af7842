//! Makes what the file says true.
use super::compare::{Facts, Section, of_category, of_location, of_panel, of_plan, of_wish, section};
use super::put_methods::{OfMethods, compare_methods, put_methods};
use super::{Change, ShopFile, tiers};
use crate::base::{Fault, PersonId, Time};
use crate::db::{Seal, Tx};
use crate::shop::accounts::{Deed, audit};
use crate::shop::agents::{self, Tier};
use crate::shop::catalog::{self, Catalog, Plan, PlanCode};
use crate::shop::panels::{self, Intake, Panel, Wish};
use crate::shop::payments;
use crate::shop::settings::{self, Settings};
use sea_orm::ConnectionTrait;

/// The shop as it is, and what is to be done about each section.
struct Difference {
    shelf: Catalog,
    panels: Vec<Panel>,
    settings: Vec<Change>,
    of_categories: Section,
    of_locations: Section,
    of_panels: Section,
    of_plans: Section,
    tiers: Vec<Tier>,
    of_tiers: Section,
    of_methods: OfMethods,
    /// Plans whose stock the file sets anew.
    restocked: Vec<PlanCode>,
}

impl Difference {
    fn lines(self) -> Vec<Change> {
        let (plans, tiers, methods) = (self.of_plans, self.of_tiers, self.of_methods.section);
        let sections = [self.of_categories, self.of_locations, self.of_panels, plans, tiers, methods];
        self.settings.into_iter().chain(sections.into_iter().flat_map(|section| section.changes)).collect()
    }
}

/// What applying the file would change, one line each; nothing is written.
pub async fn changes(conn: &impl ConnectionTrait, file: &ShopFile, seal: &Seal) -> Result<Vec<Change>, Fault> {
    Ok(compare(conn, file, seal).await?.lines())
}

/// Makes what the file says true; gives what changed. Twice is once.
pub async fn apply(tx: &Tx, file: &ShopFile, seal: &Seal, now: Time) -> Result<Vec<Change>, Fault> {
    let todo = compare(tx, file, seal).await?;
    settings::save(tx, &file.settings).await?;
    put_shelf(tx, file, &todo).await?;
    for index in &todo.of_panels.put {
        panels::put(tx, &file.panels[*index], seal).await?;
    }
    for index in &todo.of_panels.off {
        panels::switch_off(tx, &todo.panels[*index].code).await?;
    }
    put_plans(tx, file, &todo).await?;
    tiers::put(tx, &todo.of_tiers, (&todo.tiers, &file.tiers), now).await?;
    put_methods(tx, &file.methods, &todo.of_methods, seal).await?;
    let lines = todo.lines();
    if !lines.is_empty() {
        let said: Vec<String> = lines.iter().map(ToString::to_string).collect();
        let deed = Deed {
            by: PersonId(0),
            act: "shop.apply",
            subject: "shop".to_owned(),
            was: None,
            became: Some(said.join("\n")),
            origin: "command line",
        };
        audit(tx, &deed, now).await?;
    }
    Ok(lines)
}

async fn put_shelf(tx: &Tx, file: &ShopFile, todo: &Difference) -> Result<(), Fault> {
    for index in &todo.of_categories.put {
        catalog::put_category(tx, &file.categories[*index], place(*index)).await?;
    }
    for index in &todo.of_categories.off {
        catalog::switch_off_category(tx, &todo.shelf.categories()[*index].code).await?;
    }
    for index in &todo.of_locations.put {
        catalog::put_location(tx, &file.locations[*index], place(*index)).await?;
    }
    for index in &todo.of_locations.off {
        catalog::switch_off_location(tx, &todo.shelf.locations()[*index].code).await?;
    }
    Ok(())
}

async fn put_plans(tx: &Tx, file: &ShopFile, todo: &Difference) -> Result<(), Fault> {
    for index in &todo.of_plans.put {
        let plan = &file.plans[*index];
        let restocked = todo.restocked.contains(&plan.code);
        catalog::put_plan(tx, plan, place(*index), !restocked).await?;
        if restocked {
            let said = plan.stock.map_or_else(String::new, |stock| stock.to_string());
            settings::set_fact(tx, &stock_fact(&plan.code), &said).await?;
        }
    }
    for index in &todo.of_plans.off {
        catalog::switch_off_plan(tx, &todo.shelf.plans()[*index].code).await?;
    }
    Ok(())
}

fn place(index: usize) -> i64 {
    i64::try_from(index).unwrap_or(i64::MAX)
}

/// What the file last said about a plan's stock: sales lower what is left, and applying the same file does not raise it.
fn stock_fact(code: &PlanCode) -> String {
    format!("stock.{code}")
}

async fn compare(conn: &impl ConnectionTrait, file: &ShopFile, seal: &Seal) -> Result<Difference, Fault> {
    let shelf = Catalog::load(conn).await?;
    let panels = panels::all(conn).await?;
    let known_tiers = agents::tiers(conn).await?;
    let were: Vec<_> = shelf.categories().iter().map(|category| (of_category(category), category.on)).collect();
    let are: Vec<_> = file.categories.iter().map(of_category).collect();
    let of_categories = section("category", &were, &are);
    let were: Vec<_> = shelf.locations().iter().map(|location| (of_location(location), location.on)).collect();
    let are: Vec<_> = file.locations.iter().map(of_location).collect();
    let of_locations = section("location", &were, &are);
    let (of_plans, restocked) = compare_plans(conn, &shelf, &file.plans).await?;
    Ok(Difference {
        settings: compare_settings(&settings::load(conn).await?, &file.settings)?,
        of_panels: compare_panels(&panels, &file.panels, seal),
        of_methods: compare_methods(conn, payments::methods(conn).await?, &file.methods, seal).await?,
        of_tiers: tiers::compare(&known_tiers, &file.tiers),
        tiers: known_tiers,
        shelf,
        panels,
        of_categories,
        of_locations,
        of_plans,
        restocked,
    })
}

fn compare_settings(was: &Settings, is: &Settings) -> Result<Vec<Change>, Fault> {
    let (was, is) = (serde_json::to_value(was)?, serde_json::to_value(is)?);
    let fields = is.as_object().into_iter().flatten();
    let changed = fields.filter(|(name, value)| was.get(name.as_str()) != Some(*value));
    Ok(changed
        .map(|(name, value)| Change(format!("settings: {name}: {} -> {value}", was.get(name).unwrap_or_default())))
        .collect())
}

async fn compare_plans(conn: &impl ConnectionTrait, shelf: &Catalog, plans: &[Plan]) -> Result<(Section, Vec<PlanCode>), Fault> {
    let mut were = Vec::with_capacity(shelf.plans().len());
    let mut restocked = Vec::new();
    for plan in shelf.plans() {
        let said = settings::fact(conn, &stock_fact(&plan.code)).await?;
        let said = said.map_or(plan.stock, |said| said.parse().ok());
        if plans.iter().any(|other| other.code == plan.code && other.stock != said) {
            restocked.push(plan.code.clone());
        }
        were.push((of_plan(plan, said), plan.on));
    }
    let new = plans.iter().filter(|plan| shelf.plan(&plan.code).is_none());
    restocked.extend(new.map(|plan| plan.code.clone()));
    let are: Vec<Facts> = plans.iter().map(|plan| of_plan(plan, plan.stock)).collect();
    Ok((section("plan", &were, &are), restocked))
}

fn compare_panels(panels: &[Panel], wishes: &[Wish], seal: &Seal) -> Section {
    let were: Vec<_> = panels.iter().map(|panel| (of_panel(panel), panel.intake != Intake::Off)).collect();
    let are: Vec<_> = wishes.iter().map(of_wish).collect();
    let mut found = section("panel", &were, &are);
    // The order of panels is a plan's own matter.
    found.changes.retain(|change| change.0 != "panel: another order");
    found.put.retain(|index| {
        let code = wishes[*index].code.as_str();
        let named = |change: &Change| change.0.starts_with(&format!("panel {code}: "));
        found.changes.iter().any(named)
    });
    for (index, wish) in wishes.iter().enumerate() {
        let Some(panel) = panels.iter().find(|panel| panel.code == wish.code) else { continue };
        // What does not open was sealed under another key: it is sealed anew.
        if panels::secrets_of(panel, seal).is_ok_and(|secrets| secrets.is_same(&wish.secrets)) {
            continue;
        }
        found.changes.push(Change(format!("panel {}: another password or proxy", wish.code)));
        if !found.put.contains(&index) {
            found.put.push(index);
        }
    }
    found
}
