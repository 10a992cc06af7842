//! A link as a QR picture.
use crate::base::{Fault, task};
use image::{ImageFormat, Luma};
use qrcode::{EcLevel, QrCode};
use std::io::Cursor;

/// The least width of the picture, in points.
const WIDTH: u32 = 512;

/// A PNG with the text as a QR code. It is work for the processor, so it has a thread of its own.
pub async fn png(text: String) -> Result<Vec<u8>, Fault> {
    let drawn = task::heavy(move || draw(&text)).await.await;
    drawn.map_err(|error| Fault::new(error).context("drawing a QR code"))?
}

fn draw(text: &str) -> Result<Vec<u8>, Fault> {
    let code = QrCode::with_error_correction_level(text, EcLevel::M).map_err(|error| Fault::new(error).context("a QR code"))?;
    let picture = code.render::<Luma<u8>>().min_dimensions(WIDTH, WIDTH).build();
    let mut out = Cursor::new(Vec::new());
    picture.write_to(&mut out, ImageFormat::Png).map_err(|error| Fault::new(error).context("a QR code's picture"))?;
    Ok(out.into_inner())
}

#[cfg(test)]
mod tests {
    use super::draw;

    #[test]
    fn a_link_becomes_a_picture_that_a_phone_can_read() {
        let png = draw(&format!("https://de.example/sub/{}", "x".repeat(180))).unwrap();
        let picture = image::load_from_memory(&png).unwrap();
        assert!(picture.width() >= 512 && picture.width() == picture.height());
        assert!(draw(&"x".repeat(5_000)).is_err());
    }
}
