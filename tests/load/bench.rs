//! The proof of load: rounds in which the shop and two bare bots take turns, and the table of what came out.
use crate::contestants::{Kind, Programs, Stage, Who};
use crate::disk::{self, Disk, Look};
use crate::loads::{Load, Outcome};
use crate::process::Bot;
use crate::table::{self, Row};
use anyhow::Context;
use clap::Args;
use serde_json::json;
use souk::base::{Clock, Fault};
use souk::db::{Db, execute, execute_one, scalar, write_tx};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tokio::time::{Instant, sleep};

#[derive(Args)]
pub struct Plan {
    #[arg(long)]
    souk: PathBuf,
    #[arg(long)]
    echo: PathBuf,
    /// The Python of a venv with aiogram.
    #[arg(long)]
    python: Option<PathBuf>,
    #[arg(long)]
    folder: PathBuf,
    /// A PostgreSQL server with fsync on; without it, SQLite alone.
    #[arg(long)]
    postgres: Option<String>,
    #[arg(long, default_value_t = 3)]
    rounds: u32,
    /// People in the database when the time to the first reply is measured.
    #[arg(long, default_value_t = 1_000_000)]
    crowd: u64,
    /// Only these kinds, for a quick look.
    #[arg(long, value_delimiter = ',')]
    kinds: Vec<String>,
    /// Only these contestants (`teloxide`, `aiogram`, `sqlite`, `postgres`), for a quick look.
    #[arg(long, value_delimiter = ',')]
    only: Vec<String>,
    /// Where the table goes, too.
    #[arg(long)]
    out: Option<PathBuf>,
}

/// Everything that was measured of one contestant and one kind in one round.
#[derive(Debug, Clone, Default)]
pub struct Measured {
    pub loads: Vec<(Load, Outcome)>,
    pub memory_kb: u64,
}

/// Measured once, not each round.
#[derive(Debug, Clone, Default)]
pub struct Once {
    pub fsyncs: BTreeMap<&'static str, u64>,
    /// Milliseconds from the start of the process to the first reply: on an empty database, and with a crowd in it.
    pub first_reply: BTreeMap<&'static str, (u64, Option<u64>)>,
    /// How the disk did by itself, when shops were measured: the median of all looks at it.
    pub disk: Option<Look>,
}

const KINDS: [Kind; 3] = [Kind::Start, Kind::Menus, Kind::Purchase];
/// Ids are given out from here, a million for each load.
const FIRST: i64 = 10_000_000;

struct Bench {
    plan: Plan,
    programs: Programs,
    databases: u32,
    disk: Disk,
}

pub async fn run(plan: Plan) -> anyhow::Result<()> {
    let programs = Programs { souk: plan.souk.clone(), echo: plan.echo.clone(), python: plan.python.clone() };
    let disk = Disk::at(&plan.folder);
    let mut bench = Bench { plan, programs, databases: 0, disk };
    let mut once = bench.once().await?;
    let mut rounds = Vec::new();
    for number in 1..=bench.plan.rounds {
        println!("round {number}");
        let mut round = Vec::new();
        for who in bench.contestants() {
            round.extend(bench.turn(who).await.with_context(|| format!("{} in round {number}", who.name()))?);
        }
        rounds.push(round);
    }
    once.disk = disk::median(&bench.disk.looks);
    let table = table::markdown(&rounds, &once);
    println!("\n{table}");
    if let Some(out) = &bench.plan.out {
        std::fs::write(out, &table)?;
    }
    Ok(())
}

impl Bench {
    fn contestants(&self) -> Vec<Who> {
        let mut all = vec![Who::Teloxide];
        all.extend(self.programs.python.is_some().then_some(Who::Aiogram));
        all.push(Who::Sqlite);
        all.extend(self.plan.postgres.is_some().then_some(Who::Postgres));
        all.retain(|who| self.plan.only.is_empty() || self.plan.only.iter().any(|name| who.name().to_lowercase().contains(name)));
        all
    }

