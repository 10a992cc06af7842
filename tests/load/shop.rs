//! Processes of the shop: how they are started, killed and asked.
use crate::process::Bot;
use crate::world::{GROUP, TOKEN, World};
use anyhow::{Context, bail};
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use tokio::process::{Child, Command};

const KEY: &str = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";
pub const EXAMPLE: &str = include_str!("../../assets/shop.example.toml");
/// Cards are added, so that thousands of open amounts find a tail of their own.
const CARDS: u64 = 12;
/// Agents without a credit line who may spend all that is pending; and a plan whose panel takes no new accounts.
const EXTRAS: &str = r#"
[[tiers]]
code = "load"
title = { en = "Load", fa = "بار", ru = "Нагрузка" }
credit_line = 0
pending_percent = 100
overdraft_limit = 2000000
prices = { "*" = { fixed = 90000 } }

[[categories]]
code = "nowhere"
title = { en = "Nowhere", fa = "هیچ‌جا", ru = "Нигде" }

[[locations]]
code = "nowhere"
title = { en = "Nowhere", fa = "هیچ‌جا", ru = "Нигде" }

[[panels]]
code = "nowhere"
kind = "marzban"
base_url = "http://127.0.0.1:0"
username = "souk"
password = "change-me"
protocols = ["vless"]
state = "draining"

[[plans]]
code = "nowhere"
category = "nowhere"
location = "nowhere"
title = { en = "1 month, nowhere", fa = "۱ ماه، هیچ‌جا", ru = "1 месяц, нигде" }
days = 30
traffic_gb = 30
price = 120000
panels = ["nowhere"]
"#;
const CARD_OWNER: &str = "kind = \"card\"\nalias = \"Load\"\nholder = \"Nobody\"\n";

/// The example with what the crash test needs besides: agents are cut off at the clock's first look, and late orders are offered
/// for a refund after a minute.
pub fn troubled() -> String {
    let text = EXAMPLE
        .replace("credit_grace_hours = 24", "credit_grace_hours = 0")
        .replace("late_minutes = 10", "late_minutes = 1")
        .replace("refund_offer_minutes = 60", "refund_offer_minutes = 1");
    text + EXTRAS
}

/// Where a shop's binary, database and files are.
pub struct Place {
    pub binary: PathBuf,
    pub folder: PathBuf,
    pub database: String,
    pub admins: Vec<i64>,
    telegram: String,
    panel: String,
}

impl Place {
    pub fn new(binary: &Path, folder: &Path, database: &str, world: &World, admins: &[i64]) -> Self {
        Self {
            binary: binary.to_owned(),
            folder: folder.to_owned(),
            database: database.to_owned(),
            admins: admins.to_owned(),
            telegram: world.telegram.clone(),
            panel: world.panel.clone(),
        }
    }

    fn command(&self, words: &[&str]) -> Command {
        let owners: Vec<String> = self.admins.iter().map(ToString::to_string).collect();
        let mut command = Command::new(&self.binary);
        command
            .args(words)
            .current_dir(&self.folder)
            .env("TELEGRAM_BOT_TOKEN", TOKEN)
            .env("TELEGRAM_API_URL", &self.telegram)
            .env("DATABASE_URL", &self.database)
            .env("ADMIN_CHAT_ID", GROUP.to_string())
            .env("OWNER_IDS", owners.join(","))
            .env("SECRET_KEY", KEY)
            .env("PUBLIC_URL", "http://127.0.0.1:1")
            .env("LISTEN_ADDR", "127.0.0.1:0")
            .env("LOG", std::env::var("LOG").unwrap_or_else(|_| "warn".to_owned()))
            .env_remove("TELEGRAM_WEBHOOK_SECRET")
            .env_remove("SHOP_FILE")
            .stdin(Stdio::null())
            .kill_on_drop(true);
        command
    }

    /// Applies a shop file with the simulated panel, more cards and room enough in each.
    pub async fn furnish(&self, shop_file: &str) -> anyhow::Result<()> {
        let mut text = shop_file
            .replace("http://127.0.0.1:0", &self.panel)
            .replace("daily_limit = ", "daily_limit = 99")
            .replace("backups_kept = 30", "backups_kept = 0");
        for card in 0..CARDS {
            let number = with_check_digit(&format!("60379900{:07}", 1000 + card));
            let lines =
                ["\n[[payment_methods]]", &format!("code = \"load-{card}\""), &format!("number = \"{number}\""), CARD_OWNER];
            text.push_str(&lines.join("\n"));
        }
        let file = self.folder.join("shop.toml");
        std::fs::write(&file, text)?;
        self.ends_well(&["apply", &file.display().to_string()]).await.map(drop)
    }

    /// Runs a command to its end; its output.
    pub async fn ends_well(&self, words: &[&str]) -> anyhow::Result<String> {
        let out = self.command(words).stdout(Stdio::piped()).stderr(Stdio::piped()).output().await?;
        let said = String::from_utf8_lossy(&out.stdout).into_owned();
        if !out.status.success() {
            bail!("souk {}: {}\n{said}{}", words.join(" "), out.status, String::from_utf8_lossy(&out.stderr));
        }
        Ok(said)
    }

    /// Opens a shop's process under strace, which writes down each fsync and when it was; the bot is the process inside.
    pub async fn open_traced(&self, log: &str, trace: &Path) -> anyhow::Result<Bot> {
        let run = self.command(&["run"]);
        let run = run.as_std();
        let mut command = Command::new("strace");
        command.args(["-f", "--seccomp-bpf", "-ttt", "-e", "trace=fsync,fdatasync", "-o"]).arg(trace);
        command.arg(run.get_program()).args(run.get_args()).envs(run.get_envs().filter_map(|(key, value)| Some((key, value?))));
        command.current_dir(&self.folder).stdin(Stdio::null()).stderr(File::create(self.folder.join(log))?).kill_on_drop(true);
        let mut bot = Bot::new(command.spawn().context("strace is not installed")?)?;
        tokio::time::sleep(std::time::Duration::from_millis(500)).await;
        let children = std::fs::read_to_string(format!("/proc/{0}/task/{0}/children", bot.pid))?;
        bot.pid = children.split_whitespace().next().and_then(|pid| pid.parse().ok()).context("strace runs nothing")?;
        Ok(bot)
    }

    /// Opens a shop's process; what it says is added to `log`.
    pub fn open(&self, log: &str) -> anyhow::Result<Child> {
        let file = File::options().create(true).append(true).open(self.folder.join(log))?;
        self.command(&["run"])
            .stdout(file.try_clone()?)
            .stderr(file)
            .spawn()
            .with_context(|| format!("starting {}", self.binary.display()))
    }
}

/// A card's number with the digit that makes it valid (Luhn).
fn with_check_digit(digits: &str) -> String {
    let sum: u32 = digits
        .bytes()
        .rev()
        .enumerate()
        .map(|(at, byte)| {
            let digit = u32::from(byte - b'0') * if at % 2 == 0 { 2 } else { 1 };
            digit / 10 + digit % 10
        })
        .sum();
    format!("{digits}{}", (10 - sum % 10) % 10)
}
