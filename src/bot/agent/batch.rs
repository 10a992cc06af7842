//! Bulk orders: the list, one of them, and its files of links and QR codes.
use super::files::{self, Sold};
use super::services::not_yours;
use super::words::batch_word;
use crate::app::App;
use crate::base::format::{Voice, number};
use crate::base::texts::{Arg, args};
use crate::base::{BatchId, Fault, Money, Page};
use crate::bot::kit::{self, ROWS_MAX, go, pick};
use crate::bot::page::{bold, page};
use crate::bot::route::AgentRoute as G;
use crate::bot::screen::{Answer, Media, Screen};
use crate::bot::turn::Turn;
use crate::bot::{qr, reply};
use crate::shop::agents::Agent;
use crate::shop::catalog;
use crate::shop::checkout::{self, Batch, BatchState, ItemState};
use crate::shop::subscriptions;
use secrecy::ExposeSecret;
use teloxide::types::ChatAction;

/// The agent's own bulk order.
pub async fn own(turn: &Turn, agent: &Agent, id: BatchId) -> Result<Option<Batch>, Fault> {
    Ok(checkout::batch(turn.app.db.read(), id).await?.filter(|batch| batch.agent == agent.person))
}

/// The newest.
pub async fn list(turn: &Turn, agent: &Agent) -> Result<Answer, Fault> {
    let found = checkout::batches(turn.app.db.read(), agent, Page::new(0, ROWS_MAX)).await?;
    let shelf = catalog::current(&turn.app.db).await?;
    let title = |batch: &Batch| title(&turn.voice(), &shelf, batch);
    let rows: Vec<(BatchId, String)> = found.iter().map(|batch| (batch.id, title(batch))).collect();
    Ok(list_view(&turn.voice(), &rows).into())
}

fn title(voice: &Voice, shelf: &catalog::Catalog, batch: &Batch) -> String {
    let plan = shelf.plan(&batch.plan).map_or_else(|| batch.plan.to_string(), |plan| plan.title(voice.lang).to_owned());
    format!("{} · {plan}", voice.date(batch.created_at))
}

fn list_view(voice: &Voice, found: &[(BatchId, String)]) -> Screen {
    let next = if found.is_empty() { voice.t("batch-none") } else { voice.t("batch-choose") };
    let rows = found.iter().map(|(batch, title)| vec![pick(G::Batch { batch: *batch }, title.as_str())]);
    Screen::new(page(voice.t("batch-list-title"), [], next)).rows(rows).row(kit::back(voice, G::Home))
}

/// One of them, as far as it is.
pub async fn show(turn: &Turn, agent: &Agent, id: BatchId) -> Result<Answer, Fault> {
    let Some(batch) = own(turn, agent, id).await? else { return Ok(not_yours(turn)) };
    let shelf = catalog::current(&turn.app.db).await?;
    let title = title(&turn.voice(), &shelf, &batch);
    Ok(view(&turn.voice(), &title, &batch, turn.settings.asset).into())
}

fn view(voice: &Voice, title: &str, batch: &Batch, asset: crate::base::Asset) -> Screen {
    let count = |wanted: fn(&ItemState) -> bool| {
        let found = batch.items.iter().filter(|item| wanted(&item.state)).count();
        i64::try_from(found).unwrap_or(i64::MAX)
    };
    let sold = count(|state| *state == ItemState::Sold);
    let waiting = count(|state| *state == ItemState::Waiting);
    let line = |key, value: i64| voice.t_args(key, &args!["count" => number(voice.lang, value)]);
    let mut facts = vec![
        bold(title),
        voice.t_args("many-price", &args!["price" => voice.money(Money::new(batch.price_minor, asset))]),
        line("batch-sold", sold),
    ];
    if waiting > 0 {
        facts.push(line("batch-waiting", waiting));
    }
    facts.extend(refusals(voice, batch));
    let is_done = batch.state == BatchState::Sold;
    let next = if is_done { voice.t("batch-done") } else { voice.t("batch-selling") };
    let head = voice.t_args("batch-title", &args!["id" => Arg::code(batch.id.to_string())]);
    let mut screen = Screen::new(page(&head, facts, next));
    if is_done && sold > 0 {
        screen =
            screen.row([go(voice, G::BatchLinks { batch: batch.id })]).row([go(voice, G::BatchPictures { batch: batch.id })]);
    }
    if !is_done {
        screen = screen.row([go(voice, G::Batch { batch: batch.id })]);
    }
    screen.row(kit::back(voice, G::Batches))
}