    /// An empty database of its own for a contestant.
    async fn database(&mut self, who: Who, folder: &Path) -> anyhow::Result<String> {
        self.databases += 1;
        match (&self.plan.postgres, who) {
            (Some(server), Who::Postgres) => {
                let name = format!("souk_bench_{}", self.databases);
                create_database(server, &name).await?;
                let (server, _) = server.rsplit_once('/').context("the server's URL has no database")?;
                Ok(format!("{server}/{name}"))
            }
            _ => Ok(format!("sqlite://{}", folder.join("souk.db").display())),
        }
    }

    async fn stage(&mut self, who: Who) -> anyhow::Result<(Stage, String)> {
        let folder = self.plan.folder.join(format!("{who:?}-{}", self.databases + 1));
        let database = self.database(who, &folder).await?;
        Ok((Stage::set(who, &self.programs, &folder, &database).await?, database))
    }

    /// One contestant's turn: all kinds and all loads.
    async fn turn(&mut self, who: Who) -> anyhow::Result<Vec<Row>> {
        let mut kinds: Vec<Kind> = if who.is_shop() { KINDS.to_vec() } else { vec![Kind::Echo] };
        let asked = &self.plan.kinds;
        kinds.retain(|kind| *kind == Kind::Echo || asked.is_empty() || asked.iter().any(|name| name == kind.name()));
        let (stage, _) = self.stage(who).await?;
        let bot = stage.open(&self.programs)?;
        // The first updates find it starting: they are nobody's measure.
        let mut first = FIRST;
        stage.play(&bot, if who.is_shop() { Kind::Start } else { Kind::Echo }, Load::AtOnce(200), first).await?;
        let mut rows = Vec::new();
        for kind in kinds {
            let mut measured = Measured::default();
            for load in Load::ALL {
                let outcome = self.load((&stage, &bot), kind, load, &mut first).await;
                let outcome = outcome.with_context(|| format!("{} {load:?}", kind.name()))?;
                println!("  {:16} {:9} {load:?}: {outcome:?}", who.name(), kind.name());
                measured.loads.push((load, outcome));
            }
            measured.memory_kb = bot.memory_peak()?;
            rows.push(Row { who, kind, measured });
        }
        bot.end().await?;
        Ok(rows)
    }

    async fn load(&mut self, place: (&Stage, &Bot), kind: Kind, load: Load, first: &mut i64) -> anyhow::Result<Outcome> {
        let mut pieces = Vec::new();
        for _ in 0..load.pieces(kind) {
            pieces.push(self.piece(place, kind, load, first).await?);
        }
        Ok(Outcome::of(&pieces))
    }

    /// A piece of a load, of people of its own; a shop's on a quiet disk, if there is one.
    async fn piece(&mut self, (stage, bot): (&Stage, &Bot), kind: Kind, load: Load, first: &mut i64) -> anyhow::Result<Outcome> {
        let mut tries = 0;
        loop {
            if stage.who.is_shop() {
                self.disk.settle().await?;
            }
            *first += 1_000_000;
            tries += 1;
            let outcome = stage.play(bot, kind, load, *first).await?;
            if !stage.who.is_shop() || load != Load::Paced || self.disk.stayed_quiet(tries).await? {
                return Ok(outcome);
            }
        }
    }

    async fn once(&mut self) -> anyhow::Result<Once> {
        let mut once = Once::default();
        for who in self.contestants() {
            let (stage, database) = self.stage(who).await?;
            // A shop's first start asks Telegram for its name, and its database is new.
            self.first_reply(&stage, FIRST).await?;
            let empty = self.first_reply(&stage, FIRST + 1).await?;
            let mut full = None;
            if who.is_shop() {
                populate(&database, self.plan.crowd).await?;
                full = Some(self.first_reply(&stage, FIRST + 2).await?);
                once.fsyncs.insert(who.name(), self.fsyncs(&stage, &database).await?);
            }
            println!(
                "  {:16} first reply after {empty} ms, with a crowd {full:?}; fsyncs {:?}",
                who.name(),
                once.fsyncs.get(who.name())
            );
            once.first_reply.insert(who.name(), (empty, full));
        }
        Ok(once)
    }

