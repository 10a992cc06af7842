//! What the clock does to services: usage, reminders, endings, trials; and that a tick costs what is due.
use crate::supply::{GIGABYTE, SARA, START, Supply, renew};
use crate::world::postgres::{Kind as Place, TestDb, fresh};
use sea_orm::FromQueryResult;
use souk::base::{DAY, Fault, HOUR, MINUTE, PersonId, SECOND, SubscriptionId, Time};
use souk::db::{self, Db, write_tx};
use souk::jobs::clean_trials::CleanTrials;
use souk::jobs::end_services::EndServices;
use souk::jobs::remind::Remind;
use souk::jobs::sync_usage::SyncUsage;
use souk::shop::accounts::{self, Customer};
use souk::shop::catalog::Catalog;
use souk::shop::notices::{Notice, Reminding};
use souk::shop::panels;
use souk::shop::settings::{self, Settings};
use souk::shop::subscriptions::{Kind, QUESTIONS_OF_A_TICK, State};
use souk::shop::trials::{self, TrialError};

/// The clock's lines, every `step`, for so long.
async fn live(shop: &Supply, ms: i64, step: i64) {
    for _ in 0..ms / step {
        shop.app.clock.advance(step);
        shop.tick(SyncUsage {}).await;
        shop.tick(Remind {}).await;
        shop.tick(EndServices {}).await;
    }
}

/// The reminders that Sara had.
async fn reminders(shop: &Supply) -> Vec<Reminding> {
    let told = shop.told(SARA).await;
    told.into_iter()
        .filter_map(|notice| match notice {
            Notice::Reminder { kind, .. } => Some(kind),
            _ => None,
        })
        .collect()
}

#[tokio::test]
async fn each_reminder_comes_once_in_a_period_and_again_in_the_next() {
    use Reminding::{Days1, Days3, Ended, NeverConnected, Traffic80, Traffic95};
    for place in Place::BOTH {
        let shop = Supply::open(place).await;
        let id = shop.sold().await;
        let account = shop.service(id).await.account;
        live(&shop, 2 * DAY, 6 * HOUR).await;
        assert_eq!(reminders(&shop).await, [NeverConnected]);
        assert!(shop.main.connect(&account));
        shop.main.set_usage(&account, 85 * GIGABYTE / 10);
        live(&shop, DAY, 6 * HOUR).await;
        assert_eq!(reminders(&shop).await, [NeverConnected, Traffic80]);
        shop.main.set_usage(&account, 97 * GIGABYTE / 10);
        live(&shop, 24 * DAY + 12 * HOUR, 12 * HOUR).await;
        assert_eq!(reminders(&shop).await, [NeverConnected, Traffic80, Traffic95, Days3]);
        renew(&shop, id).await;
        shop.run().await;
        live(&shop, 32 * DAY, 12 * HOUR).await;
        assert_eq!(reminders(&shop).await, [NeverConnected, Traffic80, Traffic95, Days3, Days3, Days1]);
        live(&shop, 2 * DAY, 12 * HOUR).await;
        assert_eq!(reminders(&shop).await.last(), Some(&Ended));
        assert_eq!(shop.service(id).await.state, State::Ended);
        let all = reminders(&shop).await.len();
        live(&shop, 5 * DAY, DAY).await;
        assert_eq!(reminders(&shop).await.len(), all, "what is over is left in peace");
        shop.at_peace().await;
    }
}

#[tokio::test]
async fn after_a_long_night_only_the_urgent_one_is_said() {
    let shop = Supply::open(Place::Sqlite).await;
    let id = shop.sold().await;
    let account = shop.service(id).await.account;
    shop.main.connect(&account);
    shop.main.set_usage(&account, 96 * GIGABYTE / 10);
    shop.app.clock.advance(29 * DAY + HOUR);
    shop.tick(SyncUsage {}).await;
    shop.tick(Remind {}).await;
    assert_eq!(reminders(&shop).await, [Reminding::Days1, Reminding::Traffic95]);
    shop.at_peace().await;
}

