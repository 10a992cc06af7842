//! The only reader of the environment (and of `.env`).
//!
//! All mistakes are found at once and said in one list; secrets are wrapped and never printed. What an owner may tune while
//! the shop runs is no environment variable but a settings row.
mod dotenv;

use crate::base::{ChatId, PersonId, ascii_digits};
use dotenv::DotEnv;
use secrecy::{ExposeSecret, SecretBox, SecretString};
use std::fmt;
use std::fs::{self, OpenOptions};
use std::io::ErrorKind;
use std::net::{Ipv4Addr, SocketAddr};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use url::Url;

/// Everything the environment says.
#[derive(Debug)]
pub struct Config {
    pub telegram: Telegram,
    pub database: Database,
    pub people: People,
    pub web: Web,
    /// Seals what is secret in the database, and makes ids unguessable.
    pub secret_key: SecretBox<[u8; 32]>,
    /// The shop file that `souk run` applies at each start.
    pub shop_file: Option<PathBuf>,
    pub log: Log,
}

#[derive(Debug)]
pub struct Telegram {
    pub token: SecretString,
    pub api_url: Url,
    /// Set: updates come by webhook. It needs `PUBLIC_URL`.
    pub webhook_secret: Option<SecretString>,
}

/// Enough for commands that only touch the database.
#[derive(Debug)]
pub struct Database {
    /// It may hold a password.
    pub url: SecretString,
}

#[derive(Debug)]
pub struct People {
    pub admin_chat: ChatId,
    pub owners: Vec<PersonId>,
}

#[derive(Debug)]
pub struct Web {
    /// Where the world reaches us, without a slash at the end.
    pub public_url: Option<Url>,
    pub listen: SocketAddr,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Log {
    /// As `tracing_subscriber::EnvFilter` reads it.
    pub filter: String,
    pub format: LogFormat,
    /// Where some of it goes to files of its own.
    pub dir: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    Text,
    Json,
}

/// One thing that is wrong with the environment. Never holds a secret's value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mistake {
    pub name: &'static str,
    pub what: String,
    /// A line of `.env` that would be right.
    pub example: String,
}

/// Everything that is wrong, section by section.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mistakes(pub Vec<Mistake>);

impl fmt::Display for Mistakes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = self.0.len();
        writeln!(f, "The environment has {count} mistake{}:", if count == 1 { "" } else { "s" })?;
        for Mistake { name, what, example } in &self.0 {
            writeln!(f, "  {name}: {what}\n      for example  {example}")?;
        }
        f.write_str("Set them in the environment or in a file called .env; .env.example explains each.")
    }
}

impl std::error::Error for Mistakes {}

const TOKEN: Name = Name("TELEGRAM_BOT_TOKEN", "123456789:AAExampleExampleExampleExampleExamp");
const API_URL: Name = Name("TELEGRAM_API_URL", "https://api.telegram.org");
const DATABASE_URL: Name = Name("DATABASE_URL", "sqlite://souk.db");
const ADMIN_CHAT: Name = Name("ADMIN_CHAT_ID", "-1001234567890");
const OWNERS: Name = Name("OWNER_IDS", "11111111,22222222");
const SECRET_KEY: Name = Name("SECRET_KEY", "(the 64 digits that `openssl rand -hex 32` prints)");
const PUBLIC_URL: Name = Name("PUBLIC_URL", "https://shop.example.com");
const LISTEN: Name = Name("LISTEN_ADDR", "127.0.0.1:8080");
const WEBHOOK_SECRET: Name = Name("TELEGRAM_WEBHOOK_SECRET", "(what `openssl rand -hex 32` prints)");
const SHOP_FILE: Name = Name("SHOP_FILE", "shop.toml");
const LOG: Name = Name("LOG", "info,souk=debug");
const LOG_FORMAT: Name = Name("LOG_FORMAT", "json");
const LOG_DIR: Name = Name("LOG_DIR", "/var/log/souk");

