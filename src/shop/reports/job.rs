//! The payloads of files, asked for in the chat and made by the clock's workers: a report's, and a statement's.
use super::file::Form;
use super::sheets::Sheet;
use super::span::Span;
use crate::base::{ChatId, Lang, PersonId, Time};
use crate::queue::jobs::Payload;
use serde::{Deserialize, Serialize};

/// A workbook, or one sheet as a CSV, wanted in a chat. What it holds ends at `asked_at`, however late it is made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReportFile {
    pub by: PersonId,
    pub span: Span,
    pub asked_at: Time,
    pub form: Form,
    /// Of a CSV.
    pub sheet: Option<Sheet>,
    pub lang: Lang,
    pub chat: ChatId,
    pub thread: Option<i32>,
    /// The message that says that it is being made; it becomes the report again when the file has come.
    pub message: Option<i32>,
}

impl Payload for ReportFile {
    const KIND: &'static str = "report_file";
}

/// The statement of an agent's account, wanted in a chat: by himself, or by an admin. It ends at `asked_at`, however late it is made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StatementFile {
    pub by: PersonId,
    pub agent: PersonId,
    pub span: Span,
    pub asked_at: Time,
    pub form: Form,
    pub lang: Lang,
    pub chat: ChatId,
    pub thread: Option<i32>,
    /// The message that says that it is being made; it becomes the statement again when the file has come.
    pub message: Option<i32>,
}

impl Payload for StatementFile {
    const KIND: &'static str = "statement_file";
}
