//! Where the names of series go: beside the thing they name, never on anything else.
//!
//! Greedy placement with collision tests. What is drawn is entered into a coarse grid that
//! remembers which series touch a cell. Every label tries eight positions around each of its
//! anchors, and, where all of them are taken, places farther away with a leader line. Labels that
//! found no place go first in the next round. The result is deterministic.

use super::geometry::{Point, Rect, densify};

/// Side of a grid cell in logical pixels.
const CELL: f64 = 3.0;
/// Distance that labels keep from each other.
const APART: f64 = 3.0;
/// A label this near to a foreign line may be taken for that line's name.
const MISTAKABLE: f64 = 7.0;
/// Distances of labels with leader lines.
const RINGS: [f64; 6] = [20.0, 32.0, 48.0, 68.0, 92.0, 124.0];
/// Anchors that leader lines start from, at most: leaders are the expensive search.
const LEADER_ANCHORS: usize = 40;
/// What a leader costs before its length counts.
const LEADER_COST: f64 = 0.7;
/// Directions that leaders take from an anchor.
const DIRECTIONS: usize = 16;
/// Grid on which empty places are sought.
const STEP: f64 = 6.0;
const ROUNDS: usize = 8;
/// Distance of a label from the line it names.
pub(super) const LINE_GAP: f64 = 5.0;

/// A label looking for a place.
#[derive(Clone, Debug)]
pub(super) struct Request {
    /// The series the label names.
    pub owner: usize,
    pub width: f64,
    pub height: f64,
    /// Distance of the label from its anchor.
    pub gap: f64,
    /// Places the label may stand at, each with a penalty (a foreign line near by costs up to 3).
    pub anchors: Vec<(Point, f64)>,
}

/// A place found for a label.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Placed {
    /// The box of the text.
    pub rect: Rect,
    /// From the anchor to the label, where the label is not next to it.
    pub leader: Option<(Point, Point)>,
}

/// A label with the series it must not be mistaken for.
#[derive(Clone, Debug)]
struct Candidate {
    request: Request,
    foreign: u64,
}

/// What is already drawn where labels may go.
#[derive(Clone, Debug)]
pub(super) struct Field {
    region: Rect,
    columns: usize,
    rows: usize,
    /// One bit per series; series from the 64th on share the last bit.
    cells: Vec<u64>,
}

impl Field {
    /// An empty region; labels stay inside.
    pub fn new(region: Rect) -> Self {
        let count = |length: f64| (length / CELL).ceil().max(1.0) as usize;
        let (columns, rows) = (count(region.width()), count(region.height()));
        Self { region, columns, rows, cells: vec![0; columns * rows] }
    }

    /// Enters a line of a series.
    pub fn add_line(&mut self, owner: usize, corners: &[Point]) {
        for point in densify(corners, CELL / 2.0) {
            if self.region.grown(CELL).nearest(point) == point {
                let cell = self.cell(point);
                self.cells[cell] |= bit(owner);
            }
        }
    }

    /// Enters a box that belongs to a series.
    pub fn add_box(&mut self, owner: usize, rect: &Rect) {
        for cell in self.cells_of(rect).collect::<Vec<_>>() {
            self.cells[cell] |= bit(owner);
        }
    }

    fn cell(&self, point: Point) -> usize {
        let index = |offset: f64, count: usize| ((offset / CELL).max(0.0) as usize).min(count - 1);
        index(point.y - self.region.top, self.rows) * self.columns
            + index(point.x - self.region.left, self.columns)
    }

    fn cells_of(&self, rect: &Rect) -> impl Iterator<Item = usize> + use<> {
        let first = self.cell(Point::new(rect.left, rect.top));
        let last = self.cell(Point::new(rect.right, rect.bottom));
        let columns = self.columns;
        let across = first % columns..=last % columns;
        (first / columns..=last / columns)
            .flat_map(move |row| across.clone().map(move |column| row * columns + column))
    }

