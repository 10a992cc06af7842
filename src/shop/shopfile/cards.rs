//! How cards are written in the file, and whether a number is one.
use super::reader::Reader;
use crate::base::ascii_digits;
use crate::shop::payments::NewMethod;

/// A card that is on; one that is off is checked all the same.
pub(super) fn card(reader: &mut Reader<'_>) -> Option<NewMethod> {
    let code = reader.parsed("code");
    let alias = reader.text("alias");
    let number = reader.text("number");
    let holder = reader.text("holder");
    let (bank, note) = (reader.maybe_text("bank"), reader.maybe_text("note"));
    let daily_limit = reader.maybe_number("daily_limit", 1..=1_000_000_000_000);
    let on = reader.is_on();
    let digits: String = ascii_digits(&number).chars().filter(|c| !matches!(c, ' ' | '-')).collect();
    if !number.is_empty() && !is_card_number(&digits) {
        // The number itself is not repeated: what is printed here may end in a log.
        reader.wrong("number", "is no card number: 16 digits, of which the last checks the others; look for a mistyped one");
    }
    let card = NewMethod { code: code?, alias, number: digits.into(), holder, bank, note, daily_limit, place: 0 };
    on.then_some(card)
}

/// Sixteen digits that pass Luhn's check.
fn is_card_number(digits: &str) -> bool {
    if digits.len() != 16 || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return false;
    }
    let sum: u32 = digits
        .chars()
        .rev()
        .filter_map(|digit| digit.to_digit(10))
        .enumerate()
        .map(|(place, digit)| match (place % 2, digit * 2) {
            (0, _) => digit,
            (_, double) if double > 9 => double - 9,
            (_, double) => double,
        })
        .sum();
    sum.is_multiple_of(10) && digits.bytes().any(|b| b != b'0')
}

#[cfg(test)]
mod tests {
    use super::is_card_number;

    #[test]
    fn a_mistyped_card_number_is_found() {
        assert!(is_card_number("4242424242424242"));
        assert!(is_card_number("6037990000000006"));
        for wrong in ["", "4242424242424241", "424242424242424", "42424242424242424", "0000000000000000", "424242424242424x"] {
            assert!(!is_card_number(wrong), "{wrong}");
        }
    }
}
