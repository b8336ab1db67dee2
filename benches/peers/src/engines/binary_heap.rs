//! No engine: a loop around the heap of the standard library.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use crate::model::Task;

pub fn run(task: Task) -> Option<f64> {
    let (mut machine, mut events) = (task.machine(), BinaryHeap::new());
    machine.start(&mut |delay, event| events.push(Reverse((delay, event))));
    while !machine.is_done() {
        let Reverse((now, event)) = events.pop()?;
        machine.handle(now, event, &mut |delay, event| events.push(Reverse((now + delay, event))));
    }
    Some(machine.result())
}