    /// How many cells of every rectangle from the upper left corner are taken, so that four look-ups
    /// tell whether a box is free.
    fn sums(&self) -> Vec<u32> {
        let width = self.columns + 1;
        let mut sums = vec![0; width * (self.rows + 1)];
        for row in 0..self.rows {
            let mut line = 0;
            for column in 0..self.columns {
                line += u32::from(self.cells[row * self.columns + column] != 0);
                sums[(row + 1) * width + column + 1] = sums[row * width + column + 1] + line;
            }
        }
        sums
    }

    /// The series that touch the box.
    fn touching(&self, rect: &Rect) -> u64 {
        self.cells_of(rect).fold(0, |all, cell| all | self.cells[cell])
    }

    /// The request with only those anchors where the fewest other lines run along: a name in a bundle
    /// could be the name of any of its lines. Lines that are there at all these anchors cannot be
    /// helped and do not count as foreign any more.
    fn unmistakable(&self, request: &Request) -> Candidate {
        let others = |anchor: Point| self.touching(&Rect::around(anchor, 1.0, 1.0)) & !bit(request.owner);
        let company: Vec<u64> = request.anchors.iter().map(|&(anchor, _)| others(anchor)).collect();
        let least = company.iter().map(|others| others.count_ones()).min().unwrap_or(0);
        let kept = || company.iter().enumerate().filter(|(_, others)| others.count_ones() == least);
        let companions = kept().fold(u64::MAX, |all, (_, others)| all & others);
        let anchors = kept().map(|(index, _)| request.anchors[index]).collect();
        Candidate {
            foreign: !(bit(request.owner) | if least == 0 { 0 } else { companions }),
            request: Request { anchors, ..request.clone() },
        }
    }

    /// How easily the label could be read as the name of another series, from 0 to 3.
    fn crowding(&self, foreign: u64, rect: &Rect) -> f64 {
        let others = self.touching(&rect.grown(MISTAKABLE)) & foreign;
        let farther = self.touching(&rect.grown(3.0 * MISTAKABLE)) & foreign;
        f64::from(others.count_ones().min(4)) * 0.5 + f64::from(farther.count_ones().min(4)) * 0.25
    }

    /// Foreign lines that a leader crosses, each as a penalty of 1.
    fn crossings(&self, foreign: u64, placed: &Placed) -> f64 {
        let Some((start, end)) = placed.leader else { return 0.0 };
        let at_start = self.cells[self.cell(start)];
        let path = densify(&[start, end], CELL);
        let met = path.iter().fold(0, |all, &point| all | self.cells[self.cell(point)]);
        f64::from((met & !at_start & foreign).count_ones())
    }

    fn is_free(&self, sums: &[u32], rect: &Rect) -> bool {
        let first = self.cell(Point::new(rect.left, rect.top));
        let last = self.cell(Point::new(rect.right, rect.bottom));
        let (top, left) = (first / self.columns, first % self.columns);
        let (bottom, right) = (last / self.columns + 1, last % self.columns + 1);
        let sum = |row: usize, column: usize| sums[row * (self.columns + 1) + column];
        sum(bottom, right) + sum(top, left) == sum(top, right) + sum(bottom, left)
    }
}

/// Finds places for labels; none for those that have none.
pub(super) fn place(field: &Field, requests: &[Request]) -> Vec<Option<Placed>> {
    let mut search = Search { field, sums: field.sums(), taken: Vec::new() };
    let candidates: Vec<Candidate> = requests.iter().map(|request| field.unmistakable(request)).collect();
    let mut order: Vec<usize> = (0..requests.len()).collect();
    let mut best: Vec<Option<Placed>> = vec![None; requests.len()];
    for _ in 0..ROUNDS {
        let found = search.place_in_order(&candidates, &order);
        let missing = |places: &[Option<Placed>]| places.iter().filter(|place| place.is_none()).count();
        if missing(&found) < missing(&best) {
            best.clone_from(&found);
        }
        if missing(&best) == 0 {
            break;
        }
        order.sort_by_key(|&index| found[index].is_some());
    }
    best
}

