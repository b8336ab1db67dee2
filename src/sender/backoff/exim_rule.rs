//! Exim's retry rules: `F,2h,15m; G,16h,1h,1.5; F,4d,6h`.
//!
//! Exim src/retry.c (`retry_update`) and src/readconf.c (`readconf_retries`, `retry_arg`). Exim computes
//! in whole seconds.

use std::fmt;
use std::ops::Range;
use std::str::FromStr;

use crate::random::Draw;
use crate::sender::RetryRecord;
use crate::time::{Instant, Span};

/// The retry times of one rule.
#[derive(Clone, Debug, PartialEq)]
pub struct EximRule {
    segments: Vec<Segment>,
    /// No gap is longer than this (`retry_interval_max`).
    pub max_interval: Span,
}

/// One part of a rule: what is done until a failure has lasted for so long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Segment {
    /// It applies while the failure has lasted at most this long; the last one goes on applying.
    pub cutoff: Span,
    /// What it does.
    pub kind: Kind,
}

/// What a part of a rule does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `F`: always the same gap.
    Fixed {
        /// The gap.
        every: Span,
    },
    /// `G`: each gap is the last one times a factor, and at least `least`.
    Geometric {
        /// The least gap.
        least: Span,
        /// The factor in thousandths; at least 1000.
        thousandths: u32,
    },
    /// `H`: like `G`, but uniform in the upper half between `least` and that gap.
    Randomised {
        /// The least gap.
        least: Span,
        /// The factor in thousandths; at least 1000.
        thousandths: u32,
    },
}

/// What is wrong with the text of a rule, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleError {
    /// The bytes concerned.
    pub at: Range<usize>,
    /// What was expected there.
    pub expected: &'static str,
}

impl EximRule {
    /// Exim's default for `retry_interval_max`.
    pub const DEFAULT_MAX_INTERVAL: Span = Span::from_seconds(86_400);

    /// Reads the right-hand side of a line of Exim's retry section.
    ///
    /// # Errors
    /// Says which bytes are not understood and what was expected in their place.
    ///
    /// ```
    /// use tempfail::sender::backoff::EximRule;
    /// use tempfail::time::Span;
    ///
    /// let rule = EximRule::parse("F,2h,15m; G,16h,1h,1.5; F,4d,6h", EximRule::DEFAULT_MAX_INTERVAL)?;
    /// assert_eq!(rule.cutoff(), Span::from_seconds(4 * 86_400));
    /// assert_eq!(EximRule::parse("F,2h,15x", Span::SECOND).unwrap_err().at, 7..8);
    /// # Ok::<(), tempfail::sender::backoff::RuleError>(())
    /// ```
    pub fn parse(text: &str, max_interval: Span) -> Result<Self, RuleError> {
        let mut segments: Vec<Segment> = Vec::new();
        for piece in pieces(text, 0..text.len(), ';') {
            if piece.is_empty() && !segments.is_empty() && piece.end == text.trim_end().len() {
                break;
            }
            segments.push(segment(text, piece)?);
        }
        Ok(Self { segments, max_interval })
    }

    /// The parts of the rule, at least one.
    pub fn segments(&self) -> &[Segment] {
        &self.segments
    }

    /// The bytes of the first part in the text of a rule that applies to nothing before the whole rule is over, as its
    /// cutoff is earlier than one before it. Exim takes it.
    pub fn overtaken(&self, text: &str) -> Option<Range<usize>> {
        let mut greatest = Span::ZERO;
        let place = self.segments.iter().position(|segment| {
            let is_overtaken = segment.cutoff < greatest;
            greatest = greatest.max(segment.cutoff);
            is_overtaken
        });
        pieces(text, 0..text.len(), ';').get(place?).cloned()
    }

    /// How long a failure may last before it times out: the cutoff of the last part.
    pub fn cutoff(&self) -> Span {
        self.segments.last().map_or(Span::ZERO, |segment| segment.cutoff)
    }

    pub(super) fn delay(&self, record: &RetryRecord, now: Instant, draw: &mut Draw) -> Span {
        let lasting = record.failing_for(now);
        let applies = self.segments.iter().find(|segment| lasting <= segment.cutoff);
        let Some(segment) = applies.or(self.segments.last()) else { return Span::ZERO };
        let gap = record.previous_delay.min(now - record.last_try);
        let delay = match segment.kind {
            Kind::Fixed { every } => every,
            Kind::Geometric { least, thousandths } => {
                if gap < least {
                    least
                } else {
                    grown(gap, thousandths)
                }
            }
            Kind::Randomised { least, thousandths } => {
                let most = grown(gap, thousandths);
                if most > least {
                    let half = (most - least) / 2;
                    whole_seconds(least + half + draw.span_up_to(half))
                } else {
                    least
                }
            }
        };
        delay.min(self.max_interval)
    }
}

