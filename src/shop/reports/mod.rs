//! What the shop earned and whom it met: in numbers, in files, and as a daily proof. It reads every slice and writes nothing but
//! what a job needs to be done once (that a proof or a digest was posted).
//!
//! Always: a question costs the rows of its span, which stand behind an index, and never the whole table; a file is written a page
//! at a time, so a million rows need no more memory than a thousand; a statement is given out only when its opening balance and
//! its lines lead to the closing balance that the ledger has. It decides nothing.
//!
//! What the numbers of [`Figures`] mean, for a span of time:
//! - a **sale** is an order whose price was taken in the span, one that was refunded later too; **refunds** are what the ledger
//!   gave back in the span, whenever it was sold; **net** is sales less refunds;
//! - the **method** of a sale is the one whose receipt was approved for it, else the wallet or an agent's credit; what an **agent**
//!   buys on credit for his customers is his sale, and he is the person who paid;
//! - a **new person** spoke with the bot for the first time; a **lost person** blocked it, and has not come back;
//! - the **average** is sales by people who paid at least once;
//! - **conversion** is the share of those who took a trial in the span and have paid since, up to now: it may still grow;
//! - **churn** looks at the customers of the span's beginning, people with a bought service that had not ended: it is the share
//!   of them whose bought services had all ended when the span did. Who came back by a renewal was never lost; a service that an
//!   agent has not handed over is his.
mod figures;
mod file;
mod job;
mod month;
mod proof;
mod rates;
mod resale;
mod round;
mod sheets;
mod span;
mod statement;
mod stats;

pub use figures::{By, CREDIT, Column, Figures, Share, columns, figures, shares};
pub use file::{Cell, Draft, Field, Form, Look, Made, Table};
pub use job::{ReportFile, StatementFile};
pub use month::{month, month_begins};
pub use proof::{Proof, claim, claim_day, claim_week, has_told, has_told_week, is_hour, is_told, proof, week_ended};
pub use rates::{has_turn, note_rate};
pub use resale::{Resale, Resold, resale, resold};
pub use round::{AgentsRound, round};
pub use sheets::{Sheet, export};
pub use span::{Period, Span, day_ends, day_number, typed_day};
pub use statement::{Asked, statement};
pub use stats::{CHART_DAYS, Compared, Day, Pending, Stats, compared, daily, pending, stats};