    /// Milliseconds from the start to the reply to an update that waits already; the best of three.
    async fn first_reply(&self, stage: &Stage, person: i64) -> anyhow::Result<u64> {
        let mut best = u64::MAX;
        for _ in 0..3 {
            stage.world.settings(json!({ "latency": true })).await?;
            stage.hail(person).await?;
            stage.world.settings(json!({ "latency_now": true })).await?;
            let begun = Instant::now();
            let bot = stage.open(&self.programs)?;
            while stage.report().await?.answered == 0 {
                anyhow::ensure!(begun.elapsed() < Duration::from_secs(30), "no reply within 30 s of the start");
                sleep(Duration::from_millis(2)).await;
            }
            best = best.min(stage.report().await?.max_us / 1_000);
            bot.end().await?;
        }
        Ok(best)
    }

    /// fsyncs for a thousand updates: 10,000 taps at once, after the 2,000 updates by which those who tap became known.
    async fn fsyncs(&self, stage: &Stage, database: &str) -> anyhow::Result<u64> {
        let (log, updates) = (stage.folder.join("fsyncs"), 12_000);
        let place = stage.place.as_ref().context("only a shop writes")?;
        let bot = place.open_traced("traced.log", &log).await?;
        stage.play(&bot, Kind::Menus, Load::AtOnce(200), FIRST + 10_000).await?;
        sleep(Duration::from_millis(1_500)).await;
        let (synced, since) = (postgres_syncs(database).await?, Clock::system().now().0);
        stage.play(&bot, Kind::Menus, Load::Crowd, FIRST + 20_000).await?;
        let until = Clock::system().now().0;
        sleep(Duration::from_millis(1_500)).await;
        let count = match synced {
            Some(before) => postgres_syncs(database).await?.unwrap_or(before) - before,
            None => traced(&log, since, until)?,
        };
        bot.end().await?;
        Ok(count * 1_000 / updates)
    }
}

/// How many calls the log holds between two moments.
fn traced(log: &Path, since: i64, until: i64) -> anyhow::Result<u64> {
    let text = std::fs::read_to_string(log)?;
    let times = text.lines().filter_map(|line| line.split_whitespace().nth(1)?.split_once('.'));
    let ms = times.filter_map(|(seconds, rest)| Some(seconds.parse::<i64>().ok()? * 1_000 + rest.get(..3)?.parse::<i64>().ok()?));
    Ok(u64::try_from(ms.filter(|ms| (since..=until).contains(ms)).count())?)
}

async fn postgres_syncs(database: &str) -> anyhow::Result<Option<u64>> {
    if !database.starts_with("postgres") {
        return Ok(None);
    }
    let db = Db::connect(database).await?;
    let syncs: Option<i64> = scalar(db.read(), "SELECT wal_sync AS v FROM pg_stat_wal", vec![]).await?;
    db.close().await?;
    Ok(Some(u64::try_from(syncs.context("the server keeps no count of its syncs")?)?))
}

/// An empty database on a PostgreSQL server.
pub async fn create_database(server: &str, name: &str) -> anyhow::Result<()> {
    let db = Db::connect(server).await?;
    execute_one(&db, format!("CREATE DATABASE {name}"), vec![]).await?;
    Ok(db.close().await?)
}

/// Fills the database with people.
async fn populate(database: &str, people: u64) -> anyhow::Result<()> {
    let db = Db::connect(database).await?;
    let sql = format!(
        "INSERT INTO people (id, name, username, lang, first_seen)
         WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < {people})
         SELECT 5000000000 + n, 'Person ' || n, 'person_' || n, 'fa', 1700000000000 + n FROM numbers"
    );
    let filled: Result<u64, Fault> = write_tx(&db, move |tx| {
        Box::pin(async move {
            execute(tx, &sql, vec![]).await?;
            execute(tx, "ANALYZE", vec![]).await
        })
    })
    .await;
    filled?;
    Ok(db.close().await?)
}
