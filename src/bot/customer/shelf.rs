//! The shelf: categories, locations, plans, one plan. All from the catalogue's snapshot: a tap here reads no rows.
//!
//! A level with a single choice is skipped, forwards and backwards. What went off sale meanwhile is met with the shelf
//! as it is today.
use crate::base::format::Voice;
use crate::base::texts::args;
use crate::base::{DAY, Fault};
use crate::bot::kit::{self, ROWS_MAX, go, pager, pick, shorten};
use crate::bot::page::{bold, described, escaped, page, paragraphs};
use crate::bot::route::{CustomerRoute as C, Route};
use crate::bot::screen::{Answer, Button, Screen};
use crate::bot::turn::Turn;
use crate::shop::catalog::{self, Catalog, CategoryCode, LocationCode, Plan, PlanCode};

/// Letters of a name that the operator gave, on a button.
const NAME_MAX: usize = 36;

/// What kind of connection.
pub async fn categories(turn: &Turn, page: u32) -> Result<Answer, Fault> {
    let shelf = catalog::current(&turn.app.db).await?;
    Ok(category_view(&turn.voice(), &shelf, page).into())
}

pub async fn locations(turn: &Turn, category: &CategoryCode, page: u32) -> Result<Answer, Fault> {
    let shelf = catalog::current(&turn.app.db).await?;
    Ok(location_view(&turn.voice(), &shelf, category, page).into())
}

pub async fn plans(turn: &Turn, category: &CategoryCode, location: &LocationCode, page: u32) -> Result<Answer, Fault> {
    let shelf = catalog::current(&turn.app.db).await?;
    Ok(plans_view(&turn.voice(), &shelf, (category, location), page).into())
}

pub async fn plan(turn: &Turn, code: &PlanCode) -> Result<Answer, Fault> {
    let (voice, shelf) = (turn.voice(), catalog::current(&turn.app.db).await?);
    match shelf.plan(code).filter(|_| shelf.is_on_sale(code)) {
        Some(plan) => Ok(plan_view(&voice, &shelf, plan).into()),
        None => Ok(gone(&voice, &shelf)),
    }
}

/// The shelf of today, for somebody who asked for what is not on it.
pub fn gone(voice: &Voice, shelf: &Catalog) -> Answer {
    Answer::from(category_view(voice, shelf, 0)).saying(voice.t("shop-gone"))
}

fn category_view(voice: &Voice, shelf: &Catalog, index: u32) -> Screen {
    let offered = shelf.categories_on_sale();
    match offered[..] {
        [] => return nothing_there(voice, shelf),
        [only] => return location_view(voice, shelf, &only.code, 0),
        _ => {}
    }
    let title = voice.t("shop-title");
    let (shown, index, pages) = leaf(&offered, index);
    let facts = shown.iter().map(|category| described(category.title(voice.lang), category.text(voice.lang)));
    let rows = shown.iter().map(|category| {
        let route = C::Locations { category: category.code.clone(), page: 0 };
        vec![pick(route, shorten(category.title(voice.lang), NAME_MAX))]
    });
    Screen::new(page(title, facts, voice.t("shop-ask-category")))
        .rows(rows)
        .row(pager(voice, index, pages, |page| C::MoreCategories { page }.into()))
        .row(kit::home(voice))
}

/// What of a list is on a page of it: the rows, which page it is, and of how many.
fn leaf<T>(all: &[T], index: u32) -> (&[T], u32, u32) {
    let pages = crate::base::Page::new(index, ROWS_MAX).count(i64::try_from(all.len()).unwrap_or(i64::MAX));
    let index = index.min(pages - 1);
    let size = usize::try_from(ROWS_MAX).unwrap_or(1);
    (all.chunks(size).nth(usize::try_from(index).unwrap_or(0)).unwrap_or_default(), index, pages)
}

/// An empty shelf, or one that emptied while somebody looked at it.
fn nothing_there(voice: &Voice, shelf: &Catalog) -> Screen {
    if !shelf.categories_on_sale().is_empty() {
        return category_view(voice, shelf, 0);
    }
    Screen::new(page(voice.t("shop-title"), [], voice.t("shop-empty"))).row([go(voice, C::Support)]).row(kit::home(voice))
}

