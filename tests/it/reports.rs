//! What staff reads of the shop: any days in numbers, pictures and files; the daily proof; the week; alarms when too much fails.

use std::io::{Cursor, Read};
use std::sync::Arc;

use souk::base::format::Voice;
use souk::base::texts::t;
use souk::base::{ApplicationId, Asset, DAY, Fault, HOUR, Lang, MINUTE, Money, OrderId, PersonId, SubscriptionId, Time};
use souk::db::execute;
use souk::shop::accounts::{self, Customer, Role};
use souk::shop::agents;
use souk::shop::checkout::{self, Sale, Sell};
use souk::shop::ledger::{self, Account, Leg, Transfer};
use souk::shop::reports::{self, Asked, Form, Look};
use souk::sim::marzban::Down;
use souk::sim::telegram::{self, FaultKind, SeenMessage};

use crate::world::actor::Actor;
use crate::world::ending::Allowed;
use crate::world::shop::{Setup, World, world_on};
use crate::world::world;

/// The bytes of a file that the bot sent.
pub fn bytes(w: &World, message: &SeenMessage) -> Vec<u8> {
    let media = message.media.as_ref().expect("a file");
    w.telegram.file(&media.file_id).expect("it is stored").0.to_vec()
}

/// A part of a workbook.
pub fn part(book: &[u8], name: &str) -> String {
    let mut archive = zip::ZipArchive::new(Cursor::new(book)).expect("a workbook");
    let mut text = String::new();
    archive.by_name(name).expect("the part").read_to_string(&mut text).expect("text");
    text
}

pub fn documents(actor: &Actor<'_>) -> Vec<SeenMessage> {
    let is_file = |message: &SeenMessage| message.media.as_ref().is_some_and(|media| media.kind == "document");
    actor.messages().into_iter().filter(|message| message.is_from_bot && is_file(message)).collect()
}

async fn write(w: &World, sql: &'static str, values: Vec<sea_orm::Value>) {
    w.app
        .write::<_, Fault, _>(move |tx| Box::pin(async move { execute(tx, sql, values).await.map(drop) }))
        .await
        .expect("it is written");
}

#[tokio::test]
async fn the_numbers_of_any_days_are_told_against_the_days_before() {
    world(async |w: &World| {
        let (sara, ali) = (w.customer("Sara").await, w.customer("Ali").await);
        ali.taps_all(&["button-trial", "button-trial-take"]).await;
        w.run_jobs().await;
        sara.owns_a_service(1).await;
        w.later(DAY).await;
        ali.owns_a_service(2).await;
        let owner = w.owner();
        owner.says("/report").await;
        let told = owner.last().text;
        assert!(told.contains("Sales: 1, 120,000 Toman ="), "as yesterday: {told}");
        assert!(told.contains("Customers at the start: 1"), "{told}");
        owner.says("/report ۱۴۰۴/۱۲/۱۹ ۱۴۰۴/۱۲/۲۰").await;
        let told = owner.last().text;
        assert!(told.contains("10 Mar to 11 Mar") && told.contains("Sales: 2, 240,000 Toman ▲"), "{told}");
        assert!(told.contains("Paying people: 2") && told.contains("Average a person: 120,000"), "{told}");
        assert!(told.contains("Trials: 1, paid since: 1 (100%)"), "{told}");
        owner.taps("report-do-method").await;
        assert!(owner.last().text.contains("240,000 Toman ▲, sales: 2 (100%)"), "{}", owner.sees());
        owner.taps("report-do-plan").await;
        assert!(owner.last().text.contains("1 month"), "{}", owner.sees());
        assert_eq!(owner.last().edits, 2, "one live message");
        owner.taps_all(&["report-do-back", "report-do-charts"]).await;
        let pictures = owner.messages().into_iter().rev().take(2).filter(|message| message.media.is_some()).count();
        assert_eq!(pictures, 2, "{}", owner.chat());
        owner.in_private().says("/report week").await;
        assert!(owner.in_private().last().text.contains("Sales: 2"), "{}", owner.in_private().sees());
        owner.says("/report 2099-01-01").await;
        assert!(owner.last().text.contains("/report 2026-11-20"), "{}", owner.sees());
    })
    .await;
}

