//! An agent's statement: in the chat, as files, for himself and for staff; and what strangers get of it.
use super::chat::{PRICE, agent, credit, sells, takes};
use crate::reports::{bytes, documents, part};
use crate::world::actor::Actor;
use crate::world::shop::{Setup, World, world_on};
use crate::world::world;
use souk::base::DAY;
use souk::base::texts::t;
use souk::base::{Lang, PersonId};
use souk::shop::accounts::Role;

/// Two sales in March, and a fine in April.
async fn has_moved(w: &World) -> Actor<'_> {
    let ali = agent(w, "Ali").await;
    sells(&ali, "Sara from work").await;
    w.later(25 * DAY).await;
    takes(w, &ali, 5_000).await;
    ali
}

async fn read_and_taken(w: &World) {
    let ali = has_moved(w).await;
    ali.says("/agent").await;
    ali.taps_all(&["button-statement", "account-do-months"]).await;
    let now = ali.last().text;
    assert!(now.contains("Opening balance: −108,000") && now.contains("Closing balance: −113,000"), "{now}");
    assert!(now.contains("Out: 5,000") && now.contains("a fine") && now.contains("Movements: 1"), "{now}");
    ali.taps("account-do-last").await;
    let march = ali.last().text;
    assert!(march.contains("1 Mar to 31 Mar") && march.contains("Opening balance: 0"), "{march}");
    assert!(march.contains("Out: 108,000") && march.contains("Closing balance: −108,000"), "{march}");
    assert_eq!(ali.last().edits, 3, "one live message");

    ali.taps("account-do-days").await;
    ali.says("the day before").await;
    assert!(ali.reads("account-days-unread"), "{}", ali.sees());
    ali.says("۲۰۲۶/۰۳/۰۱ تا ۲۰۲۶/۰۴/۳۰").await;
    assert!(ali.last().text.contains("Movements: 2"), "{}", ali.sees());

    ali.taps_twice("account-do-csv").await;
    w.run_jobs().await;
    assert!(ali.chat().contains("Movements: 2"), "it is the statement again: {}", ali.chat());
    let sent = documents(&ali);
    assert!((1..=2).contains(&sent.len()), "{}", ali.chat());
    let name = sent[0].media.as_ref().and_then(|media| media.name.clone()).expect("a name");
    assert_eq!(name, format!("statement-{}-2026-03-01-2026-04-04.csv", ali.id()));
    let csv = String::from_utf8(bytes(w, &sent[0])).expect("UTF-8");
    let lines: Vec<&str> = csv.lines().collect();
    let order = souk::base::OrderId(w.count("SELECT id AS v FROM orders").await);
    assert_eq!(lines.len(), 5, "{csv}");
    assert!(lines[1].ends_with(",0") && lines[2].contains(&order.to_string()), "{csv}");
    assert!(lines[3].contains("a fine,,5000,-113000"), "{csv}");
    assert!(lines[4].ends_with(&format!(",{}", credit(w, &ali).await)), "it ends with what the ledger has: {csv}");
}

#[tokio::test]
async fn an_agent_reads_his_statement_and_takes_it_as_a_file() {
    world(read_and_taken).await;
}

#[tokio::test]
async fn a_statement_stands_updates_and_jobs_that_come_twice() {
    world_on(Setup { updates_twice: true, jobs_twice: true, ..Setup::default() }, async |w: &World| {
        let ali = has_moved(w).await;
        ali.says("/agent").await;
        ali.taps_all(&["button-statement", "account-do-months", "account-do-workbook"]).await;
        w.run_jobs().await;
        let book = bytes(w, &documents(&ali)[0]);
        let sheet = part(&book, "xl/worksheets/sheet1.xml");
        assert!(sheet.contains("<v>-108000</v>") && sheet.contains("<v>-113000</v>") && sheet.contains("SUBTOTAL"), "{sheet}");
        assert!(sheet.contains("Ali Net (Ali Karimi)"), "{sheet}");
    })
    .await;
}

#[tokio::test]
async fn a_persian_statement_runs_from_right_to_left_in_jalali_months() {
    world(async |w: &World| {
        let ali = has_moved(w).await;
        ali.says("/language").await;
        ali.taps(Lang::Fa.own_name()).await;
        let ali = Actor::new(w, ali.at, Lang::Fa);
        ali.says("/agent").await;
        ali.taps_all(&["button-statement", "account-do-months"]).await;
        assert!(ali.last().text.contains("۱ فروردین"), "{}", ali.sees());
        ali.taps("account-do-workbook").await;
        w.run_jobs().await;
        let book = bytes(w, &documents(&ali)[0]);
        assert!(part(&book, "xl/worksheets/sheet1.xml").contains("rightToLeft"));
        assert!(part(&book, "xl/styles.xml").contains("[$-160429]yyyy/mm/dd"), "real dates, shown in the Jalali calendar");
    })
    .await;
}

#[tokio::test]
async fn staff_reads_an_agents_statement_and_strangers_do_not() {
    world(async |w: &World| {
        let ali = has_moved(w).await;
        let owner = w.owner();
        owner.says("/agents karimi").await;
        owner.taps("button-statement").await;
        assert!(owner.last().text.contains("Ali Net (Ali Karimi)"), "{}", owner.sees());
        owner.taps("account-do-days").await;
        owner.says("2099-01-01").await;
        assert!(owner.reads("account-days-unread"), "{}", owner.sees());
        owner.says("۱۴۰۴/۱۲/۱۰ ۱۴۰۵/۰۱/۲۰").await;
        assert!(owner.last().text.contains("Movements: 2") && owner.last().text.contains("−113,000"), "{}", owner.sees());
        owner.taps("account-do-workbook").await;
        w.run_jobs().await;
        assert_eq!(documents(&owner).len(), 1, "{}", owner.chat());
        assert_eq!(w.count("SELECT COUNT(*) AS v FROM audit WHERE act = 'statement.file' AND actor = 1001").await, 1);

        let eve = w.customer("Eve").await;
        owner.says(&format!("/grant {} {}", eve.id(), Role::Viewer)).await;
        w.run_jobs().await;
        eve.says("/agents karimi").await;
        eve.taps("button-statement").await;
        eve.taps("account-do-csv").await;
        assert!(eve.toast().is_some_and(|toast| toast.contains("cashier")), "{:?}", eve.toast());
        let reza = w.customer("Reza").await;
        reza.taps_old(reza.last().id, "1glm.t.0").await;
        assert_eq!(reza.toast(), Some(t(Lang::En, "agency-none").to_owned()));
        let data = format!("1yr.{}.t.0", PersonId(ali.id()));
        reza.taps_old(reza.last().id, &data).await;
        assert_eq!(reza.toast(), Some(String::new()), "a button of staff is met with silence");
        w.run_jobs().await;
        assert_eq!((documents(&eve).len(), documents(&reza).len()), (0, 0));

        // A file that waits while the agency is closed, or its agent is banned, is not sent.
        ali.says("/agent").await;
        ali.taps_all(&["button-statement", "account-do-months", "account-do-csv"]).await;
        owner.says(&format!("/user {}", ali.id())).await;
        owner.taps_all(&["admin-do-ban", "admin-do-ban-yes"]).await;
        w.run_jobs().await;
        assert_eq!(documents(&ali).len(), 0, "{}", ali.chat());
        assert_eq!(credit(w, &ali).await, -PRICE - 5_000);
    })
    .await;
}
