//! `souk demo`: the whole shop on an embedded database against the simulated world, with a chat page in the browser.
//!
//! The shop is a process of its own, started from this same binary with `run` and an environment that names the simulated
//! Telegram: so "crash and restart the shop" is a real SIGKILL. The world (Telegram, a Marzban panel, the clock) lives here
//! and outlives it.
mod agent;

use super::serve::told_to_stop;
use super::{Failed, say};
use crate::base::{Clock, Fault, SECOND, task};
use crate::sim::marzban::{Down, Fault as PanelFault, FaultKind as PanelFaultKind, Marzban};
use crate::sim::telegram::{NewGroup, Person, Telegram};
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::process::{Child, ChildStdin, Command};
use tokio::sync::mpsc;

const TOKEN: &str = "4242424242:AAdemo-demo-demo-demo-demo-demo-demo";
const KEY: [u8; 32] = *b"what a demo seals, nobody misses";
const SHOP_FILE: &str = include_str!("../../assets/shop.example.toml");
/// What stands in the example file where a real panel's address belongs.
const PANEL_URL: &str = "http://127.0.0.1:0";
const PANEL_USER: &str = "souk";
const PANEL_PASSWORD: &str = "change-me";
/// Nima runs the shop; Reza is his agent; the others buy there.
const OWNER: i64 = 1001;

/// What the page may ask for.
#[derive(Clone)]
struct Stage {
    clock: Clock,
    clock_file: Arc<Path>,
    telegram: Telegram,
    panel: Marzban,
    /// Troubles that are on, by the page's names.
    faults: Arc<Mutex<BTreeSet<String>>>,
    restart: mpsc::Sender<()>,
}

/// Runs the demo until Ctrl-C or SIGTERM.
pub async fn demo(listen: SocketAddr, keep: Option<PathBuf>) -> Result<(), Failed> {
    let temporary = keep.is_none();
    let folder = keep.unwrap_or_else(|| std::env::temp_dir().join(format!("souk-demo-{}", std::process::id())));
    std::fs::create_dir_all(&folder).map_err(Fault::from)?;
    let listener = TcpListener::bind(listen)
        .await
        .map_err(|error| Failed::Told(format!("{listen} cannot be listened on ({error}); choose another with --listen")))?;
    let address = listener.local_addr().map_err(Fault::from)?;
    let (restart, wanted) = mpsc::channel(1);
    let stage = set(&folder, restart).await?;
    let group = people(&stage.telegram);
    let panel_url = stage.panel.url().ok_or_else(|| Fault::new("the simulated panel has no address"))?;
    let shop_file = folder.join("shop.toml");
    std::fs::write(&shop_file, SHOP_FILE.replace(PANEL_URL, &panel_url)).map_err(Fault::from)?;
    let shop = Shop { world: address, folder: folder.clone(), group, web: free_port().await? };
    agent::seed(&shop.database(), KEY, &shop_file, &stage.clock).await?;
    stage.telegram.person(agent::REZA).starts("").map_err(Fault::new)?;
    let page = router(stage);
    task::spawn("demo page", async move {
        if let Err(error) = axum::serve(listener, page).await {
            tracing::error!(%error, "the demo page closed");
        }
    });
    say(&format!(
        "The demo is open: http://{address}/\n\
         Press Start as Sara and buy; the paper clip holds a sample receipt; approve it as Nima in the group beside.\n\
         Reza is an agent with credit, and has sold a service: open his chat at the head of a column.\n\
         Stop it with Ctrl-C."
    ));
    let ended = supervise(shop, wanted).await;
    if temporary {
        std::fs::remove_dir_all(&folder).map_err(Fault::from)?;
    }
    ended
}

/// `souk sim`: the world without a shop, for load and crash tests.
pub async fn world_alone(listen: SocketAddr) -> Result<(), Failed> {
    let listener = TcpListener::bind(listen).await.map_err(Fault::from)?;
    let folder = std::env::temp_dir().join(format!("souk-sim-{}", std::process::id()));
    std::fs::create_dir_all(&folder).map_err(Fault::from)?;
    let (restart, _wanted) = mpsc::channel(1);
    let stage = set(&folder, restart).await?;
    stage.telegram.keep_calls(0);
    let panel = stage.panel.url().ok_or_else(|| Fault::new("the simulated panel has no address"))?;
    say(&json!({ "telegram": format!("http://{}", listener.local_addr().map_err(Fault::from)?), "panel": panel }).to_string());
    axum::serve(listener, router(stage)).await.map_err(Fault::from)?;
    Ok(())
}