/// What a PostgreSQL server may be asked to prove, in libpq's words.
const SSL_MODES: [&str; 6] = ["disable", "allow", "prefer", "require", "verify-ca", "verify-full"];

/// What is logged when nobody asked for more: our own facts, and of the libraries only what went wrong.
pub const LOG_DEFAULT: &str = "info,sea_orm_migration=warn,tokio_cron_scheduler=warn";

/// A variable's name and an example of a right value.
#[derive(Clone, Copy)]
struct Name(&'static str, &'static str);

/// Where values come from: the environment, or a test.
pub type Source<'a> = &'a dyn Fn(&str) -> Option<String>;

struct Reader<'a> {
    source: Source<'a>,
    mistakes: Vec<Mistake>,
}

impl Reader<'_> {
    /// The value without spaces around it; an empty one counts as absent.
    fn text(&self, name: Name) -> Option<String> {
        (self.source)(name.0).map(|text| text.trim().to_owned()).filter(|text| !text.is_empty())
    }

    fn wrong(&mut self, name: Name, what: impl Into<String>) {
        self.mistakes.push(Mistake { name: name.0, what: what.into(), example: format!("{}={}", name.0, name.1) });
    }

    /// Reads a value with `parse`; notes what is wrong with it.
    fn maybe<T>(&mut self, name: Name, parse: impl Fn(&str) -> Result<T, String>) -> Option<T> {
        let text = self.text(name)?;
        parse(&text).map_err(|what| self.wrong(name, what)).ok()
    }

    /// The same for a value that must be there.
    fn must<T>(&mut self, name: Name, parse: impl Fn(&str) -> Result<T, String>) -> Option<T> {
        if self.text(name).is_none() {
            self.wrong(name, "it is not set");
        }
        self.maybe(name, parse)
    }

    fn or<T>(&mut self, name: Name, default: &str, parse: impl Fn(&str) -> Result<T, String>) -> Option<T> {
        match self.text(name) {
            Some(_) => self.maybe(name, parse),
            None => parse(default).ok(),
        }
    }

    fn database(&mut self) -> Option<Database> {
        self.or(DATABASE_URL, DATABASE_URL.1, database_url).map(|url| Database { url })
    }

    fn telegram(&mut self) -> Option<Telegram> {
        let token = self.must(TOKEN, token);
        let api_url = self.or(API_URL, API_URL.1, http_url);
        let webhook_secret = self.text(WEBHOOK_SECRET).map(|_| self.maybe(WEBHOOK_SECRET, webhook_secret));
        if webhook_secret.is_some() && self.text(PUBLIC_URL).is_none() {
            self.wrong(PUBLIC_URL, "it is not set, and TELEGRAM_WEBHOOK_SECRET asks for webhooks, which need it");
        }
        let webhook_secret = webhook_secret.flatten();
        Some(Telegram { token: token?, api_url: api_url?, webhook_secret })
    }

    fn people(&mut self) -> Option<People> {
        let admin_chat = self.must(ADMIN_CHAT, group).map(ChatId);
        let owners = self.must(OWNERS, owners);
        Some(People { admin_chat: admin_chat?, owners: owners? })
    }

    fn web(&mut self) -> Option<Web> {
        let public_url = self.text(PUBLIC_URL).map(|_| self.maybe(PUBLIC_URL, http_url));
        let listen = self.or(LISTEN, LISTEN.1, listen)?;
        Some(Web { public_url: public_url.flatten(), listen })
    }

    fn log(&mut self) -> Option<Log> {
        let filter = self.text(LOG).unwrap_or_else(|| LOG_DEFAULT.to_owned());
        if tracing_subscriber::EnvFilter::try_new(&filter).is_err() {
            self.wrong(LOG, "it is no list of levels");
        }
        let format = self.or(LOG_FORMAT, "text", |text| match text {
            "text" => Ok(LogFormat::Text),
            "json" => Ok(LogFormat::Json),
            _ => Err("it is neither text nor json".to_owned()),
        });
        let dir = self.maybe(LOG_DIR, writable_folder);
        Some(Log { filter, format: format?, dir })
    }
}

