//! What sendmail knows of a host that failed: each process for itself, or all through files.
//!
//! sendmail/deliver.c (`deliver`, "see if we already know that this host is fried") with sendmail/mci.c
//! (`mci_get`, `mci_setstat`, `mci_load_persistent`). A reply of 4yz to MAIL, RCPT or DATA is "not
//! sticky" there: it says nothing about the host.

use super::{Answer, Charge, Situation, Stages, Suppressed};
use crate::smtp::Failure;
use crate::time::{Instant, Span};

/// A host that failed is not asked again for a while; its mail is put off without a connection.
#[derive(Clone, Debug, PartialEq)]
pub struct HostStatus {
    /// Who knows of a failure.
    pub shared: Shared,
    /// For how long a failure is believed (`Timeout.hoststatus`).
    pub keep: Span,
    /// Failures at these stages are the host's.
    pub stages: Stages,
}

/// Who knows of a failure.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Shared {
    /// The queue run that met it, a process of its own; new mail is tried by yet another process.
    #[default]
    Run,
    /// All processes of the host (`HostStatusDirectory`).
    Host,
}

impl Default for HostStatus {
    /// The defaults of sendmail.
    fn default() -> Self {
        Self { shared: Shared::Run, keep: Span::from_seconds(1800), stages: Stages::HOST }
    }
}

/// What one route remembers.
#[derive(Debug)]
pub(in crate::sender) struct Status {
    settings: HostStatus,
    /// The last failure that each process knows of; none of them is out of date for certain.
    failures: Vec<Known>,
}

/// A failure, and the process that knows of it.
#[derive(Clone, Copy, Debug)]
struct Known {
    /// When the run began; none: everybody knows.
    run: Option<Instant>,
    at: Instant,
}

impl Status {
    pub(super) fn blank(settings: &HostStatus) -> Self {
        Self { settings: settings.clone(), failures: Vec::new() }
    }

    pub(super) fn ask(&mut self, situation: &Situation) -> Answer {
        let keep = self.settings.keep;
        self.failures.retain(|known| situation.now < known.at.saturating_add(keep));
        match self.process(situation) {
            Some(process) if self.failures.iter().any(|known| known.run == process) => {
                // It counts as a try: sendmail writes its time and number into the queue file.
                Answer::Defer(Suppressed::Counts)
            }
            _ => Answer::Go,
        }
    }

    pub(super) fn failed(&mut self, situation: &Situation, failure: Failure) -> Charge {
        if self.settings.stages.contains(failure.stage())
            && let Some(run) = self.process(situation)
        {
            self.failures.retain(|known| known.run != run);
            self.failures.push(Known { run, at: situation.now });
        }
        Charge::Message
    }

    pub(super) fn worked(&mut self, situation: &Situation) {
        if let Some(run) = self.process(situation) {
            self.failures.retain(|known| known.run != run);
        }
    }

    /// Whose knowledge counts for an attempt; none: it is that of a process that ends with it.
    fn process(&self, situation: &Situation) -> Option<Option<Instant>> {
        match self.settings.shared {
            Shared::Host => Some(None),
            Shared::Run => situation.run.map(Some),
        }
    }
}
