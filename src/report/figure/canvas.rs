//! The drawing backend: plotters above, tiny-skia below.
//!
//! Coordinates of plotters are whole numbers. So plotters is told that the canvas is 32 times as
//! large as the page in logical pixels, and the backend divides: what is drawn is placed to a
//! sixteenth of a pixel of the picture, which has two pixels per logical pixel. Lines along an axis
//! are set on whole pixels, so that they are crisp.

use std::convert::Infallible;

use plotters::coord::Shift;
use plotters::drawing::{DrawingArea, IntoDrawingArea};
use plotters::style::{Color as _, RGBAColor, RGBColor};
use plotters_backend::text_anchor::{HPos, Pos, VPos};
use plotters_backend::{
    BackendColor, BackendCoord, BackendStyle, BackendTextStyle, DrawingBackend, DrawingErrorKind, FontStyle,
    FontTransform,
};
use tiny_skia::{
    Color, FillRule, LineCap, LineJoin, Paint, Path, PathBuilder, Pixmap, Rect, Stroke, StrokeDash, Transform,
};

use super::file;
use super::palette::PAPER;
use super::style::{Across, Along, Pen, Type};
use super::text::{CAP_HEIGHT, DESCENT, Font, Weight};
use super::thin::thinned;

/// Units of plotters' coordinates per logical pixel.
const FINE: f64 = 32.0;
/// Pixels of the picture per logical pixel.
const DENSITY: f64 = 2.0;
/// Pixels per metre at 96 logical pixels per inch.
const PIXELS_PER_METRE: u32 = (96.0 * DENSITY / 0.0254) as u32;

/// A drawing area of plotters over a [`Canvas`].
pub(super) type Area<'a> = DrawingArea<Backend<'a>, Shift>;
/// Drawing into memory cannot fail; plotters' signature wants an error all the same.
pub(super) type Drawn<T = ()> = Result<T, plotters::drawing::DrawingAreaErrorKind<Infallible>>;

/// A length in logical pixels in units of plotters' coordinates.
pub(super) fn fine(logical: f64) -> i32 {
    (logical * FINE).round() as i32
}

/// A white page that remembers what was drawn on it.
pub(super) struct Canvas {
    pixels: Pixmap,
}

impl Canvas {
    /// A page of that size in logical pixels.
    pub fn new(width: f64, height: f64) -> Self {
        let size = |logical: f64| (logical * DENSITY).round().max(1.0) as u32;
        let mut pixels = Pixmap::new(size(width), size(height)).expect("a page fits into memory");
        pixels.fill(Color::WHITE);
        Self { pixels }
    }

    /// The whole page, for plotters to draw on.
    pub fn area(&mut self) -> Area<'_> {
        Backend { pixels: &mut self.pixels }.into_drawing_area()
    }

    /// The page as a PNG file with these text chunks.
    pub fn encode(&self, notes: &[(String, String)]) -> Vec<u8> {
        file::encode(&self.pixels, PIXELS_PER_METRE, notes)
    }
}

/// What plotters draws on.
pub(super) struct Backend<'a> {
    pixels: &'a mut Pixmap,
}

