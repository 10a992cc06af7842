//! What a receipt's text says was paid, against what is due. Nobody reads the picture itself: that is the reviewer's.
use super::receipt::ReceiptKind;
use super::rules::plain;
use crate::base::{Asset, Coin, Money, Named, amounts_in};

/// A caption that is a plain number is an amount when it is as round as that, and no longer than so many digits.
const ROUND: i64 = 1_000;
const ROUND_DIGITS: std::ops::RangeInclusive<usize> = 4..=9;
/// Rial to a Toman.
const RIALS: i64 = 10;

/// The amount that the text names in place of what is due; `None` when it names none, or names what is due too: the
/// message of a bank holds a balance as well.
pub fn other_amount(kind: ReceiptKind, text: &str, due: Money) -> Option<Money> {
    if names_due(kind, text, due) {
        return None;
    }
    let named = named(kind, text, due);
    let first = named.first()?;
    let whole = if first.coin == Coin::Rial { first.amount / RIALS } else { first.amount };
    Some(Money::new(whole.checked_mul(10_i64.pow(due.asset.exponent()))?, due.asset))
}

/// Does the text name what is due?
pub(super) fn names_due(kind: ReceiptKind, text: &str, due: Money) -> bool {
    named(kind, text, due).into_iter().any(|named| is_due(named, due))
}

fn named(kind: ReceiptKind, text: &str, due: Money) -> Vec<Named> {
    let mut named = amounts_in(text);
    named.extend(round_caption(kind, text));
    named.retain(|named| due.asset == Asset::Irt || named.coin == Coin::Unsaid);
    named
}

/// A picture with nothing but a round number under it. A number that is sent alone is one of a transfer.
fn round_caption(kind: ReceiptKind, text: &str) -> Option<Named> {
    let alone = plain(text);
    let is_number = alone.bytes().all(|byte| byte.is_ascii_digit()) && ROUND_DIGITS.contains(&alone.len());
    let amount: i64 = Some(alone).filter(|_| is_number && kind != ReceiptKind::Text)?.parse().ok()?;
    (amount % ROUND == 0 && amount > 0).then_some(Named { amount, coin: Coin::Unsaid })
}

/// Banks of Iran count in Rial and do not always say so.
fn is_due(named: Named, due: Money) -> bool {
    let toman = || named.amount.checked_mul(10_i64.pow(due.asset.exponent())) == Some(due.minor);
    let rial = || due.asset == Asset::Irt && due.minor.checked_mul(RIALS) == Some(named.amount);
    match named.coin {
        Coin::Toman => toman(),
        Coin::Rial => rial(),
        Coin::Unsaid => toman() || rial(),
    }
}

#[cfg(test)]
mod tests {
    use super::other_amount;
    use crate::base::{Asset, Money};
    use crate::shop::payments::ReceiptKind::{Photo, Text};

    #[test]
    fn a_text_that_names_another_amount_is_found_out() {
        let due = Money::new(120_562, Asset::Irt);
        for (kind, text, other) in [
            (Photo, "paid 120,562 toman", None),
            (Photo, "paid 100,000 toman", Some(100_000)),
            (Photo, "۱۰۰ هزار تومان", Some(100_000)),
            (Photo, "50k", Some(50_000)),
            (Photo, "1,205,620 ریال", None),
            (Photo, "1,205,620", None),
            (Photo, "۱٬۰۰۰٬۰۰۰ ریال", Some(100_000)),
            (Photo, "برداشت 1,205,620 مانده 9,000,000", None),
            (Photo, "120000", Some(120_000)),
            (Photo, "۱۲۰۰۰۰", Some(120_000)),
            (Photo, "123456", None),
            (Photo, "paid, thanks 😀", None),
            (Text, "120000", None),
            (Text, "987654321000", None),
            (Text, "پیگیری ۱۲۳۴۵۶ مبلغ ۱۰۰ هزار", Some(100_000)),
            (Text, "123456 29/08/1405", None),
        ] {
            let other = other.map(|minor| Money::new(minor, Asset::Irt));
            assert_eq!(other_amount(kind, text, due), other, "{text}");
        }
    }

    #[test]
    fn other_assets_are_compared_without_words_of_toman() {
        let due = Money::new(150_000, Asset::Usd);
        assert_eq!(other_amount(Photo, "1,500", due), None);
        assert_eq!(other_amount(Photo, "1,200", due), Some(Money::new(120_000, Asset::Usd)));
        assert_eq!(other_amount(Photo, "1,200 toman", due), None);
    }
}