impl FromStr for EximRule {
    type Err = RuleError;

    fn from_str(text: &str) -> Result<Self, RuleError> {
        Self::parse(text, Self::DEFAULT_MAX_INTERVAL)
    }
}

impl fmt::Display for RuleError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "expected {}", self.expected)
    }
}

impl std::error::Error for RuleError {}

/// A gap times a factor, in whole seconds as Exim computes it.
fn grown(gap: Span, thousandths: u32) -> Span {
    let seconds = gap.as_micros() / 1_000_000;
    Span::from_seconds(seconds.saturating_mul(i64::from(thousandths)) / 1000)
}

fn whole_seconds(span: Span) -> Span {
    Span::from_seconds(span.as_micros() / 1_000_000)
}

/// The pieces of a part of `text` between separators, without surrounding blanks, as byte ranges.
fn pieces(text: &str, part: Range<usize>, separator: char) -> Vec<Range<usize>> {
    let mut start = part.start;
    let mut found = Vec::new();
    for piece in text[part].split(separator) {
        let blanks = piece.len() - piece.trim_start().len();
        let from = start + blanks;
        found.push(from..from + piece.trim().len());
        start += piece.len() + separator.len_utf8();
    }
    found
}

fn segment(text: &str, piece: Range<usize>) -> Result<Segment, RuleError> {
    let fields = pieces(text, piece.clone(), ',');
    let letter = fields.first().cloned().unwrap_or(piece.clone());
    let wanted = match &text[letter.clone()] {
        "F" | "f" => 3,
        "G" | "g" | "H" | "h" => 4,
        _ => return Err(RuleError { at: letter, expected: "F, G or H" }),
    };
    if fields.len() != wanted {
        let expected = match wanted {
            3 => "F,<cutoff>,<interval>",
            _ => "G or H,<cutoff>,<interval>,<factor>",
        };
        return Err(RuleError { at: piece, expected });
    }
    let cutoff = time(text, fields[1].clone())?;
    let least = time(text, fields[2].clone())?;
    let kind = match &text[letter] {
        "F" | "f" => Kind::Fixed { every: least },
        "G" | "g" => Kind::Geometric { least, thousandths: factor(text, fields[3].clone())? },
        _ => Kind::Randomised { least, thousandths: factor(text, fields[3].clone())? },
    };
    Ok(Segment { cutoff, kind })
}

/// A time such as `1h30m`: numbers with the units w, d, h, m, s; a bare number is in seconds.
fn time(text: &str, field: Range<usize>) -> Result<Span, RuleError> {
    const EXPECTED: &str = "a time such as 15m or 1h30m, positive and of at most ten years";
    const TEN_YEARS: i64 = 3660 * 86_400;
    let whole = RuleError { at: field.clone(), expected: EXPECTED };
    let mut total: i64 = 0;
    let mut number: Option<i64> = None;
    for (offset, letter) in text[field.clone()].char_indices() {
        let at = field.start + offset..field.start + offset + letter.len_utf8();
        if let Some(digit) = letter.to_digit(10) {
            number = Some(number.unwrap_or(0).saturating_mul(10).saturating_add(i64::from(digit)));
            continue;
        }
        let unit = match letter {
            's' => 1,
            'm' => 60,
            'h' => 3600,
            'd' => 86_400,
            'w' => 7 * 86_400,
            _ => return Err(RuleError { at, expected: "one of the units s, m, h, d, w" }),
        };
        let count = number.take().ok_or(RuleError { at, expected: "a number before the unit" })?;
        total = total.saturating_add(count.saturating_mul(unit));
    }
    total = total.saturating_add(number.unwrap_or(0));
    if total <= 0 || total > TEN_YEARS {
        return Err(whole);
    }
    Ok(Span::from_seconds(total))
}

