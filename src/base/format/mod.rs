//! How numbers, money, moments and sizes are written for a person, in one place. Reading them is `parse_amount`'s.
//!
//! Integers only. Persian gets its own digits, the Jalali calendar and `٬` between thousands; the clock on the wall is
//! that of the shop's time zone.
mod calendar;
mod voice;

pub use calendar::{clock_time, date, moment};
pub use voice::Voice;

use super::texts::{Arg, args, t_args};
use super::{Asset, DAY, HOUR, Lang, MINUTE, Money, SECOND};

/// What panels and people call a gigabyte.
pub const GB: i64 = 1 << 30;

const BAR_CELLS: i64 = 10;

/// The text with its ASCII digits in those of the language.
pub fn digits(lang: Lang, text: &str) -> String {
    match lang {
        Lang::En | Lang::Ru => text.to_owned(),
        Lang::Fa => text.chars().map(persian_digit).collect(),
    }
}

fn persian_digit(letter: char) -> char {
    match letter {
        '0'..='9' => char::from_u32(u32::from(letter) - u32::from('0') + 0x06F0).unwrap_or(letter),
        other => other,
    }
}

/// A whole number with its thousands apart: `250,000`, `۲۵۰٬۰۰۰`, `250 000`.
pub fn number(lang: Lang, value: i64) -> String {
    let plain = value.unsigned_abs().to_string();
    let mark = match lang {
        Lang::En => ',',
        Lang::Fa => '٬',
        Lang::Ru => '\u{00A0}',
    };
    let mut out = String::with_capacity(plain.len() * 2);
    if value < 0 {
        out.push('\u{2212}');
    }
    for (place, digit) in plain.chars().enumerate() {
        if place > 0 && (plain.len() - place).is_multiple_of(3) {
            out.push(mark);
        }
        out.push(digit);
    }
    digits(lang, &out)
}

/// Money with the currency's word after it. Millionths are shown as cents; of coins, which are paid to the last digit, all.
pub fn money(lang: Lang, money: Money) -> String {
    let key = match money.asset {
        Asset::Irt => "format-irt",
        Asset::Usd | Asset::Usd6 => "format-usd",
        Asset::Usdt => "format-usdt",
        Asset::Xtr => "format-xtr",
    };
    let unit = 10_i64.pow(money.asset.exponent());
    let mut amount = number(lang, money.minor / unit);
    if money.asset.exponent() > 0 {
        if money.minor < 0 && money.minor > -unit {
            amount.insert(0, '\u{2212}');
        }
        amount.push(decimal_mark(lang));
        amount.push_str(&digits(lang, &decimals(money)));
    }
    // The plural form follows the whole part: 250 431 томан, 250 432 томана.
    t_args(lang, key, &args!["amount" => Arg::html(amount), "count" => money.minor / unit])
}

/// At least two of them.
fn decimals(money: Money) -> String {
    let (unit, width) = (10_i64.pow(money.asset.exponent()), usize::try_from(money.asset.exponent()).unwrap_or(0));
    let mut all = format!("{:0width$}", (money.minor % unit).abs());
    let most = if money.asset == Asset::Usdt { width } else { 2 };
    all.truncate(most);
    while all.len() > 2 && all.ends_with('0') {
        all.pop();
    }
    all
}

/// An amount as a wallet or a bank's app takes it: plain digits, a point when there are decimals.
pub fn exact(money: Money) -> String {
    let unit = 10_i64.pow(money.asset.exponent());
    let whole = (money.minor / unit).to_string();
    if money.asset.exponent() == 0 { whole } else { format!("{whole}.{}", decimals(money)) }
}

const fn decimal_mark(lang: Lang) -> char {
    match lang {
        Lang::En => '.',
        Lang::Fa => '٫',
        Lang::Ru => ',',
    }
}

/// A size in GB with one decimal, the nearest; whole gigabytes without it: `30 GB`, `12.3 GB`.
pub fn traffic(lang: Lang, bytes: i64) -> String {
    let bytes = bytes.max(0);
    let tenths = (i128::from(bytes) * 10 + i128::from(GB / 2)) / i128::from(GB);
    let tenths = i64::try_from(tenths).unwrap_or(i64::MAX);
    // A little that is left is never shown as nothing.
    let tenths = if tenths == 0 && bytes > 0 { 1 } else { tenths };
    let mut amount = number(lang, tenths / 10);
    if bytes % GB != 0 {
        amount.push(decimal_mark(lang));
        amount.push_str(&digits(lang, &(tenths % 10).to_string()));
    }
    t_args(lang, "format-gb", &args!["amount" => Arg::html(amount)])
}

/// A bar of ten cells for a share in thousandths.
pub fn bar(per_mille: i64) -> String {
    let full = (per_mille.clamp(0, 1_000) * BAR_CELLS + 500) / 1_000;
    (0..BAR_CELLS).map(|cell| if cell < full { '▰' } else { '▱' }).collect()
}

/// A share in thousandths as whole per cent.
pub fn percent(lang: Lang, per_mille: i64) -> String {
    let sign = if lang == Lang::Fa { '٪' } else { '%' };
    digits(lang, &format!("{}{sign}", per_mille / 10))
}