#[tokio::test]
async fn what_was_given_back_is_told_apart() {
    world(async |w: &World| {
        let sara = w.customer("Sara").await;
        w.panel.set_down(Down::BadGateway).await;
        sara.orders_and_pays(1).await;
        w.owner().taps("admin-do-approve").await;
        w.run_jobs().await;
        w.later(61 * MINUTE).await;
        w.owner().taps_all(&["admin-do-refund", "admin-do-refund-yes"]).await;
        w.panel.set_down(Down::No).await;
        w.minutes(2).await;
        w.owner().says("/report").await;
        let told = w.owner().last().text;
        assert!(told.contains("Sales: 1, 120,000") && told.contains("Refunds: 1, 120,000") && told.contains("Net: 0"), "{told}");
    })
    .await;
}

#[tokio::test]
async fn a_workbook_comes_where_it_was_asked_for() {
    world(async |w: &World| {
        let sara = w.customer("=HYPERLINK(\"http://x\")").await;
        sara.owns_a_service(1).await;
        let owner = w.owner();
        owner.says("/report").await;
        let report = owner.last().id;
        owner.taps("report-do-workbook").await;
        assert!(owner.reads("report-making"), "{}", owner.sees());
        w.run_jobs().await;
        let sent = documents(&owner);
        assert_eq!(sent.len(), 1, "{}", owner.chat());
        let name = sent[0].media.as_ref().and_then(|media| media.name.clone());
        assert_eq!(name.as_deref(), Some("report-2026-03-10-2026-03-10.xlsx"));
        let again = owner.messages().into_iter().find(|message| message.id == report).expect("the report");
        assert!(again.text.contains("Sales: 1"), "it is the report again: {}", again.text);
        let book = bytes(w, &sent[0]);
        let names = part(&book, "xl/workbook.xml");
        for sheet in ["Orders", "Payments", "Transfers", "Agents", "Services"] {
            assert!(names.contains(&format!("\"{sheet}\"")), "{names}");
        }
        let orders = part(&book, "xl/worksheets/sheet1.xml");
        assert!(orders.contains("=HYPERLINK") && !orders.contains("<f>HYPERLINK"), "{orders}");
        assert!(orders.contains("<v>120000</v>") && orders.contains("SUBTOTAL"), "{orders}");
        let transfers = part(&book, "xl/worksheets/sheet3.xml");
        assert!(transfers.contains("wallet:2001") && transfers.contains("revenue:vpn"), "{transfers}");
        assert_eq!(w.count("SELECT COUNT(*) AS v FROM audit WHERE act = 'report.file' AND actor = 1001").await, 1);
    })
    .await;
}

/// Somebody becomes an agent who pays four fifths, and sells one month on credit.
async fn sells_on_credit(w: &World, seller: &Actor<'_>) {
    let (person, now, owners) = (PersonId(seller.id()), w.clock.now(), Arc::clone(&w.app.owners));
    let known = accounts::person(w.app.db.read(), person).await.expect("it reads").expect("a person");
    let customer = Customer::of(known).expect("he is not banned");
    let form = crate::agents::stand::form();
    w.app
        .write::<_, Fault, _>(move |tx| {
            Box::pin(async move {
                let owner = accounts::admin(tx, PersonId(1001), &owners).await?.expect("an owner");
                agents::put_tier(tx, &crate::agents::stand::tier("silver", 300_000), 0, now).await?;
                agents::apply(tx, &customer, ApplicationId(5), &form, now).await.map_err(Fault::new)?;
                agents::accept(tx, &owner, ApplicationId(5), &"silver".parse().expect("a code"), now)
                    .await
                    .map_err(Fault::new)?;
                let agent = agents::agent(tx, &customer).await?.expect("an agent");
                let (order, subscription) = (OrderId(77), SubscriptionId(78));
                let sale = Sale::New { plan: "any-1m-30".parse().expect("a code"), subscription, label: "Reza".to_owned() };
                checkout::sell(tx, &agent, &Sell { order, sale, price_minor: 96_000, gives: None }, now)
                    .await
                    .map(drop)
                    .map_err(Fault::new)
            })
        })
        .await
        .expect("it is sold");
    w.run_jobs().await;
}

