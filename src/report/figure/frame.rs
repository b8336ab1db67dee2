//! What all figures share: page, title, subtitle, and panels with axes.

use std::f64::consts::PI;

use plotters::chart::{ChartBuilder, ChartContext, LabelAreaPosition};
use plotters::coord::cartesian::Cartesian2d;
use plotters::element::{Circle, Polygon, Rectangle};
use plotters::style::{Color, IntoFont, RGBColor, ShapeStyle};

use super::axis::{Axis, TICK_FONT};
use super::canvas::{Area, Backend, Canvas, Drawn, fine};
use super::element::{Line, Text};
use super::geometry::{Point, Rect};
use super::label::Placed;
use super::palette::{AXIS, GREY, GRID, INK, Look, PAPER, SHADE, Shape};
use super::style::{Across, Along, Pen, Type};
use super::text::{CAP_HEIGHT, Font};
use super::{Caption, Window};

/// Width of every figure in logical pixels.
pub(super) const WIDTH: f64 = 800.0;
/// Free room around everything.
pub(super) const MARGIN: f64 = 18.0;
/// Radius of the marks of variants, in logical pixels.
pub(super) const MARK_RADIUS: f64 = 4.5;
/// The font of names of series and panels.
pub(super) const NAME_FONT: Font = Font::bold(12.0);
/// The font of names of axes, keys and notes.
pub(super) const NOTE_FONT: Font = Font::regular(12.0);

const TITLE_FONT: Font = Font::bold(17.0);
const SUBTITLE_FONT: Font = Font::regular(12.5);
/// Enough for every explanation below a title of two lines.
const SUBTITLE_LINES: usize = 6;
/// Room between the subtitle and what follows.
const HEADER_GAP: f64 = 18.0;

/// A chart of plotters over our axes.
pub(super) type Chart<'a, 'b> = ChartContext<'a, Backend<'b>, Cartesian2d<Axis, Axis>>;

/// Draws a page: the caption, and below it a body of that height in logical pixels. `draw` gets
/// the body's box; the side margins are already taken off.
pub(super) fn page(caption: &Caption, height: f64, draw: impl FnOnce(&Area<'_>, Rect) -> Drawn) -> Vec<u8> {
    let width = WIDTH - 2.0 * MARGIN;
    let title = TITLE_FONT.wrap(&caption.title, width, 3);
    let subtitle = SUBTITLE_FONT.wrap(&caption.subtitle, width, SUBTITLE_LINES);
    let header = title.len() as f64 * TITLE_FONT.leading() + subtitle.len() as f64 * SUBTITLE_FONT.leading();
    let top = MARGIN + header + HEADER_GAP;
    let mut canvas = Canvas::new(WIDTH, top + height + MARGIN);
    let root = canvas.area();
    let mut y = MARGIN;
    let lines = title
        .iter()
        .map(|line| (line, TITLE_FONT, INK))
        .chain(subtitle.iter().map(|line| (line, SUBTITLE_FONT, GREY)));
    for (line, font, colour) in lines {
        let style = Type::new(font, colour, Across::Left, Along::Top);
        text(&root, line, Point::new(MARGIN, y), style).expect("drawing into memory cannot fail");
        y += font.leading();
    }
    draw(&root, Rect::new(MARGIN, top, width, height)).expect("drawing into memory cannot fail");
    drop(root);
    let software = ("Software".to_owned(), format!("tempfail {}", env!("CARGO_PKG_VERSION")));
    let notes: Vec<_> = std::iter::once(software).chain(caption.notes.iter().cloned()).collect();
    canvas.encode(&notes)
}

/// Whether the labels of the x axis are written below a panel, or below another one of its column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Below {
    Labels,
    Nothing,
}

/// Makes a panel whose data lie in `plot`: windows shaded, grid, axes with labels.
pub(super) fn panel<'a, 'b>(
    root: &'a Area<'b>,
    plot: Rect,
    x: &Axis,
    y: &Axis,
    below: Below,
    windows: &[Window],
) -> Chart<'a, 'b> {
    shade(root, plot, x, windows).expect("drawing into memory cannot fail");
    let left = y.label_width() + 14.0;
    let bottom = if below == Below::Labels { 24.0 } else { 1.0 };
    let outer = root.clone().shrink(
        (fine(plot.left - left), fine(plot.top)),
        (fine(plot.width() + left), fine(plot.height() + bottom)),
    );
    let mut chart = ChartBuilder::on(&outer)
        .set_label_area_size(LabelAreaPosition::Left, fine(left))
        .set_label_area_size(LabelAreaPosition::Bottom, fine(bottom))
        .build_cartesian_2d(x.clone(), y.clone())
        .expect("drawing into memory cannot fail");
    let label = ("sans-serif", fine(TICK_FONT.size)).into_font().color(&INK);
    let nothing = |_: &f64| String::new();
    let mut mesh = chart.configure_mesh();
    mesh.bold_line_style(hairline(GRID, 0.75))
        .axis_style(hairline(AXIS, 1.0))
        .label_style(label)
        .set_all_tick_mark_size(fine(3.5));
    if below == Below::Nothing {
        mesh.x_label_formatter(&nothing).set_tick_mark_size(LabelAreaPosition::Bottom, 0);
    }
    if y.is_bare() {
        mesh.disable_y_axis();
    }
    mesh.draw().expect("drawing into memory cannot fail");
    chart
}

