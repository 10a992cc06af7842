//! The picture of a source: for each plan, location or method a bar under its name, so that a phone shows both large.
use super::picture::{Anchor, Drawing, scaled};
use crate::base::Fault;
use crate::base::format::Voice;
use crate::shop::reports::Share;

const WIDTH: i64 = 1_000;
const EDGE: i64 = 40;
const TITLE: i64 = 84;
const ROW: i64 = 92;
/// Bars of one part: more would be small on a phone.
const ROWS_MAX: usize = 5;
const INK: &str = "#333d4b";
const TRACK: &str = "#eef1f5";
const BAR: &str = "#2a85c9";

/// Parts with a title each, and their bars; the first of a part is the longest.
pub fn of(voice: &Voice, parts: &[(&str, Vec<Share>)]) -> Result<Vec<u8>, Fault> {
    let parts: Vec<_> = parts.iter().filter(|(_, shares)| shares.iter().any(|share| share.revenue.minor > 0)).collect();
    let rows: usize = parts.iter().map(|(_, shares)| shares.len().min(ROWS_MAX)).sum();
    let (titles, rows) = (i64::try_from(parts.len()).unwrap_or(1), i64::try_from(rows).unwrap_or(1));
    let height = u32::try_from((titles * TITLE + rows * ROW + EDGE).max(200)).unwrap_or(2_000);
    let mut drawing = Drawing::new((1_000, height));
    let begin = if voice.lang.is_rtl() { (WIDTH - EDGE, Anchor::Right) } else { (EDGE, Anchor::Left) };
    let mut y = 0;
    for (title, shares) in parts {
        drawing.text((begin.0, y + 58), (38, INK), begin.1, title);
        y += TITLE;
        let most = shares.iter().map(|share| share.revenue.minor).max().unwrap_or_default();
        for share in shares.iter().take(ROWS_MAX) {
            row(&mut drawing, voice, (y, most), share);
            y += ROW;
        }
    }
    drawing.png()
}

fn row(drawing: &mut Drawing, voice: &Voice, (y, most): (i64, i64), share: &Share) {
    let (near, far) = (EDGE, WIDTH - EDGE);
    let (name, amount) = if voice.lang.is_rtl() { (far, near) } else { (near, far) };
    let (name_anchor, amount_anchor) =
        if voice.lang.is_rtl() { (Anchor::Right, Anchor::Left) } else { (Anchor::Left, Anchor::Right) };
    drawing.text((name, y + 30), (30, INK), name_anchor, &share.code);
    drawing.text((amount, y + 30), (30, INK), amount_anchor, &voice.money(share.revenue));
    let long = scaled(share.revenue.minor, most, far - near);
    drawing.bar((near, y + 44), (far - near, 22), TRACK);
    let from = if voice.lang.is_rtl() { far - long } else { near };
    drawing.bar((from, y + 44), (long, 22), BAR);
}

#[cfg(test)]
mod tests {
    use super::of;
    use crate::base::format::Voice;
    use crate::base::{Asset, Lang, Money, Time};
    use crate::shop::reports::Share;

    fn share(code: &str, toman: i64) -> Share {
        Share { code: code.to_owned(), sales: 3, revenue: Money::new(toman, Asset::Irt), before: Money::new(0, Asset::Irt) }
    }

    #[test]
    fn sources_are_bars_under_their_names_in_every_language() {
        for (lang, names) in [
            (Lang::En, ["1 month, 30 GB", "Germany"]),
            (Lang::Fa, ["یک ماهه، ۳۰ گیگ (آی‌پی ثابت)", "آلمان"]),
            (Lang::Ru, ["1 месяц, 30 ГБ", "Германия"]),
        ] {
            let voice = Voice::new(lang, chrono_tz::Asia::Tehran, Time(1_793_565_000_000));
            let parts = [
                (voice.t("report-chart-plan"), vec![share(names[0], 12_500_000), share("VIP <&> 2", 3_000_000), share("m3", 0)]),
                (voice.t("report-chart-location"), vec![share(names[1], 15_500_000)]),
                (voice.t("report-chart-method"), Vec::new()),
            ];
            let png = of(&voice, &parts).unwrap();
            let picture = image::load_from_memory(&png).unwrap().into_rgb8();
            assert_eq!(picture.dimensions(), (1_000, 576));
            let blue = |from: u32, to: u32| {
                picture.enumerate_pixels().filter(|(x, _, p)| (from..to).contains(x) && p.0 == [0x2a, 0x85, 0xc9]).count()
            };
            // The shorter bar lies where reading begins.
            let (left, right) = (blue(0, 300), blue(700, 1_000));
            assert!(if lang.is_rtl() { right > left } else { left > right }, "{lang}: {left} {right}");
            let dark = picture.pixels().filter(|pixel| pixel.0[0] < 0x60).count();
            assert!(dark > 3_000, "{lang}: no names");
        }
    }
}
