//! The same kills for a bare teloxide bot whose handler takes 200 ms. It must lose some, or the kills prove nothing.
use crate::people::Dice;
use crate::world::{TOKEN, World};
use anyhow::{Context, bail};
use clap::Args;
use serde_json::json;
use std::collections::HashSet;
use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;
use tokio::process::{Child, Command};

#[derive(Args)]
pub struct Plan {
    #[arg(long)]
    souk: PathBuf,
    #[arg(long)]
    echo: PathBuf,
    #[arg(long)]
    folder: PathBuf,
    #[arg(long, default_value_t = 5)]
    kills: u64,
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

const HANDLER_MS: u64 = 200;
/// Messages in one second, each of another person.
const RATE: u64 = 200;
const FIRST: i64 = 300_000;

pub async fn run(plan: Plan) -> anyhow::Result<()> {
    let world = World::start(&plan.souk, &plan.folder).await?;
    world.settings(json!({ "calls_keep": 1_000_000 })).await?;
    let mut dice = Dice::new(plan.seed);
    let mut bot = open(&plan, &world)?;
    let (mut said, mut until_kill) = (0_i64, 15);
    let mut kills = 0;
    while kills < plan.kills {
        let people: Vec<_> = (0..RATE / 20)
            .map(|_| {
                said += 1;
                let who = json!({ "id": FIRST + said, "is_bot": false, "first_name": "P" });
                let chat = json!({ "id": FIRST + said, "type": "private", "first_name": "P" });
                json!({ "message": { "message_id": 1, "date": 0, "from": who, "chat": chat, "text": format!("word {said}") } })
            })
            .collect();
        world.post("/sim/inject", &json!(people)).await?;
        tokio::time::sleep(Duration::from_millis(50)).await;
        until_kill -= 1;
        if until_kill == 0 {
            bot.kill().await?;
            bot = open(&plan, &world)?;
            kills += 1;
            until_kill = 10 + dice.below(20);
        }
    }
    for _ in 0..40 {
        tokio::time::sleep(Duration::from_millis(250)).await;
        if world.counter("updates_pending").await? == 0 {
            break;
        }
    }
    tokio::time::sleep(Duration::from_millis(4 * HANDLER_MS)).await;
    let calls = world.calls().await?;
    let answered: HashSet<&str> = calls.iter().filter_map(|call| call.params["text"].as_str()).collect();
    let pending = world.counter("updates_pending").await?;
    let lost = usize::try_from(said)?.saturating_sub(answered.len());
    println!("  a bare teloxide bot: {kills} kills, {said} updates, {lost} lost ({pending} never fetched)");
    bot.kill().await?;
    if lost == 0 || pending > 0 {
        bail!("the bare bot lost nothing (or did not come back): these kills do not bite");
    }
    Ok(())
}

fn open(plan: &Plan, world: &World) -> anyhow::Result<Child> {
    Command::new(&plan.echo)
        .args([&world.telegram, TOKEN, &HANDLER_MS.to_string()])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .context("starting the echo bot")
}
