//! Lines with more points than pixels: a day in seconds has 86 400.

/// The line without the points that cannot be told apart: of every run within a quarter of a pixel
/// across, the first, the highest, the lowest and the last remain, in their order: a line that went back and
/// forth would fill the gaps between its dashes.
pub(super) fn thinned(points: impl Iterator<Item = (f32, f32)>) -> Vec<(f32, f32)> {
    let mut kept: Vec<(f32, f32)> = Vec::new();
    let mut run: Vec<(f32, f32)> = Vec::new();
    for point in points {
        if run.first().is_some_and(|first| (first.0 - point.0).abs() > 0.25) {
            keep_run(&mut kept, &run);
            run.clear();
        }
        run.push(point);
    }
    keep_run(&mut kept, &run);
    kept
}

fn keep_run(kept: &mut Vec<(f32, f32)>, run: &[(f32, f32)]) {
    if run.len() <= 4 {
        kept.extend(run);
        return;
    }
    let last = run.len() - 1;
    let extreme = |sign: f32| (0..=last).max_by(|&a, &b| (sign * run[a].1).total_cmp(&(sign * run[b].1)));
    let mut places = [0, extreme(1.0).unwrap_or(0), extreme(-1.0).unwrap_or(0), last];
    places.sort_unstable();
    kept.extend(places.map(|place| run[place]));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dense_lines_are_thinned_but_keep_their_peaks() {
        let points = (0..10_000).map(|index| (index as f32 / 1000.0, if index == 5_555 { 9.0 } else { 0.0 }));
        let kept = thinned(points);
        assert!(kept.len() < 200 && kept.iter().any(|point| point.1 == 9.0));
        assert_eq!(kept.last(), Some(&(9.999, 0.0)));
    }

    #[test]
    fn a_line_is_never_drawn_back_over_itself() {
        let falling = thinned((0..100).map(|index| (0.0, index as f32)));
        assert!(falling.is_sorted_by(|a, b| a.1 <= b.1), "{falling:?}");
        assert_eq!((falling.first(), falling.last()), (Some(&(0.0, 0.0)), Some(&(0.0, 99.0))));
    }
}
