//! simcore with callbacks: a component that sends itself events. Its clock is a float, in seconds here.

use std::cell::RefCell;
use std::rc::Rc;

use serde::Serialize;
use simcore::{Event, EventHandler, Simulation, SimulationContext, cast};

use crate::model::{Machine, SECOND, Task};

#[derive(Clone, Serialize)]
struct Due {
    event: u32,
}

struct Component {
    machine: Machine,
    context: SimulationContext,
}

impl EventHandler for Component {
    fn on(&mut self, event: Event) {
        let now = (self.context.time() * SECOND) as u64;
        let context = &self.context;
        cast!(match event.data {
            Due { event } => {
                self.machine.handle(now, event, &mut |delay, event| {
                    context.emit_self(Due { event }, delay as f64 / SECOND);
                });
            }
        })
    }
}

pub fn run(task: Task) -> Option<f64> {
    let mut simulation = Simulation::new(421);
    let context = simulation.create_context("model");
    let mut machine = task.machine();
    machine.start(&mut |delay, event| {
        context.emit_self(Due { event }, delay as f64 / SECOND);
    });
    let component = Rc::new(RefCell::new(Component { machine, context }));
    simulation.add_handler("model", component.clone());
    while !component.borrow().machine.is_done() {
        simulation.steps(1);
    }
    Some(component.borrow().machine.result())
}
