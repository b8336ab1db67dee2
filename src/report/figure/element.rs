//! Elements that plotters lacks: lines with dashes and text with a halo.

use std::convert::Infallible;

use plotters::element::{Drawable, PointCollection};
use plotters_backend::{BackendCoord, DrawingErrorKind};

use super::canvas::Backend;
use super::style::{Pen, Type};

/// A polyline in the coordinates of the area it is drawn on.
pub(super) struct Line<C> {
    points: Vec<C>,
    pen: Pen,
}

/// A line of text at a place in the coordinates of the area it is drawn on.
pub(super) struct Text<C> {
    at: [C; 1],
    text: String,
    style: Type,
}

impl<C> Line<C> {
    pub fn new(points: Vec<C>, pen: Pen) -> Self {
        Self { points, pen }
    }
}

impl<C> Text<C> {
    pub fn new(text: impl Into<String>, at: C, style: Type) -> Self {
        Self { at: [at], text: text.into(), style }
    }
}

impl<'a, C> PointCollection<'a, C> for &'a Line<C> {
    type Point = &'a C;
    type IntoIter = &'a [C];

    fn point_iter(self) -> &'a [C] {
        &self.points
    }
}

impl<'a, C> PointCollection<'a, C> for &'a Text<C> {
    type Point = &'a C;
    type IntoIter = &'a [C];

    fn point_iter(self) -> &'a [C] {
        &self.at
    }
}

impl<C> Drawable<Backend<'_>> for Line<C> {
    fn draw<I: Iterator<Item = BackendCoord>>(
        &self,
        points: I,
        backend: &mut Backend<'_>,
        _: (u32, u32),
    ) -> Result<(), DrawingErrorKind<Infallible>> {
        backend.stroke(&points.collect::<Vec<_>>(), &self.pen);
        Ok(())
    }
}

impl<C> Drawable<Backend<'_>> for Text<C> {
    fn draw<I: Iterator<Item = BackendCoord>>(
        &self,
        places: I,
        backend: &mut Backend<'_>,
        _: (u32, u32),
    ) -> Result<(), DrawingErrorKind<Infallible>> {
        for place in places {
            backend.set(&self.text, &self.style, place);
        }
        Ok(())
    }
}