async fn set(folder: &Path, restart: mpsc::Sender<()>) -> Result<Stage, Fault> {
    let clock = Clock::system();
    let hand = clock.clone();
    let seconds: Arc<dyn Fn() -> i64 + Send + Sync> = Arc::new(move || hand.now().unix());
    let telegram = Telegram::new(Arc::clone(&seconds)).with_token(TOKEN).with_bot_name("Souk", "souk_demo_bot");
    let panel = Marzban::new(seconds);
    panel.add_admin(PANEL_USER, PANEL_PASSWORD);
    panel.start().await?;
    let clock_file: Arc<Path> = folder.join("clock").into();
    std::fs::write(&clock_file, "0")?;
    Ok(Stage { clock, clock_file, telegram, panel, faults: Arc::default(), restart })
}

fn people(telegram: &Telegram) -> i64 {
    let person = |id, first_name: &str, username: &str, language: &str| Person {
        id,
        first_name: first_name.to_owned(),
        username: Some(username.to_owned()),
        language_code: Some(language.to_owned()),
        ..Person::default()
    };
    telegram.add_person(person(OWNER, "Nima", "nima", "en"));
    telegram.add_person(person(2001, "Sara", "sara", "en"));
    telegram.add_person(person(2002, "مریم", "maryam", "fa"));
    telegram.add_person(person(2003, "Алексей", "alexey", "ru"));
    telegram.add_person(person(agent::REZA, "Reza", "reza", "en"));
    telegram.add_group(NewGroup {
        id: Some(-1_001_234_567_890),
        title: "Souk admins".to_owned(),
        is_forum: true,
        admins: vec![OWNER],
        ..NewGroup::default()
    })
}

fn router(stage: Stage) -> Router {
    let world = stage.telegram.router();
    Router::new()
        .route("/demo/state", get(state))
        .route("/demo/fault", post(fault))
        .route("/demo/clock", post(move_clock))
        .route("/demo/restart", post(restart))
        .with_state(stage)
        .fallback_service(world)
}

async fn state(State(stage): State<Stage>) -> Json<Value> {
    let faults = stage.faults.lock().unwrap_or_else(PoisonError::into_inner);
    let on: BTreeMap<&str, bool> = FAULTS.iter().map(|name| (*name, faults.contains(*name))).collect();
    let controls: Vec<&str> = FAULTS.into_iter().chain(["clock", "restart"]).collect();
    let cast: Vec<Value> = CAST.into_iter().map(|(id, part)| json!({ "id": id, "part": part })).collect();
    Json(json!({ "controls": controls, "faults": on, "pages": [], "cast": cast }))
}

/// Who is more than a customer, for the page.
const CAST: [(i64, &str); 2] =
    [(OWNER, "runs the shop; the group is his"), (agent::REZA, "an agent with credit, who has sold a service")];

/// What can go wrong with the panel; Telegram's troubles are ordered from the simulated Telegram itself.
const FAULTS: [&str; 3] = [PANEL_DOWN, PANEL_UNSURE, PANEL_SLOW];
const PANEL_DOWN: &str = "panel_down";
const PANEL_UNSURE: &str = "panel_unsure";
const PANEL_SLOW: &str = "panel_slow";
/// Longer than anybody likes to wait, and well within the time that the shop gives a panel.
const SLOW_MS: u64 = 3_000;

#[derive(Deserialize)]
struct Switch {
    name: String,
    on: bool,
}

