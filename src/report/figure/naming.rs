//! Names of several series in one plot: beside them where there is room for all, else in a key.

use plotters::style::RGBColor;

use super::canvas::{Area, Drawn};
use super::frame::{self, NAME_FONT};
use super::geometry::{Point, Rect, sampled};
use super::label::{self, Field, Placed, Request};
use super::palette::{Look, PAPER};
use super::style::{Across, Along, Pen, Type};

/// The longest line of a name; longer names take several.
const LONGEST_NAME: f64 = 190.0;
/// The same in a key beside a plot, and how many lines there may be at most anywhere.
const LONGEST_BESIDE: f64 = 150.0;
const MOST_LINES: usize = 5;
/// Room between a plot and the key beside it.
const KEY_GAP: f64 = 20.0;
/// So many leaders are always bearable; else a third of the names may have one.
const MOST_LEADERS: usize = 3;
/// A piece of line in a key, and its distance from the name.
const SAMPLE_WIDTH: f64 = 24.0;
const SAMPLE_GAP: f64 = 7.0;
/// Height of a name of one line in a key.
const ROW: f64 = 19.0;
/// Free room around a key inside a plot.
const KEY_MARGIN: f64 = 14.0;

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

/// The lines of a name and where they are written.
type Label = (Vec<String>, RGBColor, Placed);

/// Where the names go.
#[derive(Clone, Debug)]
pub(super) enum Names {
    /// Beside what they name.
    Direct(Vec<Label>),
    /// In a key.
    Key(Key),
}

/// A key: the lines of every name, and where the first one goes.
#[derive(Clone, Debug)]
pub(super) struct Key {
    corner: Point,
    lines: Vec<Vec<String>>,
}

