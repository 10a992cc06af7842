//! The picture of a time: a column a day (or an hour, or some days), and faint behind it the same stretch of the time before.
use super::picture::{Anchor, Drawing, ceiling, scaled};
use crate::base::Fault;
use crate::base::format::{Voice, number};
use crate::shop::reports::{Column, Period};

const WIDTH: i64 = 1_000;
const HEIGHT: i64 = 640;
const LEFT: i64 = 190;
const RIGHT: i64 = 970;
const TOP: i64 = 110;
const BOTTOM: i64 = 540;
const INK: &str = "#333d4b";
const GRID: &str = "#e3e7ec";
const NOW: &str = "#2a85c9";
const BEFORE: &str = "#c9d6e2";
/// Lines of the scale.
const LINES: i64 = 4;
/// Labels below that fit beside one another.
const LABELS_MAX: i64 = 8;

/// Revenue over a period.
pub fn of(voice: &Voice, period: &Period, columns: &[Column]) -> Result<Vec<u8>, Fault> {
    let mut drawing = Drawing::new((1_000, 640));
    legend(&mut drawing, voice);
    let whole = |amount: crate::base::Money| amount.minor / 10_i64.pow(amount.asset.exponent());
    let most = columns.iter().flat_map(|column| [whole(column.revenue), whole(column.before)]).max().unwrap_or_default();
    let top = ceiling(most);
    for line in 0..=LINES {
        let y = BOTTOM - (BOTTOM - TOP) * line / LINES;
        drawing.bar((LEFT, y - 1), (RIGHT - LEFT, 2), GRID);
        drawing.text((LEFT - 14, y + 9), (26, INK), Anchor::Right, &number(voice.lang, top * line / LINES));
    }
    let count = i64::try_from(columns.len()).unwrap_or(1).max(1);
    let step = ((RIGHT - LEFT) / count).max(4);
    let every = (count + LABELS_MAX - 1) / LABELS_MAX;
    for (place, column) in (0_i64..).zip(columns) {
        let x = LEFT + (RIGHT - LEFT) * place / count;
        let tall = |amount| scaled(whole(amount), top, BOTTOM - TOP);
        let (before, now) = (tall(column.before), tall(column.revenue));
        drawing.bar((x + step / 10, BOTTOM - before), (step * 8 / 10, before), BEFORE);
        drawing.bar((x + step / 4, BOTTOM - now), (step / 2, now), NOW);
        if place % every == 0 {
            label(&mut drawing, voice, (x + step / 2, period.days <= 1), column);
        }
    }
    drawing.png()
}

/// What the colours mean, on the side where a reader begins.
fn legend(drawing: &mut Drawing, voice: &Voice) {
    let words = [("report-chart-revenue", NOW), ("report-chart-before", BEFORE)];
    for (line, (key, color)) in (0_i64..).zip(words) {
        let y = 46 + line * 38;
        if voice.lang.is_rtl() {
            drawing.bar((RIGHT - 24, y - 21), (24, 24), color);
            drawing.text((RIGHT - 38, y), (30, INK), Anchor::Right, voice.t(key));
        } else {
            drawing.bar((WIDTH - RIGHT, y - 21), (24, 24), color);
            drawing.text((WIDTH - RIGHT + 38, y), (30, INK), Anchor::Left, voice.t(key));
        }
    }
}

/// The hour; or the day, and the month below it.
fn label(drawing: &mut Drawing, voice: &Voice, (x, is_hours): (i64, bool), column: &Column) {
    if is_hours {
        drawing.text((x, BOTTOM + 42), (26, INK), Anchor::Middle, &voice.clock_time(column.start));
        return;
    }
    let date = voice.date(column.start);
    let (day, month) = date.split_once(' ').unwrap_or((date.as_str(), ""));
    let month = month.split(' ').next().unwrap_or_default();
    drawing.text((x, BOTTOM + 40), (28, INK), Anchor::Middle, day);
    drawing.text((x, BOTTOM + 74), (22, INK), Anchor::Middle, month);
}

const _: () = assert!(BOTTOM + 80 < HEIGHT, "labels fit below the columns");

#[cfg(test)]
mod tests {
    use super::of;
    use crate::base::format::Voice;
    use crate::base::{Asset, DAY, Lang, Money, Time};
    use crate::shop::reports::{Column, Span};

    #[test]
    fn revenue_is_a_picture_in_every_language() {
        let now = Time(1_793_565_000_000);
        for lang in Lang::ALL {
            let voice = Voice::new(lang, chrono_tz::Asia::Tehran, now);
            let period = Span::Month.period(voice.zone, now);
            let money = |n: i64| Money::new(n % 23 * 150_000, Asset::Irt);
            let columns: Vec<Column> = (0..30)
                .map(|n| Column { start: period.from.after(n * DAY), revenue: money(n * 7919), before: money(n * 31) })
                .collect();
            let png = of(&voice, &period, &columns).unwrap();
            let picture = image::load_from_memory(&png).unwrap().into_rgb8();
            assert_eq!(picture.dimensions(), (1_000, 640));
            for color in [[0x2a, 0x85, 0xc9], [0xc9, 0xd6, 0xe2]] {
                assert!(picture.pixels().filter(|pixel| pixel.0 == color).count() > 5_000, "{lang}: no columns");
            }
            let dark = picture.enumerate_pixels().filter(|(x, y, p)| *x < 180 && *y > 100 && p.0[0] < 0x60).count();
            assert!(dark > 400, "{lang}: no scale");
        }
    }
}