/// A factor such as `1.5` in thousandths; what is less than one is cut off (`readconf_readfixed`).
fn factor(text: &str, field: Range<usize>) -> Result<u32, RuleError> {
    let error = RuleError { at: field.clone(), expected: "a factor between 1 and 1000, such as 1.5" };
    let (whole, decimals) = text[field.clone()].split_once('.').unwrap_or((&text[field], ""));
    let all_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || !all_digits(whole) || !all_digits(decimals) {
        return Err(error);
    }
    let thousandths = format!("{whole}{decimals:0<3.3}").parse::<u32>().map_err(|_| error.clone())?;
    if (1000..=1_000_000).contains(&thousandths) { Ok(thousandths) } else { Err(error) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{Key, Purpose};

    const DEFAULT: &str = "F,2h,15m; G,16h,1h,1.5; F,4d,6h";

    fn parse(text: &str) -> Result<EximRule, RuleError> {
        text.parse()
    }

    #[test]
    fn times_are_sums() {
        let rule = parse("F, 1h30m ,90").unwrap();
        assert_eq!(rule.cutoff(), Span::from_seconds(5400));
        assert_eq!(rule.segments()[0].kind, Kind::Fixed { every: Span::from_seconds(90) });
        assert_eq!(parse("F,1w,1d;").unwrap().cutoff(), Span::from_seconds(604_800));
    }

    #[test]
    fn errors_point_at_the_bytes() {
        let cases = [
            ("", 0..0),
            ("X,1h,1m", 0..1),
            ("F,1h", 0..4),
            ("F,2h,15m; G,16h,1h", 10..18),
            ("F,2h,15m; G,16h,1h,0.9", 19..22),
            ("F,2h,15m; G,16h,1h,0.9999", 19..25),
            ("F,2h,h", 5..6),
            ("F,0s,1m", 2..4),
            ("F,2h,15m;; F,4d,6h", 9..9),
            ("F,9999999999999999999d,1h", 2..22),
            ("F,2h,15\u{fc}", 7..9),
        ];
        for (text, at) in cases {
            assert_eq!(parse(text).unwrap_err().at, at, "{text}");
        }
    }

    #[test]
    fn factors_are_cut_to_thousandths() {
        let rule = parse("G,1h,1m,1.2349").unwrap();
        assert_eq!(rule.segments()[0].kind, Kind::Geometric { least: Span::SECOND * 60, thousandths: 1234 });
    }

    #[test]
    fn parts_can_be_overtaken_by_those_before() {
        let text = "F,4d,6h; F,2h,15m; F,5d,1h";
        assert_eq!(parse(text).unwrap().overtaken(text), Some(9..17));
        assert_eq!(parse(DEFAULT).unwrap().overtaken(DEFAULT), None);
        let same = "F,2h,15m; F,2h,1h";
        assert_eq!(parse(same).unwrap().overtaken(same), None);
    }

    #[test]
    fn the_default_rule_grows_as_exim_does() {
        let rule = parse(DEFAULT).unwrap();
        let mut draw = Key::new(1, 0).draw(Purpose::Jitter, 0, 0);
        let mut record = RetryRecord::first(Instant::ZERO);
        let mut now = Instant::ZERO;
        let mut due = Vec::new();
        for _ in 0..18 {
            let delay = rule.delay(&record, now, &mut draw);
            record = RetryRecord { last_try: now, previous_delay: delay, ..record };
            now += delay;
            due.push(now.as_micros() / 1_000_000);
        }
        assert_eq!(due[..9], [900, 1800, 2700, 3600, 4500, 5400, 6300, 7200, 8100]);
        assert_eq!(due[9..], [11_700, 17_100, 25_200, 37_350, 55_575, 82_912, 104_512, 126_112, 147_712]);
    }

    #[test]
    fn randomised_gaps_lie_in_the_upper_half() {
        let rule = parse("H,1d,10m,2").unwrap();
        let record = RetryRecord {
            last_try: Instant::ZERO,
            previous_delay: Span::from_seconds(1000),
            ..RetryRecord::first(Instant::ZERO)
        };
        let now = Instant::ZERO + Span::from_seconds(1000);
        for i in 0..200 {
            let mut draw = Key::new(1, 0).draw(Purpose::Jitter, i, 0);
            let delay = rule.delay(&record, now, &mut draw);
            assert!((1300..2000).contains(&(delay.as_micros() / 1_000_000)), "{delay}");
        }
    }

    #[test]
    fn gaps_are_capped() {
        let rule = EximRule::parse("F,4d,6h", Span::from_seconds(3600)).unwrap();
        let mut draw = Key::new(1, 0).draw(Purpose::Jitter, 0, 0);
        let record = RetryRecord::first(Instant::ZERO);
        assert_eq!(rule.delay(&record, Instant::ZERO, &mut draw), Span::from_seconds(3600));
    }
}
