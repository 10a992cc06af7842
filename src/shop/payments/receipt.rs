//! Receipts: what a customer sent to prove a transfer. Rows are added and never changed, but for the print.
use super::flag::{Flag, add_flags};
use super::rules::plain;
use super::twin::{near, remember_looks};
use crate::base::{Fault, PaymentId, PersonId, Time, UpdateId};
use crate::db::{self, Tx};
use sea_orm::{ConnectionTrait, FromQueryResult};
use serde::{Deserialize, Serialize};

/// What kind of thing was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReceiptKind {
    Photo,
    /// A picture sent as a file.
    Image,
    Pdf,
    /// The bank's tracking number.
    Text,
}

impl ReceiptKind {
    pub const fn code(self) -> &'static str {
        match self {
            Self::Photo => "photo",
            Self::Image => "image",
            Self::Pdf => "pdf",
            Self::Text => "text",
        }
    }

    pub(in crate::shop) fn parse(code: &str) -> Result<Self, Fault> {
        let all = [Self::Photo, Self::Image, Self::Pdf, Self::Text];
        all.into_iter().find(|kind| kind.code() == code).ok_or_else(|| Fault::new(format!("no receipt is a {code}")))
    }
}

/// A receipt that came with an update.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewReceipt {
    pub kind: ReceiptKind,
    /// Telegram's id for sending the file again.
    pub file_id: Option<String>,
    /// Telegram's id that is the same for the same file, whoever sends it (`file_unique_id`).
    pub file_key: Option<String>,
    /// The tracking number, or a picture's caption.
    pub text: Option<String>,
    /// Telegram's name for the files that were sent together with this one.
    pub album: Option<String>,
    /// The message that brought it.
    pub message: Option<i64>,
    /// The customer changed that message after it had been taken.
    pub edited: bool,
    pub update: UpdateId,
}

/// A receipt that was taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    pub id: i64,
    pub payment: PaymentId,
    pub kind: ReceiptKind,
    pub file_id: Option<String>,
    pub file_key: Option<String>,
    /// With ASCII digits and single spaces.
    pub text: Option<String>,
    pub album: Option<String>,
    /// The picture's perceptual fingerprint, once it was looked at.
    pub print: Option<i64>,
    /// Where the admins see it below the card; see [`super::Claim`].
    pub card_message: Option<i64>,
    pub at: Time,
}

impl Receipt {
    /// Is there nothing else in the new one?
    pub fn is_same_as(&self, new: &NewReceipt) -> bool {
        self.kind == new.kind && self.file_key == new.file_key && self.text == new.text.as_deref().map(plain)
    }
}

#[derive(FromQueryResult)]
struct Row {
    id: i64,
    payment: PaymentId,
    kind: String,
    file_id: Option<String>,
    file_key: Option<String>,
    text: Option<String>,
    album: Option<String>,
    print: Option<i64>,
    card_message: Option<i64>,
    at: Time,
}

impl TryFrom<Row> for Receipt {
    type Error = Fault;

    fn try_from(row: Row) -> Result<Self, Fault> {
        Ok(Self {
            id: row.id,
            payment: row.payment,
            kind: ReceiptKind::parse(&row.kind)?,
            file_id: row.file_id,
            file_key: row.file_key,
            text: row.text,
            album: row.album,
            print: row.print,
            card_message: row.card_message,
            at: row.at,
        })
    }
}

/// A payment's receipts, in the order in which they came.
pub async fn receipts(conn: &impl ConnectionTrait, payment: PaymentId) -> Result<Vec<Receipt>, Fault> {
    let sql = "SELECT id, payment, kind, file_id, file_key, text, album, print, card_message, at FROM receipts WHERE payment = $1 ORDER BY id";
    db::query::<Row>(conn, sql, vec![payment.into()]).await?.into_iter().map(Receipt::try_from).collect()
}

/// Stores a receipt. Its payment is locked, and has none of this update.
pub(super) async fn insert(tx: &Tx, payment: PaymentId, new: &NewReceipt, now: Time) -> Result<(), Fault> {
    let sql = "INSERT INTO receipts (payment, kind, file_id, file_key, text, album, message, update_id, at) \
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (update_id) DO NOTHING";
    let values = vec![
        payment.into(),
        new.kind.code().into(),
        new.file_id.clone().into(),
        new.file_key.clone().into(),
        new.text.as_deref().map(plain).into(),
        new.album.clone().into(),
        new.message.into(),
        new.update.into(),
        now.into(),
    ];
    db::submit_exactly(tx, 1, sql, values).await
}

