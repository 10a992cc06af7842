//! Digits as people type them: ASCII, Persian and Arabic; amounts with separators, "k", "هزار" and the currency's word.

/// The same text with Persian (۰-۹) and Arabic (٠-٩) digits as ASCII.
pub fn ascii_digits(text: &str) -> String {
    text.chars().map(ascii_digit).collect()
}

pub(super) fn ascii_digit(letter: char) -> char {
    let value = match letter {
        '\u{06F0}'..='\u{06F9}' => u32::from(letter) - 0x06F0,
        '\u{0660}'..='\u{0669}' => u32::from(letter) - 0x0660,
        _ => return letter,
    };
    char::from_digit(value, 10).unwrap_or(letter)
}

/// Words after an amount that change nothing. Rial is none of them: it is another number.
pub(super) const CURRENCIES: [&str; 8] = ["تومان", "تومن", "toman", "tomans", "томанов", "томана", "томан", "irt"];
/// Words that multiply; a word that ends another one comes after it.
pub(super) const UNITS: [(&str, i64); 14] = [
    ("هزار", 1_000),
    ("میلیون", 1_000_000),
    ("ملیون", 1_000_000),
    ("thousand", 1_000),
    ("million", 1_000_000),
    ("mln", 1_000_000),
    ("тысячи", 1_000),
    ("тысяч", 1_000),
    ("тыс", 1_000),
    ("миллиона", 1_000_000),
    ("миллион", 1_000_000),
    ("млн", 1_000_000),
    ("k", 1_000),
    ("m", 1_000_000),
];
/// The Cyrillic letters that look like them.
const LOOKALIKES: [(char, char); 2] = [('к', 'k'), ('м', 'm')];

/// A whole amount as typed: `250000`, `250,000`, `۲۵۰٬۰۰۰`, `250 000`, `250k`, `۲۵۰ هزار تومان`, `1.5m`. `None` when it is not
/// one, and when it could be read in two ways.
pub fn parse_amount(text: &str) -> Option<i64> {
    let plain: String = ascii_digits(text)
        .chars()
        .filter(|c| !matches!(c, ' ' | '\u{00A0}' | '\u{202F}' | '\u{2009}' | '\u{200C}' | '\u{200E}' | '\u{200F}'))
        .map(|c| match c {
            // Arabic letters where a Persian keyboard has its own.
            'ي' => 'ی',
            'ك' => 'ک',
            other => other,
        })
        .collect::<String>()
        .to_lowercase();
    let plain = plain.trim_end_matches('.');
    let plain = CURRENCIES.iter().find_map(|word| plain.strip_suffix(word)).unwrap_or(plain);
    let (number, factor) = unit(plain.trim_end_matches('.'));
    let amount = if factor == 1 { grouped(number)? } else { scaled(number, factor)? };
    (amount < 1_000_000_000_000_000).then_some(amount)
}

fn unit(plain: &str) -> (&str, i64) {
    if let Some((number, factor)) = UNITS.iter().find_map(|(word, factor)| Some((plain.strip_suffix(word)?, *factor))) {
        return (number, factor);
    }
    let lookalike = LOOKALIKES.iter().find_map(|(typed, meant)| {
        let number = plain.strip_suffix(*typed)?;
        let (_, factor) = UNITS.iter().find(|(word, _)| word.chars().eq([*meant]))?;
        Some((number, *factor))
    });
    lookalike.unwrap_or((plain, 1))
}

const fn is_separator(letter: char) -> bool {
    matches!(letter, ',' | '،' | '٬' | '_' | '\'' | '.' | '٫')
}

/// Digits, in groups of three behind separators if there are any.
fn grouped(number: &str) -> Option<i64> {
    let mut groups = number.split(is_separator);
    let first = groups.next()?;
    let mut digits = first.to_owned();
    for group in groups {
        if group.len() != 3 || first.is_empty() || first.len() > 3 {
            return None;
        }
        digits.push_str(group);
    }
    whole(&digits)
}

fn whole(digits: &str) -> Option<i64> {
    let is_number = !digits.is_empty() && digits.len() <= 15 && digits.bytes().all(|b| b.is_ascii_digit());
    if is_number { digits.parse().ok() } else { None }
}

/// So many thousands or millions, with at most two decimals; three could be a group too.
fn scaled(number: &str, factor: i64) -> Option<i64> {
    let Some((left, right)) = number.rsplit_once(is_separator) else { return whole(number)?.checked_mul(factor) };
    if right.len() == 3 && !number.contains(['.', '٫']) {
        return grouped(number)?.checked_mul(factor);
    }
    let parts = match right.len() {
        1 => 10,
        2 => 100,
        _ => return None,
    };
    let rest = whole(right)?.checked_mul(factor / parts)?;
    grouped(left)?.checked_mul(factor)?.checked_add(rest)
}

#[cfg(test)]
mod tests {
    use super::parse_amount;

    #[test]
    fn amounts_are_read_as_people_type_them() {
        for (typed, amount) in [
            ("250000", 250_000),
            ("۲۵۰٬۰۰۰", 250_000),
            ("٢٥٠,٠٠٠", 250_000),
            ("۲۵۰،۰۰۰ تومان", 250_000),
            ("250 000", 250_000),
            ("250.000", 250_000),
            ("1'250'000", 1_250_000),
            ("50k", 50_000),
            ("50 К", 50_000),
            ("50 k toman", 50_000),
            ("۵۰ هزار", 50_000),
            ("۵۰هزار تومن", 50_000),
            ("۵۰ هزار تومان.", 50_000),
            ("٥٠ هزار", 50_000),
            ("۱٫۵ میلیون", 1_500_000),
            ("1.5m", 1_500_000),
            ("1,25 млн", 1_250_000),
            ("2 м", 2_000_000),
            ("50 тыс.", 50_000),
            ("50 тысяч томанов", 50_000),
            ("1,500k", 1_500_000),
            ("۵۰\u{200C}هزار", 50_000),
            ("0", 0),
        ] {
            assert_eq!(parse_amount(typed), Some(amount), "{typed}");
        }
    }

    #[test]
    fn what_is_no_amount_or_could_be_two_is_refused() {
        for typed in [
            "",
            "-5",
            "5.5",
            "2,5",
            "25,00",
            ",500",
            "1.500m",
            "1.2345m",
            "k",
            "هزار",
            "تومان",
            "50 rial",
            "۵۰ هزار ریال",
            "50kk",
            "9999999999999999",
            "999999999999999m",
            "1000000000000000",
            "😀",
            "1/2",
            "fifty",
        ] {
            assert_eq!(parse_amount(typed), None, "{typed}");
        }
    }
}
