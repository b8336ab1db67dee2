//! Options of `sendmail.cf`.

use super::text::{head, messages, time};
use super::{ExportError, Written};
use crate::mta::native::Dialect;
use crate::scenario::written::{Backoff, Jitter, Memory, Order, Policy, Runner, Shared};
use crate::time::Span;

/// Writes the options that make up the policy.
pub fn write(policy: &Policy) -> Result<Written, ExportError> {
    let mut text = head(policy, "#", &["sendmail.cf. In a .mc they are confMIN_QUEUE_AGE and so on."]);
    let mut interval = None;
    if let Runner::QueueRun(run) = &*policy.runner {
        text += &format!("# Start sendmail with -q{}.\n", time(&run.every));
        interval = Some(run.every.to_string());
    }
    text += &backoff(policy)?;
    if let Runner::QueueRun(run) = &*policy.runner {
        text += &format!("O QueueSortOrder={}\n", order(run.order));
        if *run.workers < UNLIMITED {
            text += &format!("O MaxQueueChildren={}\n", run.workers);
        }
    }
    if let Memory::HostStatus(status) = &*policy.memory {
        if status.shared == Shared::Host {
            text += "O HostStatusDirectory=.hoststat\n";
        }
        text += &format!("O Timeout.hoststatus={}\n", time(&status.keep));
    }
    if messages(&policy.connections).is_none() {
        text += "O ConnectionCacheSize=0\n";
    }
    if let Some(age) = &policy.lifetime.age {
        text += &format!("O Timeout.queuereturn={}\n", time(age));
    }
    let warning = policy.lifetime.warn_after.as_ref().map_or("0s".to_owned(), time);
    text += &format!("O Timeout.queuewarn={warning}\n");
    text += &format!("O Timeout.connect={}\n", time(&policy.connections.connect_timeout));
    text += &format!("O Timeout.initial={}\n", time(&policy.connections.greeting_timeout));
    Ok(Written { text, queue_interval: interval })
}

/// What the preset has for no limit of queue runs.
const UNLIMITED: u32 = 1_000;

fn backoff(policy: &Policy) -> Result<String, ExportError> {
    match &*policy.backoff {
        Backoff::Fixed(part) if *part.jitter == Jitter::None => {
            Ok(format!("O MinQueueAge={}\n", time(&part.every)))
        }
        Backoff::AgeDoubling(part) if *part.jitter == Jitter::None => {
            let most = part.max.as_ref().or(policy.lifetime.age.as_ref());
            let most = most.map_or("100d".to_owned(), time);
            let least =
                (part.min.span() > Span::ZERO).then(|| format!("O MinQueueAge={}\n", time(&part.min)));
            Ok(format!("{}O MaxQueueAge={most}\n", least.unwrap_or_default()))
        }
        _ => {
            let can = "`fixed` and `age-doubling`, without jitter";
            Err(ExportError::Backoff { to: Dialect::Sendmail, can })
        }
    }
}

fn order(order: Order) -> &'static str {
    match order {
        Order::Random => "random",
        Order::OldestFirst => "time",
        Order::FewestTries => "priority",
    }
}
