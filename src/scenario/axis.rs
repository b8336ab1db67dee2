//! `-P KEY=FROM..TO:log8` and `-L KEY=A,B`: a key that is given one value after another.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::overrides;
use crate::quantity::{Amount, Range, RangeError, Scale};

/// Values along one axis, at most.
const MOST_VALUES: usize = 1000;

/// What is the same at all points of a sweep, and the option or remedy for it.
const FIXED: [(&str, &str); 7] = [
    ("seed", "all points have the same random numbers; --seed chooses them"),
    ("replications", "all points have the same replications; --replications says how many"),
    ("format", "it is the version of the file format"),
    ("title", "it names the whole sweep"),
    ("question", "it is that of the whole sweep"),
    ("compare", "all points are judged together; change it with --set"),
    ("vary", "its draws are the same at all points; change it with --set"),
];

/// A key of a scenario and the values it takes, in their order.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Axis {
    /// The key, as in `--set`.
    pub key: String,
    /// The values, as in `--set`; at least one, no two alike.
    pub values: Vec<String>,
    /// Which steps are even; none where the values are a list.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scale: Option<Scale>,
}

/// Why a text is no axis.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AxisError {
    /// There is no key, or nothing after it.
    Form(Form),
    /// The key is the same at all points; why.
    Fixed(String, &'static str),
    /// An end of a range, which is a word.
    Word(String),
    /// The ends make no range.
    Range(RangeError),
    /// The end of the text says neither `:lin` nor `:log` with a number from 2 to 1000.
    Steps(String),
    /// There are fewer whole numbers than steps: this one comes twice.
    Crowded(String),
    /// A value comes twice in a list.
    Repeated(String),
    /// A list with nothing between two commas.
    Gap,
    /// More than a thousand values.
    TooMany(usize),
}

/// What a text should have looked like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// `KEY=FROM..TO:log8`
    Range,
    /// `KEY=A,B`
    List,
}

impl Axis {
    /// The axis of a range: `KEY=FROM..TO:linN` or `KEY=FROM..TO:logN`, N values with even differences or ratios.
    ///
    /// ```
    /// use tempfail::scenario::Axis;
    ///
    /// let axis = Axis::range("recipients.mx.slots=10..1000:log3").unwrap();
    /// assert_eq!((axis.key.as_str(), axis.values.join(" ")), ("recipients.mx.slots", "10 100 1000".to_owned()));
    /// ```
    ///
    /// # Errors
    ///
    /// If the text is none of that form.
    pub fn range(text: &str) -> Result<Self, AxisError> {
        let (key, written) = parts(text, Form::Range)?;
        let (ends, steps) = written.rsplit_once(':').ok_or(AxisError::Form(Form::Range))?;
        let (from, to) = ends.split_once("..").ok_or(AxisError::Form(Form::Range))?;
        let (scale, count) = even_steps(steps).ok_or_else(|| AxisError::Steps(steps.to_owned()))?;
        let range = Range::new(amount(from)?, amount(to)?, scale).map_err(AxisError::Range)?;
        let values: Vec<String> = range.steps(count).iter().map(Amount::to_string).collect();
        match repeated(&values) {
            Some(twice) => Err(AxisError::Crowded(twice)),
            None => Ok(Self { key, values, scale: Some(scale) }),
        }
    }

    /// The axis of a list: `KEY=A,B,C`. Commas inside quotes, brackets and braces belong to the values.
    ///
    /// # Errors
    ///
    /// If the text is none of that form.
    pub fn list(text: &str) -> Result<Self, AxisError> {
        let (key, written) = parts(text, Form::List)?;
        let values: Vec<String> =
            split_at_commas(&written).into_iter().map(|value| value.trim().to_owned()).collect();
        if values.iter().any(String::is_empty) {
            return Err(AxisError::Gap);
        }
        if values.len() > MOST_VALUES {
            return Err(AxisError::TooMany(values.len()));
        }
        match repeated(&values) {
            Some(twice) => Err(AxisError::Repeated(twice)),
            None => Ok(Self { key, values, scale: None }),
        }
    }

