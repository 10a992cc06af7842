//! The payload of a report's file, asked for in the chat and made by the clock's workers.
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
