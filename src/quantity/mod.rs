//! What users write: durations, rates and shares, always with their unit.
//!
//! Each is read from a text and only from a text: a bare number is refused with a remedy, because
//! `300` may be seconds, milliseconds or minutes, and `0.02` may be 2 % or 0.02 %.
//!
//! ```
//! use tempfail::quantity::{Duration, Rate, Share};
//!
//! let delay: Duration = "1h30m".parse()?;
//! assert_eq!(delay.span().as_seconds(), 5_400.0);
//! let rate: Rate = "400/min".parse()?;
//! assert_eq!(rate.per_second(), 400.0 / 60.0);
//! let share: Share = "2%".parse()?;
//! assert_eq!(share.fraction(), 0.02);
//!
//! let error = "300".parse::<Duration>().unwrap_err();
//! assert_eq!(error.to_string(), r#"a duration needs a unit: "300s" or "5m""#);
//! # Ok::<(), tempfail::quantity::QuantityError>(())
//! ```

mod amount;
mod decimal;
mod duration;
mod error;
mod range;
mod rate;
mod share;
mod short;
mod text;

pub use amount::{Amount, Dimension, NoAmount};
pub use duration::Duration;
pub use error::{Problem, Quantity, QuantityError};
pub use range::{Range, RangeError, Scale};
pub use rate::Rate;
pub use share::Share;
pub use short::short;
