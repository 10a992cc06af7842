//! The picture beside the quick numbers: a bar a day, drawn by plotters.
use super::picture::{FAMILY, ceiling, png};
use crate::base::Fault;
use crate::base::format::{Voice, number};
use crate::shop::reports::Day;
use plotters::prelude::{
    ChartBuilder, Color, IntoDrawingArea, IntoFont, IntoSegmentedCoord, RGBColor, Rectangle, SVGBackend, SegmentValue, WHITE,
};

const WIDTH: u32 = 1_000;
const HEIGHT: u32 = 500;
const INK: RGBColor = RGBColor(0x33, 0x3d, 0x4b);
const GRID: RGBColor = RGBColor(0xe3, 0xe7, 0xec);
const BAR: RGBColor = RGBColor(0x2a, 0x85, 0xc9);
/// The day that is not over.
const TODAY: RGBColor = RGBColor(0x9c, 0xc8, 0xe8);

/// Revenue by day, the oldest first.
pub fn of(voice: &Voice, days: &[Day]) -> Result<Vec<u8>, Fault> {
    let svg = fold_shifts(&draw(voice, days)?);
    png(&svg, (WIDTH, HEIGHT))
}

fn whole(day: &Day) -> i64 {
    day.revenue.minor / 10_i64.pow(day.revenue.asset.exponent())
}

fn draw(voice: &Voice, days: &[Day]) -> Result<String, Fault> {
    let wrong = |error: &dyn std::fmt::Display| Fault::new(format!("drawing a chart: {error}"));
    let mut svg = String::new();
    let area = SVGBackend::with_string(&mut svg, (WIDTH, HEIGHT)).into_drawing_area();
    area.fill(&WHITE).map_err(|error| wrong(&error))?;
    let last = i32::try_from(days.len()).unwrap_or(i32::MAX) - 1;
    let font = (FAMILY, 30).into_font().color(&INK);
    let mut chart = ChartBuilder::on(&area)
        .margin(20)
        .x_label_area_size(56)
        .y_label_area_size(190)
        .build_cartesian_2d((0..last.max(1)).into_segmented(), 0..ceiling(days.iter().map(whole).max().unwrap_or_default()))
        .map_err(|error| wrong(&error))?;
    let label = |at: &SegmentValue<i32>| match at {
        SegmentValue::Exact(day) | SegmentValue::CenterOf(day) => day_label(voice, days, *day),
        SegmentValue::Last => String::new(),
    };
    chart
        .configure_mesh()
        .disable_x_mesh()
        .light_line_style(WHITE)
        .bold_line_style(GRID)
        .axis_style(GRID)
        .x_labels(days.len())
        .y_labels(5)
        .x_label_formatter(&label)
        .y_label_formatter(&|amount| number(voice.lang, *amount))
        .label_style(font)
        .draw()
        .map_err(|error| wrong(&error))?;
    // A day without revenue has no bar: a picture's rectangle needs a height.
    let bars = days.iter().zip(0_i32..).filter(|(day, _)| whole(day) > 0).map(|(day, at)| {
        let (color, end) = if at == last { (TODAY, SegmentValue::Last) } else { (BAR, SegmentValue::Exact(at + 1)) };
        let mut bar = Rectangle::new([(SegmentValue::Exact(at), 0), (end, whole(day))], color.filled());
        bar.set_margin(0, 0, 3, 3);
        bar
    });
    chart.draw_series(bars).map_err(|error| wrong(&error))?;
    area.present().map_err(|error| wrong(&error))?;
    drop(chart);
    drop(area);
    Ok(svg)
}

/// The day of the month, for each third day; the others would not fit.
fn day_label(voice: &Voice, days: &[Day], at: i32) -> String {
    let Some(day) = usize::try_from(at).ok().and_then(|at| days.get(at)) else { return String::new() };
    let from_end = i32::try_from(days.len()).unwrap_or(i32::MAX) - 1 - at;
    if from_end % 3 != 0 {
        return String::new();
    }
    voice.date(day.start).split(' ').next().unwrap_or_default().to_owned()
}