/// The upper left corner of an empty box of that size, with so much empty room around it, as near
/// to a corner of the region as possible.
pub(super) fn empty_place(field: &Field, width: f64, height: f64, around: f64) -> Option<Point> {
    let sums = field.sums();
    let region = field.region;
    let steps = |length: f64| (0..=(length.max(-1.0) / STEP) as usize).map(|step| step as f64 * STEP);
    let (free_width, free_height) =
        (region.width() - width - 2.0 * around, region.height() - height - 2.0 * around);
    if free_width < 0.0 || free_height < 0.0 {
        return None;
    }
    let mut best: Option<(f64, Point)> = None;
    for (x, y) in steps(free_height).flat_map(|y| steps(free_width).map(move |x| (x, y))) {
        let corner = Point::new(region.left + around + x, region.top + around + y);
        let far = x.min(free_width - x) + y.min(free_height - y);
        let room = Rect::new(corner.x, corner.y, width, height).grown(around);
        if best.is_none_or(|(least, _)| far < least) && field.is_free(&sums, &room) {
            best = Some((far, corner));
        }
    }
    best.map(|(_, corner)| corner)
}

/// One round of placing labels.
struct Search<'a> {
    field: &'a Field,
    sums: Vec<u32>,
    taken: Vec<Placed>,
}

impl Search<'_> {
    fn place_in_order(&mut self, candidates: &[Candidate], order: &[usize]) -> Vec<Option<Placed>> {
        self.taken.clear();
        let mut found: Vec<Option<Placed>> = vec![None; candidates.len()];
        for &index in order {
            let near = self.beside(&candidates[index]);
            let far = self.with_leader(&candidates[index], near);
            found[index] = far.or(near).map(|(_, placed)| placed);
            self.taken.extend(found[index]);
        }
        found
    }

    /// The cheapest place next to an anchor, with its cost.
    fn beside(&self, candidate: &Candidate) -> Option<(f64, Placed)> {
        let Candidate { request, foreign } = candidate;
        let mut best: Option<(f64, Placed)> = None;
        for &(anchor, penalty) in &request.anchors {
            for (preference, rect) in around(anchor, request).into_iter().enumerate() {
                let cost = penalty + 0.02 * preference as f64;
                let placed = Placed { rect, leader: None };
                if best.is_some_and(|(least, _)| least <= cost) || !self.fits(&placed) {
                    continue;
                }
                let cost = cost + self.field.crowding(*foreign, &rect);
                if best.is_none_or(|(least, _)| cost < least) {
                    best = Some((cost, placed));
                }
            }
        }
        best
    }

    /// The cheapest place away from the line, joined to an anchor by a leader, if it is cheaper
    /// than what is known.
    fn with_leader(&self, candidate: &Candidate, known: Option<(f64, Placed)>) -> Option<(f64, Placed)> {
        let Candidate { request, foreign } = candidate;
        let mut best = known;
        let every = request.anchors.len().div_ceil(LEADER_ANCHORS).max(1);
        for &(anchor, penalty) in request.anchors.iter().rev().step_by(every) {
            for distance in RINGS {
                let cost = penalty + LEADER_COST + distance / 40.0;
                if best.is_some_and(|(least, _)| least <= cost) {
                    break;
                }
                for direction in 0..DIRECTIONS {
                    let placed = led(anchor, request, distance, direction);
                    if !self.fits(&placed) {
                        continue;
                    }
                    let cost = cost
                        + self.field.crossings(*foreign, &placed)
                        + self.field.crowding(*foreign, &placed.rect) / 2.0;
                    if best.is_none_or(|(least, _)| cost < least) {
                        best = Some((cost, placed));
                    }
                }
            }
        }
        best
    }

    fn fits(&self, placed: &Placed) -> bool {
        self.field.region.holds(&placed.rect)
            && self.field.is_free(&self.sums, &placed.rect.grown(0.5))
            && self.taken.iter().all(|other| {
                !other.rect.grown(APART).overlaps(&placed.rect)
                    && !other.leader.is_some_and(|leader| crosses(leader, &placed.rect.grown(1.0)))
                    && !placed.leader.is_some_and(|leader| crosses(leader, &other.rect.grown(1.0)))
            })
    }
}

