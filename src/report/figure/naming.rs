//! Names of several series in one plot: beside them where there is room for all, else in a key.

use plotters::style::RGBColor;

use super::canvas::{Across, Along, Area, Drawn, Pen, Type};
use super::frame::{self, NAME_FONT};
use super::geometry::{Point, Rect, densify};
use super::label::{self, Field, Placed, Request};
use super::palette::Look;

/// Width of the key beside the plot, in logical pixels.
pub(super) const KEY_WIDTH: f64 = 180.0;

const LONGEST_NAME: f64 = 190.0;
const SAMPLE_WIDTH: f64 = 24.0;

/// What is to be named.
#[derive(Clone, Debug)]
pub(super) struct Named<'a> {
    pub name: &'a str,
    pub look: Look,
    /// The colour of the name.
    pub ink: RGBColor,
    /// The line on the page; one point for a mark.
    pub line: Vec<Point>,
    /// Half the width of the mark at the anchors.
    pub gap: f64,
}

/// A name and where it is written.
pub(super) type Label = (String, RGBColor, Placed);

/// Finds a place for every name inside `region` that covers nothing of `field`; none if a name
/// finds no place. `penalty` says how unwelcome a point of a line is as a place for its name.
pub(super) fn direct(
    field: &Field,
    named: &[Named<'_>],
    penalty: impl Fn(Point) -> f64,
) -> Option<Vec<Label>> {
    let names: Vec<String> = named.iter().map(|named| NAME_FONT.fit(named.name, LONGEST_NAME)).collect();
    let requests: Vec<Request> = named
        .iter()
        .zip(&names)
        .enumerate()
        .filter(|(_, (named, _))| !named.line.is_empty())
        .map(|(owner, (named, name))| Request {
            owner,
            width: NAME_FONT.width(name),
            height: NAME_FONT.height(),
            gap: named.gap,
            anchors: densify(&named.line, 6.0).into_iter().map(|point| (point, penalty(point))).collect(),
        })
        .collect();
    let placed = label::place(field, &requests);
    requests
        .iter()
        .zip(placed)
        .map(|(request, placed)| Some((names[request.owner].clone(), named[request.owner].ink, placed?)))
        .collect()
}

/// Writes names beside what they name.
pub(super) fn draw(root: &Area<'_>, labels: &[Label]) -> Drawn {
    // Leaders first, so that none crosses a name.
    for (_, _, placed) in labels {
        frame::leader(root, placed)?;
    }
    for (name, ink, placed) in labels {
        frame::name(root, name, placed, *ink)?;
    }
    Ok(())
}

/// Writes a key beside the plot: a piece of every line, or its mark, and its name.
pub(super) fn draw_key(root: &Area<'_>, plot: Rect, named: &[Named<'_>], pens: &[Pen]) -> Drawn {
    let room = KEY_WIDTH - SAMPLE_WIDTH - 26.0;
    let most = if named.len() as f64 * 2.2 * NAME_FONT.leading() < plot.height() { 2 } else { 1 };
    let mut y = plot.top + NAME_FONT.size;
    let left = plot.right + 20.0;
    for (named, pen) in named.iter().zip(pens) {
        match named.line.as_slice() {
            [_] => frame::mark(root, Point::new(left + SAMPLE_WIDTH / 2.0, y), named.look)?,
            _ => {
                // Turns of coincident lines are longer than the sample.
                let pen = Pen { phase: 0.0, dash: named.look.dash().to_vec(), ..pen.clone() };
                frame::line(root, &[Point::new(left, y), Point::new(left + SAMPLE_WIDTH, y)], pen)?;
            }
        }
        let style = Type::new(NAME_FONT, named.ink, Across::Left, Along::Middle);
        for line in NAME_FONT.wrap(named.name, room, most) {
            frame::text(root, &line, Point::new(left + SAMPLE_WIDTH + 6.0, y), style.clone())?;
            y += NAME_FONT.leading();
        }
        y += 3.0;
    }
    Ok(())
}

/// Height of plot that a key of so many names needs at least.
pub(super) fn key_height(names: usize) -> f64 {
    names as f64 * (NAME_FONT.leading() + 3.0) + NAME_FONT.size
}