#[tokio::test]
async fn a_lent_service_that_runs_out_waits_in_silence() {
    let shop = Supply::open(Place::Sqlite).await;
    let id = shop.promise(Kind::Provisional).await;
    shop.run().await;
    live(&shop, 4 * DAY, 6 * HOUR).await;
    let service = shop.service(id).await;
    assert_eq!((service.state, service.kind), (State::Disabled, Kind::Provisional));
    assert_eq!(reminders(&shop).await, []);
    let (promised, now) = (shop.plan().await.promise(), shop.now());
    shop.change(move |tx| {
        Box::pin(async move { souk::shop::subscriptions::make_full(tx, &service, &promised, now).await.map(drop) })
    })
    .await;
    shop.run().await;
    assert_eq!(shop.service(id).await.state, State::Active);
    assert_eq!(shop.main.accounts()[0].status, "active");
    shop.at_peace().await;
}

#[tokio::test]
async fn usage_is_read_for_what_is_due_and_ends_what_is_used_up() {
    for place in Place::BOTH {
        let shop = Supply::open(place).await;
        let mut sold = Vec::new();
        for _ in 0..60 {
            sold.push(shop.promise(Kind::Full).await);
        }
        shop.run().await;
        let first = shop.service(sold[0]).await.account;
        shop.main.set_usage(&first, 3 * GIGABYTE);
        shop.main.connect(&first);
        let last = shop.service(sold[59]).await.account;
        shop.main.set_usage(&last, 11 * GIGABYTE);
        let asked = shop.main.count("GET", "/api/users");
        shop.app.clock.advance(11 * MINUTE);
        shop.tick(SyncUsage {}).await;
        // Each job runs twice here, and the second time nothing is due.
        assert_eq!(shop.main.count("GET", "/api/users") - asked, 2, "60 services are two questions");
        let service = shop.service(sold[0]).await;
        assert_eq!((service.used_bytes, service.synced_at), (3 * GIGABYTE, Some(shop.now())));
        assert!(service.online_at.is_some());
        let over = shop.service(sold[59]).await;
        assert_eq!((over.state, over.used_bytes), (State::Ended, 11 * GIGABYTE));
        assert_eq!(reminders(&shop).await, [Reminding::Ended]);
        shop.app.clock.advance(11 * MINUTE);
        let asked = shop.main.count("GET", "/api/users");
        shop.tick(SyncUsage {}).await;
        assert_eq!(shop.main.count("GET", "/api/users") - asked, 1, "only what is in use is due again");
        shop.at_peace().await;
    }
}

#[tokio::test]
async fn what_a_panel_lost_is_made_again_and_what_was_switched_off_by_hand_is_noted() {
    let shop = Supply::open(Place::Sqlite).await;
    let (lost, off, cut) = (shop.sold().await, shop.sold().await, shop.sold().await);
    let (used, link) = (4 * GIGABYTE, shop.link(lost).await);
    shop.main.set_usage(&shop.service(lost).await.account, used);
    shop.app.clock.advance(11 * MINUTE);
    shop.tick(SyncUsage {}).await;
    // An operator at work: deletes one, switches one off, halves one.
    let service = shop.service(lost).await;
    let client = panels::connected(&shop.app.db, &shop.app.seal, &service.panel).await.expect("a client");
    client.delete(&service.account_name().expect("a name"), &service.note()).await.expect("it is deleted");
    let mut spec = shop.service(off).await.spec().expect("a spec");
    spec.state = panels::Wanted::Disabled;
    client.apply(&spec).await.expect("it is off");
    let mut spec = shop.service(cut).await.spec().expect("a spec");
    spec.traffic_bytes = Some(5 * GIGABYTE);
    client.apply(&spec).await.expect("it is cut");
    shop.app.clock.advance(2 * HOUR);
    shop.tick(SyncUsage {}).await;
    let service = shop.service(lost).await;
    assert_eq!((service.state, service.is_confirmed()), (State::Active, true));
    assert_eq!((service.traffic_left(), service.used(), service.quota()), (Some(6 * GIGABYTE), used, Some(10 * GIGABYTE)));
    assert_ne!(shop.link(lost).await, link);
    let account = shop.main.accounts_named(&service.account).remove(0);
    assert_eq!(account.data_limit, Some(6 * GIGABYTE), "what was left of it");
    let alarms = shop.told_group().await;
    assert!(matches!(&alarms[..], [Notice::AccountLost { subscription, .. }] if *subscription == lost), "{alarms:?}");
    let service = shop.service(off).await;
    assert_eq!((service.state, service.why.as_deref()), (State::Active, Some("switched off by hand on its panel")));
    let account = shop.main.accounts_named(&service.account).remove(0);
    assert_eq!(account.status, "disabled", "an operator is not fought");
    let account = shop.main.accounts_named(&shop.service(cut).await.account).remove(0);
    assert_eq!(account.data_limit, Some(10 * GIGABYTE), "what was sold is put right");
    shop.at_peace().await;
}

