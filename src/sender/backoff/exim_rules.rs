//! Exim's retry rules by class of error: the first one that matches a failure applies.
//!
//! Exim src/readconf.c (`readconf_retry_error`) and src/retry.c (`retry_find_config`).

use std::str::FromStr;

use super::exim_rule::{EximRule, RuleError};
use crate::smtp::{Code, Failure, Stage};
use crate::time::Span;

/// A list of retry rules, each for one class of errors.
#[derive(Clone, Debug, PartialEq)]
pub struct EximRules {
    rules: Vec<(ErrorClass, EximRule)>,
}

/// A class of errors, named as in the retry section of Exim's configuration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorClass {
    /// `*`: every error.
    Any,
    /// `refused`: the TCP connect was refused.
    Refused,
    /// `timeout` and `timeout_connect`, which are not told apart here.
    Timeout,
    /// `lost_connection`: the recipient closed the connection without a reply.
    LostConnection,
    /// `mail_4xx`, `rcpt_4xx` and `data_4xx`: a reply to MAIL, RCPT or DATA.
    Reply(Stage, Codes),
}

/// Which codes a class of replies has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Codes {
    /// `4xx`: all.
    All,
    /// `42x`: those that begin with the same two digits; here they are, times ten.
    Decade(u16),
    /// `421`: this one.
    One(Code),
}

impl EximRules {
    /// The rules in the order in which they are asked.
    pub fn new(rules: Vec<(ErrorClass, EximRule)>) -> Self {
        Self { rules }
    }

    /// The rule that applies to a failure; none: what fails so is not tried again.
    ///
    /// ```
    /// use tempfail::sender::backoff::{EximRule, EximRules};
    /// use tempfail::smtp::{Code, Failure, Stage};
    ///
    /// let fast: EximRule = "F,1h,5m".parse()?;
    /// let slow: EximRule = "F,4d,6h".parse()?;
    /// let rules = EximRules::new(vec![("rcpt_421".parse()?, fast.clone()), ("*".parse()?, slow.clone())]);
    /// let failure = |stage| Failure::new(stage, Some(Code::SERVICE_NOT_AVAILABLE));
    /// assert_eq!(rules.applying(failure(Stage::Rcpt)), Some(&fast));
    /// // A 421 in place of the greeting has no class of its own.
    /// assert_eq!(rules.applying(failure(Stage::Greeting)), Some(&slow));
    /// # Ok::<(), tempfail::sender::backoff::RuleError>(())
    /// ```
    pub fn applying(&self, failure: Failure) -> Option<&EximRule> {
        self.rules.iter().find(|(class, _)| class.contains(failure)).map(|(_, rule)| rule)
    }

    /// The last rule, which is the most general one by custom.
    pub fn last(&self) -> Option<&EximRule> {
        self.rules.last().map(|(_, rule)| rule)
    }

    /// The greatest of all last cutoffs.
    pub fn cutoff(&self) -> Span {
        self.rules.iter().map(|(_, rule)| rule.cutoff()).max().unwrap_or(Span::ZERO)
    }
}

impl ErrorClass {
    /// Whether a failure belongs to this class.
    pub fn contains(self, failure: Failure) -> bool {
        let (stage, code) = (failure.stage(), failure.code());
        match self {
            Self::Any => true,
            Self::Refused => stage == Stage::Refused,
            Self::Timeout => stage == Stage::Timeout,
            Self::LostConnection => code.is_none() && !matches!(stage, Stage::Refused | Stage::Timeout),
            Self::Reply(wanted, codes) => {
                stage == wanted
                    && code.is_some_and(|code| match codes {
                        Codes::All => !code.is_permanent(),
                        Codes::Decade(decade) => code.number() / 10 * 10 == decade,
                        Codes::One(one) => code == one,
                    })
            }
        }
    }
}

impl FromStr for ErrorClass {
    type Err = RuleError;

    fn from_str(text: &str) -> Result<Self, RuleError> {
        match text {
            "*" => return Ok(Self::Any),
            "refused" => return Ok(Self::Refused),
            "timeout" | "timeout_connect" => return Ok(Self::Timeout),
            "lost_connection" => return Ok(Self::LostConnection),
            _ => {}
        }
        let stages = [("mail_", Stage::Mail), ("rcpt_", Stage::Rcpt), ("data_", Stage::Data)];
        let found = stages.iter().find_map(|(name, stage)| Some((*stage, text.strip_prefix(name)?)));
        let Some((stage, digits)) = found else {
            return Err(RuleError {
                at: 0..text.len(),
                expected: "one of *, refused, timeout, timeout_connect, lost_connection, mail_4xx, rcpt_4xx, data_4xx",
            });
        };
        let error = RuleError { at: text.len() - digits.len()..text.len(), expected: "4xx, 4dx or 4dd" };
        codes(digits).map(|codes| Self::Reply(stage, codes)).ok_or(error)
    }
}

/// `4xx`, `4dx` or `4dd`, where d is a digit.
fn codes(digits: &str) -> Option<Codes> {
    let digit = |byte: u8| byte.is_ascii_digit().then(|| u16::from(byte - b'0'));
    match *digits.as_bytes() {
        [b'4', b'x', b'x'] => Some(Codes::All),
        [b'4', ten, b'x'] => Some(Codes::Decade(400 + 10 * digit(ten)?)),
        [b'4', ten, one] => Some(Codes::One(Code::new(400 + 10 * digit(ten)? + digit(one)?))),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn class(text: &str) -> ErrorClass {
        text.parse().unwrap()
    }

    fn reply(stage: Stage, code: u16) -> Failure {
        Failure::new(stage, Some(Code::new(code)))
    }

    #[test]
    fn classes_match_as_in_exim() {
        assert!(class("rcpt_4xx").contains(reply(Stage::Rcpt, 451)));
        assert!(class("rcpt_45x").contains(reply(Stage::Rcpt, 451)));
        assert!(!class("rcpt_45x").contains(reply(Stage::Rcpt, 421)));
        assert!(class("rcpt_421").contains(reply(Stage::Rcpt, 421)));
        assert!(!class("rcpt_421").contains(reply(Stage::Mail, 421)));
        assert!(!class("data_4xx").contains(Failure::new(Stage::Data, None)));
        assert!(class("lost_connection").contains(Failure::new(Stage::Data, None)));
        assert!(!class("lost_connection").contains(Failure::new(Stage::Timeout, None)));
        assert!(class("timeout_connect").contains(Failure::new(Stage::Timeout, None)));
        assert!(class("refused").contains(Failure::new(Stage::Refused, None)));
        assert!(class("*").contains(reply(Stage::Greeting, 421)));
    }

    #[test]
    fn errors_point_at_the_bytes() {
        for (text, at) in [
            ("", 0..0),
            ("greeting_421", 0..12),
            ("rcpt_521", 5..8),
            ("mail_4", 5..6),
            ("data_4\u{fc}", 5..8),
        ] {
            assert_eq!(text.parse::<ErrorClass>().unwrap_err().at, at, "{text}");
        }
    }
}
