//! The details of a method, card number, Sheba number or address for coins: read as people type them, and checked.
//!
//! Always: what passes is in its plain form, which is what the payer copies; a mistake says what is wrong and never repeats what
//! was typed. Never: asks a bank or a chain whether the account exists.
mod chain;
mod keccak;

pub use chain::Network;

use super::kind::Kind;
use crate::base::ascii_digits;

const CARD_DIGITS: usize = 16;
const SHEBA_DIGITS: usize = 24;
/// Letters of an address on a network that we do not know.
const ADDRESS_LETTERS: std::ops::RangeInclusive<usize> = 8..=128;

/// Details in their plain form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Details {
    pub text: String,
    /// A check sum in it was found right; else only its form was looked at.
    pub checked: bool,
}

/// Why what was typed is no such number or address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadDetails {
    #[error("is no card number: 16 digits, of which the last checks the others; look for a mistyped one")]
    Card,
    #[error("is no Sheba number: it is \"IR\" and 24 digits")]
    ShebaForm,
    #[error("is no Sheba number: its two check digits do not fit the others; look for a mistyped one")]
    ShebaCheck,
    #[error("is no address of {0}: {form}", form = .0.form())]
    AddressForm(Network),
    #[error("is no address of {0}: its check sum does not fit; look for a mistyped letter")]
    AddressCheck(Network),
    #[error("is no address: it has 8 to 128 letters and digits, and no spaces")]
    Address,
}

/// Reads the details of a method of this kind. `network` is that of coins; an unknown one takes any address, unchecked.
pub fn read_details(kind: Kind, network: Option<&str>, typed: &str) -> Result<Details, BadDetails> {
    match kind {
        Kind::Card => card(typed),
        Kind::Sheba => sheba(typed),
        Kind::Crypto => match network.and_then(Network::known) {
            Some(network) => chain::address(network, typed.trim()),
            None => unknown(typed.trim()),
        },
    }
}

/// ASCII digits and letters, without what people put between groups.
fn joined(typed: &str) -> String {
    let between =
        |c: &char| c.is_whitespace() || matches!(c, '-' | '_' | '.' | '\u{200C}'..='\u{200F}' | '\u{2066}'..='\u{2069}');
    ascii_digits(typed).chars().filter(|c| !between(c)).collect()
}

fn card(typed: &str) -> Result<Details, BadDetails> {
    let digits = joined(typed);
    if is_card_number(&digits) { Ok(Details { text: digits, checked: true }) } else { Err(BadDetails::Card) }
}

/// Sixteen digits that pass Luhn's check.
fn is_card_number(digits: &str) -> bool {
    if digits.len() != CARD_DIGITS || !digits.bytes().all(|b| b.is_ascii_digit()) {
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

/// `IR` may be left out: nothing else has 24 digits.
fn sheba(typed: &str) -> Result<Details, BadDetails> {
    let plain = joined(typed).to_ascii_uppercase();
    let digits = plain.strip_prefix("IR").unwrap_or(&plain);
    if digits.len() != SHEBA_DIGITS || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return Err(BadDetails::ShebaForm);
    }
    // ISO 13616: the country and the check digits go to the end, letters become numbers (I 18, R 27), the rest by 97 is 1.
    let (check, account) = digits.split_at(2);
    let turned = format!("{account}1827{check}");
    let values = turned.chars().filter_map(|digit| digit.to_digit(10));
    if values.fold(0, |rest, digit| (rest * 10 + digit) % 97) != 1 {
        return Err(BadDetails::ShebaCheck);
    }
    Ok(Details { text: format!("IR{digits}"), checked: true })
}

fn unknown(typed: &str) -> Result<Details, BadDetails> {
    let fits = ADDRESS_LETTERS.contains(&typed.len()) && typed.bytes().all(|b| b.is_ascii_graphic());
    if fits { Ok(Details { text: typed.to_owned(), checked: false }) } else { Err(BadDetails::Address) }
}

#[cfg(test)]
mod tests {
    use super::{BadDetails, Kind, read_details};

    fn read(kind: Kind, typed: &str) -> Result<String, BadDetails> {
        read_details(kind, None, typed).map(|details| details.text)
    }

    #[test]
    fn a_mistyped_card_number_is_found() {
        for good in ["4242424242424242", "6037-9900-0000-0006", "۶۰۳۷ ۹۹۰۰ ۰۰۰۰ ۰۰۰۶", " 4242 4242\u{200C}4242 4242 "]
        {
            assert!(read(Kind::Card, good).is_ok_and(|number| number.len() == 16), "{good}");
        }
        for wrong in [
            "",
            "4242424242424241",
            "424242424242424",
            "42424242424242424",
            "0000000000000000",
            "424242424242424x",
            "2424242424242424",
        ] {
            assert_eq!(read(Kind::Card, wrong), Err(BadDetails::Card), "{wrong}");
        }
    }

    #[test]
    fn a_mistyped_sheba_number_is_found() {
        for good in [
            "IR062960000000100324200001",
            "ir06 2960 0000 0010 0324 2000 01",
            "۰۶۲۹۶۰۰۰۰۰۰۰۱۰۰۳۲۴۲۰۰۰۰۱",
            "IR580540105180021273113007",
        ] {
            assert!(read(Kind::Sheba, good).is_ok_and(|number| number.starts_with("IR") && number.len() == 26), "{good}");
        }
        for (wrong, why) in [
            ("IR062960000000100324200002", BadDetails::ShebaCheck),
            ("IR602960000000100324200001", BadDetails::ShebaCheck),
            ("IR062960000000010324200001", BadDetails::ShebaCheck),
            ("IR06296000000010032420000", BadDetails::ShebaForm),
            ("IR0629600000001003242000011", BadDetails::ShebaForm),
            ("DE062960000000100324200001", BadDetails::ShebaForm),
            ("IRۀ62960000000100324200001", BadDetails::ShebaForm),
            ("", BadDetails::ShebaForm),
        ] {
            assert_eq!(read(Kind::Sheba, wrong), Err(why), "{wrong}");
        }
    }

    #[test]
    fn an_unknown_network_takes_any_address_and_says_that_it_was_not_checked() {
        let taken = read_details(Kind::Crypto, Some("SOL"), " 7EqQdEULxWcraVx3mXKFjc84LhCkMGZCkRuDpvcMwJeK ").unwrap();
        assert!(!taken.checked && taken.text.starts_with("7Eq"));
        for wrong in ["", "short", "with a space in it", &"x".repeat(129), "نشانی‌من‌این‌است"] {
            assert_eq!(read(Kind::Crypto, wrong), Err(BadDetails::Address), "{wrong}");
        }
    }
}