impl Backend<'_> {
    /// Strokes a polyline given in plotters' coordinates.
    pub fn stroke(&mut self, points: &[BackendCoord], pen: &Pen) {
        let straight = match points {
            [a, b] => a.0 == b.0 || a.1 == b.1,
            _ => false,
        };
        let mut width = (pen.width * DENSITY) as f32;
        if straight {
            width = width.round().max(1.0);
        }
        let places = thinned(points.iter().map(|&point| scaled(point)));
        let path = if straight { crisp(&places, width) } else { polyline(&places) };
        let Some(path) = path else { return };
        let dash = pen.dash.iter().map(|length| (length * DENSITY) as f32).collect::<Vec<_>>();
        let stroke = Stroke {
            width,
            line_cap: if straight { LineCap::Butt } else { LineCap::Round },
            line_join: LineJoin::Round,
            dash: if dash.is_empty() { None } else { StrokeDash::new(dash, (pen.phase * DENSITY) as f32) },
            ..Stroke::default()
        };
        // Round caps would close the gaps of dashes.
        let stroke =
            if stroke.dash.is_some() { Stroke { line_cap: LineCap::Butt, ..stroke } } else { stroke };
        self.pixels.stroke_path(
            &path,
            &paint(pen.colour.to_backend_color()),
            &stroke,
            Transform::identity(),
            None,
        );
    }

    /// Sets one line of text with its anchor at a place in plotters' coordinates.
    pub fn set(&mut self, text: &str, style: &Type, at: BackendCoord) {
        let Some(outline) = style.font.outline(text) else { return };
        let width = style.font.width(text);
        let dx = match style.across {
            Across::Left => 0.0,
            Across::Centre => -width / 2.0,
            Across::Right => -width,
        };
        let dy = match style.along {
            Along::Top | Along::Upwards => CAP_HEIGHT,
            Along::Middle => CAP_HEIGHT / 2.0,
            Along::Bottom => -DESCENT,
        } * style.font.size;
        let (x, y) = scaled(at);
        let turn = if style.along == Along::Upwards { -90.0 } else { 0.0 };
        let transform = Transform::from_translate(dx as f32, dy as f32)
            .post_concat(Transform::from_rotate(turn))
            .post_scale(DENSITY as f32, DENSITY as f32)
            .post_translate(x, y);
        if style.halo > 0.0 {
            let stroke = Stroke {
                width: (2.0 * style.halo) as f32,
                line_join: LineJoin::Round,
                line_cap: LineCap::Round,
                ..Stroke::default()
            };
            self.pixels.stroke_path(&outline, &paint(PAPER.to_backend_color()), &stroke, transform, None);
        }
        self.pixels.fill_path(
            &outline,
            &paint(style.colour.to_backend_color()),
            FillRule::Winding,
            transform,
            None,
        );
    }

    fn fill(&mut self, path: Option<Path>, colour: BackendColor) {
        if let Some(path) = path {
            self.pixels.fill_path(&path, &paint(colour), FillRule::Winding, Transform::identity(), None);
        }
    }
}

impl DrawingBackend for Backend<'_> {
    type ErrorType = Infallible;

    fn get_size(&self) -> (u32, u32) {
        let size = |pixels: u32| (f64::from(pixels) / DENSITY * FINE) as u32;
        (size(self.pixels.width()), size(self.pixels.height()))
    }

    fn ensure_prepared(&mut self) -> Result<(), DrawingErrorKind<Infallible>> {
        Ok(())
    }

    fn present(&mut self) -> Result<(), DrawingErrorKind<Infallible>> {
        Ok(())
    }

    fn draw_pixel(
        &mut self,
        point: BackendCoord,
        colour: BackendColor,
    ) -> Result<(), DrawingErrorKind<Infallible>> {
        self.draw_rect(point, (point.0 + 1, point.1 + 1), &colour, true)
    }

    fn draw_line<S: BackendStyle>(
        &mut self,
        from: BackendCoord,
        to: BackendCoord,
        style: &S,
    ) -> Result<(), DrawingErrorKind<Infallible>> {
        self.draw_path([from, to], style)
    }

    fn draw_rect<S: BackendStyle>(
        &mut self,
        upper_left: BackendCoord,
        lower_right: BackendCoord,
        style: &S,
        fill: bool,
    ) -> Result<(), DrawingErrorKind<Infallible>> {
        if !fill {
            let (left, top, right, bottom) = (upper_left.0, upper_left.1, lower_right.0, lower_right.1);
            let corners = [(left, top), (right, top), (right, bottom), (left, bottom), (left, top)];
            return self.draw_path(corners, style);
        }
        let ((left, top), (right, bottom)) = (scaled(upper_left), scaled(lower_right));
        // At least a pixel wide: a maintenance window of seconds in days must not vanish.
        let wide = |from: f32, to: f32| (from.round(), to.round().max(from.round() + 1.0));
        let ((left, right), (top, bottom)) = (wide(left, right), wide(top, bottom));
        self.fill(Rect::from_ltrb(left, top, right, bottom).map(PathBuilder::from_rect), style.color());
        Ok(())
    }

    fn draw_path<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(
        &mut self,
        path: I,
        style: &S,
    ) -> Result<(), DrawingErrorKind<Infallible>> {
        let colour = style.color();
        let pen = Pen {
            colour: RGBAColor(colour.rgb.0, colour.rgb.1, colour.rgb.2, colour.alpha),
            width: f64::from(style.stroke_width()) / FINE,
            dash: Vec::new(),
            phase: 0.0,
        };
        self.stroke(&path.into_iter().collect::<Vec<_>>(), &pen);
        Ok(())
    }

    fn draw_circle<S: BackendStyle>(
        &mut self,
        centre: BackendCoord,
        radius: u32,
        style: &S,
        fill: bool,
    ) -> Result<(), DrawingErrorKind<Infallible>> {
        let (x, y) = scaled(centre);
        let circle = PathBuilder::from_circle(x, y, (f64::from(radius) / FINE * DENSITY) as f32);
        if fill {
            self.fill(circle, style.color());
        } else if let Some(circle) = circle {
            let width = (f64::from(style.stroke_width()) / FINE * DENSITY) as f32;
            let stroke = Stroke { width, ..Stroke::default() };
            self.pixels.stroke_path(&circle, &paint(style.color()), &stroke, Transform::identity(), None);
        }
        Ok(())
    }

    fn fill_polygon<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(
        &mut self,
        corners: I,
        style: &S,
    ) -> Result<(), DrawingErrorKind<Infallible>> {
        self.fill(polyline(&thinned(corners.into_iter().map(scaled))), style.color());
        Ok(())
    }

    /// Text of plotters' own making: the labels of axes.
    fn draw_text<S: BackendTextStyle>(
        &mut self,
        text: &str,
        style: &S,
        at: BackendCoord,
    ) -> Result<(), DrawingErrorKind<Infallible>> {
        let Pos { h_pos, v_pos } = style.anchor();
        let across = match h_pos {
            HPos::Left => Across::Left,
            HPos::Center => Across::Centre,
            HPos::Right => Across::Right,
        };
        let along = match (style.transform(), v_pos) {
            (FontTransform::Rotate270, _) => Along::Upwards,
            (_, VPos::Top) => Along::Top,
            (_, VPos::Center) => Along::Middle,
            (_, VPos::Bottom) => Along::Bottom,
        };
        let (red, green, blue) = style.color().rgb;
        self.set(text, &Type::new(font_of(style), RGBColor(red, green, blue), across, along), at);
        Ok(())
    }

    fn estimate_text_size<S: BackendTextStyle>(
        &self,
        text: &str,
        style: &S,
    ) -> Result<(u32, u32), DrawingErrorKind<Infallible>> {
        let font = font_of(style);
        Ok((fine(font.width(text)) as u32, fine(font.height()) as u32))
    }
}

