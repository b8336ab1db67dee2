//! Points and rectangles of a page, in logical pixels: x to the right, y downwards from the top.

/// A place on the page.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Point {
    pub x: f64,
    pub y: f64,
}

/// An axis-parallel rectangle on the page; `left <= right` and `top <= bottom`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Rect {
    pub left: f64,
    pub top: f64,
    pub right: f64,
    pub bottom: f64,
}

impl Point {
    pub fn new(x: f64, y: f64) -> Self {
        Self { x, y }
    }

    pub fn distance(self, other: Self) -> f64 {
        (self.x - other.x).hypot(self.y - other.y)
    }

    /// The point the given share of the way to `other`.
    pub fn towards(self, other: Self, share: f64) -> Self {
        Self::new(self.x + (other.x - self.x) * share, self.y + (other.y - self.y) * share)
    }
}

impl Rect {
    pub fn new(left: f64, top: f64, width: f64, height: f64) -> Self {
        Self { left, top, right: left + width, bottom: top + height }
    }

    pub fn around(centre: Point, half_width: f64, half_height: f64) -> Self {
        Self::new(centre.x - half_width, centre.y - half_height, 2.0 * half_width, 2.0 * half_height)
    }

    pub fn width(&self) -> f64 {
        self.right - self.left
    }

    pub fn height(&self) -> f64 {
        self.bottom - self.top
    }

    pub fn centre(&self) -> Point {
        Point::new((self.left + self.right) / 2.0, (self.top + self.bottom) / 2.0)
    }

    /// The rectangle with every side moved outwards (inwards where negative).
    pub fn grown(&self, by: f64) -> Self {
        Self { left: self.left - by, top: self.top - by, right: self.right + by, bottom: self.bottom + by }
    }

    pub fn overlaps(&self, other: &Self) -> bool {
        self.left < other.right
            && other.left < self.right
            && self.top < other.bottom
            && other.top < self.bottom
    }

    /// Whether `other` lies wholly inside.
    pub fn holds(&self, other: &Self) -> bool {
        self.left <= other.left
            && other.right <= self.right
            && self.top <= other.top
            && other.bottom <= self.bottom
    }

    /// The point of the rectangle nearest to `point`.
    pub fn nearest(&self, point: Point) -> Point {
        Point::new(point.x.clamp(self.left, self.right), point.y.clamp(self.top, self.bottom))
    }
}

/// Points along a polyline, the corners among them, at most `step` apart.
pub(super) fn densify(corners: &[Point], step: f64) -> Vec<Point> {
    let mut points: Vec<Point> = corners.first().copied().into_iter().collect();
    for pair in corners.windows(2) {
        let parts = (pair[0].distance(pair[1]) / step).ceil().max(1.0);
        points.extend((1..=parts as usize).map(|part| pair[0].towards(pair[1], part as f64 / parts)));
    }
    points
}

/// Points along a polyline about `step` apart, however many corners it has; the last one among them.
pub(super) fn sampled(corners: &[Point], step: f64) -> Vec<Point> {
    let mut points: Vec<Point> = Vec::new();
    for point in densify(corners, step) {
        if points.last().is_none_or(|last| last.distance(point) >= 0.9 * step) {
            points.push(point);
        }
    }
    match (points.last(), corners.last()) {
        (Some(last), Some(end)) if last != end => points.push(*end),
        _ => {}
    }
    points
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn densified_lines_keep_their_corners() {
        let corners =
            [Point::new(0.0, 0.0), Point::new(10.0, 0.0), Point::new(10.0, 0.0), Point::new(10.0, 5.0)];
        let points = densify(&corners, 3.0);
        assert!(corners.iter().all(|corner| points.contains(corner)));
        assert!(points.windows(2).all(|pair| pair[0].distance(pair[1]) <= 3.0));
        assert!(densify(&[], 3.0).is_empty());
    }

    #[test]
    fn sampling_does_not_follow_every_corner() {
        let corners: Vec<Point> = (0..1000).map(|index| Point::new(f64::from(index) / 100.0, 0.0)).collect();
        let points = sampled(&corners, 2.0);
        assert!(points.len() < 10 && points.last() == corners.last());
        assert_eq!(sampled(&corners[..1], 2.0), corners[..1]);
    }

    #[test]
    fn touching_rectangles_do_not_overlap() {
        let left = Rect::new(0.0, 0.0, 10.0, 10.0);
        assert!(!left.overlaps(&Rect::new(10.0, 0.0, 5.0, 5.0)));
        assert!(left.overlaps(&Rect::new(9.0, 9.0, 5.0, 5.0)));
        assert!(left.grown(1.0).holds(&left));
    }
}