/// Each section is read before any is asked for: all mistakes at once.
fn whole(reader: &mut Reader) -> Option<Config> {
    let telegram = reader.telegram();
    let database = reader.database();
    let people = reader.people();
    let secret_key = reader.must(SECRET_KEY, secret_key);
    let web = reader.web();
    let shop_file = reader.maybe(SHOP_FILE, readable_file);
    let log = reader.log();
    Some(Config {
        telegram: telegram?,
        database: database?,
        people: people?,
        web: web?,
        secret_key: secret_key?,
        shop_file,
        log: log?,
    })
}

impl Config {
    /// Reads the environment, after `.env` of the working directory if there is one. What is set already wins over the file.
    pub fn from_env() -> Result<Self, Mistakes> {
        from_process(whole)
    }

    /// Reads from anywhere; for tests.
    pub fn from_map(source: Source) -> Result<Self, Mistakes> {
        read(source, Vec::new(), whole)
    }

    /// Only what `migrate`, `ledger verify` and their like need.
    pub fn database_only() -> Result<(Database, Log), Mistakes> {
        from_process(Self::database_and_log)
    }

    pub fn database_only_from(source: Source) -> Result<(Database, Log), Mistakes> {
        read(source, Vec::new(), Self::database_and_log)
    }

    fn database_and_log(reader: &mut Reader) -> Option<(Database, Log)> {
        let (database, log) = (reader.database(), reader.log());
        database.zip(log)
    }

    /// What `apply` needs: the database, and the key that seals what the shop file holds.
    pub fn sealing_only() -> Result<(Database, SecretBox<[u8; 32]>, Log), Mistakes> {
        from_process(|reader| {
            let (database, key, log) = (reader.database(), reader.must(SECRET_KEY, secret_key), reader.log());
            Some((database?, key?, log?))
        })
    }
}

/// `mistakes`: what is known to be wrong with the source itself.
fn read<T>(source: Source, mistakes: Vec<Mistake>, with: impl FnOnce(&mut Reader) -> Option<T>) -> Result<T, Mistakes> {
    let mut reader = Reader { source, mistakes };
    let value = with(&mut reader);
    match value {
        Some(value) if reader.mistakes.is_empty() => Ok(value),
        _ => Err(Mistakes(reader.mistakes)),
    }
}

fn from_process<T>(with: impl FnOnce(&mut Reader) -> Option<T>) -> Result<T, Mistakes> {
    let path = Path::new(".env");
    let file = DotEnv::read(path);
    // For the libraries too, which read names of their own: a proxy's, for example. What is wrong with it is told below.
    drop(dotenvy::from_path(path));
    let source = |name: &str| std::env::var(name).ok().or_else(|| file.values.get(name).cloned());
    read(&source, file.mistakes.clone(), with)
}

fn readable_file(text: &str) -> Result<PathBuf, String> {
    let path = PathBuf::from(text);
    let read = fs::metadata(&path)
        .and_then(|found| if found.is_dir() { Err(ErrorKind::IsADirectory.into()) } else { fs::File::open(&path) });
    read.map(|_| path).map_err(|error| format!("the file {text} cannot be read: {error}"))
}

/// Logging begins with the same acts, when mistakes cannot be gathered any more.
fn writable_folder(text: &str) -> Result<PathBuf, String> {
    let folder = PathBuf::from(text);
    let opened = fs::create_dir_all(&folder)
        .and_then(|()| OpenOptions::new().append(true).create(true).mode(0o600).open(folder.join("audit.log")));
    opened.map(|_| folder).map_err(|error| format!("the folder {text} cannot be written to: {error}"))
}

