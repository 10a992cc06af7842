//! PostgreSQL: its own tools, `pg_dump` and `pg_restore`, in the archive form that both share.
//!
//! They are told everything about the server by their environment: a command line may be read by anybody on the machine.
use super::BackupError;
use crate::base::Fault;
use crate::db::connect::{Db, DbKind};
use crate::db::postgres::{Address, SYSTEM};
use crate::db::query::scalar;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use url::Url;

/// Where Debian and Red Hat keep the tools of each version.
const HOMES: [(&str, &str); 2] = [("/usr/lib/postgresql", ""), ("/usr", "pgsql-")];

/// Where Debian's package ca-certificates keeps the public authorities.
const AUTHORITIES: &str = "/etc/ssl/certs/ca-certificates.crt";

/// A program of PostgreSQL's and its major version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tool {
    pub path: PathBuf,
    pub major: i64,
}

/// Which major version the server is.
pub(super) async fn server(db: &Db) -> Result<i64, Fault> {
    let sql = "SELECT CAST(current_setting('server_version_num') AS BIGINT) / 10000 AS v";
    scalar(db.read(), sql, vec![]).await?.ok_or_else(|| Fault::new("the server does not say its version"))
}

/// Whether backups can be made and restored here; says with what. SQLite needs nothing.
pub async fn tools(db: &Db) -> Result<Vec<Tool>, BackupError> {
    if db.kind() == DbKind::Sqlite {
        return Ok(Vec::new());
    }
    let server = server(db).await?;
    Ok(vec![find("pg_dump", server)?, find("pg_restore", server)?])
}

/// The tool that is new enough, and no newer than it must be: an archive needs a `pg_restore` as new as its `pg_dump`.
pub(super) fn find(program: &str, least: i64) -> Result<Tool, BackupError> {
    let mut found: Vec<Tool> = candidates(program).filter_map(|path| version(&path).map(|major| Tool { path, major })).collect();
    found.sort_by_key(|tool| tool.major);
    choose(program, found, least)
}

fn choose(program: &str, found: Vec<Tool>, least: i64) -> Result<Tool, BackupError> {
    let newest = found.last().map(|tool| tool.major);
    let fit = found.into_iter().find(|tool| tool.major >= least);
    fit.ok_or_else(|| {
        BackupError::Tool(match newest {
            Some(newest) => format!(
                "{program} is of PostgreSQL {newest}, and {least} is needed: an older one cannot read what a newer server writes. \
                 Install the package postgresql-client-{least}"
            ),
            None => format!("{program} is not installed. Install the package postgresql-client (version {least} or newer)"),
        })
    })
}

fn candidates(program: &str) -> impl Iterator<Item = PathBuf> {
    let homes = HOMES.iter().flat_map(move |(home, begin)| {
        let entries = std::fs::read_dir(home).into_iter().flatten().flatten();
        let versions = entries.filter(move |entry| {
            let name = entry.file_name();
            let number = name.to_str().and_then(|name| name.strip_prefix(begin));
            number.is_some_and(|number| number.starts_with(|letter: char| letter.is_ascii_digit()))
        });
        versions.map(|entry| entry.path().join("bin"))
    });
    let named = program.to_owned();
    // Without a slash it is looked for on the PATH.
    homes.map(move |folder| folder.join(&named)).chain([PathBuf::from(program)])
}

fn version(path: &Path) -> Option<i64> {
    let told = Command::new(path).arg("--version").stdin(Stdio::null()).output().ok()?;
    major(&String::from_utf8_lossy(&told.stdout))
}

/// `pg_dump (PostgreSQL) 15.14 (Debian 15.14-0+deb12u1)` is 15.
fn major(told: &str) -> Option<i64> {
    let number = told.split_once("(PostgreSQL) ")?.1;
    let digits: String = number.chars().take_while(char::is_ascii_digit).collect();
    digits.parse().ok()
}