/// The place of a label at the end of a leader.
fn led(anchor: Point, request: &Request, distance: f64, direction: usize) -> Placed {
    let (dy, dx) = (direction as f64 * std::f64::consts::TAU / DIRECTIONS as f64).sin_cos();
    let centre = Point::new(
        anchor.x + dx * (distance + request.width / 2.0),
        anchor.y + dy * (distance + request.height / 2.0),
    );
    let rect = Rect::around(centre, request.width / 2.0, request.height / 2.0);
    let end = rect.grown(1.5).nearest(anchor);
    // From the rim of a mark, not from its middle.
    let start = anchor.towards(end, (request.gap - LINE_GAP) / anchor.distance(end).max(request.gap));
    Placed { rect, leader: Some((start, end)) }
}

/// Eight boxes around an anchor, the most usual first.
fn around(anchor: Point, request: &Request) -> [Rect; 8] {
    let (width, height) = (request.width, request.height);
    let gap = request.gap;
    let diagonal = gap * 0.7;
    let (right, left) = (anchor.x + gap, anchor.x - gap - width);
    let (above, below) = (anchor.y - gap - height, anchor.y + gap);
    let (middle, centre) = (anchor.y - height / 2.0, anchor.x - width / 2.0);
    let (up, down) = (anchor.y - diagonal - height, anchor.y + diagonal);
    let (east, west) = (anchor.x + diagonal, anchor.x - diagonal - width);
    [
        (right, middle),
        (left, middle),
        (east, up),
        (west, up),
        (east, down),
        (west, down),
        (centre, above),
        (centre, below),
    ]
    .map(|(x, y)| Rect::new(x, y, width, height))
}

fn crosses(leader: (Point, Point), rect: &Rect) -> bool {
    densify(&[leader.0, leader.1], 2.0).iter().any(|&point| rect.nearest(point) == point)
}

fn bit(owner: usize) -> u64 {
    1 << owner.min(63)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const REGION: Rect = Rect { left: 0.0, top: 0.0, right: 600.0, bottom: 400.0 };

    fn request(owner: usize, line: &[Point], width: f64) -> Request {
        let anchors = densify(line, 6.0).into_iter().map(|point| (point, 0.0)).collect();
        Request { owner, width, height: 12.0, gap: LINE_GAP, anchors }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]

        #[test]
        fn labels_overlap_neither_each_other_nor_lines(
            lines in prop::collection::vec(prop::collection::vec((0.0..600.0, 0.0..400.0), 1..5), 1..12),
            width in 10.0..200.0,
        ) {
            let lines: Vec<Vec<Point>> = lines
                .into_iter()
                .map(|line| line.into_iter().map(|(x, y)| Point::new(x, y)).collect())
                .collect();
            let mut field = Field::new(REGION);
            for (owner, line) in lines.iter().enumerate() {
                field.add_line(owner, line);
            }
            let requests: Vec<_> = lines.iter().enumerate().map(|(o, line)| request(o, line, width)).collect();
            let found = place(&field, &requests);
            let rects: Vec<Rect> = found.iter().flatten().map(|placed| placed.rect).collect();
            for (index, rect) in rects.iter().enumerate() {
                prop_assert!(REGION.holds(rect));
                prop_assert!(rects[..index].iter().all(|other| !other.overlaps(rect)));
                for point in lines.iter().flat_map(|line| densify(line, 1.0)) {
                    prop_assert!(rect.grown(-CELL).nearest(point) != point);
                }
            }
        }
    }

    #[test]
    fn coincident_lines_all_get_their_names() {
        let line = [Point::new(50.0, 350.0), Point::new(550.0, 100.0)];
        let mut field = Field::new(REGION);
        (0..12).for_each(|owner| field.add_line(owner, &line));
        let requests: Vec<_> = (0..12).map(|owner| request(owner, &line, 120.0)).collect();
        assert!(place(&field, &requests).iter().all(Option::is_some));
    }

    #[test]
    fn a_label_without_room_is_left_out() {
        let field = Field::new(Rect::new(0.0, 0.0, 20.0, 20.0));
        assert_eq!(place(&field, &[request(0, &[Point::new(5.0, 5.0)], 50.0)]), [None]);
    }
}
