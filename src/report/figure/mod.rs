//! Pictures of results, as PNG files in memory.
//!
//! Every figure is a plain struct of data and a method `render`, a pure function: the same data
//! give the same bytes (another platform's logarithms may differ in the last place, and so may a
//! pixel). Nothing here knows where the numbers came from.
//!
//! ```
//! use tempfail::report::figure::{Caption, Curve, Latency, Look};
//! use tempfail::time::Span;
//!
//! let figure = Latency {
//!     curves: vec![Curve {
//!         name: "Exim".to_owned(),
//!         look: Look::Variant(0),
//!         points: vec![(Span::from_seconds(2), 0.6), (Span::from_seconds(900), 1.0)],
//!     }],
//! };
//! let caption = Caption {
//!     title: "Three messages in five are through at once".to_owned(),
//!     subtitle: "1000 messages, 30 replications".to_owned(),
//!     notes: vec![("seed".to_owned(), "42".to_owned())],
//! };
//! let png = figure.render(&caption);
//! assert!(png.starts_with(b"\x89PNG"));
//! ```

mod axis;
mod canvas;
mod crowds;
mod element;
mod file;
mod forest;
mod frame;
mod geometry;
mod heat_map;
mod label;
mod latency;
mod load;
mod naming;
mod outages;
mod palette;
mod queue;
mod raster;
mod response;
mod scale;
mod scaling;
mod schedules;
mod series;
mod style;
mod text;
mod thin;
mod ticks;
mod tradeoff;

use crate::time::Instant;

pub use crowds::{CrowdCurve, CrowdPanel, CrowdPoint, Crowds};
pub use forest::{Comparison, Difference, Forest, Verdict};
pub use heat_map::{HeatMap, HeatPanel};
pub use latency::{Curve, Latency};
pub use load::{Capacity, Load, LoadPanel};
pub use outages::{Outages, Recovering};
pub use palette::Look;
pub use queue::Queue;
pub use raster::{Outcome, Raster, RasterPanel, Row};
pub use response::{Measured, Parameter, Responding, Response, Responses};
pub use scaling::{Costs, Scaling};
pub use schedules::{Schedules, Track};
pub use series::{Sample, Series};
pub use tradeoff::{Bound, Estimate, Known, Tradeoff, Word};

/// The words around a figure.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Caption {
    /// What the figure shows, as a sentence; up to three lines.
    pub title: String,
    /// The small print: scenario, replications, what shading and bars mean; up to six lines, longer
    /// texts end in an ellipsis.
    pub subtitle: String,
    /// Keywords and texts for the PNG file itself, such as the seed and the hash of the scenario.
    /// Keywords are cut to 79 printable ASCII characters.
    pub notes: Vec<(String, String)>,
}

/// A stretch of time to shade, half-open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// When it starts.
    pub start: Instant,
    /// When it ends.
    pub end: Instant,
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A caption as long as they get.
    pub fn caption() -> Caption {
        Caption {
            title: "Full jitter delivers as soon as fixed intervals and spares the recipient ".repeat(4),
            subtitle: "shaded: the recipient answers 421; 30 replications; ribbons: 10-90 % ".repeat(13),
            notes: vec![("seed".to_owned(), "42".to_owned())],
        }
    }

    /// A series with a sample a minute, each with a band around it.
    pub fn series(number: usize, values: &[f64]) -> Series {
        let sample = |(minute, &mean): (usize, &f64)| Sample {
            at: Instant::from_micros(minute as i64 * 60_000_000),
            mean,
            band: Some((mean * 0.5, mean * 1.5)),
        };
        Series {
            name: format!("variant {number} with a name too long for its place"),
            look: Look::Variant(number),
            samples: values.iter().enumerate().map(sample).collect(),
        }
    }

    /// Decodes the picture, and asks for the usual width.
    pub fn assert_png(file: &[u8]) {
        let mut reader = png::Decoder::new(std::io::Cursor::new(file)).read_info().unwrap();
        assert_eq!(reader.info().width, 1600);
        assert!(reader.info().height > 100);
        let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
        reader.next_frame(&mut pixels).unwrap();
    }
}
