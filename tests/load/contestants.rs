//! Who is measured: the shop on each database, and two bare bots.
use crate::process::Bot;
use crate::shop::{EXAMPLE, Place};
use crate::world::{TOKEN, World};
use anyhow::Context;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use tokio::process::Command;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Who {
    Teloxide,
    Aiogram,
    Sqlite,
    Postgres,
}

impl Who {
    pub const fn name(self) -> &'static str {
        match self {
            Self::Teloxide => "teloxide echo",
            Self::Aiogram => "aiogram echo",
            Self::Sqlite => "souk, SQLite",
            Self::Postgres => "souk, PostgreSQL",
        }
    }

    pub const fn is_shop(self) -> bool {
        matches!(self, Self::Sqlite | Self::Postgres)
    }
}

/// What is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Words, said back by a bare bot.
    Echo,
    /// `/start` of somebody known: home.
    Start,
    /// Taps that show the list of places and the list of plans, in turn.
    Menus,
    /// From the first /start to the approval of the receipt: ten updates.
    Purchase,
}

impl Kind {
    pub const fn name(self) -> &'static str {
        match self {
            Self::Echo => "echo",
            Self::Start => "/start",
            Self::Menus => "menus",
            Self::Purchase => "purchase",
        }
    }
}

/// Where the programs are.
pub struct Programs {
    pub souk: PathBuf,
    pub echo: PathBuf,
    /// The Python of a venv with aiogram, if there is one.
    pub python: Option<PathBuf>,
}

pub const ADMINS: [i64; 8] = [1001, 1002, 1003, 1004, 1005, 1006, 1007, 1008];

/// A world with a bot in it.
pub struct Stage {
    pub who: Who,
    pub world: World,
    pub place: Option<Place>,
    pub folder: PathBuf,
}

impl Stage {
    /// A fresh world; for a shop, a furnished database too.
    pub async fn set(who: Who, programs: &Programs, folder: &Path, database: &str) -> anyhow::Result<Self> {
        std::fs::create_dir_all(folder)?;
        let world = World::start(&programs.souk, folder).await?;
        world.settings(serde_json::json!({ "calls_keep": 0 })).await?;
        if who.is_shop() {
            // A bare bot need not hear of a group.
            world.add_group(&ADMINS).await?;
            for admin in ADMINS {
                world.add_person(admin, "en").await?;
            }
        }
        let place = who.is_shop().then(|| Place::new(&programs.souk, folder, database, &world, &ADMINS));
        if let Some(place) = &place {
            place.ends_well(&["migrate"]).await?;
            place.furnish(EXAMPLE).await?;
        }
        Ok(Self { who, world, place, folder: folder.to_owned() })
    }

    pub fn open(&self, programs: &Programs) -> anyhow::Result<Bot> {
        if let Some(place) = &self.place {
            return Bot::new(place.open("shop.log")?);
        }
        let mut command = match self.who {
            Who::Aiogram => {
                let mut command = Command::new(programs.python.as_ref().context("there is no Python with aiogram")?);
                command.arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/load/echo_aiogram.py"));
                command
            }
            _ => Command::new(&programs.echo),
        };
        let child = command
            .args([&self.world.telegram, TOKEN])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(std::fs::File::create(self.folder.join("bot.log"))?)
            .kill_on_drop(true)
            .spawn()?;
        Bot::new(child)
    }
}
