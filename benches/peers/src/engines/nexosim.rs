//! nexosim on one thread: a model that schedules calls of itself. Events of one instant are one of its steps.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use nexosim::model::{Context, Model, schedulable};
use nexosim::ports::EventSource;
use nexosim::simulation::{Mailbox, SimInit};
use nexosim::time::MonotonicTime;
use serde::{Deserialize, Serialize};

use crate::model::{Machine, Task};

#[derive(Serialize, Deserialize)]
struct Component {
    machine: Machine,
    #[serde(skip)]
    result: Arc<Mutex<Option<f64>>>,
}

#[Model]
impl Component {
    async fn start(&mut self, _: (), context: &Context<Self>) {
        self.machine.start(&mut |delay, event| schedule(context, delay, event));
    }

    #[nexosim(schedulable)]
    async fn due(&mut self, event: u32, context: &Context<Self>) {
        if self.machine.is_done() {
            return;
        }
        let now = context.time().duration_since(MonotonicTime::EPOCH).as_micros() as u64;
        self.machine.handle(now, event, &mut |delay, event| schedule(context, delay, event));
        if self.machine.is_done()
            && let Ok(mut result) = self.result.lock()
        {
            *result = Some(self.machine.result());
        }
    }
}

fn schedule(context: &Context<Component>, delay: u64, event: u32) {
    let delay = Duration::from_micros(delay.max(1));
    context.schedule_event(delay, schedulable!(Component::due), event).expect("never in the past");
}

pub fn run(task: Task) -> Option<f64> {
    let result = Arc::new(Mutex::new(None));
    let component = Component { machine: task.machine(), result: result.clone() };
    let (mailbox, mut bench) = (Mailbox::new(), SimInit::with_num_threads(1));
    let start = EventSource::new().connect(Component::start, &mailbox).register(&mut bench);
    let mut simulation = bench.add_model(component, mailbox, "model").init(MonotonicTime::EPOCH).ok()?;
    simulation.process_event(&start, ()).ok()?;
    loop {
        simulation.step().ok()?;
        if let Some(result) = *result.lock().ok()? {
            return Some(result);
        }
    }
}