fn token(text: &str) -> Result<SecretString, String> {
    let right = text.split_once(':').is_some_and(|(id, secret)| {
        id.parse::<u64>().is_ok()
            && secret.len() >= 20
            && secret.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
    });
    if right { Ok(text.into()) } else { Err("it is no bot token as @BotFather gives them".to_owned()) }
}

fn database_url(text: &str) -> Result<SecretString, String> {
    if let Some(file) = text.strip_prefix("sqlite:") {
        let file = file.strip_prefix("//").unwrap_or(file);
        let (file, wishes) = file.split_once('?').unwrap_or((file, ""));
        return match Path::new(file).parent() {
            Some(folder) if folder != Path::new("") && !folder.is_dir() => {
                Err(format!("there is no folder {}", folder.display()))
            }
            Some(_) if !file.is_empty() && file != ":memory:" && !wishes.contains("memory") => Ok(text.into()),
            _ => Err("it names no file".to_owned()),
        };
    }
    if !["postgres://", "postgresql://"].iter().any(|scheme| text.starts_with(scheme)) {
        return Err("it begins neither with sqlite:// nor with postgres://".to_owned());
    }
    let wishes = text.split_once('?').map_or("", |(_, wishes)| wishes);
    let mode = wishes.split('&').filter_map(|wish| wish.split_once('=')).find(|(name, _)| ["sslmode", "ssl-mode"].contains(name));
    match mode {
        Some((name, mode)) if !SSL_MODES.contains(&mode) => Err(format!("its {name} is none of {}", SSL_MODES.join(", "))),
        _ => Ok(text.into()),
    }
}

fn http_url(text: &str) -> Result<Url, String> {
    let url = Url::parse(text.trim_end_matches('/')).map_err(|error| format!("it is no URL: {error}"))?;
    if !matches!(url.scheme(), "http" | "https") || url.host().is_none() {
        return Err("it does not begin with https:// and a name".to_owned());
    }
    Ok(url)
}

fn number(text: &str) -> Result<i64, String> {
    match ascii_digits(text).parse::<i64>() {
        Ok(0) | Err(_) => Err("it is no id; send /id to a bot such as @userinfobot, or read it in the group's link".to_owned()),
        Ok(id) => Ok(id),
    }
}

fn group(text: &str) -> Result<i64, String> {
    let id = number(text)?;
    if id > 0 { Err(format!("{id} is a person's id; a group's begins with a minus")) } else { Ok(id) }
}

fn owners(text: &str) -> Result<Vec<PersonId>, String> {
    text.split(',')
        .map(|id| match number(id.trim()) {
            Ok(id) if id > 0 => Ok(PersonId(id)),
            _ => Err(format!("{:?} is no person's id; ids are positive numbers, with commas between them", id.trim())),
        })
        .collect()
}

fn secret_key(text: &str) -> Result<SecretBox<[u8; 32]>, String> {
    let digits = (text.len() == 64 && text.bytes().all(|b| b.is_ascii_hexdigit())).then_some(text);
    let byte = |at: usize| digits.and_then(|digits| u8::from_str_radix(&digits[at..at + 2], 16).ok());
    let bytes = (0..64).step_by(2).map(byte).collect::<Option<Vec<u8>>>().unwrap_or_default();
    <[u8; 32]>::try_from(bytes).map(|key| SecretBox::new(Box::new(key))).map_err(|_| "it is not 64 hex digits".to_owned())
}

fn webhook_secret(text: &str) -> Result<SecretString, String> {
    let right = (16..=256).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b));
    if right { Ok(text.into()) } else { Err("it is not 16 to 256 letters, digits, - or _".to_owned()) }
}

fn listen(text: &str) -> Result<SocketAddr, String> {
    if let Ok(port) = text.trim_start_matches(':').parse::<u16>() {
        return Ok(SocketAddr::from((Ipv4Addr::LOCALHOST, port)));
    }
    text.parse().map_err(|_| "it is no address and port".to_owned())
}