/// Where a receipt stands in its payment: which payment, and its number there, counted from 1.
#[derive(Debug, Clone, Copy, FromQueryResult)]
pub(super) struct Standing {
    pub payment: PaymentId,
    pub number: i64,
}

/// What a payment's receipts are when one comes with this update: where it stands if it was taken before, and how many there are.
pub(super) async fn before(tx: &Tx, payment: PaymentId, update: UpdateId) -> Result<(Option<Standing>, i64), Fault> {
    #[derive(FromQueryResult)]
    struct Found {
        payment: Option<PaymentId>,
        number: i64,
        count: i64,
    }
    let sql = "SELECT r.payment, (SELECT COUNT(*) FROM receipts b WHERE b.payment = r.payment AND b.id <= r.id) AS number, \
               (SELECT COUNT(*) FROM receipts a WHERE a.payment = $1) AS count \
               FROM (SELECT 1 AS one) o LEFT JOIN receipts r ON r.update_id = $2";
    let found: Option<Found> = db::one(tx, sql, vec![payment.into(), update.into()]).await?;
    let Found { payment, number, count } = found.ok_or_else(|| Fault::new("a count of receipts has no row"))?;
    Ok((payment.map(|payment| Standing { payment, number }), count))
}

async fn standing(conn: &impl ConnectionTrait, update: UpdateId) -> Result<Option<Standing>, Fault> {
    let sql = "SELECT r.payment, (SELECT COUNT(*) FROM receipts b WHERE b.payment = r.payment AND b.id <= r.id) AS number \
               FROM receipts r WHERE r.update_id = $1";
    db::one(conn, sql, vec![update.into()]).await
}

/// The payment that took this update's receipt, if one did.
pub async fn taken_with(conn: &impl ConnectionTrait, update: UpdateId) -> Result<Option<PaymentId>, Fault> {
    Ok(standing(conn, update).await?.map(|taken| taken.payment))
}

/// This person's payment that took another file of the album.
///
/// Here and below `+ 0`: sorted after they are found, or PostgreSQL may walk all receipts in their order to find the first.
pub async fn taken_of_album(conn: &impl ConnectionTrait, person: PersonId, album: &str) -> Result<Option<PaymentId>, Fault> {
    let sql = "SELECT r.payment AS v FROM receipts r JOIN payments p ON p.id = r.payment \
               WHERE r.album = $1 AND p.person = $2 ORDER BY r.id + 0 LIMIT 1";
    db::scalar(conn, sql, vec![album.into(), person.into()]).await
}

/// What this person's message was taken as the last time, if it was taken as a receipt.
pub async fn taken_of_message(conn: &impl ConnectionTrait, person: PersonId, message: i64) -> Result<Option<Receipt>, Fault> {
    let sql = "SELECT r.id, r.payment, r.kind, r.file_id, r.file_key, r.text, r.album, r.print, r.card_message, r.at \
               FROM receipts r JOIN payments p ON p.id = r.payment \
               WHERE r.message = $1 AND p.person = $2 ORDER BY r.id + 0 DESC LIMIT 1";
    db::one::<Row>(conn, sql, vec![message.into(), person.into()]).await?.map(Receipt::try_from).transpose()
}

/// Stores the fingerprint of a receipt's picture, and warns when another payment's picture looks the same. Says whether
/// the warning is new.
pub async fn set_print(tx: &Tx, payment: PaymentId, receipt: i64, print: i64) -> Result<bool, Fault> {
    let sql = "UPDATE receipts SET print = $3 WHERE id = $1 AND payment = $2";
    db::submit(tx, sql, vec![receipt.into(), payment.into(), print.into()]).await?;
    remember_looks(tx, receipt, print).await?;
    if near(tx, (payment, &[receipt]), print).await?.is_empty() {
        return Ok(false);
    }
    add_flags(tx, payment, &[Flag::AlikePhoto]).await
}
