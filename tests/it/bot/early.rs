//! What is said before an update is on disk, and what waits for that. Only on PostgreSQL is there a time between.
use super::stand::{EVE, LEILA, Stand};
use crate::world::commits::Commits;
use crate::world::postgres::Kind;
use souk::base::Lang;
use souk::bot::Bot;
use souk::queue::inbox::{Accept, Inbox, Incoming};
use souk::queue::{AlarmHook, Owner};
use std::sync::Arc;
use std::time::Duration;
use tokio::task::yield_now;
use tokio::time::timeout;

#[tokio::test]
async fn what_is_only_shown_does_not_wait_for_the_disk_and_what_is_written_does() {
    let stand = Stand::open(Kind::Postgres).await;
    stand.welcome(LEILA, Lang::Fa).await;
    stand.welcome(EVE, Lang::En).await;
    // Hers is written down: a first link by which she came.
    stand.person(LEILA).starts("plan_m1").expect("it can be started");
    stand.person(EVE).starts("").expect("it can be started");
    let updates = stand.telegram.take_updates();
    let come = || updates.iter().map(|update| Incoming::read(update.to_string()).expect("an update")).collect();
    let links = "SELECT COUNT(*) AS v FROM people WHERE came_by = 'plan_m1'";

    let commits = Commits::of(&stand.app.db).await;
    let hook: AlarmHook = Arc::new(|_, _| Box::pin(async { Ok(()) }));
    let bot = Bot::new(stand.app.clone(), Some("souk_bot"));
    let inbox = Inbox::new(&stand.app.db, &stand.app.clock, &Owner::named("early"), hook, bot);
    for refused in [true, false] {
        let said = |who| stand.last(who).id;
        let (to_leila, to_eve) = (said(LEILA), said(EVE));
        let held = commits.hold(refused).await;
        let mut call = inbox.accept(come());
        let shown = async {
            while said(EVE) == to_eve {
                yield_now().await;
            }
        };
        tokio::select! {
            stored = &mut call => panic!("it was acknowledged before it was on disk: {stored:?}"),
            shown = timeout(Duration::from_secs(30), shown) => shown.expect("her home does not wait for the disk"),
        }
        assert_eq!((said(LEILA), stand.count(links).await), (to_leila, 0), "nothing is written, nor said to be");
        held.let_go().await;
        assert_eq!(call.await.is_err(), refused);
        inbox.settle().await;
        let written = i64::from(!refused);
        assert_eq!((said(LEILA) > to_leila, stand.count(links).await), (!refused, written), "refused: {refused}");
        let done = "SELECT COUNT(*) AS v FROM inbox WHERE state = 'done'";
        assert_eq!(stand.count(done).await, 2 * written, "what was refused comes again, and is handled then");
    }
    stand.proves().await;
}
