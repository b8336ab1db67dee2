//! The pictures of a sweep: lines along one axis, coloured cells over two.

use super::super::figure::{
    Caption, HeatMap, HeatPanel, Look, Measured, Parameter, Responding, Response, Responses,
};
use super::super::pictures::Picture;
use super::manifest::SweepManifest;
use super::stored::PointSummary;
use super::text::{metrics, title};
use crate::experiment::metric::{Better, Metric, Unit};
use crate::experiment::summary::{MetricSummary, Role};
use crate::quantity::{Dimension, Scale};
use crate::scenario::Axis;

/// What names of pictures of a sweep begin with.
const PREFIX: &str = "sweep-";

/// From this ratio of the largest to the smallest on, listed values are shown with even ratios.
const WIDE: f64 = 20.0;

/// All pictures of a sweep: one for each metric that the manifest names.
pub fn all(manifest: &SweepManifest, summaries: &[PointSummary]) -> Vec<Picture> {
    let axes = drawn_axes(manifest);
    let picture = |metric: &'static Metric| {
        let png = match axes[..] {
            [axis] => lines(manifest, summaries, axis, metric),
            [across, down] => cells(manifest, summaries, [across, down], metric),
            _ => return None,
        };
        Some(Picture { file: format!("{PREFIX}{}.png", metric.name), png })
    };
    metrics(manifest).filter_map(picture).collect()
}

/// Whether this is the name of a picture of some sweep.
pub fn is_name(file: &str) -> bool {
    file.starts_with(PREFIX) && file.ends_with(".png")
}

/// What a reader who looks for pictures in vain must know.
pub fn what_is_not_drawn(manifest: &SweepManifest) -> Option<String> {
    match drawn_axes(manifest).len() {
        0 => Some("There is no picture of a single point.".to_owned()),
        1 | 2 => None,
        axes => {
            Some(format!("There are no pictures: no page shows {axes} axes. The tables hold all points."))
        }
    }
}

/// The axes along which something changes, by their places.
fn drawn_axes(manifest: &SweepManifest) -> Vec<usize> {
    (0..manifest.axes.len()).filter(|&axis| manifest.axes[axis].values.len() > 1).collect()
}

fn lines(manifest: &SweepManifest, summaries: &[PointSummary], axis: usize, metric: &Metric) -> Vec<u8> {
    let swept = &manifest.axes[axis];
    let (values, order) = parameter(swept);
    let place_of = |value: usize| order.iter().position(|&place| place == value).unwrap_or_default();
    let curves = (0..manifest.variants.len()).map(|variant| {
        let mut points: Vec<Response> = summaries
            .iter()
            .filter_map(|point| {
                let summary = point.variants[variant].metric(metric.name)?;
                Some(response(place_of(point.values[axis]), summary, metric))
            })
            .collect();
        points.sort_by_key(|point| point.place);
        Responding { name: manifest.variants[variant].name.clone(), look: look(manifest, variant), points }
    });
    let figure = Responses {
        parameter: format!("{}{}", swept.key, unit_of(swept)),
        values,
        quantity: format!("{}{}", title(metric), unit_note(metric)),
        measured: measured(metric),
        curves: curves.collect(),
    };
    let meaning = format!(
        "Ribbons: {} % intervals of each mean by itself; all points have the same random numbers.",
        percent(manifest.comparison.confidence)
    );
    figure.render(&caption(manifest, metric, &meaning))
}

fn cells(manifest: &SweepManifest, summaries: &[PointSummary], axes: [usize; 2], metric: &Metric) -> Vec<u8> {
    let [across, down] = axes.map(|axis| &manifest.axes[axis]);
    let panel = |variant: usize| {
        let mut cells = vec![vec![None; across.values.len()]; down.values.len()];
        for point in summaries {
            let mean = point.variants[variant].metric(metric.name).and_then(|summary| summary.mean);
            cells[point.values[axes[1]]][point.values[axes[0]]] = mean.map(|mean| mean * factor(metric));
        }
        // Large values at the top, as on an axis.
        if down.scale.is_some() {
            cells.reverse();
        }
        HeatPanel { name: manifest.variants[variant].name.clone(), look: look(manifest, variant), cells }
    };
    let mut rows = down.values.clone();
    if down.scale.is_some() {
        rows.reverse();
    }
    let figure = HeatMap {
        across: across.key.clone(),
        columns: across.values.clone(),
        down: down.key.clone(),
        rows,
        quantity: format!("{}{}", title(metric), unit_note(metric)),
        measured: measured(metric),
        panels: (0..manifest.variants.len()).map(panel).collect(),
    };
    let meaning = "One panel per variant, all with the same colours; ring: the smallest of a panel.";
    figure.render(&caption(manifest, metric, meaning))
}

