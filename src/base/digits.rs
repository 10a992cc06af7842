//! Digits as people type them: ASCII, Persian and Arabic, with separators and "k".

/// The same text with Persian (۰-۹) and Arabic (٠-٩) digits as ASCII.
pub fn ascii_digits(text: &str) -> String {
    text.chars().map(ascii_digit).collect()
}

fn ascii_digit(letter: char) -> char {
    let value = match letter {
        '\u{06F0}'..='\u{06F9}' => u32::from(letter) - 0x06F0,
        '\u{0660}'..='\u{0669}' => u32::from(letter) - 0x0660,
        _ => return letter,
    };
    char::from_digit(value, 10).unwrap_or(letter)
}

/// A whole amount as typed: `250000`, `250,000`, `۲۵۰٬۰۰۰`, `250 000`, `250k`. `None` when it is not one.
pub fn parse_amount(text: &str) -> Option<i64> {
    let plain: String = ascii_digits(text)
        .chars()
        .filter(|c| !matches!(c, ',' | '،' | '٬' | '_' | '\'' | ' ' | '\u{00A0}' | '\u{202F}' | '\u{200C}'))
        .collect::<String>()
        .to_lowercase();
    let (digits, factor) = match plain.strip_suffix(['k', 'к']) {
        Some(rest) => (rest, 1_000),
        None => (plain.as_str(), 1),
    };
    if digits.is_empty() || digits.len() > 15 || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    digits.parse::<i64>().ok()?.checked_mul(factor)
}

#[cfg(test)]
mod tests {
    use super::parse_amount;

    #[test]
    fn amounts_are_read_as_people_type_them() {
        for (typed, amount) in [
            ("250000", Some(250_000)),
            ("۲۵۰٬۰۰۰", Some(250_000)),
            ("٢٥٠,٠٠٠", Some(250_000)),
            ("50k", Some(50_000)),
            ("50 К", Some(50_000)),
            ("", None),
            ("-5", None),
            ("5.5", None),
            ("9999999999999999", None),
            ("😀", None),
        ] {
            assert_eq!(parse_amount(typed), amount, "{typed}");
        }
    }
}
