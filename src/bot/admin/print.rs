//! The fingerprint of a receipt's picture: 64 bits that stay nearly the same when it is scaled, recoloured or saved again.
//!
//! Each bit says whether a cell of a 9 by 8 grid of greys is brighter than its right neighbour. A picture that says it is
//! larger than any receipt is not decoded at all, so that a small file cannot fill the memory.
use image::imageops::FilterType;
use image::{ImageReader, Limits};
use std::io::Cursor;

/// Larger files are not fetched for this.
pub const BYTES_MAX: usize = 10 * 1024 * 1024;
const SIDE_MAX: u32 = 6_000;
const MEMORY_MAX: u64 = 64 * 1024 * 1024;
const COLUMNS: u32 = 9;
const ROWS: u32 = 8;

/// `None` when it is no picture that we can read.
pub fn of(bytes: &[u8]) -> Option<i64> {
    let mut limits = Limits::default();
    limits.max_image_width = Some(SIDE_MAX);
    limits.max_image_height = Some(SIDE_MAX);
    limits.max_alloc = Some(MEMORY_MAX);
    let mut reader = ImageReader::new(Cursor::new(bytes)).with_guessed_format().ok()?;
    reader.limits(limits);
    let grey = reader.decode().ok()?.into_luma8();
    let small = image::imageops::resize(&grey, COLUMNS, ROWS, FilterType::Triangle);
    let mut print = 0_i64;
    for row in 0..ROWS {
        for column in 0..COLUMNS - 1 {
            let brighter = small.get_pixel(column, row).0 > small.get_pixel(column + 1, row).0;
            print = (print << 1) | i64::from(brighter);
        }
    }
    Some(print)
}

#[cfg(test)]
mod tests {
    use super::of;
    use image::{DynamicImage, ImageFormat, RgbImage};
    use std::io::Cursor;

    fn picture(width: u32, height: u32, pixel: impl Fn(u32, u32) -> [u8; 3]) -> RgbImage {
        RgbImage::from_fn(width, height, |x, y| image::Rgb(pixel(x * 90 / width, y * 80 / height)))
    }

    fn saved(picture: RgbImage, format: ImageFormat) -> Vec<u8> {
        let mut bytes = Cursor::new(Vec::new());
        DynamicImage::from(picture).write_to(&mut bytes, format).unwrap();
        bytes.into_inner()
    }

    fn wave(x: u32, y: u32) -> [u8; 3] {
        let grey = u8::try_from((x * x / 30 + y * 7 + (x / 10) * (y / 10) * 31) % 251).unwrap();
        [grey, grey / 2, grey]
    }

    #[test]
    fn the_same_picture_saved_again_is_nearly_the_same() {
        let first = of(&saved(picture(900, 800, wave), ImageFormat::Png)).unwrap();
        let smaller = of(&saved(picture(450, 400, wave), ImageFormat::Jpeg)).unwrap();
        let other = of(&saved(picture(900, 800, |x, y| wave(89 - x, 79 - y)), ImageFormat::Png)).unwrap();
        assert!((first ^ smaller).count_ones() <= 6, "{} bits", (first ^ smaller).count_ones());
        assert!((first ^ other).count_ones() > 6, "{} bits", (first ^ other).count_ones());
    }

    #[test]
    fn what_is_no_picture_or_too_large_has_none() {
        assert_eq!(of(b"%PDF-1.7"), None);
        assert_eq!(of(&[]), None);
        let whole = saved(picture(90, 80, wave), ImageFormat::Png);
        assert_eq!(of(&whole[..whole.len() / 2]), None);
        // The header of a PNG says how large it would be: 60,000 by 60,000.
        let mut bomb = whole;
        bomb[16..24].copy_from_slice(&[0, 0, 0xEA, 0x60, 0, 0, 0xEA, 0x60]);
        assert_eq!(of(&bomb), None);
    }
}