async fn fault(State(stage): State<Stage>, Json(switch): Json<Switch>) -> StatusCode {
    if !FAULTS.contains(&switch.name.as_str()) {
        return StatusCode::NOT_FOUND;
    }
    let on = {
        let mut on = stage.faults.lock().unwrap_or_else(PoisonError::into_inner);
        if switch.on {
            on.insert(switch.name.clone())
        } else {
            on.remove(&switch.name)
        };
        on.clone()
    };
    if switch.name == PANEL_DOWN {
        stage.panel.set_down(if switch.on { Down::BadGateway } else { Down::No }).await;
    }
    // The panel has one list of faults and uses the first that fits: it is made anew from what is on.
    let _was_one_at_hand = stage.panel.clear_faults();
    for (name, path, kind) in [
        // It does what it is asked, and then a proxy answers 502: nobody knows that it was done.
        (PANEL_UNSURE, "/api/user", PanelFaultKind::StatusAfter(502)),
        (PANEL_SLOW, "", PanelFaultKind::SilentAfter { ms: SLOW_MS }),
    ] {
        if on.contains(name) {
            stage.panel.fault(PanelFault { path_prefix: path.to_owned(), method: None, kind, times: u32::MAX });
        }
    }
    StatusCode::NO_CONTENT
}

#[derive(Deserialize)]
struct Forward {
    seconds: i64,
}

/// Time goes only forward: a shop whose clock went back would be another story.
async fn move_clock(State(stage): State<Stage>, Json(forward): Json<Forward>) -> StatusCode {
    if !(1..=366 * 24 * 60 * 60).contains(&forward.seconds) {
        return StatusCode::BAD_REQUEST;
    }
    stage.clock.advance(forward.seconds.saturating_mul(SECOND));
    match std::fs::write(&stage.clock_file, stage.clock.ahead().to_string()) {
        Ok(()) => StatusCode::NO_CONTENT,
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

async fn restart(State(stage): State<Stage>) -> StatusCode {
    let _asked = stage.restart.try_send(());
    StatusCode::NO_CONTENT
}

/// The shop's process, and what it is told.
struct Shop {
    world: SocketAddr,
    folder: PathBuf,
    group: i64,
    web: u16,
}

impl Shop {
    fn database(&self) -> String {
        format!("sqlite://{}", self.folder.join("souk.db").display())
    }

    fn open(&self) -> Result<Running, Fault> {
        let mut command = Command::new(std::env::current_exe()?);
        command
            .args(["run", "--until-input-ends", "--clock-file"])
            .arg(self.folder.join("clock"))
            .current_dir(&self.folder)
            .env("TELEGRAM_BOT_TOKEN", TOKEN)
            .env("TELEGRAM_API_URL", format!("http://{}", self.world))
            .env("DATABASE_URL", self.database())
            .env("ADMIN_CHAT_ID", self.group.to_string())
            .env("OWNER_IDS", OWNER.to_string())
            .env("SECRET_KEY", KEY.map(|byte| format!("{byte:02x}")).concat())
            .env("PUBLIC_URL", format!("http://127.0.0.1:{}", self.web))
            .env("LISTEN_ADDR", format!("127.0.0.1:{}", self.web))
            .env("SHOP_FILE", self.folder.join("shop.toml"))
            .env_remove("TELEGRAM_WEBHOOK_SECRET")
            .stdin(Stdio::piped())
            .kill_on_drop(true);
        let mut process = command.spawn().map_err(|error| Fault::from(error).context("starting the shop"))?;
        let leash = process.stdin.take();
        Ok(Running { process, leash })
    }
}

struct Running {
    process: Child,
    /// The shop's standard input: when it is closed, by us or because we died, the shop closes in order.
    leash: Option<ChildStdin>,
}

/// Keeps a shop running: kills and restarts it on demand, starts it again when it died by itself.
async fn supervise(shop: Shop, mut wanted: mpsc::Receiver<()>) -> Result<(), Failed> {
    let mut running = shop.open()?;
    let stop = told_to_stop();
    tokio::pin!(stop);
    loop {
        tokio::select! {
            () = &mut stop => break,
            Some(()) = wanted.recv() => {
                running.process.kill().await.map_err(Fault::from)?;
                say("The shop was killed; it is started again.");
                running = shop.open()?;
            }
            ended = running.process.wait() => {
                let status = ended.map_err(Fault::from)?;
                say(&format!("The shop ended by itself ({status}); it is started again."));
                tokio::time::sleep(Duration::from_secs(1)).await;
                running = shop.open()?;
            }
        }
    }
    drop(running.leash.take());
    if tokio::time::timeout(Duration::from_secs(5), running.process.wait()).await.is_err() {
        running.process.kill().await.map_err(Fault::from)?;
    }
    Ok(())
}

async fn free_port() -> Result<u16, Fault> {
    Ok(TcpListener::bind(("127.0.0.1", 0)).await?.local_addr()?.port())
}
