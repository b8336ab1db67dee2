//! PNG files.

use tiny_skia::Pixmap;

/// An opaque picture as a PNG file, with its density and with texts.
pub(super) fn encode(pixels: &Pixmap, pixels_per_metre: u32, notes: &[(String, String)]) -> Vec<u8> {
    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, pixels.width(), pixels.height());
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.set_pixel_dims(Some(png::PixelDimensions {
        xppu: pixels_per_metre,
        yppu: pixels_per_metre,
        unit: png::Unit::Meter,
    }));
    for (keyword, text) in notes {
        encoder
            .add_itxt_chunk(png_keyword(keyword), text.replace('\0', " "))
            .expect("text chunks are accepted before the header is written");
    }
    // The page is opaque, so premultiplied and plain colours are the same.
    let mut colours = Vec::with_capacity(pixels.data().len() / 4 * 3);
    for pixel in pixels.data().chunks_exact(4) {
        colours.extend_from_slice(&pixel[..3]);
    }
    let mut writer = encoder.write_header().expect("writing into memory succeeds");
    writer.write_image_data(&colours).expect("the picture has the size of its header");
    writer.finish().expect("writing into memory succeeds");
    file
}

/// PNG asks for 1 to 79 characters of Latin-1 without control characters or doubled spaces
/// (PNG specification, 11.3.3.2).
fn png_keyword(wanted: &str) -> String {
    let plain = |character: &char| character.is_ascii_graphic() || *character == ' ';
    let words: String = wanted.chars().filter(plain).collect();
    let keyword: String = words.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(79).collect();
    if keyword.is_empty() { "Comment".to_owned() } else { keyword.trim_end().to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn png_files_carry_their_notes() {
        let mut pixels = Pixmap::new(8, 6).unwrap();
        pixels.fill(tiny_skia::Color::WHITE);
        let notes = [("seed".to_owned(), "42 – ok".to_owned()), ("\u{7}é".to_owned(), "x".to_owned())];
        let file = encode(&pixels, 7559, &notes);
        let reader = png::Decoder::new(std::io::Cursor::new(&file)).read_info().unwrap();
        let info = reader.info();
        assert_eq!((info.width, info.height), (8, 6));
        assert_eq!(info.utf8_text.len(), 2);
        assert_eq!(info.utf8_text[0].get_text().unwrap(), "42 – ok");
        assert_eq!(info.utf8_text[1].keyword, "Comment");
        assert_eq!(info.pixel_dims.unwrap().xppu, 7559);
    }
}
