//! Text as outlines: measuring, kerning, breaking into lines.
//!
//! Glyphs are filled as vector paths and placed to a fraction of a pixel, with the pair kerning of
//! the font (OpenType `GPOS`, feature `kern`); rounding every advance to whole pixels is what makes
//! small type in charts look uneven. The fonts are compiled in, so that a picture does not depend
//! on what is installed.

use std::sync::LazyLock;

use tiny_skia::{Path, PathBuilder, Transform};
use ttf_parser::gpos::{PairAdjustment, PositioningSubtable};
use ttf_parser::{Face, GlyphId, OutlineBuilder, Tag};

/// Height of capital letters of Noto Sans, in ems.
pub(super) const CAP_HEIGHT: f64 = 0.714;
/// How far letters reach below the baseline, in ems.
pub(super) const DESCENT: f64 = 0.24;
/// Distance of baselines, in ems.
pub(super) const LEADING: f64 = 1.32;

/// The two cuts of Noto Sans in use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Weight {
    Regular,
    Bold,
}

/// How text looks: the cut and the size of an em in logical pixels.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Font {
    pub weight: Weight,
    pub size: f64,
}

impl Font {
    pub const fn regular(size: f64) -> Self {
        Self { weight: Weight::Regular, size }
    }

    pub const fn bold(size: f64) -> Self {
        Self { weight: Weight::Bold, size }
    }

    /// Width of one line of text in logical pixels.
    pub fn width(self, text: &str) -> f64 {
        let face = self.face();
        layout(face, text).1 * self.size / f64::from(face.units_per_em())
    }

    /// Height from the top of the capitals to the bottom of the descenders, in logical pixels.
    pub fn height(self) -> f64 {
        self.size * (CAP_HEIGHT + DESCENT)
    }

    /// Distance of the baselines of two lines, in logical pixels.
    pub fn leading(self) -> f64 {
        self.size * LEADING
    }

    /// The text itself, or as much of its beginning as fits into `width`, with an ellipsis.
    pub fn fit(self, text: &str, width: f64) -> String {
        if self.width(text) <= width {
            return text.to_owned();
        }
        // The first guess may be too long by the kerning before the ellipsis.
        let scale = self.size / f64::from(self.face().units_per_em());
        let room = width - self.width("…");
        let fitting = layout(self.face(), text).0.iter().take_while(|(_, x)| x * scale <= room).count();
        (1..fitting)
            .rev()
            .map(|count| format!("{}…", text.chars().take(count).collect::<String>().trim_end()))
            .find(|shortened| self.width(shortened) <= width)
            .unwrap_or_default()
    }

    /// The same, with lines about equally long: no narrower would do with as many of them.
    pub fn balanced(self, text: &str, width: f64, most: usize) -> Vec<String> {
        let mut lines = self.wrap(text, width, most);
        let narrowings = if lines.len() > 1 { (30..100).rev() } else { (0..0).rev() };
        for percent in narrowings {
            let narrower = self.wrap(text, width * f64::from(percent) / 100.0, most + 1);
            if narrower.len() > lines.len() || narrower.concat().contains('…') {
                break;
            }
            lines = narrower;
        }
        lines
    }

    /// The text in lines no wider than `width`, broken at plain spaces where possible; what does not
    /// fit into `most` lines ends in an ellipsis.
    pub fn wrap(self, text: &str, width: f64, most: usize) -> Vec<String> {
        let words: Vec<&str> = text.split_ascii_whitespace().collect();
        let widths: Vec<f64> = words.iter().map(|word| self.width(word)).collect();
        // A little more than a space: words may be kerned with it.
        let space = self.width(" ") + 0.1;
        let mut lines = Vec::new();
        let mut next = 0;
        while next < words.len() && lines.len() < most {
            if lines.len() + 1 == most {
                lines.push(self.fit(&words[next..].join(" "), width));
                break;
            }
            let mut reach = widths[next];
            let mut fitting = next + 1;
            while fitting < words.len() && reach + space + widths[fitting] <= width {
                reach += space + widths[fitting];
                fitting += 1;
            }
            lines.push(self.fit(&words[next..fitting].join(" "), width));
            next = fitting;
        }
        lines
    }

    /// The outline of one line of text whose baseline starts at the origin, in logical pixels with
    /// y downwards; none for blank text.
    pub fn outline(self, text: &str) -> Option<Path> {
        let face = self.face();
        let mut pen = Pen { path: PathBuilder::new(), x: 0.0 };
        for (glyph, x) in layout(face, text).0 {
            pen.x = x as f32;
            face.outline_glyph(glyph, &mut pen);
        }
        let scale = (self.size / f64::from(face.units_per_em())) as f32;
        pen.path.finish()?.transform(Transform::from_scale(scale, -scale))
    }

    fn face(self) -> &'static Face<'static> {
        static REGULAR: LazyLock<Face<'static>> = LazyLock::new(|| parse(notosans::REGULAR_TTF));
        static BOLD: LazyLock<Face<'static>> = LazyLock::new(|| parse(notosans::BOLD_TTF));
        match self.weight {
            Weight::Regular => &REGULAR,
            Weight::Bold => &BOLD,
        }
    }
}