fn location_view(voice: &Voice, shelf: &Catalog, category: &CategoryCode, index: u32) -> Screen {
    let offered = shelf.locations_on_sale(category);
    match offered[..] {
        [] => return nothing_there(voice, shelf),
        [only] => return plans_view(voice, shelf, (category, &only.code), 0),
        _ => {}
    }
    let title = shelf.category(category).map(|category| bold(category.title(voice.lang))).unwrap_or_default();
    let (shown, index, pages) = leaf(&offered, index);
    let to = |page| Route::from(C::Locations { category: category.clone(), page });
    let facts = shown.iter().map(|location| described(location.title(voice.lang), location.text(voice.lang)));
    let rows = shown.iter().map(|location| {
        let route = C::Plans { category: category.clone(), location: location.code.clone(), page: 0 };
        vec![pick(route, shorten(location.title(voice.lang), NAME_MAX))]
    });
    Screen::new(page(&title, facts, voice.t("shop-ask-location")))
        .rows(rows)
        .row(pager(voice, index, pages, to))
        .row(back_to_categories(voice, shelf))
}

fn plans_view(voice: &Voice, shelf: &Catalog, (category, location): (&CategoryCode, &LocationCode), index: u32) -> Screen {
    let offered = shelf.plans_on_sale(category, location);
    if offered.is_empty() {
        return nothing_there(voice, shelf);
    }
    let (shown, index, pages) = leaf(&offered, index);
    let to = |page| Route::from(C::Plans { category: category.clone(), location: location.clone(), page });
    let rows = shown.iter().map(|plan| {
        let line = args!["title" => plan.title(voice.lang), "price" => voice.money(plan.price)];
        vec![pick(C::Plan { plan: plan.code.clone() }, voice.label("shop-plan-line", &line))]
    });
    let name = |title: Option<&str>| title.map(str::to_owned).unwrap_or_default();
    let category_title = name(shelf.category(category).map(|category| category.title(voice.lang)));
    let location_title = name(shelf.location(location).map(|location| location.title(voice.lang)));
    let title = bold(&format!("{category_title} · {location_title}"));
    Screen::new(page(&title, std::iter::empty(), voice.t("shop-ask-plan")))
        .rows(rows)
        .row(pager(voice, index, pages, to))
        .row(back_from_plans(voice, shelf, category))
}

fn plan_view(voice: &Voice, shelf: &Catalog, plan: &Plan) -> Screen {
    let mut facts = plan_facts(voice, shelf, plan);
    facts.push(voice.t_args("shop-price", &args!["price" => voice.money(plan.price)]));
    let text = [bold(plan.title(voice.lang)), escaped(plan.text(voice.lang)), facts.join("\n")];
    let back = C::Plans { category: plan.category.clone(), location: plan.location.clone(), page: 0 };
    Screen::new(paragraphs(&text)).row([go(voice, C::Confirm { plan: plan.code.clone() })]).row(kit::back(voice, back))
}

/// What a plan gives, a line each.
pub fn plan_facts(voice: &Voice, shelf: &Catalog, plan: &Plan) -> Vec<String> {
    let mut facts = Vec::new();
    if let Some(category) = shelf.category(&plan.category) {
        facts.push(voice.t_args("shop-category", &args!["category" => category.title(voice.lang)]));
    }
    if let Some(location) = shelf.location(&plan.location) {
        facts.push(voice.t_args("shop-location", &args!["location" => location.title(voice.lang)]));
    }
    facts.push(voice.t_args("shop-days", &args!["span" => voice.duration(plan.days * DAY)]));
    facts.push(match plan.traffic_bytes {
        0 => voice.t("shop-traffic-unlimited").to_owned(),
        bytes => voice.t_args("shop-traffic", &args!["traffic" => voice.traffic(bytes)]),
    });
    facts.push(match plan.devices {
        0 => voice.t("shop-devices-unlimited").to_owned(),
        count => voice.t_args("shop-devices", &args!["count" => count]),
    });
    facts
}

fn back_to_categories(voice: &Voice, shelf: &Catalog) -> Vec<Button> {
    if shelf.categories_on_sale().len() > 1 { kit::back(voice, C::Categories) } else { kit::home(voice) }
}

fn back_from_plans(voice: &Voice, shelf: &Catalog, category: &CategoryCode) -> Vec<Button> {
    if shelf.locations_on_sale(category).len() > 1 {
        kit::back(voice, C::Locations { category: category.clone(), page: 0 })
    } else {
        back_to_categories(voice, shelf)
    }
}

#[cfg(test)]
mod tests {
    use super::leaf;

    #[test]
    fn a_long_list_has_pages_and_a_page_beyond_the_last_is_the_last() {
        let list: Vec<u32> = (0..17).collect();
        assert_eq!(leaf(&list, 0), (&list[..8], 0, 3));
        assert_eq!(leaf(&list, 2), (&list[16..], 2, 3));
        assert_eq!(leaf(&list, 99), (&list[16..], 2, 3));
        assert_eq!(leaf(&list[..8], 1), (&list[..8], 0, 1));
    }
}
