//! A running shop: the loops of its roles, started together and stopped in order.
//!
//! SIGTERM or SIGINT: intake stops first, and at the same moment everything else begins nothing more; updates, jobs and notices in
//! hand have [`STOP_GRACE`] to finish, then their rows are given back; the database is closed last. All of it takes less than five
//! seconds. Whatever is cut off is a row that will be taken again.
use super::{Failed, Reins, Role, name, registry, timetable, tools};
use crate::api::{self, Check, Checks, Hook};
use crate::app::App;
use crate::base::{Clock, Fault, Ids, MINUTE, PersonId, Time, UpdateId, task};
use crate::bot::intake::{self, Intake, PreCheckout, Pulse};
use crate::bot::{self, Bot};
use crate::config::Config;
use crate::db::{Db, Seal, Tx};
use crate::queue::clock::Timetable;
use crate::queue::inbox::{Accept, Crowd, Inbox, Incoming, Letterbox, Stored};
use crate::queue::jobs::Runner;
use crate::queue::outbox::Pacer;
use crate::queue::{Alarm, AlarmHook, CancellationToken, Lease, Owner, STOP_GRACE};
use crate::shop::notices::{self, Notice};
use secrecy::{ExposeSecret, SecretString};
use std::future::Future;
use std::path::{Path, PathBuf};
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::task::JoinHandle;
use url::Url;

/// Telegram answers a poll at least this often, or intake is not well.
const INTAKE_SILENCE: i64 = 2 * MINUTE;
/// How long the loops may take altogether: what is in hand, what it left to write, and giving back the rest.
const LOOPS_GRACE: Duration = Duration::from_millis(3_500);
/// How long the database may take to close; what was committed is on disk before.
const CLOSE_GRACE: Duration = Duration::from_secs(1);
/// How many connections to Telegram are kept while nothing is asked.
const IDLE_MAX: usize = 64;

/// Runs a shop until it is told to stop.
pub async fn serve(config: Config, role: Role, reins: Reins) -> Result<(), Failed> {
    // Before any work is in hand.
    let mut told = pin!(told_to_stop());
    let clock = Clock::system();
    if let Some(file) = reins.clock_file {
        follow(&clock, &file);
        task::spawn("clock file", watch_clock(clock.clone(), file));
    }
    let opening = async {
        let app = open(&config, clock).await?;
        if let Some(file) = &config.shop_file {
            tools::apply_to(&app.db, &app.seal, &app.clock, file, false).await?;
        }
        Ok::<App, Failed>(app)
    };
    let app = tokio::select! {
        app = opening => app?,
        // Another process may be at the schema for long.
        () = &mut told => {
            tracing::info!("told to stop before the shop was open");
            return Ok(());
        }
    };
    let stop = CancellationToken::new();
    let mut running = Running::default();
    let inbox = running.start_bot(&app, &config, role, &stop).await?;
    if role.is_worker() {
        running.start_worker(&app, inbox.bot.as_ref().map(|inbox| inbox.crowd()), &stop);
    }
    if role.is_web() {
        running.start_web(&app, &config, Arc::clone(&inbox.accept), &stop).await?;
    }
    tracing::info!(?role, owner = %app.owner, "the shop is open");
    tokio::select! {
        () = told => {}
        () = input_ended(), if reins.until_input_ends => {}
    }
    tracing::info!("closing: intake stops, work in hand finishes");
    stop.cancel();
    close(&app, inbox.bot, running).await
}

/// Stops what was told to stop, and the database last.
async fn close(app: &App, inbox: Option<Arc<Inbox<Bot>>>, running: Running) -> Result<(), Failed> {
    let parked = async {
        match inbox {
            Some(inbox) => inbox.stop(STOP_GRACE).await,
            None => Ok(()),
        }
    };
    let ended = async { tokio::join!(parked, futures::future::join_all(running.tasks)).0 };
    if let Ok(parked) = tokio::time::timeout(LOOPS_GRACE, ended).await {
        parked?;
    } else {
        tracing::warn!("some loops did not end in time; they are cut off");
    }
    if let Ok(closed) = tokio::time::timeout(CLOSE_GRACE, app.db.close()).await {
        closed?;
    } else {
        tracing::warn!("the database did not close in time");
    }
    tracing::info!("closed");
    Ok(())
}