/// What was refused and why, a line for each reason.
fn refusals(voice: &Voice, batch: &Batch) -> Vec<String> {
    let mut reasons: Vec<(&'static str, i64)> = Vec::new();
    for item in &batch.items {
        let ItemState::Refused { why } = &item.state else { continue };
        let key = batch_word(why);
        match reasons.iter_mut().find(|(known, _)| *known == key) {
            Some((_, count)) => *count += 1,
            None => reasons.push((key, 1)),
        }
    }
    let line = |(key, count): (&'static str, i64)| {
        voice.t_args("batch-refused", &args!["count" => number(voice.lang, count), "why" => voice.t(key)])
    };
    reasons.into_iter().map(line).collect()
}

/// What was sold and has its link, in the order of the batch.
async fn sold_of(app: &App, batch: &Batch) -> Result<Vec<Sold>, Fault> {
    let mut sold = Vec::new();
    for item in batch.items.iter().filter(|item| item.state == ItemState::Sold) {
        let Some(service) = subscriptions::get_of_agent(app.db.read(), batch.agent, item.subscription).await? else { continue };
        let Some(link) = service.open_link(&app.seal)? else { continue };
        let label = service.label.clone().unwrap_or_else(|| item.label.clone());
        sold.push(Sold { label, id: service.id.to_string(), link: link.expose_secret().to_owned() });
    }
    Ok(sold)
}

/// The table of links, with its words; `None` when nothing of it has a link.
pub async fn links(app: &App, voice: &Voice, id: BatchId) -> Result<Option<Screen>, Fault> {
    let Some(batch) = checkout::batch(app.db.read(), id).await? else { return Ok(None) };
    let sold = sold_of(app, &batch).await?;

    let count = i64::try_from(sold.len()).unwrap_or(i64::MAX);
    let screen = links_view(voice, id, count, refusals(voice, &batch));
    if sold.is_empty() {
        return Ok(Some(screen));
    }
    let heads = ["batch-head-number", "batch-head-label", "batch-head-service", "batch-head-link"].map(|key| voice.t(key));
    let file = Media::Upload(format!("links-{id}.csv"), files::csv(heads, &sold));
    Ok(Some(screen.with(file).row([go(voice, G::BatchPictures { batch: id })])))
}

fn links_view(voice: &Voice, id: BatchId, sold: i64, refusals: Vec<String>) -> Screen {
    let mut facts = vec![
        voice.t_args("agent-batch-id", &args!["id" => Arg::code(id.to_string())]),
        voice.t_args("batch-sold", &args!["count" => number(voice.lang, sold)]),
    ];
    facts.extend(refusals);
    Screen::new(page(voice.t("agent-batch"), facts, "")).keep()
}

pub async fn send_links(turn: &Turn, agent: &Agent, id: BatchId) -> Result<Answer, Fault> {
    if own(turn, agent, id).await?.is_none() {
        return Ok(not_yours(turn));
    }
    reply::busy(turn, ChatAction::UploadDocument).await;
    Ok(links(&turn.app, &turn.voice(), id).await?.map(Answer::from).unwrap_or_default())
}

/// All QR codes in one archive.
pub async fn send_pictures(turn: &Turn, agent: &Agent, id: BatchId) -> Result<Answer, Fault> {
    let Some(batch) = own(turn, agent, id).await? else { return Ok(not_yours(turn)) };
    let sold = sold_of(&turn.app, &batch).await?;
    if sold.is_empty() {
        return Ok(Answer::alert(turn.voice().t("batch-no-links")));
    }
    reply::busy(turn, ChatAction::UploadDocument).await;
    let mut pictures = Vec::new();
    for (place, one) in (1..).zip(&sold) {
        pictures.push((files::picture_name(place, &one.label), qr::png(one.link.clone()).await?));
    }
    let archive = files::zip(&pictures).ok_or_else(|| Fault::new("an archive of QR codes is too large"))?;
    let caption = turn.voice().t_args("batch-pictures", &args!["id" => Arg::code(id.to_string())]);
    Ok(Screen::new(caption).with(Media::Upload(format!("qr-{id}.zip"), archive)).keep().into())
}

#[cfg(test)]
mod tests {
    use super::{links_view, list_view, refusals, view};
    use crate::base::{Asset, BatchId, OrderId, PersonId, SubscriptionId};
    use crate::bot::kit::tests::{NOW, in_every_language};
    use crate::shop::catalog::{Promise, RefundRule};
    use crate::shop::checkout::{Batch, BatchState, Item, ItemState};

    fn batch(state: BatchState, items: Vec<ItemState>) -> Batch {
        let item = |(place, state): (i64, ItemState)| Item {
            order: OrderId(place),
            subscription: SubscriptionId(place),
            label: format!("Café {place}"),
            state,
        };
        let (plan, items) = ("m1".parse().expect("a code"), (1..).zip(items).map(item).collect());
        let promised = Promise { days: 30, traffic_bytes: 50 << 30, devices: 2, refund: RefundRule::Time };
        Batch { id: BatchId(7), agent: PersonId(700), plan, price_minor: 96_000, promised, state, created_at: NOW, items }
    }

    #[test]
    fn bulk_orders_in_every_language() {
        let why = |why: &str| ItemState::Refused { why: why.to_owned() };
        let selling = batch(BatchState::Selling, vec![ItemState::Sold, ItemState::Waiting]);
        let sold = batch(BatchState::Sold, vec![ItemState::Sold, why("short"), why("short"), why("sold_out")]);
        insta::assert_snapshot!(in_every_language(|voice| vec![
            list_view(voice, &[(BatchId(7), "2 Dec · 1 month".to_owned())]),
            list_view(voice, &[]),
            view(voice, "2 Dec · 1 month", &selling, Asset::Irt),
            view(voice, "2 Dec · 1 month", &sold, Asset::Irt),
            links_view(voice, BatchId(7), 1, refusals(voice, &sold)),
        ]));
    }
}