impl Database {
    pub fn url(&self) -> &str {
        self.url.expose_secret()
    }
}

#[cfg(test)]
mod tests {
    use super::{Config, LogFormat};
    use secrecy::ExposeSecret;

    const GOOD: &[(&str, &str)] = &[
        ("TELEGRAM_BOT_TOKEN", "123456:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"),
        ("ADMIN_CHAT_ID", "-1001234567890"),
        ("OWNER_IDS", "11, ۲۲"),
        ("SECRET_KEY", "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"),
    ];

    fn with<'a>(changes: &'a [(&'a str, &'a str)]) -> impl Fn(&str) -> Option<String> + 'a {
        move |name| {
            let all = changes.iter().chain(GOOD);
            all.clone().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned())
        }
    }

    #[test]
    fn little_is_enough_and_the_rest_has_its_defaults() {
        let config = Config::from_map(&with(&[])).unwrap();
        assert_eq!(config.database.url(), "sqlite://souk.db");
        assert_eq!(config.web.listen.to_string(), "127.0.0.1:8080");
        assert_eq!(config.telegram.api_url.as_str(), "https://api.telegram.org/");
        assert_eq!(config.people.owners.iter().map(|id| id.0).collect::<Vec<_>>(), [11, 22]);
        assert_eq!(config.secret_key.expose_secret()[..3], [0, 1, 2]);
        assert_eq!((config.log.format, config.log.dir), (LogFormat::Text, None));
        let hex = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
        let again = Config::from_map(&with(&[("SECRET_KEY", &hex.to_uppercase())])).unwrap();
        assert_eq!(again.secret_key.expose_secret(), config.secret_key.expose_secret());
        assert!(Config::from_map(&with(&[("SECRET_KEY", &hex.replace("00", "+0"))])).is_err());
    }

    #[test]
    fn every_mistake_is_said_at_once_and_no_secret_with_it() {
        let source = with(&[
            ("TELEGRAM_BOT_TOKEN", "hunter2"),
            ("DATABASE_URL", "mysql://root:hunter2@db"),
            ("ADMIN_CHAT_ID", "11"),
            ("OWNER_IDS", "-5"),
            ("SECRET_KEY", "hunter2"),
            ("TELEGRAM_WEBHOOK_SECRET", "hunter2"),
            ("LISTEN_ADDR", "here"),
            ("LOG_FORMAT", "xml"),
        ]);
        let said = Config::from_map(&source).unwrap_err().to_string();
        for name in [
            "TELEGRAM_BOT_TOKEN",
            "DATABASE_URL",
            "ADMIN_CHAT_ID",
            "OWNER_IDS",
            "SECRET_KEY",
            "TELEGRAM_WEBHOOK_SECRET",
            "PUBLIC_URL",
            "LISTEN_ADDR",
            "LOG_FORMAT",
        ] {
            assert!(said.contains(&format!("  {name}: ")), "{name} in {said}");
        }
        assert!(said.contains("9 mistakes"), "{said}");
        assert!(!said.contains("hunter2"), "{said}");
    }

    #[test]
    fn a_printed_config_shows_no_secret() {
        let shown = format!("{:?}", Config::from_map(&with(&[("DATABASE_URL", "postgres://u:hunter2@h/d")])).unwrap());
        assert!(!shown.contains("hunter2") && !shown.contains("AAAAAAAA") && !shown.contains("[0, 1, 2"), "{shown}");
    }

    #[test]
    fn the_database_alone_needs_no_token() {
        let (database, _) = Config::database_only_from(&|_| None).unwrap();
        assert_eq!(database.url(), "sqlite://souk.db");
        let mistakes = Config::database_only_from(&|name| (name == "DATABASE_URL").then(|| "x".to_owned())).unwrap_err();
        assert_eq!(mistakes.0.len(), 1);
    }
}