fn font_of<S: BackendTextStyle>(style: &S) -> Font {
    let weight = if matches!(style.style(), FontStyle::Bold) { Weight::Bold } else { Weight::Regular };
    Font { weight, size: style.size() / FINE }
}

/// Plotters' coordinates as pixels of the picture.
fn scaled(point: BackendCoord) -> (f32, f32) {
    let scale = |fine: i32| (f64::from(fine) / FINE * DENSITY) as f32;
    (scale(point.0), scale(point.1))
}

fn paint(colour: BackendColor) -> Paint<'static> {
    let (red, green, blue) = colour.rgb;
    let mut paint = Paint::default();
    paint.set_color_rgba8(red, green, blue, (colour.alpha.clamp(0.0, 1.0) * 255.0).round() as u8);
    paint.anti_alias = true;
    paint
}

fn polyline(points: &[(f32, f32)]) -> Option<Path> {
    let (first, rest) = points.split_first()?;
    let mut path = PathBuilder::new();
    path.move_to(first.0, first.1);
    for point in rest {
        path.line_to(point.0, point.1);
    }
    path.finish()
}

/// A horizontal or vertical line moved so that it covers whole pixels.
fn crisp(ends: &[(f32, f32)], width: f32) -> Option<Path> {
    let centred = |place: f32| if width as i32 % 2 == 1 { place.floor() + 0.5 } else { place.round() };
    let [mut from, mut to] = [ends[0], ends[1]];
    if from.0 == to.0 {
        (from.0, to.0) = (centred(from.0), centred(to.0));
    } else {
        (from.1, to.1) = (centred(from.1), centred(to.1));
    }
    polyline(&[from, to])
}

#[cfg(test)]
mod tests {
    use super::*;
    use plotters::element::PathElement;
    use plotters::style::BLACK;

    #[test]
    fn axis_parallel_hairlines_are_crisp() {
        let mut canvas = Canvas::new(10.0, 10.0);
        let line = PathElement::new(
            vec![(fine(2.3), 0), (fine(2.3), fine(10.0))],
            plotters::style::Color::stroke_width(&BLACK, fine(0.5) as u32),
        );
        canvas.area().draw(&line).unwrap();
        let blackness: Vec<u8> = (0..10).map(|x| canvas.pixels.pixel(x, 5).unwrap().red()).collect();
        assert_eq!(blackness.iter().filter(|&&red| red == 0).count(), 1);
        assert_eq!(blackness.iter().filter(|&&red| red == 255).count(), 9);
    }
}
