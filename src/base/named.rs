//! Amounts inside sentences: what a caption, or the message of a bank, says was paid.
//!
//! A number counts as an amount only when something says so: its unit (`50k`, `۵۰ هزار`), the currency's word, a word such as
//! `مبلغ` before it, or thousands kept apart. Dates, times, cards and telephone numbers are none of these, and neither is what
//! a word such as `پیگیری` introduces.
use super::digits::{self, CURRENCIES, UNITS};

const RIALS: [&str; 6] = ["ریال", "rial", "rials", "irr", "риал", "риалов"];
/// Another money than ours: nothing can be said of such an amount.
const FOREIGN: [&str; 14] =
    ["usdt", "usd", "trx", "ton", "btc", "eth", "euro", "eur", "dollar", "dollars", "دلار", "تتر", "یورو", "долларов"];
/// Words before an amount.
const SUMS: [&str; 8] = ["مبلغ", "مبلغی", "بمبلغ", "amount", "sum", "сумма", "сумму", "сумме"];
/// Words before a number that is no amount.
const NUMBERS: [&str; 26] = [
    "پیگیری",
    "رهگیری",
    "ارجاع",
    "مرجع",
    "شماره",
    "کد",
    "کارت",
    "شبا",
    "حساب",
    "سریال",
    "tracking",
    "track",
    "trace",
    "ref",
    "reference",
    "number",
    "no",
    "code",
    "card",
    "id",
    "order",
    "номер",
    "код",
    "карта",
    "карты",
    "перевода",
];
/// Between the parts of one amount: `۱ میلیون و ۲۰۰ هزار`.
const AND: [&str; 3] = ["و", "and", "и"];
/// What is larger is a number of something else.
const LARGEST: i64 = 10_000_000_000;
/// A plain number needs so many digits behind a word such as `مبلغ`.
const PLAIN_DIGITS_MIN: usize = 4;

/// An amount that a text names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Named {
    /// Whole, in the unit that was said.
    pub amount: i64,
    pub coin: Coin,
}

/// In which money it was said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Coin {
    Toman,
    Rial,
    /// No word of a currency is by it.
    Unsaid,
}

/// The amounts that a text names, in the order in which it does.
pub fn amounts_in(text: &str) -> Vec<Named> {
    let letters = plain(text);
    let mut found = Vec::new();
    let mut at = 0;
    while at < letters.len() {
        if !letters[at].is_ascii_digit() {
            at += 1;
            continue;
        }
        let (named, end) = amount_at(&letters, at);
        found.extend(named);
        at = end.max(at + 1);
    }
    found
}

/// The amount with which a text begins, and what follows it: `۵۰ هزار تومان بابت تأخیر`. Any plain number counts here.
pub fn leading_amount(text: &str) -> Option<(i64, &str)> {
    let letters = plain(text);
    let start = letters.iter().position(|letter| *letter != ' ')?;
    let number = number_at(&letters, start)?;
    let (amount, word, end) = worded(&letters, &number)?;
    let rest = text.char_indices().nth(end).map_or("", |(byte, _)| &text[byte..]);
    (word != Word::Rial && word != Word::Foreign).then_some((amount, rest.trim_start()))
}

/// Letter for letter as they are compared: ASCII digits, small, Persian; marks nobody sees are spaces.
fn plain(text: &str) -> Vec<char> {
    let letters = text.chars().map(|letter| match letter {
        '\u{00A0}' | '\u{2009}' | '\u{200C}'..='\u{200F}' | '\u{202A}'..='\u{202F}' | '\u{2066}'..='\u{2069}' => ' ',
        _ if letter.is_whitespace() => ' ',
        'ي' => 'ی',
        'ك' => 'ک',
        _ => digits::ascii_digit(letter).to_lowercase().next().unwrap_or(letter),
    });
    letters.collect()
}

/// A number as it is written, without what stands around it.
struct Number {
    digits: String,
    form: Form,
    end: usize,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    Plain,
    /// In threes, with something between them.
    Grouped,
    /// In threes, with spaces between them: only a word makes them one number.
    Spaced,
    /// `1.5`: so many decimals, which need a unit.
    Decimal(usize),
}

