//! Pictures of receipts: equal numbers make the same file, others look different to a perceptual hash as well.

use std::io::Cursor;

use souk::sim::telegram::Upload;

const WIDTH: u32 = 90;
const HEIGHT: u32 = 120;

/// A receipt's photo.
pub fn receipt(number: u32) -> Upload {
    upload(&drawn(number), image::ImageFormat::Jpeg)
}

/// The same picture stored again: other bytes, the same look.
pub fn receipt_again(number: u32) -> Upload {
    upload(&drawn(number), image::ImageFormat::Png)
}

fn upload(picture: &image::RgbImage, format: image::ImageFormat) -> Upload {
    let mut bytes = Cursor::new(Vec::new());
    picture.write_to(&mut bytes, format).expect("a picture");
    Upload::new(bytes.into_inner())
}

/// Blocks of light and shade, by a small generator of numbers.
fn drawn(number: u32) -> image::RgbImage {
    let mut seed = number.wrapping_mul(2_654_435_761).wrapping_add(12_345);
    let mut shades = Vec::new();
    for _ in 0..12 * 12 {
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        shades.push(u8::try_from(seed >> 24).expect("a byte"));
    }
    image::RgbImage::from_fn(WIDTH, HEIGHT, |x, y| {
        let block = (y * 12 / HEIGHT) * 12 + x * 12 / WIDTH;
        let shade = shades[usize::try_from(block).expect("a block")];
        image::Rgb([shade, shade, shade])
    })
}
