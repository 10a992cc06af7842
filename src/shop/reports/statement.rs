//! An account's statement as a file: what stood on it, every movement with its order and the balance after it, what stands on it.
//!
//! Always: it is given out only when the opening balance and the lines lead to the closing balance that the ledger has for that
//! moment. It serves whoever may see the account (the caller proves that): the owner of a wallet, an agent, an admin.
use super::file::{Cell, Draft, Field, Look, Made, Table};
use crate::base::texts::args;
use crate::base::{Fault, Money, Time};
use crate::db::Db;
use crate::shop::ledger::{self, Account, After, Ends, Line};

/// Lines in memory at a time.
const PAGE: u32 = 1_000;
/// A transfer that commits while the lines are read makes them differ from the sum; the next look finds it.
const LOOKS: u32 = 3;

/// Whose statement, and of which time: `from` until just before `to`, and not beyond the moment of the look's voice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    pub account: Account,
    pub from: Time,
    pub to: Time,
    /// The first line of a workbook: whose account it is, in the reader's words.
    pub title: String,
}

/// Writes the statement.
pub async fn statement(db: &Db, asked: &Asked, look: &Look) -> Result<Made, Fault> {
    let to = asked.to.min(look.voice.now.after(1)).max(asked.from);
    let mut differs = Fault::new("a statement was not looked at");
    for _ in 0..LOOKS {
        let ends = ledger::ends(db.read_long(), &asked.account, asked.from, to).await?;
        let draft = Draft::begin(look.clone());
        let written = write(db, asked, (to, ends), (look, &draft)).await;
        let reached = written.as_ref().ok().copied();
        let made = draft.finish(written.map(drop)).await?;
        if reached == Some(ends.closing) {
            return Ok(made);
        }
        differs =
            Fault::new(format!("the statement of {} leads to {reached:?}, the ledger has {:?}", asked.account, ends.closing));
    }
    Err(differs)
}

/// The balance to which the lines lead.
async fn write(db: &Db, asked: &Asked, (to, ends): (Time, Ends), (look, draft): (&Look, &Draft)) -> Result<Money, Fault> {
    draft.table(table(asked, to, look)).await?;
    draft.rows(vec![end(look, asked.from, ("statement-opening", ends.opening))]).await?;
    let (mut balance, mut after) = (ends.opening, After::default());
    loop {
        let (lines, reached) = ledger::lines(db.read_long(), &asked.account, (asked.from, to), (after, balance), PAGE).await?;
        let Some(last) = lines.last() else { break };
        (balance, after) = (last.balance, reached);
        draft.rows(lines.into_iter().map(|line| movement(look, line)).collect()).await?;
    }
    draft.rows(vec![end(look, to.after(-1), ("statement-closing", balance))]).await?;
    Ok(balance)
}

fn table(asked: &Asked, to: Time, look: &Look) -> Table {
    let (voice, asset) = (&look.voice, asked.account.asset);
    let span = voice.label("statement-span", &args!["from" => voice.date(asked.from), "to" => voice.date(to.after(-1))]);
    Table {
        name: voice.t("statement-sheet").to_owned(),
        heading: vec![asked.title.clone(), span],
        fields: vec![
            Field::moment(voice.t("report-field-at")),
            Field::text(voice.t("statement-what"), 18),
            Field::text(voice.t("statement-about"), 14),
            Field::text(voice.t("report-field-reason"), 28),
            Field::money(voice.t("statement-in"), asset).summed(),
            Field::money(voice.t("statement-out"), asset).summed(),
            Field::money(voice.t("statement-balance"), asset),
        ],
    }
}

fn end(look: &Look, at: Time, (key, balance): (&'static str, Money)) -> Vec<Cell> {
    let mut row = vec![at.into(), Cell::from(look.voice.t(key))];
    row.extend([const { Cell::Empty }; 4]);
    row.push(Cell::Number(balance.minor));
    row
}

fn movement(look: &Look, line: Line) -> Vec<Cell> {
    let what = kind_key(&line.kind).map_or_else(|| Cell::Text(line.kind.clone()), |key| look.voice.t(key).into());
    let about = line.about.split_once(':').map_or(line.about.as_str(), |(_, id)| id).to_owned();
    let amount = line.amount.minor;
    let (came, went) = if amount >= 0 { (Cell::Number(amount), Cell::Empty) } else { (Cell::Empty, Cell::Number(-amount)) };
    vec![line.at.into(), what, about.into(), line.reason.into(), came, went, Cell::Number(line.balance.minor)]
}

/// The words for what moved; what the shop has no word for shows its code.
fn kind_key(kind: &str) -> Option<&'static str> {
    Some(match kind {
        "topup" => "statement-topup",
        "sale" => "statement-sale",
        "refund" => "statement-refund",
        "settlement" => "statement-settlement",
        // By an admin's hand.
        "correction" | "credit" | "debit" => "statement-correction",
        "reversal" => "statement-reversal",
        _ => return None,
    })
}
