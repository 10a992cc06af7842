//! Taking a backup: source, compression, seal, a look at what was written, and only then its name.
use super::envelope::{Header, Opener, Sealer};
use super::folder::{self, Partial};
use super::postgres::{self, Tool};
use super::{BackupError, names, sqlite, tables};
use crate::base::{Fault, Time};
use crate::db::connect::{Db, DbKind};
use crate::db::seal::Seal;
use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use std::fs::File;
use std::io::{self, BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};

/// A backup that lies on the disk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Saved {
    pub path: PathBuf,
    pub bytes: u64,
    pub taken_at: Time,
}

/// What the plain bytes come from.
enum Source {
    Copy(Partial),
    Dump(Tool, Box<str>),
}

/// Takes a backup of the database into the folder, which is made when it is absent. The shop may write meanwhile.
pub async fn save(db: &Db, seal: &Seal, folder: &Path, now: Time) -> Result<Saved, BackupError> {
    let mut header = Header::new(db.kind(), seal, now);
    header.schema = applied(db).await?;
    if header.schema.is_empty() {
        return Err(BackupError::NothingThere);
    }
    folder::prepare(folder, now)?;
    let source = match db.kind() {
        DbKind::Sqlite => Source::Copy(sqlite::copy(db, seal, now).await?),
        DbKind::Postgres => {
            let server = postgres::server(db).await?;
            let tool = postgres::find("pg_dump", server)?;
            (header.server, header.tool) = (Some(server), Some(tool.major));
            Source::Dump(tool, db.inner.url.clone())
        }
    };
    let (seal, folder) = (seal.clone(), folder.to_owned());
    let work = move || write(&source, &seal, &header, &folder);
    tokio::task::spawn_blocking(work).await.map_err(|error| Fault::new(error).context("making a backup"))?
}

/// The migrations that the database has; none when nobody migrated it.
async fn applied(db: &Db) -> Result<Vec<String>, Fault> {
    if !tables(db).await?.iter().any(|table| table == "seaql_migrations") {
        return Ok(Vec::new());
    }
    names(db.read(), "SELECT version AS v FROM seaql_migrations ORDER BY version").await
}

fn write(source: &Source, seal: &Seal, header: &Header, folder: &Path) -> Result<Saved, BackupError> {
    let broken = |error| BackupError::of_io(error, "writing the backup");
    let (partial, file) = Partial::create(folder, seal, header.taken_at)?;
    let sealer = Sealer::begin(BufWriter::new(file), seal, header).map_err(broken)?;
    let mut packed = GzEncoder::new(sealer, Compression::default());
    match source {
        Source::Copy(copy) => {
            let mut plain = File::open(copy.path()).map_err(|error| BackupError::File(copy.path().to_owned(), error))?;
            io::copy(&mut plain, &mut packed).map_err(broken)?;
        }
        Source::Dump(tool, url) => postgres::dump(tool, url, &mut packed)?,
    }
    let mut file = packed.finish().and_then(Sealer::finish).map_err(broken)?;
    file.flush().map_err(broken)?;
    drop(file);
    unpack(partial.path(), seal, &mut io::sink())?;
    let path = folder.join(folder::name(seal, header.taken_at));
    let bytes = std::fs::metadata(partial.path()).map_err(broken)?.len();
    partial.become_file(&path).map_err(broken)?;
    Ok(Saved { path, bytes, taken_at: header.taken_at })
}

/// The plain bytes of a backup, to their end.
pub(super) fn unpack(path: &Path, seal: &Seal, sink: &mut impl Write) -> Result<Header, BackupError> {
    let (header, opener) = open(path, seal)?;
    let mut plain = GzDecoder::new(opener);
    io::copy(&mut plain, sink).map_err(|error| BackupError::of_io(error, "unpacking the backup"))?;
    to_the_end(plain.into_inner())?;
    Ok(header)
}

/// What was packed may end before what was sealed does: the last chunk must be there all the same.
pub(super) fn to_the_end(mut opener: Opener<BufReader<File>>) -> Result<(), BackupError> {
    io::copy(&mut opener, &mut io::sink()).map_err(|error| BackupError::of_io(error, "reading the backup to its end")).map(drop)
}

pub(super) fn open(path: &Path, seal: &Seal) -> Result<(Header, Opener<BufReader<File>>), BackupError> {
    let unread = |error| BackupError::File(path.to_owned(), error);
    let file = File::open(path).map_err(unread)?;
    let length = file.metadata().map_err(unread)?.len();
    Opener::begin(BufReader::new(file), length, seal).map_err(|error| BackupError::of_io(error, "reading the backup's head"))
}
