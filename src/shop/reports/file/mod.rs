//! Files of rows: what is read from the database page by page goes to a thread that writes a workbook or a CSV, a row at a time,
//! into a temporary file.
//!
//! Always: at most a few pages are in memory, however many rows there are; a file whose rows did not all come is thrown away.
//! It does not know what the rows mean.
mod book;
mod cell;
mod csv;

pub use cell::{Cell, Field, Table};

use crate::base::Fault;
use crate::base::format::Voice;
use book::Book;
use csv::Csv;
use serde::{Deserialize, Serialize};
use std::path::Path;
use tempfile::NamedTempFile;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

/// Pages that wait for the writer.
const WAITING: usize = 2;

/// What kind of file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Form {
    Workbook,
    Csv,
}

impl Form {
    const fn ending(self) -> &'static str {
        match self {
            Self::Workbook => "xlsx",
            Self::Csv => "csv",
        }
    }
}

/// How a file is written, and in whose words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Look {
    pub form: Form,
    pub voice: Voice,
    /// The file's name without its ending, in ASCII.
    pub name: String,
}

/// A finished file; it is gone from the disk when this is dropped.
#[derive(Debug)]
pub struct Made {
    pub name: String,
    pub bytes: u64,
    file: NamedTempFile,
}

impl Made {
    /// The whole of it.
    pub fn read(&self) -> Result<Vec<u8>, Fault> {
        std::fs::read(self.file.path()).map_err(|error| Fault::from(error).context("reading a file that was just written"))
    }
}

/// What the writer is told.
enum Piece {
    Table(Table),
    Rows(Vec<Vec<Cell>>),
    End,
}

/// A file that is being written.
pub struct Draft {
    pieces: mpsc::Sender<Piece>,
    writer: JoinHandle<Result<Option<Made>, Fault>>,
}

impl Draft {
    pub fn begin(look: Look) -> Self {
        let (pieces, told) = mpsc::channel(WAITING);
        Self { pieces, writer: tokio::task::spawn_blocking(move || write(&look, told)) }
    }

    /// What follows are rows of this table.
    pub async fn table(&self, table: Table) -> Result<(), Fault> {
        self.tell(Piece::Table(table)).await
    }

    pub async fn rows(&self, rows: Vec<Vec<Cell>>) -> Result<(), Fault> {
        if rows.is_empty() { Ok(()) } else { self.tell(Piece::Rows(rows)).await }
    }

    async fn tell(&self, piece: Piece) -> Result<(), Fault> {
        self.pieces.send(piece).await.map_err(|_| Fault::new("the writer of a file stopped"))
    }

    /// Closes the file, when all its rows were `read`. What stopped the writer is told before what that stopped.
    pub async fn finish(self, read: Result<(), Fault>) -> Result<Made, Fault> {
        if read.is_ok() {
            drop(self.pieces.send(Piece::End).await);
        }
        drop(self.pieces);
        let made = self.writer.await.map_err(|error| Fault::new(format!("the writer of a file failed: {error}")))??;
        read?;
        made.ok_or_else(|| Fault::new("a file was not finished"))
    }
}

/// The two kinds of writers.
enum Pen {
    Book(Box<Book>),
    Csv(Csv),
}

fn write(look: &Look, mut told: mpsc::Receiver<Piece>) -> Result<Option<Made>, Fault> {
    let file = NamedTempFile::new().map_err(|error| Fault::from(error).context("making a temporary file"))?;
    let mut pen = match look.form {
        Form::Workbook => Pen::Book(Box::new(Book::new(&look.voice))),
        Form::Csv => Pen::Csv(Csv::open(file.path(), &look.voice)?),
    };
    while let Some(piece) = told.blocking_recv() {
        match (piece, &mut pen) {
            (Piece::Table(table), Pen::Book(book)) => book.table(table)?,
            (Piece::Table(table), Pen::Csv(csv)) => csv.table(&table)?,
            (Piece::Rows(rows), Pen::Book(book)) => rows.iter().try_for_each(|row| book.row(row))?,
            (Piece::Rows(rows), Pen::Csv(csv)) => rows.iter().try_for_each(|row| csv.row(row))?,
            (Piece::End, _) => {
                save(pen, file.path())?;
                let bytes = file.path().metadata()?.len();
                return Ok(Some(Made { name: format!("{}.{}", look.name, look.form.ending()), bytes, file }));
            }
        }
    }
    Ok(None)
}

fn save(pen: Pen, path: &Path) -> Result<(), Fault> {
    match pen {
        Pen::Book(book) => book.save(path),
        Pen::Csv(csv) => csv.close(),
    }
}