impl Names {
    /// Finds a place for every name that covers nothing of `field`: beside its line, or in a key
    /// where names would be a tangle of leaders; none where there is no room for that either.
    /// `penalty` says how unwelcome a point of a line is as a place for its name.
    /// A name may lie in one of the boxes `shaded`, but a key may not hide them.
    pub fn find(
        field: &Field,
        named: &[Named<'_>],
        shaded: &[Rect],
        penalty: impl Fn(Point) -> f64,
    ) -> Option<Self> {
        let mut unshaded = field.clone();
        for rect in shaded {
            unshaded.add_box(0, rect);
        }
        direct(field, named, penalty)
            .map(Self::Direct)
            .or_else(|| Key::inside(&unshaded, named).map(Self::Key))
    }

    /// A key at the right of a plot.
    pub fn beside(plot: Rect, named: &[Named<'_>]) -> Self {
        let names: Vec<&str> = named.iter().map(|named| named.name).collect();
        let lines = name_lines(&names, LONGEST_BESIDE);
        Self::Key(Key { corner: Point::new(plot.right + KEY_GAP, plot.top + 4.0), lines })
    }

    /// The boxes of the names.
    pub fn boxes(&self) -> Vec<Rect> {
        match self {
            Self::Direct(labels) => labels.iter().map(|(_, _, placed)| placed.rect).collect(),
            Self::Key(key) => vec![key.rect()],
        }
    }

    /// Writes the names.
    pub fn draw(&self, root: &Area<'_>, named: &[Named<'_>], pens: &[Pen]) -> Drawn {
        let labels = match self {
            Self::Direct(labels) => labels,
            Self::Key(key) => return key.draw(root, named, pens),
        };
        // Leaders first, so that none crosses a name.
        for (_, ink, placed) in labels {
            frame::leader(root, placed, *ink)?;
        }
        for (lines, ink, placed) in labels {
            for (index, line) in lines.iter().rev().enumerate() {
                let bottom = placed.rect.bottom - index as f64 * NAME_FONT.leading();
                frame::name(root, line, &Placed { rect: Rect { bottom, ..placed.rect }, ..*placed }, *ink)?;
            }
        }
        Ok(())
    }
}

impl Key {
    /// A key in an empty part of the plot, as near to a corner as possible.
    fn inside(field: &Field, named: &[Named<'_>]) -> Option<Self> {
        let names: Vec<&str> = named.iter().map(|named| named.name).collect();
        let mut key = Self { corner: Point::new(0.0, 0.0), lines: name_lines(&names, LONGEST_NAME) };
        let rect = key.rect();
        key.corner = label::empty_place(field, rect.width(), rect.height(), KEY_MARGIN)?;
        Some(key)
    }

    fn rect(&self) -> Rect {
        let widest = self.lines.iter().flatten().map(|line| NAME_FONT.width(line)).fold(0.0, f64::max);
        let lines = self.lines.iter().map(Vec::len).sum::<usize>() as f64;
        let height = lines * NAME_FONT.leading() + self.lines.len() as f64 * (ROW - NAME_FONT.leading());
        Rect::new(self.corner.x, self.corner.y, SAMPLE_WIDTH + SAMPLE_GAP + widest, height)
    }

    /// A piece of every line, or its mark, and its name.
    fn draw(&self, root: &Area<'_>, named: &[Named<'_>], pens: &[Pen]) -> Drawn {
        frame::fill(root, self.rect().grown(KEY_MARGIN / 2.0), PAPER)?;
        let (left, mut y) = (self.corner.x, self.corner.y + ROW / 2.0);
        for ((named, pen), lines) in named.iter().zip(pens).zip(&self.lines) {
            match named.line.as_slice() {
                [_] => frame::mark(root, Point::new(left + SAMPLE_WIDTH / 2.0, y), named.look)?,
                _ => {
                    // Turns of coincident lines are longer than the sample.
                    let pen = Pen { phase: 0.0, dash: named.look.dash().to_vec(), ..pen.clone() };
                    frame::line(root, &[Point::new(left, y), Point::new(left + SAMPLE_WIDTH, y)], pen)?;
                }
            }
            let style = Type::new(NAME_FONT, named.ink, Across::Left, Along::Middle);
            for line in lines {
                frame::text(root, line, Point::new(left + SAMPLE_WIDTH + SAMPLE_GAP, y), style.clone())?;
                y += NAME_FONT.leading();
            }
            y += ROW - NAME_FONT.leading();
        }
        Ok(())
    }
}

/// Height of plot that a key beside it with these names needs at least.
pub(super) fn key_height(names: &[&str]) -> f64 {
    key_beside(names).height() + 4.0
}

/// Width that such a key needs beside the plot.
pub(super) fn key_width(names: &[&str]) -> f64 {
    KEY_GAP + key_beside(names).width()
}

fn key_beside(names: &[&str]) -> Rect {
    Key { corner: Point::new(0.0, 0.0), lines: name_lines(names, LONGEST_BESIDE) }.rect()
}

/// Names beside their lines; none if a name finds no place or too many need leaders.
fn direct(field: &Field, named: &[Named<'_>], penalty: impl Fn(Point) -> f64) -> Option<Vec<Label>> {
    let words: Vec<&str> = named.iter().map(|named| named.name).collect();
    let names = name_lines(&words, LONGEST_NAME);
    let requests: Vec<Request> = named
        .iter()
        .zip(&names)
        .enumerate()
        .filter(|(_, (named, _))| !named.line.is_empty())
        .map(|(owner, (named, lines))| Request {
            owner,
            width: lines.iter().map(|line| NAME_FONT.width(line)).fold(0.0, f64::max),
            height: NAME_FONT.height() + (lines.len() - 1) as f64 * NAME_FONT.leading(),
            gap: named.gap,
            anchors: sampled(&named.line, 6.0).into_iter().map(|point| (point, penalty(point))).collect(),
        })
        .collect();
    let placed = label::place(field, &requests);
    let leaders = placed.iter().flatten().filter(|placed| placed.leader.is_some()).count();
    if leaders > MOST_LEADERS.max(named.len() / 3) {
        return None;
    }
    requests
        .iter()
        .zip(placed)
        .map(|(request, placed)| Some((names[request.owner].clone(), named[request.owner].ink, placed?)))
        .collect()
}

/// Each name in lines no longer than `longest`; at least one line, which may be empty.
fn name_lines(names: &[&str], longest: f64) -> Vec<Vec<String>> {
    let lines = |name: &&str| match NAME_FONT.balanced(name, longest, MOST_LINES) {
        lines if lines.is_empty() => vec![String::new()],
        lines => lines,
    };
    names.iter().map(lines).collect()
}