#[tokio::test]
async fn what_is_moved_keeps_what_was_left_and_no_more() {
    let shop = Supply::open(Place::Sqlite).await;
    let id = shop.sold().await;
    shop.main.set_usage(&shop.service(id).await.account, 4 * GIGABYTE);
    shop.app.clock.advance(11 * MINUTE);
    shop.tick(SyncUsage {}).await;
    let (other, now) = ("other".parse().expect("a code"), shop.now());
    shop.change(move |tx| Box::pin(async move { souk::shop::subscriptions::move_to(tx, id, &other, now).await })).await;
    shop.run().await;
    let service = shop.service(id).await;
    assert_eq!((service.used(), service.quota()), (4 * GIGABYTE, Some(10 * GIGABYTE)));
    let account = shop.other.accounts_named(&service.account).remove(0);
    assert_eq!(account.data_limit, Some(6 * GIGABYTE));
    shop.at_peace().await;
}

#[tokio::test]
async fn an_old_wish_that_lands_late_is_put_right() {
    let shop = Supply::open(Place::Sqlite).await;
    let id = shop.sold().await;
    shop.main.fault(souk::sim::marzban::Fault {
        path_prefix: "/api/user".to_owned(),
        method: Some("PUT"),
        kind: souk::sim::marzban::FaultKind::Late { ms: 1_500 },
        times: 1,
    });
    renew(&shop, id).await;
    shop.pass(MINUTE, 10 * SECOND).await;
    renew(&shop, id).await;
    shop.run().await;
    let until = START.after(90 * DAY).unix();
    assert_eq!(shop.main.accounts()[0].expire, Some(until));
    assert_eq!(shop.main.land_late(), 1);
    assert_eq!(shop.main.accounts()[0].expire, Some(START.after(60 * DAY).unix()), "the panel took the older one last");
    shop.app.clock.advance(2 * HOUR);
    shop.tick(SyncUsage {}).await;
    assert_eq!(shop.main.accounts()[0].expire, Some(until));
    assert_eq!(shop.told(SARA).await.len(), 3, "once for each promise");
    shop.at_peace().await;
}

#[tokio::test]
async fn two_taps_at_once_give_one_trial() {
    for place in Place::BOTH {
        let shop = Supply::open(place).await;
        let settings = settings::load(shop.app.db.read()).await.expect("they load");
        let taps = (0..4).map(|_| take(&shop, SARA, settings.clone()));
        let outcomes = futures::future::join_all(taps).await;
        let refused = |outcome: &&Result<_, TrialError>| matches!(outcome, Err(TrialError::AlreadyHad { .. }));
        assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 1, "{outcomes:?}");
        assert_eq!(outcomes.iter().filter(refused).count(), 3, "{outcomes:?}");
        shop.run().await;
        assert_eq!(shop.main.accounts().len(), 1, "the refused ones left nothing behind");
        shop.at_peace().await;
    }
}

