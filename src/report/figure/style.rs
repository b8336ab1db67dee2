//! How lines are drawn and text is set.

use plotters::style::{Color as _, RGBAColor, RGBColor};

use super::text::Font;

/// A stroke: colour, width and dashes in logical pixels.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Pen {
    pub colour: RGBAColor,
    pub width: f64,
    /// Dashes and gaps in turn; empty for a solid line.
    pub dash: Vec<f64>,
    /// How far into the dashes the line starts.
    pub phase: f64,
}

impl Pen {
    pub fn solid(colour: RGBColor, width: f64) -> Self {
        Self::dashed(colour, width, &[])
    }

    pub fn dashed(colour: RGBColor, width: f64, dash: &[f64]) -> Self {
        Self { colour: colour.to_rgba(), width, dash: dash.to_vec(), phase: 0.0 }
    }
}

/// How a line of text is set.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Type {
    pub font: Font,
    pub colour: RGBColor,
    pub across: Across,
    pub along: Along,
    /// Width of the white rim that lifts the text off what is below, in logical pixels.
    pub halo: f64,
}

/// Which part of a line of text lies at its anchor, horizontally.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Across {
    Left,
    Centre,
    Right,
}

/// Which part of a line of text lies at its anchor, vertically; with the direction it runs in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Along {
    /// The top of the capitals.
    Top,
    /// The middle of the capitals.
    Middle,
    /// The bottom of the descenders.
    Bottom,
    /// The text runs upwards and the top of its capitals is at the left.
    Upwards,
}

impl Type {
    pub fn new(font: Font, colour: RGBColor, across: Across, along: Along) -> Self {
        Self { font, colour, across, along, halo: 0.0 }
    }

    pub fn with_halo(self, halo: f64) -> Self {
        Self { halo, ..self }
    }
}