    /// The change of the scenario at one of the values, as for `--set`.
    pub fn change(&self, value: usize) -> String {
        format!("{}={}", self.key, self.values[value])
    }

    /// The values as numbers of one dimension, where all are.
    pub fn amounts(&self) -> Option<Vec<Amount>> {
        let amounts: Vec<Amount> = self
            .values
            .iter()
            .map(|value| value.trim_matches(['"', '\'']).parse().ok())
            .collect::<Option<_>>()?;
        let first = amounts.first()?.dimension();
        amounts.iter().all(|amount| amount.dimension() == first).then_some(amounts)
    }
}

/// The points of a sweep: for each the number of its value on every axis. The last axis changes fastest.
pub fn points(axes: &[Axis]) -> impl Iterator<Item = Vec<usize>> + use<'_> {
    let count: usize = axes.iter().map(|axis| axis.values.len()).product();
    (0..count).map(move |mut point| {
        let mut values = vec![0; axes.len()];
        for (value, axis) in values.iter_mut().zip(axes).rev() {
            *value = point % axis.values.len();
            point /= axis.values.len();
        }
        values
    })
}

/// The key and what stands after the equals sign.
fn parts(text: &str, form: Form) -> Result<(String, String), AxisError> {
    let change = overrides::parts(text).filter(|change| !change.value.is_empty());
    let change = change.ok_or(AxisError::Form(form))?;
    let first = change.path.first().map(String::as_str).unwrap_or_default();
    match FIXED.iter().find(|(key, _)| *key == first) {
        Some((_, why)) => Err(AxisError::Fixed(change.key, why)),
        None => Ok((change.key, change.value)),
    }
}

fn amount(text: &str) -> Result<Amount, AxisError> {
    let text = text.trim();
    text.parse().map_err(|_| AxisError::Word(text.to_owned()))
}

/// `log8` or `lin5`.
fn even_steps(text: &str) -> Option<(Scale, usize)> {
    let (scale, count) = match text.strip_prefix("log") {
        Some(count) => (Scale::Log, count),
        None => (Scale::Linear, text.strip_prefix("lin")?),
    };
    Some((scale, count.parse().ok().filter(|count| (2..=MOST_VALUES).contains(count))?))
}

fn repeated(values: &[String]) -> Option<String> {
    (1..values.len())
        .find(|&place| values[..place].contains(&values[place]))
        .map(|place| values[place].clone())
}

/// The parts between the commas that are not inside quotes, brackets or braces.
fn split_at_commas(text: &str) -> Vec<&str> {
    let (mut parts, mut start, mut depth, mut quote) = (Vec::new(), 0, 0_u32, None);
    for (place, character) in text.char_indices() {
        match (quote, character) {
            (Some(open), _) if open == character => quote = None,
            (Some(_), _) => {}
            (None, '"' | '\'') => quote = Some(character),
            (None, '[' | '{') => depth += 1,
            (None, ']' | '}') => depth = depth.saturating_sub(1),
            (None, ',') if depth == 0 => {
                parts.push(&text[start..place]);
                start = place + 1;
            }
            _ => {}
        }
    }
    parts.push(&text[start..]);
    parts
}