/// What stands behind a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Word {
    None,
    Unit,
    Toman,
    Rial,
    Foreign,
}

/// The amount at this digit, if it is one, and where to go on.
fn amount_at(letters: &[char], start: usize) -> (Option<Named>, usize) {
    let end = run_end(letters, start);
    if is_part(letters, start) {
        return (None, end);
    }
    let Some(number) = number_at(letters, start) else { return (None, end) };
    let before = word_before(letters, start);
    let Some((amount, word, end)) = worded(letters, &number) else { return (None, end) };
    let coin = match word {
        Word::Foreign => return (None, end),
        Word::Toman => Coin::Toman,
        Word::Rial => Coin::Rial,
        Word::Unit | Word::None => Coin::Unsaid,
    };
    let introduced = SUMS.contains(&before.as_str()) && number.digits.len() >= PLAIN_DIGITS_MIN;
    let apart = number.form == Form::Grouped && !NUMBERS.contains(&before.as_str());
    let is_amount = word != Word::None || introduced || apart;
    // Spaces alone may stand between two numbers.
    let end = if is_amount { end } else { run_end(letters, start) };
    (is_amount.then_some(Named { amount, coin }).filter(|named| named.amount > 0), end)
}

/// Does it go on from something else: a code, a date, a negative number?
fn is_part(letters: &[char], start: usize) -> bool {
    let before = |back: usize| start.checked_sub(back).map(|at| letters[at]);
    match before(1) {
        Some(letter) if letter.is_ascii_alphanumeric() => true,
        Some('#' | '_' | '+' | '*' | '@' | '-') => true,
        Some('/' | '.' | ':' | ',' | '٬' | '٫') => before(2).is_some_and(|letter| letter.is_ascii_digit()),
        _ => false,
    }
}

const fn groups(letter: char) -> bool {
    matches!(letter, ',' | '٬' | '،' | '\'' | '.' | '٫' | '/' | '_')
}

/// Digits and whatever ties digits together end here.
fn run_end(letters: &[char], start: usize) -> usize {
    let mut end = start;
    while let Some(letter) = letters.get(end) {
        let ties = groups(*letter) || matches!(letter, '-' | ':');
        if letter.is_ascii_digit() || (ties && letters.get(end + 1).is_some_and(char::is_ascii_digit)) {
            end += 1;
        } else {
            break;
        }
    }
    end
}

fn number_at(letters: &[char], start: usize) -> Option<Number> {
    let end = run_end(letters, start);
    let run = letters.get(start..end)?;
    let parts: Vec<&[char]> = run.split(|letter| !letter.is_ascii_digit()).collect();
    let ties: Vec<char> = run.iter().copied().filter(|letter| !letter.is_ascii_digit()).collect();
    let first = *parts.first()?;
    if first.is_empty() || (first.len() > 1 && first[0] == '0') {
        return None;
    }
    let digits: String = parts.concat().iter().collect();
    let in_threes = first.len() <= 3 && parts[1..].iter().all(|part| part.len() == 3);
    let one_tie = ties.iter().all(|tie| groups(*tie) && *tie == ties[0]);
    if ties.is_empty() {
        return Some(spaced(letters, first, end).unwrap_or(Number { digits, form: Form::Plain, end }));
    }
    if in_threes && one_tie {
        return Some(Number { digits, form: Form::Grouped, end });
    }
    let decimals = parts.last().map_or(0, |part| part.len());
    let is_decimal = ties.len() == 1 && matches!(ties[0], '.' | '٫' | ',' | '/') && decimals <= 2;
    is_decimal.then_some(Number { digits, form: Form::Decimal(decimals), end })
}