/// How long something lasts, to the nearest of its largest unit: `30 days`, `2 hours`, `5 minutes`. What was three days a
/// moment ago still reads as three days.
pub fn duration(lang: Lang, ms: i64) -> String {
    let ms = ms.max(0);
    let nearest = |unit: i64| ms.saturating_add(unit / 2) / unit;
    let (key, count) = if nearest(HOUR) >= 24 {
        ("format-days", nearest(DAY).max(1))
    } else if nearest(MINUTE) >= 60 {
        ("format-hours", nearest(HOUR).max(1))
    } else if ms >= MINUTE {
        ("format-minutes", nearest(MINUTE))
    } else {
        ("format-seconds", ms / SECOND)
    };
    t_args(lang, key, &args!["count" => count])
}

/// From now to then: `in 3 days`, `2 hours ago`, `now`.
pub fn relative(lang: Lang, ms: i64) -> String {
    if ms.abs() < MINUTE {
        return super::texts::t(lang, "format-now").to_owned();
    }
    let span = Arg::html(duration(lang, ms.saturating_abs()));
    if ms > 0 { t_args(lang, "format-in", &args!["span" => span]) } else { t_args(lang, "format-ago", &args!["span" => span]) }
}

#[cfg(test)]
mod tests {
    use super::{GB, bar, duration, money, number, relative, traffic};
    use crate::base::{Asset, DAY, HOUR, Lang, Money};

    #[test]
    fn numbers_are_grouped_as_their_readers_do() {
        for (value, en, fa, ru) in [
            (0, "0", "۰", "0"),
            (999, "999", "۹۹۹", "999"),
            (1_000, "1,000", "۱٬۰۰۰", "1\u{a0}000"),
            (250_431, "250,431", "۲۵۰٬۴۳۱", "250\u{a0}431"),
            (-1_234_567, "−1,234,567", "−۱٬۲۳۴٬۵۶۷", "−1\u{a0}234\u{a0}567"),
        ] {
            assert_eq!((&*number(Lang::En, value), &*number(Lang::Fa, value), &*number(Lang::Ru, value)), (en, fa, ru));
        }
        assert_eq!(number(Lang::En, i64::MIN), "−9,223,372,036,854,775,808");
    }

    #[test]
    fn money_has_its_word_behind_it() {
        let toman = Money::new(250_432, Asset::Irt);
        assert_eq!(money(Lang::En, toman), "250,432 Toman");
        assert_eq!(money(Lang::Fa, toman), "۲۵۰٬۴۳۲ تومان");
        assert_eq!(money(Lang::Ru, toman), "250\u{a0}432 томана");
        assert_eq!(money(Lang::Ru, Money::new(5, Asset::Irt)), "5 томанов");
        assert_eq!(money(Lang::En, Money::new(1_205, Asset::Usd)), "12.05 USD");
        assert_eq!(money(Lang::En, Money::new(-5, Asset::Usd)), "−0.05 USD");
        assert_eq!(money(Lang::Fa, Money::new(1_250_000, Asset::Usdt)), "۱٫۲۵ تتر");
        assert_eq!(money(Lang::En, Money::new(3_500_431, Asset::Usdt)), "3.500431 USDT");
    }

    #[test]
    fn traffic_has_one_decimal_and_never_hides_a_rest() {
        for (bytes, en, fa) in [
            (0, "0 GB", "۰ گیگابایت"),
            (1, "0.1 GB", "۰٫۱ گیگابایت"),
            (200 << 20, "0.2 GB", "۰٫۲ گیگابایت"),
            (30 * GB, "30 GB", "۳۰ گیگابایت"),
            (12 * GB + GB / 3, "12.3 GB", "۱۲٫۳ گیگابایت"),
            (i64::MAX, "8,589,934,592.0 GB", "۸٬۵۸۹٬۹۳۴٬۵۹۲٫۰ گیگابایت"),
        ] {
            assert_eq!((&*traffic(Lang::En, bytes), &*traffic(Lang::Fa, bytes)), (en, fa));
        }
    }

    #[test]
    fn bars_have_ten_cells() {
        for (share, shown) in [(-5, "▱▱▱▱▱▱▱▱▱▱"), (0, "▱▱▱▱▱▱▱▱▱▱"), (449, "▰▰▰▰▱▱▱▱▱▱"), (2_000, "▰▰▰▰▰▰▰▰▰▰")]
        {
            assert_eq!(bar(share), shown);
        }
    }

    #[test]
    fn spans_are_named_by_their_largest_unit() {
        assert_eq!(duration(Lang::En, 3 * DAY + HOUR), "3 days");
        assert_eq!(duration(Lang::En, 3 * DAY - 1), "3 days");
        assert_eq!(duration(Lang::En, HOUR - 1), "1 hour");
        assert_eq!(duration(Lang::En, DAY - HOUR), "23 hours");
        assert_eq!(duration(Lang::En, HOUR), "1 hour");
        assert_eq!(duration(Lang::Ru, 22 * DAY), "22 дня");
        assert_eq!(duration(Lang::Fa, 2 * HOUR), "۲ ساعت");
        assert_eq!(relative(Lang::En, -2 * HOUR), "2 hours ago");
        assert_eq!(relative(Lang::Fa, 3 * DAY), "۳ روز دیگر");
        assert_eq!(relative(Lang::En, 5), "now");
    }
}