#[tokio::test]
async fn a_panel_that_lost_everything_is_not_filled_anew_in_one_tick() {
    let shop = Supply::open(Place::Sqlite).await;
    for _ in 0..12 {
        shop.promise(Kind::Full).await;
    }
    shop.run().await;
    let client = panels::connected(&shop.app.db, &shop.app.seal, &"main".parse().expect("a code")).await.expect("a client");
    for row in shop.main.accounts() {
        let note = row.note.expect("a note");
        client.delete(&row.username.parse().expect("a name"), &note).await.expect("it is deleted");
    }
    shop.app.clock.advance(11 * MINUTE);
    shop.tick(SyncUsage {}).await;
    assert_eq!(shop.main.accounts().len(), 5);
    for _ in 0..2 {
        shop.app.clock.advance(10 * MINUTE);
        shop.tick(SyncUsage {}).await;
    }
    assert_eq!(shop.main.accounts().len(), 12);
    assert_eq!(shop.told_group().await.len(), 12);
    shop.at_peace().await;
}

async fn take(shop: &Supply, person: PersonId, settings: Settings) -> Result<SubscriptionId, TrialError> {
    let (id, now) = (SubscriptionId(shop.app.ids.fresh()), shop.now());
    let known = accounts::person(shop.app.db.read(), person).await.expect("it answers").expect("the person is known");
    let customer = Customer::of(known).expect("not banned");
    let catalog = Catalog::load(shop.app.db.read()).await.expect("it loads");
    shop.app
        .write(move |tx| {
            Box::pin(async move {
                let trial = trials::take(tx, &customer, id, (&settings, &catalog), now).await?;
                // The same tap again is the same trial.
                let again = trials::take(tx, &customer, id, (&settings, &catalog), now).await?;
                assert_eq!(again.id, trial.id);
                Ok(trial.id)
            })
        })
        .await
}

#[tokio::test]
async fn a_trial_is_had_once_for_ever_and_its_account_is_cleaned_away() {
    for place in Place::BOTH {
        let shop = Supply::open(place).await;
        let settings = settings::load(shop.app.db.read()).await.expect("they load");
        let closed = Settings { trial_plan: String::new(), ..settings.clone() };
        assert!(matches!(take(&shop, SARA, closed).await, Err(TrialError::Closed)));
        let patient = Settings { trial_after_minutes: 60, ..settings.clone() };
        let soon = take(&shop, SARA, patient).await;
        assert!(matches!(soon, Err(TrialError::Cooldown { until }) if until == START.after(HOUR)), "{soon:?}");
        let trial = take(&shop, SARA, settings.clone()).await.expect("a trial");
        shop.run().await;
        let service = shop.service(trial).await;
        assert_eq!((service.kind, service.state, service.traffic_bytes), (Kind::Trial, State::Active, 200 << 20));
        assert_eq!(service.until, START.after(DAY));
        let again = take(&shop, SARA, settings.clone()).await;
        assert!(matches!(again, Err(TrialError::AlreadyHad { at, .. }) if at == START), "{again:?}");
        let other = PersonId(12);
        shop.meet(other).await;
        let scarce = Settings { trial_daily_limit: 1, ..settings.clone() };
        let full = take(&shop, other, scarce).await;
        assert!(matches!(full, Err(TrialError::Cooldown { until }) if until == START.after(DAY)), "{full:?}");
        live(&shop, 2 * DAY, 6 * HOUR).await;
        assert_eq!(shop.service(trial).await.state, State::Ended);
        shop.tick(CleanTrials {}).await;
        assert_eq!(shop.main.accounts().len(), 1, "not yet");
        shop.app.clock.advance(3 * DAY);
        shop.tick(CleanTrials {}).await;
        assert_eq!(shop.main.accounts().len(), 0);
        assert_eq!(shop.service(trial).await.state, State::Deleted);
        assert!(matches!(take(&shop, SARA, settings).await, Err(TrialError::AlreadyHad { .. })));
        shop.at_peace().await;
    }
}

#[derive(FromQueryResult)]
struct SqlitePlan {
    detail: String,
}

#[derive(FromQueryResult)]
struct PostgresPlan {
    #[sea_orm(from_alias = "QUERY PLAN")]
    line: String,
}