/// Where a value of an axis lies on the page.
pub(super) fn on_page(plot: Rect, x: &Axis, y: &Axis, value: (f64, f64)) -> Point {
    Point::new(plot.left + x.share(value.0) * plot.width(), plot.bottom - y.share(value.1) * plot.height())
}

/// A name below the x axis.
pub(super) fn x_title(root: &Area<'_>, plot: Rect, title: &str) -> Drawn {
    let style = Type::new(NOTE_FONT, INK, Across::Centre, Along::Top);
    text(root, title, Point::new(plot.centre().x, plot.bottom + 30.0), style)
}

/// A name that runs upwards at the left margin, beside `plot`.
pub(super) fn y_title(root: &Area<'_>, plot: Rect, title: &str) -> Drawn {
    let style = Type::new(NOTE_FONT, INK, Across::Centre, Along::Upwards);
    text(root, &NOTE_FONT.fit(title, plot.height() + 20.0), Point::new(MARGIN, plot.centre().y), style)
}

/// Height that [`x_title`] and the labels of the axis need below a plot.
pub(super) const BELOW_PLOT: f64 = 44.0;

/// Width that [`y_title`] and the labels of this axis need at the left of a plot.
pub(super) fn beside_plot(axis: &Axis) -> f64 {
    NOTE_FONT.size * CAP_HEIGHT + 8.0 + axis.label_width() + 14.0
}

/// A line of text at a point of the page.
pub(super) fn text(root: &Area<'_>, words: &str, at: Point, style: Type) -> Drawn {
    root.draw(&Text::new(words, (fine(at.x), fine(at.y)), style))
}

/// A polyline over the page.
pub(super) fn line(root: &Area<'_>, points: &[Point], pen: Pen) -> Drawn {
    root.draw(&Line::new(points.iter().map(|point| (fine(point.x), fine(point.y))).collect(), pen))
}

/// A filled box on the page.
pub(super) fn fill(root: &Area<'_>, rect: Rect, colour: impl Color) -> Drawn {
    let corners = [(fine(rect.left), fine(rect.top)), (fine(rect.right), fine(rect.bottom))];
    root.draw(&Rectangle::new(corners, colour.filled()))
}

/// The line from what is named to its name, where they are apart.
pub(super) fn leader(root: &Area<'_>, placed: &Placed, colour: RGBColor) -> Drawn {
    match placed.leader {
        Some((from, to)) => line(root, &[from, to], Pen::solid(colour, 0.75)),
        None => Ok(()),
    }
}

/// A name in the place found for it.
pub(super) fn name(root: &Area<'_>, words: &str, placed: &Placed, colour: RGBColor) -> Drawn {
    let style = Type::new(NAME_FONT, colour, Across::Left, Along::Bottom).with_halo(1.5);
    text(root, words, Point::new(placed.rect.left, placed.rect.bottom), style)
}

/// The mark of a variant at a point of the page.
pub(super) fn mark(root: &Area<'_>, at: Point, look: Look) -> Drawn {
    let disc = |radius, colour: RGBColor| {
        root.draw(&Circle::new((fine(at.x), fine(at.y)), fine(radius), colour.filled()))
    };
    // A diamond of the same area as a disc.
    let diamond = |radius: f64, colour: RGBColor| {
        let reach = radius * (PI / 2.0).sqrt();
        let corners = [(reach, 0.0), (0.0, reach), (-reach, 0.0), (0.0, -reach)];
        let corners = corners.map(|(x, y)| (fine(at.x + x), fine(at.y + y)));
        root.draw(&Polygon::new(corners, colour.filled()))
    };
    let (whole, hole) = (MARK_RADIUS, MARK_RADIUS - 2.0);
    match look.shape() {
        Shape::Disc => disc(whole, look.colour()),
        Shape::Ring => disc(whole, look.colour()).and_then(|()| disc(hole, PAPER)),
        Shape::Diamond => diamond(whole, look.colour()),
        Shape::HollowDiamond => diamond(whole, look.colour()).and_then(|()| diamond(hole, PAPER)),
    }
}

/// A thin line for plotters' own shapes, its width in logical pixels.
pub(super) fn hairline(colour: RGBColor, width: f64) -> ShapeStyle {
    colour.stroke_width(fine(width).unsigned_abs())
}

/// The part of a plot that a window covers, if any.
pub(super) fn shaded(plot: Rect, x: &Axis, window: &Window) -> Option<Rect> {
    let (start, end) = (window.start.as_seconds(), window.end.as_seconds());
    if end < x.low() || start > x.high() || end <= start {
        return None;
    }
    let place = |seconds: f64| plot.left + x.share(seconds) * plot.width();
    Some(Rect { left: place(start), right: place(end), ..plot })
}

fn shade(root: &Area<'_>, plot: Rect, x: &Axis, windows: &[Window]) -> Drawn {
    windows.iter().filter_map(|window| shaded(plot, x, window)).try_for_each(|rect| fill(root, rect, SHADE))
}
