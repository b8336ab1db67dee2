//! Parts of models that no scenario has, because no real sender or recipient is like that. They stand
//! behind the same traits as the parts of any program that uses this library.

mod constant_retrial;
mod discrete_bucket;
mod impatience;

use std::sync::Arc;

use super::Problem;
use super::trial::policy;
use crate::recipient::gates::GateSettings;
use crate::sender::Memory;
use crate::system::Plan;

pub(super) use constant_retrial::ConstantRetrial;
pub(super) use discrete_bucket::DiscreteBucket;
pub(super) use impatience::Impatience;

/// A part to put into the plan of a scenario.
#[derive(Clone, Copy, Debug)]
pub(super) enum Part {
    /// Senders that give up by chance.
    Impatience(Impatience),
    /// One retry at a time, whatever is queued.
    ConstantRetrial(ConstantRetrial),
    /// A rate limit that gets its tokens one by one.
    DiscreteBucket(DiscreteBucket),
}

impl Part {
    /// Puts the part where the scenario has none.
    pub(super) fn install(self, plan: &mut Plan) -> Result<(), Problem> {
        match self {
            Self::Impatience(part) => policy(plan)?.memory = Memory::Custom(Box::new(part)),
            Self::ConstantRetrial(part) => policy(plan)?.memory = Memory::Custom(Box::new(part)),
            Self::DiscreteBucket(part) => {
                for recipient in &mut plan.recipients {
                    let gates = &mut Arc::make_mut(&mut recipient.settings).gates;
                    gates.push(("tokens".to_owned(), GateSettings::Custom(Arc::new(part))));
                }
            }
        }
        Ok(())
    }
}