/// Twenty thousand services in a shop, of which ten of each kind are due.
async fn crowded(place: Place) -> (Db, TestDb) {
    let place = fresh(place).await;
    let db = Db::connect(&place.url).await.expect("it opens");
    let sql = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000)
        INSERT INTO subscriptions (id, person, plan, panel, account, kind, state, days, until, traffic_bytes, devices,
            sync_due, check_due, created_at)
        SELECT i, 1, 'm1', 'main', 's' || i, CASE WHEN i % 10 = 0 THEN 'trial' ELSE 'full' END,
            CASE i % 20 WHEN 0 THEN 'ended' WHEN 1 THEN 'pending' ELSE 'active' END, 30, i, 0, 0, i, i, i FROM n";
    write_tx(&db, move |tx| {
        Box::pin(async move {
            for sql in [
                "INSERT INTO people (id, name, first_seen) VALUES (1, 'x', 0)",
                "INSERT INTO categories (code, titles, texts, place, state) VALUES ('c', '{}', '{}', 0, 'on')",
                "INSERT INTO locations (code, titles, texts, place, state) VALUES ('l', '{}', '{}', 0, 'on')",
                "INSERT INTO panels (code, kind, base_url, username, password_sealed, timeout_ms, protocols, inbounds, state)
                 VALUES ('main', 'marzban', 'http://x', 'x', 'x', 1, '[]', '{}', 'on')",
                "INSERT INTO plans (code, category, location, titles, texts, days, traffic_bytes, devices, price, asset, panels,
                    place, state) VALUES ('m1', 'c', 'l', '{}', '{}', 30, 0, 0, 1, 'IRT', '[]', 0, 'on')",
                sql,
            ] {
                db::execute(tx, sql, vec![]).await?;
            }
            db::execute(tx, "ANALYZE", vec![]).await?;
            Ok::<_, Fault>(())
        })
    })
    .await
    .expect("the crowd is there");
    (db, place)
}

/// The database's own words on how it answers.
async fn explained<R: FromQueryResult>(db: &Db, explain: &str, question: &str) -> Vec<R> {
    let mut values = vec![5_i64.into(), 50_i64.into()];
    if question.contains("$3") {
        values.push("main".into());
    }
    db::query(db.read(), &format!("{explain} SELECT id FROM subscriptions {question}"), values).await.expect("a plan")
}

#[tokio::test]
async fn a_tick_asks_an_index_what_is_due() {
    let (db, _place) = crowded(Place::Sqlite).await;
    for question in QUESTIONS_OF_A_TICK {
        let plan: Vec<SqlitePlan> = explained(&db, "EXPLAIN QUERY PLAN", question).await;
        let plan: Vec<String> = plan.into_iter().map(|line| line.detail).collect();
        assert!(!plan.is_empty() && plan.iter().all(|line| line.contains("SEARCH") && line.contains("INDEX")), "{plan:?}");
    }
    let (db, _place) = crowded(Place::Postgres).await;
    for question in QUESTIONS_OF_A_TICK {
        let plan: Vec<PostgresPlan> = explained(&db, "EXPLAIN", question).await;
        let plan: Vec<String> = plan.into_iter().map(|line| line.line).collect();
        assert!(plan.iter().any(|line| line.contains("Index")), "{question}: {plan:#?}");
        assert!(plan.iter().all(|line| !line.contains("Seq Scan") && !line.contains("Sort")), "{question}: {plan:#?}");
    }
}

#[tokio::test]
async fn what_a_tick_finds_is_what_is_due() {
    for place in Place::BOTH {
        let (db, _place) = crowded(place).await;
        let now = Time(100);
        let ids = souk::shop::subscriptions::reminders_due(db.read(), now, 1_000).await.expect("it answers");
        assert_eq!(ids.len(), 90);
        let over = souk::shop::subscriptions::end_due(db.read(), now, 50).await.expect("it answers");
        assert_eq!(over.len(), 50, "never more than was asked for");
        let trials = souk::shop::subscriptions::trials_to_clean(db.read(), now, 50).await.expect("it answers");
        assert_eq!(trials.len(), 5);
        let waiting = souk::shop::subscriptions::pending_since(db.read(), now, 50).await.expect("it answers");
        assert_eq!(waiting.len(), 5);
    }
}