/// `250 000`: groups of three behind spaces.
fn spaced(letters: &[char], first: &[char], mut end: usize) -> Option<Number> {
    let mut digits: String = first.iter().collect();
    if digits.len() > 3 {
        return None;
    }
    let is_digit = |at: usize| letters.get(at).is_some_and(char::is_ascii_digit);
    while letters.get(end) == Some(&' ') && (end + 1..end + 4).all(is_digit) && !is_digit(end + 4) {
        digits.extend(&letters[end + 1..end + 4]);
        end += 4;
    }
    (digits.len() > first.len()).then_some(Number { digits, form: Form::Spaced, end })
}

/// The word that stands behind, and where it ends.
fn word_after(letters: &[char], mut at: usize) -> (String, usize) {
    while letters.get(at) == Some(&' ') {
        at += 1;
    }
    let word: String = letters[at.min(letters.len())..].iter().take_while(|letter| letter.is_alphabetic()).collect();
    let end = at + word.chars().count();
    (word, end)
}

fn word_before(letters: &[char], start: usize) -> String {
    let is_word = |letter: &char| letter.is_alphabetic();
    let mut end = start;
    while end > 0 && matches!(letters[end - 1], ' ' | ':' | '=' | '(' | '«') {
        end -= 1;
    }
    let begin = letters[..end].iter().rposition(|letter| !is_word(letter)).map_or(0, |at| at + 1);
    letters[begin..end].iter().collect()
}

fn currency(word: &str) -> Option<Word> {
    if CURRENCIES.contains(&word) {
        Some(Word::Toman)
    } else if RIALS.contains(&word) {
        Some(Word::Rial)
    } else {
        FOREIGN.contains(&word).then_some(Word::Foreign)
    }
}

/// A unit, alone or with the currency glued to it: `هزارتومان`. A lone `m` is more often a month.
fn unit(word: &str) -> Option<(i64, &str)> {
    let units = UNITS.iter().filter(|(name, _)| *name != "m");
    let found = units.filter_map(|(name, factor)| Some((*factor, word.strip_prefix(name)?)));
    let mut found = found.filter(|(_, rest)| rest.is_empty() || currency(rest).is_some());
    found.next().or_else(|| (word == "к").then_some((1_000, "")))
}

/// The whole amount with its words: units, further parts, and the currency. `None` when it cannot be read.
fn worded(letters: &[char], number: &Number) -> Option<(i64, Word, usize)> {
    let (mut total, mut factor, mut word, mut end) = part(letters, number)?;
    // "۱ میلیون و ۲۰۰ هزار و ۵۰۰ تومان": each further part is smaller than the unit before it.
    while word == Word::Unit {
        let (and, after) = word_after(letters, end);
        let Some(at) = AND.contains(&and.as_str()).then(|| letters[after..].iter().position(|l| *l != ' ')).flatten() else {
            break;
        };
        let Some((more, less, next, to)) = number_at(letters, after + at).and_then(|number| part(letters, &number)) else {
            break;
        };
        // "50k and 3 months" is no fifty thousand and three.
        if more >= factor || (next == Word::None && and != "و") {
            break;
        }
        total = total.checked_add(more)?;
        (factor, end) = (less, to);
        word = if next == Word::None { Word::Unit } else { next };
        if factor == 1 {
            break;
        }
    }
    (total < LARGEST).then_some((total, word, end))
}

/// One number with its unit and currency: amount, factor, the last word, its end.
fn part(letters: &[char], number: &Number) -> Option<(i64, i64, Word, usize)> {
    let (word, after) = word_after(letters, number.end);
    let whole: i64 = Some(&number.digits).filter(|digits| digits.len() <= 12)?.parse().ok()?;
    let Some((factor, glued)) = unit(&word) else {
        let known = currency(&word);
        let plain = !matches!(number.form, Form::Decimal(_));
        return plain.then_some((whole, 1, known.unwrap_or(Word::None), if known.is_some() { after } else { number.end }));
    };
    let amount = match number.form {
        Form::Decimal(decimals) => whole.checked_mul(factor / 10_i64.pow(u32::try_from(decimals).ok()?))?,
        Form::Plain | Form::Grouped | Form::Spaced => whole.checked_mul(factor)?,
    };
    if let Some(known) = currency(glued) {
        return Some((amount, factor, known, after));
    }
    let (next, end) = word_after(letters, after);
    Some(currency(&next).map_or((amount, factor, Word::Unit, after), |known| (amount, factor, known, end)))
}

