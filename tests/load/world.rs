//! The simulated world in a process of its own, and what is asked of it over HTTP.
use anyhow::{Context, bail};
use reqwest::Client;
use serde::Deserialize;
use serde_json::{Value, json};
use std::path::Path;
use std::process::Stdio;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

pub const GROUP: i64 = -1_001_234_567_890;
pub const TOKEN: &str = "4242424242:AAdemo-demo-demo-demo-demo-demo-demo";

/// The world; it ends with this value.
pub struct World {
    pub http: Client,
    pub telegram: String,
    pub panel: String,
    _child: Child,
}

#[derive(Deserialize)]
struct Addresses {
    telegram: String,
    panel: String,
}

/// A message as somebody sees it.
#[derive(Debug, Clone, Deserialize)]
pub struct Message {
    pub id: i64,
    pub is_from_bot: bool,
    #[serde(default)]
    pub text: String,
    pub media: Option<Value>,
    pub keyboard: Vec<Vec<Button>>,
}

#[derive(Debug, Clone, Deserialize)]
pub struct Button {
    pub data: Option<String>,
}

impl Message {
    /// The data of its buttons.
    pub fn data(&self) -> impl Iterator<Item = &str> {
        self.keyboard.iter().flatten().filter_map(|button| button.data.as_deref())
    }
}

/// What a watcher of a chat gets: messages that changed, and the world's number of changes.
#[derive(Deserialize)]
pub struct Seen {
    pub messages: Vec<Message>,
    pub change: u64,
}

/// A call of the Bot API, from the world's log.
#[derive(Deserialize)]
pub struct Call {
    pub ms: u64,
    pub method: String,
    pub params: Value,
    pub code: u16,
}

impl World {
    /// Starts `souk sim` on free ports; its files go into `folder`.
    pub async fn start(binary: &Path, folder: &Path) -> anyhow::Result<Self> {
        let mut child = Command::new(binary)
            .args(["sim", "--listen", "127.0.0.1:0"])
            .env("TMPDIR", folder)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .context("starting the simulated world")?;
        let out = child.stdout.take().context("the simulated world has no output")?;
        let line = BufReader::new(out).lines().next_line().await?.context("the simulated world did not say where it is")?;
        let Addresses { telegram, panel } = serde_json::from_str(&line)?;
        let http = teloxide::net::default_reqwest_settings().build()?;
        Ok(Self { http, telegram, panel, _child: child })
    }

    pub async fn get(&self, path: &str) -> anyhow::Result<Value> {
        Ok(self.http.get(format!("{}{path}", self.telegram)).send().await?.error_for_status()?.json().await?)
    }

    pub async fn post(&self, path: &str, body: &Value) -> anyhow::Result<Value> {
        let answer = self.http.post(format!("{}{path}", self.telegram)).json(body).send().await?;
        let status = answer.status();
        let text = answer.text().await?;
        if !status.is_success() {
            bail!("{path} {body}: {status} {text}");
        }
        Ok(if text.is_empty() { Value::Null } else { serde_json::from_str(&text)? })
    }

    pub async fn messages(&self, chat: i64, since: u64, limit: usize) -> anyhow::Result<Seen> {
        let path = format!("/sim/chats/{chat}/messages?since={since}&limit={limit}");
        Ok(serde_json::from_value(self.get(&path).await?)?)
    }

    pub async fn settings(&self, settings: Value) -> anyhow::Result<()> {
        self.post("/sim/settings", &settings).await.map(drop)
    }

    pub async fn fault(&self, fault: Value) -> anyhow::Result<()> {
        self.post("/sim/faults", &fault).await.map(drop)
    }

    pub async fn counter(&self, name: &str) -> anyhow::Result<u64> {
        let counters = self.get("/sim/counters").await?;
        counters[name].as_u64().with_context(|| format!("there is no counter {name}"))
    }

    pub async fn calls(&self) -> anyhow::Result<Vec<Call>> {
        Ok(serde_json::from_value(self.get("/sim/calls").await?)?)
    }

    pub async fn add_person(&self, id: i64, language: &str) -> anyhow::Result<()> {
        let person = json!({ "id": id, "first_name": format!("P{id}"), "language_code": language });
        self.post("/sim/people", &person).await.map(drop)
    }

    pub async fn add_group(&self, admins: &[i64]) -> anyhow::Result<()> {
        let group = json!({ "id": GROUP, "title": "Admins", "is_forum": false, "admins": admins });
        self.post("/sim/groups", &group).await.map(drop)
    }

    pub async fn photo(&self, person: i64, png: Vec<u8>) -> anyhow::Result<i64> {
        let file = reqwest::multipart::Part::bytes(png).file_name("receipt.png").mime_str("image/png")?;
        let form = reqwest::multipart::Form::new().text("person", person.to_string()).part("photo", file);
        let answer = self.http.post(format!("{}/sim/photo", self.telegram)).multipart(form).send().await?;
        let sent: Value = answer.error_for_status()?.json().await?;
        sent["message"].as_i64().context("the photo got no message id")
    }

    /// An account of the panel has used so many bytes.
    pub async fn uses(&self, account: &str, bytes: i64) -> anyhow::Result<()> {
        let used = json!({ "username": account, "bytes": bytes });
        let answer = self.http.post(format!("{}/sim/usage", self.panel)).json(&used).send().await?;
        answer.error_for_status().context("the panel has no such account")?;
        Ok(())
    }

    /// The names of all accounts on the panel and what they are, asked for as an admin of it would.
    pub async fn accounts(&self) -> anyhow::Result<Vec<(String, String)>> {
        let form = [("username", "souk"), ("password", "change-me"), ("grant_type", "password")];
        let token: Value = self.http.post(format!("{}/api/admin/token", self.panel)).form(&form).send().await?.json().await?;
        let token = token["access_token"].as_str().context("the panel gives no token")?;
        let users: Value = self.http.get(format!("{}/api/users", self.panel)).bearer_auth(token).send().await?.json().await?;
        let users = users["users"].as_array().context("the panel lists no users")?;
        let word = |user: &Value, key: &str| user[key].as_str().map(str::to_owned);
        Ok(users.iter().filter_map(|user| word(user, "username").zip(word(user, "status"))).collect())
    }
}