/// What libpq must know to reach the server that the URL names, as variables of its environment.
pub(super) fn environment(url: &str) -> Result<Vec<(&'static str, String)>, BackupError> {
    // The URL is read as the shop's own connections read it.
    let address = Address::of(url)?;
    let config = address.config();
    let (host, port) = address.host();
    let mut out = vec![
        ("PGHOST", host),
        ("PGPORT", port.to_string()),
        ("PGAPPNAME", "souk backup".to_owned()),
        ("PGCONNECT_TIMEOUT", "10".to_owned()),
    ];
    out.extend(config.get_user().map(|user| ("PGUSER", user.to_owned())));
    out.extend(config.get_dbname().or(config.get_user()).map(|database| ("PGDATABASE", database.to_owned())));
    out.extend(config.get_options().map(|options| ("PGOPTIONS", options.to_owned())));
    out.extend(config.get_password().map(|password| ("PGPASSWORD", String::from_utf8_lossy(password).into_owned())));
    let plain = Url::parse(url).map_err(Fault::new)?;
    for (key, value) in plain.query_pairs() {
        let name = match key.as_ref() {
            "sslmode" | "ssl-mode" => "PGSSLMODE",
            "sslrootcert" | "ssl-root-cert" | "ssl-ca" => "PGSSLROOTCERT",
            "sslcert" | "ssl-cert" => "PGSSLCERT",
            "sslkey" | "ssl-key" => "PGSSLKEY",
            _ => continue,
        };
        out.push((name, value.into_owned()));
    }
    let is = |wanted: &str, value: &str| out.iter().any(|(name, known)| *name == wanted && known.starts_with(value));
    if is("PGSSLROOTCERT", SYSTEM) && !is("PGSSLMODE", "") {
        out.push(("PGSSLMODE", "verify-full".to_owned()));
    }
    if out.iter().any(|(name, value)| *name == "PGSSLMODE" && value.starts_with("verify")) {
        trust_the_public_authorities(&mut out);
    }
    Ok(out)
}