#[tokio::test]
async fn what_agents_sell_is_told_by_agent() {
    world(async |w: &World| {
        let (sara, ali) = (w.customer("Sara").await, w.customer("Ali").await);
        sara.owns_a_service(1).await;
        sells_on_credit(w, &ali).await;
        let owner = w.owner();
        owner.says("/report").await;
        assert!(owner.last().text.contains("Sales: 2, 216,000 Toman"), "{}", owner.sees());
        owner.taps("report-do-agent").await;
        assert!(owner.last().text.contains("Ali Net: 96,000 Toman"), "{}", owner.sees());
        assert!(owner.last().text.contains("The shop itself: 120,000 Toman"), "{}", owner.sees());
        owner.taps("report-do-method").await;
        assert!(owner.last().text.contains("Agents' credit: 96,000 Toman"), "{}", owner.sees());
        owner.taps_all(&["report-do-back", "report-do-workbook"]).await;
        w.run_jobs().await;
        let book = bytes(w, &documents(&owner)[0]);
        let sheet = part(&book, "xl/worksheets/sheet4.xml");
        assert!(sheet.contains("Ali Net") && sheet.contains("<v>-96000</v>") && sheet.contains("<v>300000</v>"), "{sheet}");
        assert!(sheet.contains("<v>204000</v>"), "what he may spend: {sheet}");
        assert!(part(&book, "xl/worksheets/sheet5.xml").contains("Reza"), "the agent's own name for it");
    })
    .await;
}

#[tokio::test]
async fn a_file_that_could_not_be_sent_is_sent_later() {
    world(async |w: &World| {
        w.ending.allow(Allowed::Telegram(502));
        let owner = w.owner();
        owner.says("/report").await;
        owner.taps("report-do-workbook").await;
        let broken = FaultKind::Status { code: 502, description: "Bad Gateway".to_owned() };
        w.telegram.fault(telegram::Fault::new(broken).on("sendDocument").times(1));
        w.run_jobs().await;
        assert_eq!(documents(&owner).len(), 0, "{}", owner.chat());
        w.later(MINUTE).await;
        assert_eq!(documents(&owner).len(), 1, "{}", owner.chat());
    })
    .await;
}

#[tokio::test]
async fn a_csv_of_one_sheet_is_harmless() {
    world(async |w: &World| {
        let sara = w.customer("=1+1,\"x\"").await;
        sara.owns_a_service(1).await;
        let cashier = w.cashier();
        cashier.says("/report month").await;
        cashier.taps_all(&["report-do-csvs", "report-do-orders"]).await;
        w.run_jobs().await;
        let sent = documents(&cashier);
        let csv = String::from_utf8(bytes(w, &sent[0])).expect("UTF-8");
        let lines: Vec<&str> = csv.strip_prefix('\u{feff}').expect("the mark").split("\r\n").collect();
        assert_eq!(lines.len(), 3, "{csv}");
        assert!(lines[0].starts_with("Order,Paid,Kind,Plan"), "{csv}");
        assert!(lines[1].contains("2026-03-10 15:") && lines[1].contains(",120000,"), "{csv}");
        assert!(lines[1].ends_with("\"'=1+1,\"\"x\"\"\""), "{csv}");
    })
    .await;
}

#[tokio::test]
async fn who_only_looks_takes_no_files() {
    world(async |w: &World| {
        let ali = w.customer("Ali").await;
        w.owner().says(&format!("/grant {} {}", ali.id(), Role::Viewer)).await;
        w.run_jobs().await;
        ali.says("/report").await;
        assert!(ali.last().text.contains("Sales: 0"), "{}", ali.sees());
        ali.taps("report-do-workbook").await;
        assert!(ali.toast().is_some_and(|toast| toast.contains("people's names")), "{:?}", ali.toast());
        w.run_jobs().await;
        assert_eq!(documents(&ali).len(), 0);
        // Nor who lost the right while the file waited.
        w.cashier().in_private().says("/report").await;
        w.cashier().in_private().taps("report-do-workbook").await;
        w.owner().says("/revoke 1002").await;
        w.run_jobs().await;
        assert_eq!(documents(&w.cashier().in_private()).len(), 0);
    })
    .await;
}

/// The next nine o'clock of the shop's wall, when it stands between nine and midnight.
async fn until_nine(w: &World) {
    let now = w.clock.now();
    let into_day = (now.0 + 3 * HOUR + 30 * MINUTE).rem_euclid(DAY);
    w.later((9 * HOUR - into_day).rem_euclid(DAY)).await;
}