/// Builds what every edge holds; the database is migrated before anything else touches it.
pub async fn open(config: &Config, clock: Clock) -> Result<App, Failed> {
    let key: [u8; 32] = *config.secret_key.expose_secret();
    let ids = Ids::system(key);
    let db = Db::connect(config.database.url()).await?;
    db.migrate().await?;
    let client = teloxide::net::default_reqwest_settings().pool_max_idle_per_host(IDLE_MAX).build();
    let client = client.map_err(|error| Fault::new(error.without_url()))?;
    let telegram =
        teloxide::Bot::with_client(config.telegram.token.expose_secret(), client).set_api_url(config.telegram.api_url.clone());
    Ok(App {
        seal: Seal::new(&key, ids.clone()),
        owner: Owner::this_process(&ids).into(),
        owners: config.people.owners.clone().into(),
        stored: Stored::already(),
        admin_chat: Some(config.people.admin_chat),
        public_url: config.web.public_url.as_ref().map(|url| url.as_str().trim_end_matches('/').into()),
        db,
        clock,
        ids,
        telegram,
    })
}

/// The address of the webhook lies under the public one, which may have a path of its own.
fn webhook_url(public: &Url, secret: &SecretString) -> Result<Url, Fault> {
    let public = public.as_str().trim_end_matches('/');
    Url::parse(&format!("{public}/telegram/{}", api::webhook_path(secret))).map_err(Fault::new)
}

/// Where updates go, and who handles them in this process.
struct Doors {
    accept: Arc<dyn Accept>,
    bot: Option<Arc<Inbox<Bot>>>,
}

/// The background work of a process.
#[derive(Default)]
struct Running {
    tasks: Vec<JoinHandle<()>>,
    pulse: Option<Pulse>,
}

impl Running {
    async fn start_bot(&mut self, app: &App, config: &Config, role: Role, stop: &CancellationToken) -> Result<Doors, Fault> {
        if !role.is_bot() {
            let letterbox = Letterbox::new(app.db.clone(), app.clock.clone());
            return Ok(Doors { accept: Arc::new(letterbox), bot: None });
        }
        let owner = Owner::from(Arc::clone(&app.owner));
        let name = name::own(app).await?;
        let handler = Bot::new(app.clone(), name.as_deref());
        let inbox = Arc::new(Inbox::new(&app.db, &app.clock, &owner, alarms(app), handler));
        self.tasks.push(task::spawn("commands", publish(app.clone(), stop.clone())));
        self.tasks.push(crate::queue::inbox::spawn(&inbox, stop.clone()));
        let accept: Arc<dyn Accept> = inbox.clone();
        match (&config.telegram.webhook_secret, &config.web.public_url) {
            (Some(secret), Some(url)) => {
                let url = webhook_url(url, secret)?;
                let work = intake::keep_webhook(app.telegram.clone(), url, secret.clone(), stop.clone());
                self.tasks.push(task::spawn("webhook", work));
            }
            _ => self.poll(app, owner, Arc::clone(&accept), stop),
        }
        Ok(Doors { accept, bot: Some(inbox) })
    }

    fn poll(&mut self, app: &App, owner: Owner, inbox: Arc<dyn Accept>, stop: &CancellationToken) {
        let pulse = Pulse::default();
        let intake = Intake {
            bot: app.telegram.clone(),
            clock: app.clock.clone(),
            inbox,
            lease: Lease::new(app.db.clone(), app.clock.clone(), owner, "poll"),
            pre_checkout: pre_checkout(app),
            pulse: pulse.clone(),
        };
        self.pulse = Some(pulse);
        self.tasks.push(task::spawn("intake", intake.run(stop.clone())));
    }

