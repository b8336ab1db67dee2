//! desque: boxed events in a heap.

use desque::SimState;
use desque::serial::{OkEvent, Simulation};

use crate::model::{Machine, Task};

struct State(Machine);

impl SimState<u64> for State {
    fn is_complete(&self, _: &u64) -> bool {
        self.0.is_done()
    }
}

#[derive(Debug)]
struct Event(u32);

impl OkEvent<State, u64> for Event {
    fn execute(&mut self, simulation: &mut Simulation<State, u64>) {
        let now = *simulation.current_time();
        // At most two events follow one, and the model cannot be borrowed while they are scheduled.
        let mut later = [None; 2];
        let mut free = later.iter_mut();
        simulation.state_mut().0.handle(now, self.0, &mut |delay, event| {
            *free.next().expect("at most two") = Some((delay, event));
        });
        for (delay, event) in later.into_iter().flatten() {
            simulation.schedule(Event(event), now + delay).expect("never in the past");
        }
    }
}

pub fn run(task: Task) -> Option<f64> {
    let mut machine = task.machine();
    let mut first = Vec::new();
    machine.start(&mut |delay, event| first.push((delay, event)));
    let mut simulation = Simulation::new(State(machine), 0);
    for (delay, event) in first {
        simulation.schedule(Event(event), delay).expect("never in the past");
    }
    simulation.run().expect("no event fails");
    Some(simulation.state().0.result())
}