/// The shop's own connections trust the public authorities when the URL names no other. libpq would look for a file in
/// somebody's home; it knows `system` since version 16, and with `verify-full` alone, so Debian's list is named where it lies.
fn trust_the_public_authorities(out: &mut Vec<(&'static str, String)>) {
    let named = out.iter().position(|(name, _)| *name == "PGSSLROOTCERT");
    if named.is_some_and(|at| out[at].1 != SYSTEM) {
        return;
    }
    if let Some(at) = named {
        out.swap_remove(at);
    }
    let list = if Path::new(AUTHORITIES).exists() { AUTHORITIES } else { SYSTEM };
    out.push(("PGSSLROOTCERT", list.to_owned()));
}

/// Runs `pg_dump`, which reads one moment of the database, into `sink`.
pub(super) fn dump(tool: &Tool, url: &str, sink: &mut impl Write) -> Result<(), BackupError> {
    let mut command = Command::new(&tool.path);
    // What belongs to the server and not to the shop (owners, rights) stays there.
    command.args(["--format=custom", "--compress=0", "--no-owner", "--no-privileges", "--no-comments"]);
    command.args(["--no-publications", "--no-subscriptions", "--no-password"]);
    command.stdin(Stdio::null()).stdout(Stdio::piped());
    let mut running = Running::start(command, url)?;
    let mut output = running.child.stdout.take().ok_or_else(|| Fault::new("pg_dump has no output"))?;
    let read = io::copy(&mut output, sink);
    if read.is_err() {
        running.stop();
    }
    drop(output);
    let ended = running.end("pg_dump");
    read.map_err(|error| BackupError::of_io(error, "writing what pg_dump tells"))?;
    ended
}

/// Feeds an archive to `pg_restore`: all of it happens, or nothing.
pub(super) fn load(tool: &Tool, url: &str, source: &mut impl Read) -> Result<(), BackupError> {
    let environment = environment(url)?;
    let database = environment.iter().find(|(name, _)| *name == "PGDATABASE").map(|(_, value)| value.clone()).unwrap_or_default();
    let mut command = Command::new(&tool.path);
    command.args(["--single-transaction", "--exit-on-error", "--no-owner", "--no-privileges", "--no-password"]);
    command.arg(format!("--dbname={database}"));
    command.stdin(Stdio::piped()).stdout(Stdio::null());
    let mut running = Running::start(command, url)?;
    let mut input = running.child.stdin.take().ok_or_else(|| Fault::new("pg_restore takes no input"))?;
    let fed = io::copy(source, &mut input);
    if fed.is_err() {
        // An archive that merely ends would be half a restore: it must be killed, so that its transaction is undone.
        running.stop();
    }
    drop(input);
    match (running.end("pg_restore"), fed) {
        (_, Err(error)) if is_unreadable(&error) => Err(BackupError::of_io(error, "reading the backup")),
        // It closed its input because it had failed: its own words say why.
        (Err(why), _) => Err(why),
        (Ok(()), Err(error)) => Err(BackupError::of_io(error, "feeding pg_restore")),
        (Ok(()), Ok(_)) => Ok(()),
    }
}

/// It was the backup that failed, and not the tool.
fn is_unreadable(error: &io::Error) -> bool {
    matches!(error.get_ref(), Some(inner) if inner.is::<super::Unreadable>())
}

/// A tool at work. What it says of its troubles is read beside, so that it never waits for us.
struct Running {
    child: Child,
    said: Option<std::thread::JoinHandle<String>>,
}

impl Running {
    fn start(mut command: Command, url: &str) -> Result<Self, BackupError> {
        command.envs(environment(url)?).env("LC_MESSAGES", "C").stderr(Stdio::piped());
        let mut child = command.spawn().map_err(|error| Fault::from(error).context("starting PostgreSQL's tool"))?;
        let troubles = child.stderr.take();
        let said = std::thread::spawn(move || {
            let mut said = Vec::new();
            if let Some(mut troubles) = troubles {
                drop(troubles.by_ref().take(64 * 1024).read_to_end(&mut said));
                drop(io::copy(&mut troubles, &mut io::sink()));
            }
            String::from_utf8_lossy(&said).into_owned()
        });
        Ok(Self { child, said: Some(said) })
    }

    fn stop(&mut self) {
        drop(self.child.kill());
    }

    fn end(mut self, program: &str) -> Result<(), BackupError> {
        let status = self.child.wait().map_err(Fault::from)?;
        let said = self.said.take().and_then(|said| said.join().ok()).unwrap_or_default();
        if status.success() {
            return Ok(());
        }
        let said = said.split_whitespace().collect::<Vec<_>>().join(" ");
        Err(BackupError::Tool(format!("{program} failed ({status}): {said}")))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // One that has ended already does not mind.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

#[cfg(test)]
mod tests {
    use super::{Tool, choose, environment, major};

    #[test]
    fn the_server_is_told_by_the_environment_alone() {
        let told = environment("postgres://so%40uk:p%40ss+w%3Ard%25@db.example:6432/books?sslmode=require").unwrap();
        let value = |name: &str| told.iter().find(|(known, _)| *known == name).map(|(_, value)| value.as_str());
        assert_eq!(value("PGHOST"), Some("db.example"));
        assert_eq!(value("PGPORT"), Some("6432"));
        assert_eq!(value("PGUSER"), Some("so@uk"));
        assert_eq!(value("PGDATABASE"), Some("books"));
        assert_eq!(value("PGPASSWORD"), Some("p@ss+w:rd%"));
        assert_eq!(value("PGSSLMODE"), Some("require"));
        assert_eq!(value("PGSSLROOTCERT"), None);
        let socket = environment("postgres:///books?host=/run/postgresql&user=souk").unwrap();
        assert!(socket.contains(&("PGHOST", "/run/postgresql".to_owned())), "{socket:?}");
    }

    #[test]
    fn the_tools_trust_whom_the_shop_trusts() {
        let public = if std::path::Path::new(super::AUTHORITIES).exists() { super::AUTHORITIES } else { super::SYSTEM };
        for (wishes, named) in [
            ("sslmode=require", None),
            ("sslmode=verify-full", Some(public)),
            ("sslmode=verify-ca", Some(public)),
            ("sslrootcert=system", Some(public)),
        ] {
            let told = environment(&format!("postgres://db.example/books?{wishes}")).unwrap();
            let files: Vec<&str> =
                told.iter().filter(|(name, _)| *name == "PGSSLROOTCERT").map(|(_, file)| file.as_str()).collect();
            assert_eq!(files, named.into_iter().collect::<Vec<_>>(), "{wishes}");
            assert!(told.iter().any(|(name, _)| *name == "PGSSLMODE"), "{wishes}");
        }
    }

    #[test]
    fn the_tool_is_as_new_as_the_server_and_no_newer_than_it_must_be() {
        let tools = |majors: &[i64]| majors.iter().map(|major| Tool { path: major.to_string().into(), major: *major }).collect();
        assert_eq!(choose("pg_dump", tools(&[13, 15, 17]), 15).unwrap().major, 15);
        assert_eq!(choose("pg_dump", tools(&[13, 17]), 15).unwrap().major, 17);
        let old = choose("pg_dump", tools(&[13, 15]), 17).unwrap_err().to_string();
        assert!(old.contains("PostgreSQL 15") && old.contains("postgresql-client-17"), "{old}");
        let none = choose("pg_dump", tools(&[]), 17).unwrap_err().to_string();
        assert!(none.contains("not installed"), "{none}");
    }

    #[test]
    fn versions_are_read_as_the_tools_say_them() {
        assert_eq!(major("pg_dump (PostgreSQL) 15.14 (Debian 15.14-0+deb12u1)\n"), Some(15));
        assert_eq!(major("pg_restore (PostgreSQL) 18beta1\n"), Some(18));
        assert_eq!(major("something else"), None);
    }
}
