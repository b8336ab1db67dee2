//! desque: boxed events in a heap.

use std::mem::take;

use desque::SimState;
use desque::serial::{OkEvent, Simulation};

use crate::model::{Machine, Task};

struct State {
    machine: Machine,
    /// What follows an event, as the model cannot be borrowed while that is scheduled; empty in between.
    later: Vec<(u64, u32)>,
}

impl SimState<u64> for State {
    fn is_complete(&self, _: &u64) -> bool {
        self.machine.is_done()
    }
}

#[derive(Debug)]
struct Event(u32);

impl OkEvent<State, u64> for Event {
    fn execute(&mut self, simulation: &mut Simulation<State, u64>) {
        let now = *simulation.current_time();
        let State { machine, later } = simulation.state_mut();
        machine.handle(now, self.0, &mut |delay, event| later.push((delay, event)));
        let mut later = take(later);
        for (delay, event) in later.drain(..) {
            simulation.schedule(Event(event), now + delay).expect("never in the past");
        }
        simulation.state_mut().later = later;
    }
}

pub fn run(task: Task) -> Option<f64> {
    let (mut machine, mut later) = (task.machine(), Vec::new());
    machine.start(&mut |delay, event| later.push((delay, event)));
    let mut simulation = Simulation::new(State { machine, later: Vec::new() }, 0);
    for (delay, event) in later {
        simulation.schedule(Event(event), delay).expect("never in the past");
    }
    simulation.run().expect("no event fails");
    Some(simulation.state().machine.result())
}