#[tokio::test]
async fn the_books_are_proved_every_morning() {
    world(async |w: &World| {
        let sara = w.customer("Sara").await;
        sara.owns_a_service(1).await;
        w.minutes(1).await;
        until_nine(w).await;
        let proofs = || w.owner().told("The books are right");
        assert_eq!(proofs().len(), 1, "{}", w.group());
        let holds = ledger::holdings(w.app.db.read(), ledger::Kind::Card).await.expect("it reads");
        let sum: i64 = holds.iter().map(|holding| holding.posted.minor).sum();
        assert!(sum > 120_000, "the price and its tail");
        let sum = souk::base::format::number(Lang::En, sum);
        assert!(proofs()[0].text.contains(&format!("Cards should hold {sum} Toman; on its way: 0 Toman")), "{}", w.group());
        for _ in 0..3 {
            w.later(2 * HOUR).await;
        }
        assert_eq!(proofs().len(), 1, "once a day");
        w.later(DAY).await;
        assert_eq!(proofs().len(), 2, "{}", w.group());
        write(w, "UPDATE ledger_accounts SET debits_posted = debits_posted + 1, credits_posted = credits_posted + 1 WHERE kind = 'revenue'", vec![]).await;
        w.later(DAY).await;
        assert_eq!(proofs().len(), 2, "{}", w.group());
        let alarm = w.owner().told("alarm-ledger");
        assert!(alarm.len() == 1 && alarm[0].text.contains("I7"), "{}", w.group());
        write(w, "UPDATE ledger_accounts SET debits_posted = debits_posted - 1, credits_posted = credits_posted - 1 WHERE kind = 'revenue'", vec![]).await;
    })
    .await;
}

#[tokio::test]
async fn the_week_is_told_once_on_its_day() {
    world(async |w: &World| {
        let sara = w.customer("Sara").await;
        w.minutes(1).await;
        let digests = || w.owner().told("The week of the shop");
        assert_eq!(digests().len(), 0, "there was no week yet: {}", w.group());
        w.days(7).await;
        assert!(digests().len() == 1 && digests()[0].text.contains("7 Mar to 13 Mar"), "{}", w.group());
        sara.owns_a_service(1).await;
        w.days(3).await;
        assert_eq!(digests().len(), 1, "{}", w.group());
        w.days(3).await;
        assert_eq!(digests().len(), 2, "{}", w.group());
        let told = digests().remove(1).text;
        assert!(told.contains("14 Mar to 20 Mar") && told.contains("Sales: 1, 120,000"), "{told}");
    })
    .await;
}

#[tokio::test]
async fn a_shop_that_slept_over_the_day_tells_the_week_when_it_wakes_up() {
    world(async |w: &World| {
        let sara = w.customer("Sara").await;
        sara.owns_a_service(1).await;
        w.minutes(1).await;
        // From a Tuesday to the Monday after its Saturday.
        w.later(6 * DAY).await;
        let digests = || w.owner().told("The week of the shop");
        assert_eq!(digests().len(), 1, "{}", w.group());
        let told = digests().remove(0).text;
        assert!(told.contains("7 Mar to 13 Mar") && told.contains("Sales: 1, 120,000"), "{told}");
        w.minutes(20).await;
        assert_eq!(digests().len(), 1, "once");
    })
    .await;
}

#[tokio::test]
async fn a_week_that_nobody_wants_is_not_told() {
    world_on(Setup::default().with("digest_weekday = 6", "digest_weekday = 0"), async |w: &World| {
        w.days(16).await;
        assert_eq!(w.owner().told("The week of the shop").len(), 0, "{}", w.group());
    })
    .await;
}

#[tokio::test]
async fn too_many_failures_are_one_alarm_and_one_end() {
    world_on(Setup::default().with("alarm_errors = 10", "alarm_errors = 3"), async |w: &World| {
        let fail = async |update: i64| {
            let sql = "INSERT INTO inbox (update_id, lane, payload, state, received_at, finished_at) VALUES ($1, 1, '{}', 'failed', $2, $2)";
            write(w, sql, vec![update.into(), w.clock.now().0.into()]).await;
        };
        let told = |key| w.owner().told(key).len();
        fail(-1).await;
        fail(-2).await;
        w.minutes(1).await;
        assert_eq!(told("alarm-rate-errors"), 0);
        fail(-3).await;
        w.minutes(3).await;
        fail(-4).await;
        w.minutes(2).await;
        assert_eq!((told("alarm-rate-errors"), told("alarm-rate-errors-over")), (1, 0), "{}", w.group());
        w.minutes(9).await;
        assert_eq!((told("alarm-rate-errors"), told("alarm-rate-errors-over")), (1, 1), "{}", w.group());
        write(w, "DELETE FROM inbox WHERE update_id < 0", vec![]).await;
    })
    .await;
}