fn parse(font: &'static [u8]) -> Face<'static> {
    Face::parse(font, 0).expect("the compiled-in font is valid")
}

/// The glyphs of a line with their places, and the width of the line, all in font units.
fn layout(face: &Face<'_>, text: &str) -> (Vec<(GlyphId, f64)>, f64) {
    let mut x = 0.0;
    let mut previous = None;
    let mut glyphs = Vec::with_capacity(text.len());
    for character in text.chars() {
        let character = if character.is_control() { ' ' } else { character };
        let glyph = face.glyph_index(character).unwrap_or(GlyphId(0));
        if let Some(previous) = previous {
            x += f64::from(kerning(face, previous, glyph));
        }
        glyphs.push((glyph, x));
        x += f64::from(face.glyph_hor_advance(glyph).unwrap_or(0));
        previous = Some(glyph);
    }
    (glyphs, x)
}

/// What the font adds to the advance of `first` before `second`, in font units.
fn kerning(face: &Face<'_>, first: GlyphId, second: GlyphId) -> i16 {
    let Some(table) = face.tables().gpos else { return 0 };
    table
        .features
        .into_iter()
        .filter(|feature| feature.tag == Tag::from_bytes(b"kern"))
        .flat_map(|feature| feature.lookup_indices)
        .filter_map(|index| table.lookups.get(index))
        .flat_map(|lookup| lookup.subtables.into_iter::<PositioningSubtable<'_>>())
        .find_map(|subtable| match subtable {
            PositioningSubtable::Pair(pairs) => pair_kerning(pairs, first, second),
            _ => None,
        })
        .unwrap_or(0)
}

fn pair_kerning(pairs: PairAdjustment<'_>, first: GlyphId, second: GlyphId) -> Option<i16> {
    let covered = pairs.coverage().get(first)?;
    let values = match pairs {
        PairAdjustment::Format1 { sets, .. } => sets.get(covered)?.get(second)?,
        PairAdjustment::Format2 { classes, matrix, .. } => {
            matrix.get((classes.0.get(first), classes.1.get(second)))?
        }
    };
    Some(values.0.x_advance)
}

/// Collects the outlines of glyphs side by side.
struct Pen {
    path: PathBuilder,
    x: f32,
}

impl OutlineBuilder for Pen {
    fn move_to(&mut self, x: f32, y: f32) {
        self.path.move_to(self.x + x, y);
    }

    fn line_to(&mut self, x: f32, y: f32) {
        self.path.line_to(self.x + x, y);
    }

    fn quad_to(&mut self, x1: f32, y1: f32, x: f32, y: f32) {
        self.path.quad_to(self.x + x1, y1, self.x + x, y);
    }

    fn curve_to(&mut self, x1: f32, y1: f32, x2: f32, y2: f32, x: f32, y: f32) {
        self.path.cubic_to(self.x + x1, y1, self.x + x2, y2, self.x + x, y);
    }

    fn close(&mut self) {
        self.path.close();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FONT: Font = Font::regular(12.0);

    #[test]
    fn pairs_are_kerned() {
        assert!(FONT.width("AV") < FONT.width("A") + FONT.width("V") - 0.1);
    }

    #[test]
    fn shortened_text_fits_and_says_so() {
        let text = "Postfix with full jitter and a cap of four hours";
        let short = FONT.fit(text, 100.0);
        assert!(short.ends_with('…') && FONT.width(&short) <= 100.0);
        assert_eq!(FONT.fit("Exim", 100.0), "Exim");
        assert_eq!(FONT.fit("Exim", 0.5), "");
    }

    #[test]
    fn wrapped_lines_fit_and_lose_nothing_but_spaces() {
        let text = "shaded: the recipient answers 421; 95 % intervals over 30 replications";
        let lines = FONT.wrap(text, 120.0, 9);
        assert!(lines.len() > 1 && lines.iter().all(|line| FONT.width(line) <= 120.0));
        assert_eq!(lines.join(" "), text);
        assert_eq!(FONT.wrap(text, 120.0, 2).len(), 2);
        assert_eq!(FONT.wrap("95\u{202f}%", 5.0, 9).len(), 1);
        let name = "postfix without memory, 5 for each";
        let room = FONT.width("postfix without memory, 5 for") + 1.0;
        assert_eq!(FONT.wrap(name, room, 3)[1], "each");
        assert_eq!(FONT.balanced(name, room, 3), ["postfix without", "memory, 5 for each"]);
        assert_eq!(FONT.balanced(name, 2.0 * room, 3), [name]);
        assert!(FONT.wrap("  ", 120.0, 2).is_empty());
        assert!(FONT.wrap("Donaudampfschifffahrtsgesellschaft", 50.0, 3)[0].ends_with('…'));
    }

    #[test]
    fn every_sign_the_figures_use_is_in_the_font() {
        for character in "…–−±×≤\u{2009}\u{202f}·%[](),;".chars() {
            assert!(FONT.face().glyph_index(character).is_some(), "{character:?}");
        }
    }
}