#[cfg(test)]
mod tests {
    use super::{Coin, Named, amounts_in, leading_amount};

    #[test]
    fn amounts_are_found_in_what_people_write() {
        use Coin::{Rial, Toman, Unsaid};
        for (text, found) in [
            ("I paid 100,000 toman", vec![(100_000, Toman)]),
            ("مبلغ ۱۲۰٬۵۶۲ تومان واریز شد", vec![(120_562, Toman)]),
            ("۱۲۰ هزار", vec![(120_000, Unsaid)]),
            ("۱۲۰هزارتومان زدم", vec![(120_000, Toman)]),
            ("۱۲۰ هزار و ۵۶۲ تومان", vec![(120_562, Toman)]),
            ("۱ میلیون و ۲۰۰ هزار تومن", vec![(1_200_000, Toman)]),
            ("1.5 million", vec![(1_500_000, Unsaid)]),
            ("50k", vec![(50_000, Unsaid)]),
            ("перевёл 50 тысяч", vec![(50_000, Unsaid)]),
            ("120 562 томана", vec![(120_562, Toman)]),
            ("مبلغ:۱۲۰۵۶۲", vec![(120_562, Unsaid)]),
            ("Amount: 120562", vec![(120_562, Unsaid)]),
            ("برداشت ۱٬۲۰۵٬۶۲۰ ریال، مانده ۵٬۰۰۰٬۰۰۰ ریال", vec![(1_205_620, Rial), (5_000_000, Rial)]),
            ("۱۲۰/۵۶۲ تومان", vec![(120_562, Toman)]),
            ("120,562", vec![(120_562, Unsaid)]),
            ("tracking 12345678, 120562 toman", vec![(120_562, Toman)]),
            ("50k and 3 months", vec![(50_000, Unsaid)]),
        ] {
            let found: Vec<Named> = found.into_iter().map(|(amount, coin)| Named { amount, coin }).collect();
            assert_eq!(amounts_in(text), found, "{text}");
        }
    }

    #[test]
    fn other_numbers_are_no_amounts() {
        for text in [
            "",
            "😀",
            "123456789",
            "کد پیگیری: ۱۲۳۴۵۶",
            "شماره پیگیری ۱۲۳٬۴۵۶",
            "tracking number 123,456",
            "6037 9900 0000 0006",
            "6037-9900-0000-0006",
            "کارت ۶۰۳۷۹۹۰۰۰۰۰۰۰۰۰۶",
            "1405/08/29 12:30",
            "20.11.2026",
            "2026-11-20",
            "20 Nov 2026",
            "0912 345 6789",
            "+98 912 345 678",
            "any-1m-30 for 1 month, 30 GB",
            "3m",
            "paid 123456",
            "1,250 USDT",
            "192.168.100.200.100",
            "-5,000",
            "50%",
            "x1,200",
            "9,999,999,999,999",
        ] {
            assert_eq!(amounts_in(text), vec![], "{text}");
        }
    }

    #[test]
    fn a_leading_amount_is_told_from_what_follows() {
        for (text, found) in [
            ("50000 late delivery", Some((50_000, "late delivery"))),
            ("۳۰۰ هزار بابت تأخیر", Some((300_000, "بابت تأخیر"))),
            ("۳۰۰ هزار تومان بابت تأخیر", Some((300_000, "بابت تأخیر"))),
            ("250 000 toman  refund 2", Some((250_000, "refund 2"))),
            ("250 000 5 days late", Some((250_000, "5 days late"))),
            ("50k x", Some((50_000, "x"))),
            ("50000 500 extra", Some((50_000, "500 extra"))),
            ("50,000", Some((50_000, ""))),
            ("50000 ریال بابت تأخیر", None),
            ("late 5000", None),
            ("", None),
        ] {
            assert_eq!(leading_amount(text), found, "{text}");
        }
    }
}