/// The values of an axis as a figure has them, and their places in ascending order.
fn parameter(axis: &Axis) -> (Parameter, Vec<usize>) {
    let Some(amounts) = axis.amounts() else {
        return (Parameter::Words(axis.values.clone()), (0..axis.values.len()).collect());
    };
    let mut order: Vec<usize> = (0..amounts.len()).collect();
    order.sort_by(|&one, &other| amounts[one].number().total_cmp(&amounts[other].number()));
    let dimension = amounts[0].dimension();
    let factor = if dimension == Dimension::Part { 100.0 } else { 1.0 };
    let values: Vec<f64> = order.iter().map(|&place| amounts[place].number() * factor).collect();
    let positive: Vec<f64> = values.iter().copied().filter(|&value| value > 0.0).collect();
    let is_wide = positive.first().zip(positive.last()).is_some_and(|(low, high)| *high > WIDE * low);
    let has_negative = values.first().is_some_and(|&value| value < 0.0);
    let log = match axis.scale {
        Some(scale) => scale == Scale::Log,
        None => is_wide && !has_negative,
    };
    let measured = if dimension == Dimension::Time { Measured::Time } else { Measured::Number };
    (Parameter::Measured { measured, log, values }, order)
}

fn unit_of(axis: &Axis) -> &'static str {
    match axis.amounts().map(|amounts| amounts[0].dimension()) {
        Some(Dimension::PerTime) => " (per second)",
        Some(Dimension::Part) => " (%)",
        Some(Dimension::Time | Dimension::Plain) | None => "",
    }
}

fn response(place: usize, summary: &MetricSummary, metric: &Metric) -> Response {
    let factor = factor(metric);
    Response {
        place,
        mean: summary.mean.map_or(f64::NAN, |mean| mean * factor),
        interval: summary.interval().map(|interval| (interval.low * factor, interval.high * factor)),
    }
}

/// Shares are drawn in per cent.
fn factor(metric: &Metric) -> f64 {
    if metric.unit == Unit::Share { 100.0 } else { 1.0 }
}

fn unit_note(metric: &Metric) -> &'static str {
    match metric.unit {
        Unit::Share => " (%)",
        Unit::SquareSeconds => " (s²)",
        Unit::Seconds | Unit::PerMessage | Unit::Count | Unit::Ratio => "",
    }
}

fn measured(metric: &Metric) -> Measured {
    if metric.unit == Unit::Seconds { Measured::Time } else { Measured::Number }
}

/// How a variant is told apart: as in the pictures of a comparison.
fn look(manifest: &SweepManifest, variant: usize) -> Look {
    let is_compared = |place: &usize| manifest.variants[*place].role == Role::Compared;
    match is_compared(&variant) {
        true => Look::Variant((0..variant).filter(is_compared).count()),
        false => Look::Reference,
    }
}

fn percent(share: f64) -> f64 {
    (share * 1e8).round() / 1e6
}

fn caption(manifest: &SweepManifest, metric: &Metric, meaning: &str) -> Caption {
    let keys: Vec<&str> =
        drawn_axes(manifest).into_iter().map(|axis| manifest.axes[axis].key.as_str()).collect();
    let better = match metric.better {
        Better::Lower => " Lower is better.",
        Better::Higher => " Higher is better.",
        Better::Neither => "",
    };
    let notes = [
        ("Scenario", format!("{} sha256 {}", manifest.scenario.name, manifest.scenario.sha256)),
        ("Seed", manifest.seed.to_string()),
        ("Replications", manifest.replications.to_string()),
    ];
    let mut heading = title(metric);
    if let Some(first) = heading.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    Caption {
        title: format!("{heading} against {}", keys.join(" and ")),
        subtitle: format!(
            "{}. {} replications at each point, seed {}. {}: {}.{better} {meaning}",
            manifest.scenario.title, manifest.replications, manifest.seed, heading, metric.about
        )
        .replace(" %", "\u{202f}%")
        .replace(" -", " −"),
        notes: notes.map(|(key, text)| (key.to_owned(), text)).to_vec(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::samples;
    use super::*;

    #[test]
    fn every_metric_has_its_picture_for_one_and_two_axes() {
        let sweep = samples::sweep();
        let summaries = sweep.summary();
        let two = all(&sweep.manifest, &summaries);
        assert_eq!(two.len(), 2);
        assert!(two.iter().all(|picture| is_name(&picture.file) && picture.png.starts_with(b"\x89PNG")));
        let mut one = sweep.manifest.clone();
        one.axes[1].values.pop();
        let firsts: Vec<PointSummary> =
            summaries.iter().filter(|point| point.values[1] == 0).cloned().collect();
        assert_eq!(all(&one, &firsts).len(), 2);
        let mut three = sweep.manifest.clone();
        three.axes.push(Axis::list("third=1,2").expect("a list"));
        assert!(all(&three, &[]).is_empty() && what_is_not_drawn(&three).is_some());
    }

    #[test]
    fn values_are_drawn_in_ascending_order() {
        let axis = Axis::list("a=1m,0s,10s").expect("a list");
        let (Parameter::Measured { values, log, .. }, order) = parameter(&axis) else { panic!("words") };
        assert_eq!((values, order, log), (vec![0.0, 10.0, 60.0], vec![1, 2, 0], false));
        assert!(matches!(parameter(&Axis::list("a=x,y").expect("a list")).0, Parameter::Words(_)));
    }
}