/// Moves `dy` into `y`: resvg 0.48 leaves `dy` out on texts that run from right to left (seen on 2026-11-20).
fn fold_shifts(svg: &str) -> String {
    let mut out = String::with_capacity(svg.len());
    for (place, part) in svg.split("<text ").enumerate() {
        if place == 0 {
            out.push_str(part);
            continue;
        }
        out.push_str("<text ");
        out.push_str(&folded(part).unwrap_or_else(|| part.to_owned()));
    }
    out
}

/// One text's attributes and the rest. In hundredths of a pixel: 1 ex is half an em here.
fn folded(part: &str) -> Option<String> {
    let shift = attribute(part, "dy")?;
    let (unit, digits) =
        if let Some(digits) = shift.strip_suffix("em") { (100, digits) } else { (50, shift.strip_suffix("ex")?) };
    let (sign, digits) = digits.strip_prefix('-').map_or((1, digits), |digits| (-1, digits));
    let ems = hundredths(digits)?;
    let size = hundredths(attribute(part, "font-size")?)?;
    let y = hundredths(attribute(part, "y")?)?;
    let moved = y + sign * ems * size / 100 * unit / 100;
    let moved = format!("y=\"{}.{:02}\"", moved.max(0) / 100, moved.max(0) % 100);
    let was = format!("y=\"{}\"", attribute(part, "y")?);
    Some(part.replacen(&format!(" dy=\"{shift}\""), "", 1).replacen(&was, &moved, 1))
}

fn attribute<'a>(part: &'a str, name: &str) -> Option<&'a str> {
    let within = part.split_once('>')?.0;
    let begin = format!(" {name}=\"");
    let from = within.find(&begin)? + begin.len();
    within.get(from..)?.split_once('"').map(|(value, _)| value)
}

/// `12.345` as 1234.
fn hundredths(text: &str) -> Option<i64> {
    let (whole, rest) = text.split_once('.').unwrap_or((text, ""));
    let rest: String = rest.chars().chain("00".chars()).take(2).collect();
    Some(whole.parse::<i64>().ok()? * 100 + rest.parse::<i64>().ok()?)
}

#[cfg(test)]
mod tests {
    use super::{fold_shifts, of};
    use crate::base::format::Voice;
    use crate::base::{Asset, DAY, Lang, Money, Time};
    use crate::shop::reports::Day;

    fn days() -> Vec<Day> {
        let start = Time(1_793_565_000_000);
        (0..30_i64)
            .map(|n| Day { start: start.after(n * DAY), revenue: Money::new((n * 7919 % 23) * 150_000, Asset::Irt) })
            .collect()
    }

    #[test]
    fn a_chart_is_a_picture_in_every_language() {
        for lang in Lang::ALL {
            let voice = Voice::new(lang, chrono_tz::Asia::Tehran, Time(1_793_565_000_000 + 30 * DAY));
            let png = of(&voice, &days()).unwrap();
            let picture = image::load_from_memory(&png).unwrap().into_rgb8();
            assert_eq!(picture.dimensions(), (1_000, 500));
            assert!(picture.pixels().filter(|pixel| pixel.0 == [0x2a, 0x85, 0xc9]).count() > 10_000, "{lang}: no bars");
            // Labels stand left of the plot, and nowhere else is there dark ink.
            let dark = |x: u32| picture.enumerate_pixels().filter(|(at, _, p)| *at / 100 == x && p.0[0] < 0x60).count();
            assert!(dark(0) + dark(1) > 200, "{lang}: no labels");
        }
    }

    #[test]
    fn shifts_become_places() {
        let svg = r#"<svg><text x="5" y="10" dy="0.5ex" font-size="20">1</text><text x="5" y="10" font-size="20">2</text></svg>"#;
        let folded = r#"<svg><text x="5" y="15.00" font-size="20">1</text><text x="5" y="10" font-size="20">2</text></svg>"#;
        assert_eq!(fold_shifts(svg), folded);
    }
}
