//! Scales: how values become places along an axis.

/// How values become places along an axis.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Scale {
    Linear,
    /// Logarithmic; values must be positive.
    Log,
    /// Linear from zero to this size, logarithmic beyond, on both sides of zero.
    SymLog(f64),
    /// For fractions: linear up to 90 %, which takes half of the axis, then the same room for every
    /// further nine; so many nines are told apart, then the axis breaks and ends in 100 %.
    Nines(u32),
}

/// Share of a nine's room between the last nine and 100 %.
const BREAK: f64 = 0.5;
/// Room for what is below 90 %, at least, in the same unit.
const LEAST_BODY: f64 = 1.5;

impl Scale {
    /// The place of a value along an endless axis.
    pub fn place(self, value: f64) -> f64 {
        match self {
            Self::Linear => value,
            Self::Log => value.max(f64::MIN_POSITIVE).log10(),
            Self::SymLog(linear) => {
                let size = value.abs() / linear;
                value.signum() * if size <= 1.0 { size } else { 1.0 + size.log10() }
            }
            Self::Nines(nines) => {
                let further = f64::from(nines) - 1.0;
                let body = (further + BREAK).max(LEAST_BODY);
                -match value {
                    ..=0.9 => body * value / 0.9,
                    1.0.. => body + further + BREAK,
                    _ => body + (-(1.0 - value).log10() - 1.0).min(further + 0.6 * BREAK),
                }
            }
        }
    }
}