#[tokio::test]
async fn a_panel_that_fails_often_is_one_alarm_and_one_end() {
    world_on(Setup::default().with("alarm_panel_failures = 100", "alarm_panel_failures = 4"), async |w: &World| {
        let told = |key| w.owner().told(key).len();
        w.minutes(1).await;
        w.panel.set_down(Down::BadGateway).await;
        w.minutes(6).await;
        assert_eq!((told("alarm-rate-panels"), told("alarm-rate-panels-over")), (1, 0), "{}", w.group());
        w.panel.set_down(Down::No).await;
        w.minutes(12).await;
        assert_eq!((told("alarm-rate-panels"), told("alarm-rate-panels-over")), (1, 1), "{}", w.group());
    })
    .await;
}

/// Many small transfers on one wallet, a second apart, the first at `start`.
async fn moved(w: &World, person: PersonId, start: Time, count: i64) {
    for first in (0..count).step_by(200) {
        let last = (first + 200).min(count);
        w.app
            .write::<_, Fault, _>(move |tx| {
                Box::pin(async move {
                    for n in first..last {
                        let (wallet, other) = (Account::wallet(person, Asset::Irt), Account::correction(Asset::Irt));
                        let (debit, credit) = if n % 3 == 2 { (wallet, other) } else { (other, wallet) };
                        let transfer = Transfer {
                            key: format!("story:{n}"),
                            kind: "credit",
                            about: format!("payment:{n}"),
                            actor: PersonId(1),
                            reason: (n == 0).then(|| "+1".to_owned()),
                            legs: vec![Leg { debit, credit, amount: Money::new(n + 1, Asset::Irt) }],
                        };
                        ledger::post(tx, transfer, start.after(n * 1_000)).await.map_err(Fault::new)?;
                    }
                    Ok(())
                })
            })
            .await
            .expect("they are posted");
    }
}

#[tokio::test]
async fn a_statement_leads_from_one_balance_to_the_other() {
    world(async |w: &World| {
        w.run_jobs().await;
        let (person, start) = (PersonId(7_001), w.clock.now());
        moved(w, person, start, 1_203).await;
        w.clock.advance(2 * HOUR);
        let account = Account::wallet(person, Asset::Irt);
        let signed = |n: i64| if n % 3 == 2 { -(n + 1) } else { n + 1 };
        let sum = |to: i64| (0..to).map(signed).sum::<i64>();
        let read = async |from: i64, to: i64| {
            let asked = Asked {
                account: account.clone(),
                from: start.after(from * 1_000),
                to: start.after(to * 1_000),
                title: "W".to_owned(),
            };
            let look = Look { form: Form::Csv, voice: Voice::new(Lang::En, chrono_tz::UTC, w.clock.now()), name: "s".to_owned() };
            let made = reports::statement(&w.app.db, &asked, &look).await.expect("a statement");
            String::from_utf8(made.read().expect("it is read")).expect("UTF-8")
        };
        let whole = read(0, 10_000).await;
        let lines: Vec<&str> = whole.lines().collect();
        assert_eq!(lines.len(), 1 + 1 + 1_203 + 1, "header, opening, lines over two pages, closing");
        assert!(lines[1].ends_with(&format!("{},,,,,0", t(Lang::En, "statement-opening"))), "{}", lines[1]);
        assert!(lines[2].contains("'+1,1,,1"), "{}", lines[2]);
        assert!(lines[4].contains(",2,,,3,0"), "{}", lines[4]);
        let posted = ledger::balance(w.app.db.read(), &account).await.expect("a balance").posted.minor;
        assert!(lines[1_205].ends_with(&format!(",{posted}")) && posted == sum(1_203), "{}", lines[1_205]);
        let middle = read(100, 200).await;
        let lines: Vec<&str> = middle.lines().collect();
        assert_eq!(lines.len(), 103);
        assert!(lines[1].ends_with(&format!(",{}", sum(100))) && lines[102].ends_with(&format!(",{}", sum(200))), "{middle}");
        // An account that nobody has used has a statement too.
        let nobody = Account::credit(PersonId(8), Asset::Irt);
        let asked = Asked { account: nobody, from: start, to: w.clock.now(), title: "N".to_owned() };
        let voice = Voice::new(Lang::Fa, chrono_tz::Asia::Tehran, w.clock.now());
        let look = Look { form: Form::Workbook, voice, name: "n".to_owned() };
        let made = reports::statement(&w.app.db, &asked, &look).await.expect("a statement");
        let book = made.read().expect("it is read");
        assert!(part(&book, "xl/worksheets/sheet1.xml").contains("rightToLeft"));
    })
    .await;
}