impl fmt::Display for AxisError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Form(Form::Range) => {
                f.write_str("expected KEY=FROM..TO:logN, for example recipients.mx.slots=10..1000:log5")
            }
            Self::Form(Form::List) => {
                f.write_str("expected KEY=A,B,..., for example recipients.mx.slots=10,50,200")
            }
            Self::Fixed(key, why) => write!(f, "`{key}` cannot be swept: {why}"),
            Self::Word(word) => write!(
                f,
                "`{word}` cannot be an end of a range: it is neither a duration, a rate, a share nor a number; words go into a list, -L KEY=A,B"
            ),
            Self::Range(error @ RangeError::LogFromZero) => {
                write!(f, "{error}; write :lin, or list the values with -L")
            }
            Self::Range(error @ RangeError::Order) => {
                write!(f, "{error}; other orders can be listed with -L")
            }
            Self::Range(error @ RangeError::Dimensions) => write!(f, "{error}; write both with their units"),
            Self::Steps(found) => write!(
                f,
                "after the colon stands `{found}`: expected lin or log and how many values, from 2 to {MOST_VALUES}, as in :log8"
            ),
            Self::Crowded(twice) => write!(
                f,
                "there are not so many whole numbers in this range, {twice} would come twice; write fewer values, or ends with a decimal point"
            ),
            Self::Repeated(twice) => write!(f, "`{twice}` comes twice"),
            Self::Gap => f.write_str("there is nothing between two commas, or at an end"),
            Self::TooMany(count) => write!(f, "{count} values are too many; at most {MOST_VALUES}"),
        }
    }
}

impl std::error::Error for AxisError {}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(axis: Result<Axis, AxisError>) -> String {
        axis.map(|axis| axis.values.join(" ")).unwrap_or_else(|error| error.to_string())
    }

    #[test]
    fn ranges_keep_units() {
        assert_eq!(values(Axis::range("a.b=10s..10m:log4")), "10s 39.1s 2m33s 10m");
        assert_eq!(values(Axis::range("a.'b=c'= 0%..10%:lin3")), "0% 5% 10%");
        assert_eq!(values(Axis::range("a=0..3:lin4")), "0 1 2 3");
    }

    #[test]
    fn lists_are_split_outside_of_values() {
        let list = r#"a=none, "x, y",{ lognormal = { mean = '1s', sigma = 1 } },[1, 2]"#;
        let axis = Axis::list(list).expect("four values");
        assert_eq!(axis.values.len(), 4);
        assert_eq!(axis.change(1), r#"a="x, y""#);
        assert_eq!(axis.amounts(), None);
        assert_eq!(Axis::list("a=0s,10s").expect("two").amounts().map(|all| all.len()), Some(2));
        assert_eq!(Axis::list("a=0s,10").expect("two").amounts(), None);
    }

    #[test]
    fn what_is_wrong_is_said_with_a_remedy() {
        for (text, part) in [
            ("a=10s", "expected KEY=FROM..TO:logN"),
            ("a", "expected KEY=FROM..TO:logN"),
            ("a=1..2", "expected KEY=FROM..TO:logN"),
            ("a=1..2:log", "expected lin or log and how many"),
            ("a=1..2:log1", "from 2 to 1000"),
            ("a=one..2:log5", "`one` cannot be an end of a range"),
            ("a=0s..2s:log5", "write :lin, or list the values"),
            ("a=2s..1s:lin5", "must begin below its end"),
            ("a=2s..3:lin5", "not of the same kind"),
            ("a=1..3:lin5", "2 would come twice"),
            ("seed=1..3:lin3", "--seed chooses them"),
            ("compare.confidence=80%..90%:lin2", "change it with --set"),
        ] {
            let said = values(Axis::range(text));
            assert!(said.contains(part), "{text}: {said}");
        }
        for (text, part) in
            [("a=", "expected KEY=A,B"), ("a=1,,2", "nothing between"), ("a=1,2,1", "`1` comes twice")]
        {
            let said = values(Axis::list(text));
            assert!(said.contains(part), "{text}: {said}");
        }
    }

    #[test]
    fn the_last_axis_changes_fastest() {
        let axes = [Axis::list("a=1,2").expect("two"), Axis::list("b=1,2,3").expect("three")];
        let all: Vec<Vec<usize>> = points(&axes).collect();
        assert_eq!(all, [[0, 0], [0, 1], [0, 2], [1, 0], [1, 1], [1, 2]]);
        assert_eq!(points(&[]).count(), 1);
    }
}
