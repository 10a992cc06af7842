//! Pictures with words: an SVG becomes a PNG. Nothing on the machine is needed for it: the fonts are built in, Vazirmatn for Persian
//! and Latin, Noto Sans for Cyrillic.
use crate::base::Fault;
use crate::base::texts::escape;
use resvg::{tiny_skia, usvg};
use std::fmt::Write;

const FONT: &[u8] = include_bytes!("../../../assets/fonts/Vazirmatn-Regular.ttf");
const CYRILLIC: &[u8] = include_bytes!("../../../assets/fonts/NotoSans-Cyrillic.ttf");
pub const FAMILY: &str = "Vazirmatn";

/// In pixels.
pub type Size = (u32, u32);

pub fn png(svg: &str, (width, height): Size) -> Result<Vec<u8>, Fault> {
    let mut options = usvg::Options { font_family: FAMILY.to_owned(), ..usvg::Options::default() };
    options.fontdb_mut().load_font_data(FONT.to_vec());
    options.fontdb_mut().load_font_data(CYRILLIC.to_vec());
    let tree = usvg::Tree::from_str(svg, &options).map_err(|error| Fault::new(format!("reading a chart: {error}")))?;
    let mut canvas = tiny_skia::Pixmap::new(width, height).ok_or_else(|| Fault::new("a chart without a size"))?;
    resvg::render(&tree, tiny_skia::Transform::identity(), &mut canvas.as_mut());
    canvas.encode_png().map_err(|error| Fault::new(format!("writing a chart: {error}")))
}

/// A picture that is being drawn on white, from the top.
pub struct Drawing {
    svg: String,
    size: Size,
}

/// Where a text stands against its point.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Anchor {
    Left,
    Middle,
    Right,
}

impl Drawing {
    pub fn new((width, height): Size) -> Self {
        let svg = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" font-family=\"{FAMILY}, 'Noto Sans'\">\
             <rect width=\"{width}\" height=\"{height}\" fill=\"#ffffff\"/>"
        );
        Self { svg, size: (width, height) }
    }

    pub fn bar(&mut self, (x, y): (i64, i64), (width, height): (i64, i64), color: &str) {
        if width > 0 && height > 0 {
            let _written =
                write!(self.svg, "<rect x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\" rx=\"3\" fill=\"{color}\"/>");
        }
    }

    /// `y` is the line that letters stand on.
    pub fn text(&mut self, (x, y): (i64, i64), (size, color): (i64, &str), anchor: Anchor, text: &str) {
        let anchor = match anchor {
            Anchor::Left => "start",
            Anchor::Middle => "middle",
            Anchor::Right => "end",
        };
        let _written = write!(
            self.svg,
            "<text x=\"{x}\" y=\"{y}\" font-size=\"{size}\" fill=\"{color}\" text-anchor=\"{anchor}\">{}</text>",
            escape(&directed(text))
        );
    }

    pub fn png(mut self) -> Result<Vec<u8>, Fault> {
        self.svg.push_str("</svg>");
        png(&self.svg, self.size)
    }
}

/// Between marks of its own direction: the drawer begins each line from the left, and would put a Persian number behind its word.
fn directed(text: &str) -> String {
    const MARK: char = '\u{200F}';
    let is_rtl = text.chars().any(|letter| matches!(letter, '\u{0600}'..='\u{06EF}' | '\u{06FA}'..='\u{08FF}'));
    if is_rtl { format!("{MARK}{text}{MARK}") } else { text.to_owned() }
}

/// A round number above the highest, by which a scale ends.
pub fn ceiling(most: i64) -> i64 {
    let most = most.max(4);
    let half = (10_i64.pow(most.ilog10()) / 2).max(1);
    (most / half + 1).saturating_mul(half)
}

/// `part` of `whole` pixels.
pub fn scaled(part: i64, whole: i64, pixels: i64) -> i64 {
    i64::try_from(i128::from(part.max(0)) * i128::from(pixels) / i128::from(whole.max(1))).unwrap_or(pixels)
}

#[cfg(test)]
mod tests {
    use super::ceiling;

    #[test]
    fn a_scale_ends_with_a_round_number_above_all() {
        for (most, above) in [(0, 5), (9, 10), (12, 15), (1_400_000, 1_500_000), (1_500_000, 2_000_000), (99, 100)] {
            assert_eq!(ceiling(most), above, "{most}");
        }
    }
}
