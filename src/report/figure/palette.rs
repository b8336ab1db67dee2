//! Colours, dashes and marks that tell variants apart.
//!
//! Okabe and Ito's palette, which the colour-blind can tell apart, without its yellow: yellow is
//! unreadable as a line or a word on white. Brown takes its place.

use plotters::style::RGBColor;

/// How a series is told apart from the others; the same variant looks the same in every figure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Look {
    /// The variant with this number in the experiment: it decides the colour, and from the ninth
    /// on the dashes of lines and the shape of marks.
    Variant(usize),
    /// A reference that no real policy can reach, drawn dashed and grey.
    Reference,
}

pub(super) const INK: RGBColor = RGBColor(34, 34, 34);
pub(super) const GREY: RGBColor = RGBColor(105, 105, 105);
/// Words that stand back, as light as small text may be.
pub(super) const PALE_INK: RGBColor = RGBColor(118, 118, 118);
pub(super) const FAINT: RGBColor = RGBColor(150, 150, 150);
pub(super) const GRID: RGBColor = RGBColor(226, 226, 226);
pub(super) const AXIS: RGBColor = RGBColor(70, 70, 70);
pub(super) const PAPER: RGBColor = RGBColor(255, 255, 255);
/// The recipient is not available: a pale red, opaque so that grid and data stay in front.
pub(super) const SHADE: RGBColor = RGBColor(250, 232, 230);

pub(super) const BLUE: RGBColor = RGBColor(0, 114, 178);
pub(super) const VERMILION: RGBColor = RGBColor(213, 94, 0);
pub(super) const BLACK: RGBColor = RGBColor(0, 0, 0);
pub(super) const AMBER: RGBColor = RGBColor(230, 159, 0);

const CYCLE: [RGBColor; 8] = [
    BLUE,
    VERMILION,
    RGBColor(0, 158, 115),
    RGBColor(204, 121, 167),
    AMBER,
    RGBColor(86, 180, 233),
    BLACK,
    RGBColor(125, 90, 50),
];

/// Lengths of dashes and gaps in logical pixels, one pattern per round through the colours.
const DASHES: [&[f64]; 4] = [&[], &[6.0, 2.5], &[1.8, 2.2], &[9.0, 2.5, 1.8, 2.5]];

/// The shape of a mark, where there is no line that could be dashed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    Disc,
    Ring,
    Diamond,
    HollowDiamond,
}

/// One shape per round through the colours.
const SHAPES: [Shape; DASHES.len()] = [Shape::Disc, Shape::Ring, Shape::Diamond, Shape::HollowDiamond];

impl Look {
    /// The colour of lines and marks.
    pub(super) fn colour(self) -> RGBColor {
        match self {
            Self::Variant(number) => CYCLE[number % CYCLE.len()],
            Self::Reference => RGBColor(120, 120, 120),
        }
    }

    /// The colour of words: the same hue, dark enough to be read on white.
    pub(super) fn ink(self) -> RGBColor {
        readable(self.colour())
    }

    /// Dashes and gaps in logical pixels; empty for a solid line.
    pub(super) fn dash(self) -> &'static [f64] {
        match self {
            Self::Variant(number) => DASHES[number / CYCLE.len() % DASHES.len()],
            Self::Reference => &[4.5, 3.0],
        }
    }

    /// The shape of marks.
    pub(super) fn shape(self) -> Shape {
        match self {
            Self::Variant(number) => SHAPES[number / CYCLE.len() % SHAPES.len()],
            Self::Reference => Shape::Ring,
        }
    }
}

/// The colour, darkened until its contrast with white reaches the 4.5 : 1 that WCAG 2.1 asks of
/// small text.
fn readable(colour: RGBColor) -> RGBColor {
    let mut dark = colour;
    while contrast_with_white(dark) < 4.5 {
        let darker = |channel: u8| (f64::from(channel) * 0.96) as u8;
        dark = RGBColor(darker(dark.0), darker(dark.1), darker(dark.2));
    }
    dark
}

/// WCAG 2.1, "contrast ratio" and "relative luminance".
fn contrast_with_white(colour: RGBColor) -> f64 {
    let linear = |channel: u8| {
        let share = f64::from(channel) / 255.0;
        if share <= 0.04045 { share / 12.92 } else { ((share + 0.055) / 1.055).powf(2.4) }
    };
    let luminance = 0.2126 * linear(colour.0) + 0.7152 * linear(colour.1) + 0.0722 * linear(colour.2);
    1.05 / (luminance + 0.05)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_readable_and_dark_colours_stay() {
        for number in 0..CYCLE.len() {
            assert!(contrast_with_white(Look::Variant(number).ink()) >= 4.5);
        }
        assert_eq!(Look::Variant(0).ink(), BLUE);
    }

    #[test]
    fn the_first_thirty_two_variants_differ_as_lines_and_as_marks() {
        let looks: Vec<Look> = (0..32).map(Look::Variant).collect();
        for (index, look) in looks.iter().enumerate() {
            for other in &looks[..index] {
                assert!((look.colour(), look.dash()) != (other.colour(), other.dash()));
                assert!((look.colour(), look.shape()) != (other.colour(), other.shape()));
            }
        }
    }
}
