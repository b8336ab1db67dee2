//! `attempts.csv`: everything that happened to the followed messages of replication 0.

use std::num::NonZeroU16;

use super::row::{Fields, Row, seconds};
use crate::experiment::record::{AttemptResult, RunRecord};
use crate::smtp::{Code, Failure, Stage};
use crate::time::Instant;

/// What happened to a followed message at one instant.
#[derive(Clone, Debug, PartialEq)]
pub struct StoredAttempt {
    /// Which replication.
    pub replication: u32,
    /// The message.
    pub message: u32,
    /// The sending host.
    pub host: u32,
    /// Name of the recipient.
    pub recipient: String,
    /// When the message arrived; negative for mail that was queued at the start.
    pub arrival: Instant,
    /// Which attempt of this message, from 1; for mail held back, the number made so far.
    pub attempt: u32,
    /// When this happened: the start of the attempt, or the instant of holding back or bouncing.
    pub at: Instant,
    /// When the answer reached the sender.
    pub until: Instant,
    /// What happened.
    pub what: AttemptResult,
}

impl StoredAttempt {
    /// The rows of one replication, in the order in which they were recorded.
    pub fn all_of(replication: u32, record: &RunRecord) -> Vec<Self> {
        let name = |recipient: u32| match record.series.get(recipient as usize) {
            Some(series) => series.recipient.clone(),
            None => recipient.to_string(),
        };
        let rows = record.attempts.iter().map(|row| Self {
            replication,
            message: row.message,
            host: row.host,
            recipient: name(row.recipient),
            arrival: row.arrival,
            attempt: row.attempt,
            at: row.at,
            until: row.until,
            what: row.what,
        });
        rows.collect()
    }
}

impl Row for StoredAttempt {
    const FILE: &'static str = "attempts.csv";

    #[rustfmt::skip]
    fn columns() -> Vec<&'static str> {
        vec![
            "replication", "message", "host", "recipient", "arrival_s", "attempt", "at_s", "until_s", "result",
            "stage", "code",
        ]
    }

    fn write(&self, fields: &mut Vec<String>) {
        fields.extend([self.replication, self.message, self.host].map(|number| number.to_string()));
        fields.extend([self.recipient.clone(), seconds(self.arrival.as_micros()), self.attempt.to_string()]);
        fields.extend([self.at, self.until].map(|instant| seconds(instant.as_micros())));
        let failure = match self.what {
            AttemptResult::Failed(failure) => Some(failure),
            _ => None,
        };
        fields.push(name(self.what).to_owned());
        fields.push(failure.map(|failure| failure.stage().to_string()).unwrap_or_default());
        let code = failure.and_then(|failure| failure.code());
        fields.push(code.map(|code| code.to_string()).unwrap_or_default());
    }

    fn read(fields: &mut Fields<'_>) -> Result<Self, String> {
        Ok(Self {
            replication: fields.parse()?,
            message: fields.parse()?,
            host: fields.parse()?,
            recipient: fields.text()?.to_owned(),
            arrival: Instant::from_micros(fields.micros()?),
            attempt: fields.parse()?,
            at: Instant::from_micros(fields.micros()?),
            until: Instant::from_micros(fields.micros()?),
            what: read_result(fields)?,
        })
    }
}

/// The word for a result in the table.
pub fn name(what: AttemptResult) -> &'static str {
    match what {
        AttemptResult::Delivered => "delivered",
        AttemptResult::Failed(_) => "failed",
        AttemptResult::HeldBack => "held-back",
        AttemptResult::Suppressed => "suppressed",
        AttemptResult::Bounced => "bounced",
        AttemptResult::Unfinished => "unfinished",
    }
}

fn read_result(fields: &mut Fields<'_>) -> Result<AttemptResult, String> {
    let word = fields.text()?;
    let plain = match word {
        "delivered" => AttemptResult::Delivered,
        "held-back" => AttemptResult::HeldBack,
        "suppressed" => AttemptResult::Suppressed,
        "bounced" => AttemptResult::Bounced,
        "unfinished" => AttemptResult::Unfinished,
        "failed" => return Ok(AttemptResult::Failed(read_failure(fields)?)),
        _ => return Err(fields.unexpected(word)),
    };
    for _ in ["stage", "code"] {
        let text = fields.text()?;
        if !text.is_empty() {
            return Err(fields.unexpected(text));
        }
    }
    Ok(plain)
}

fn read_failure(fields: &mut Fields<'_>) -> Result<Failure, String> {
    let word = fields.text()?;
    let stage = Stage::ALL.into_iter().find(|stage| stage.name() == word);
    let stage = stage.ok_or_else(|| fields.unexpected(word))?;
    Ok(Failure::new(stage, fields.optional::<NonZeroU16>()?.map(Code::from)))
}