    fn start_worker(&mut self, app: &App, crowd: Option<Crowd>, stop: &CancellationToken) {
        let owner = Owner::from(Arc::clone(&app.owner));
        let runner = Runner::new(app.db.clone(), registry(), app.clone(), app.clock.clone(), owner.clone());
        let (runner, done) = (runner.on_alarm(alarms(app)).after(crowd), stop.clone());
        self.tasks.push(task::spawn("jobs", async move { runner.run(done).await }));
        let sender = bot::notices::Herald::new(app.clone());
        let pacer = Pacer::new(app.db.clone(), app.clock.clone(), owner, sender).on_alarm(alarms(app));
        let done = stop.clone();
        self.tasks.push(task::spawn("notices", async move { pacer.run(done).await }));
        let table = Arc::new(Timetable::new(app.db.clone(), app.clock.clone(), timetable()));
        let done = stop.clone();
        self.tasks.push(task::spawn("clock", table.run(done)));
    }

    async fn start_web(
        &mut self,
        app: &App,
        config: &Config,
        accept: Arc<dyn Accept>,
        stop: &CancellationToken,
    ) -> Result<(), Failed> {
        let mut router = api::health(self.checks(app)).merge(api::open(app.clone()));
        if let Some(secret) = &config.telegram.webhook_secret {
            let pre_checkout = pre_checkout(app);
            let at_once = Arc::new(move |update: &Incoming| intake::answer_at_once(std::slice::from_ref(update), &pre_checkout));
            router = router.merge(api::telegram(Hook { inbox: accept, secret: secret.clone(), at_once }));
        }
        let listener = TcpListener::bind(config.web.listen)
            .await
            .map_err(|error| Failed::Told(format!("LISTEN_ADDR: {} cannot be listened on: {error}", config.web.listen)))?;
        let done = stop.clone();
        self.tasks.push(task::spawn("web", async move {
            if let Err(fault) = api::serve(listener, api::nothing_here(router), async move { done.cancelled().await }).await {
                tracing::error!(error = %fault, "the web door closed");
            }
        }));
        Ok(())
    }

    fn checks(&self, app: &App) -> Checks {
        let db = app.db.clone();
        let database: Check = Arc::new(move || {
            let db = db.clone();
            Box::pin(async move {
                match db.pending_migrations().await {
                    Ok(0) => Ok(()),
                    Ok(count) => Err(format!("{count} migrations are not applied")),
                    Err(fault) => Err(fault.to_string()),
                }
            })
        });
        let mut ready = vec![("database", database)];
        if let Some(pulse) = self.pulse.clone() {
            let clock = app.clock.clone();
            let intake: Check = Arc::new(move || {
                let silent = clock.now().since(pulse.last());
                Box::pin(std::future::ready(if silent < INTAKE_SILENCE {
                    Ok(())
                } else {
                    Err("Telegram has not answered for two minutes".to_owned())
                }))
            });
            ready.push(("intake", intake));
        }
        Checks { ready, metrics: metrics_exporter_prometheus::PrometheusBuilder::new().install_recorder().ok() }
    }
}

/// What is given up becomes a notice to the admin group, in the transaction that gives it up.
pub fn alarms(app: &App) -> AlarmHook {
    let clock = app.clock.clone();
    Arc::new(move |tx, alarm| {
        let now = clock.now();
        Box::pin(async move {
            tracing::error!(%alarm, "given up");
            let (notice, key) = match alarm {
                Alarm::Update { update, why } => {
                    apologise(tx, update, now).await?;
                    let key = format!("update-failed:{update}");
                    (Notice::UpdateFailed { update: update.0, code: why }, key)
                }
                Alarm::Job { id, kind, why } => (Notice::JobGivenUp { kind, why }, format!("job-given-up:{id}")),
                Alarm::JobStuck { id, kind, why } => (Notice::JobStuck { kind, why }, format!("job-stuck:{id}")),
                // A notice that the group itself cannot be sent must not cause another.
                Alarm::Notice { chat, .. } if chat.0 <= 0 => return Ok(()),
                Alarm::Notice { id, chat, why } => {
                    (Notice::Undelivered { person: PersonId(chat.0), why }, format!("undelivered:{id}"))
                }
            };
            notices::tell_group(tx, &notice, now, Some(key)).await
        })
    })
}

/// Whoever waits for an answer that will not come is told so, once, with the code that finds it in the log.
async fn apologise(tx: &Tx, update: UpdateId, now: Time) -> Result<(), Fault> {
    let person = crate::queue::inbox::lane_of(tx, update).await?.filter(|lane| *lane > 0);
    let Some(person) = person else { return Ok(()) };
    let sorry = Notice::Sorry { code: update.to_string() };
    notices::tell(tx, PersonId(person), &sorry, now, Some(format!("sorry:{update}"))).await
}

/// What Telegram and the group are told when the shop opens.
async fn publish(app: App, stop: CancellationToken) {
    let work = async {
        // It may have been renamed; whoever runs now goes on with the old name until the next start.
        if let Err(fault) = name::learn(&app).await {
            tracing::warn!(error = %fault, "the bot's name was not kept");
        }
        if let Err(fault) = bot::commands::publish(&app).await {
            tracing::warn!(error = %fault, "the commands were not listed");
        }
        if let Err(fault) = bot::admin::topics::prepare(&app).await {
            tracing::warn!(error = %fault, "the group's topics were not made");
        }
    };
    tokio::select! {
        () = stop.cancelled() => {}
        () = work => {}
    }
}

/// No gateway asks yet whether a purchase may go on: Stars come with the gateways.
fn pre_checkout(app: &App) -> PreCheckout {
    let app = app.clone();
    Arc::new(move |raw| {
        let app = app.clone();
        Box::pin(async move { bot::pre_checkout(&app, &raw).await })
    })
}

/// SIGTERM or SIGINT, heard from this call on: before it, they end the process where it stands.
pub fn told_to_stop() -> impl Future<Output = ()> {
    let (interrupted, terminated) = (hear(SignalKind::interrupt()), hear(SignalKind::terminate()));
    async move {
        tokio::select! {
            () = heard(interrupted) => {}
            () = heard(terminated) => {}
        }
    }
}

fn hear(kind: SignalKind) -> Option<Signal> {
    signal(kind).inspect_err(|error| tracing::error!(?kind, %error, "a signal cannot be heard")).ok()
}

async fn heard(signal: Option<Signal>) {
    match signal {
        Some(mut signal) => drop(signal.recv().await),
        None => std::future::pending().await,
    }
}

/// Reads standard input to its end, in a thread of its own: a runtime that shuts down would wait for one of its own.
async fn input_ended() {
    let (ended, heard) = tokio::sync::oneshot::channel();
    std::thread::spawn(move || {
        drop(std::io::copy(&mut std::io::stdin(), &mut std::io::sink()));
        let _heard = ended.send(());
    });
    drop(heard.await);
}

/// The demo's hand on the clock: the file holds how many milliseconds it is ahead.
async fn watch_clock(clock: Clock, file: PathBuf) {
    loop {
        tokio::time::sleep(Duration::from_millis(100)).await;
        follow(&clock, &file);
    }
}

fn follow(clock: &Clock, file: &Path) {
    let ahead = std::fs::read_to_string(file).ok().and_then(|text| text.trim().parse::<i64>().ok());
    if let Some(ahead) = ahead {
        clock.be_ahead(ahead);
    }
}

#[cfg(test)]
mod tests {
    use super::webhook_url;
    use crate::api;
    use secrecy::SecretString;

    #[test]
    fn the_webhook_lies_under_the_public_address() {
        let secret = SecretString::from("a secret");
        let path = api::webhook_path(&secret);
        for (public, under) in [
            ("https://shop.example", "https://shop.example"),
            ("https://shop.example/", "https://shop.example"),
            ("https://shop.example/souk", "https://shop.example/souk"),
            ("https://shop.example:8443/a/souk/", "https://shop.example:8443/a/souk"),
        ] {
            let url = webhook_url(&public.parse().unwrap(), &secret).unwrap();
            assert_eq!(url.as_str(), format!("{under}/telegram/{path}"));
        }
    }
}
