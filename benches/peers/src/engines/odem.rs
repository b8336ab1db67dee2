//! odem-rs: asynchronous processes. A process follows its event from one time to the next, and spawns others
//! for what else follows.

use std::cell::{Cell, RefCell};
use std::task::Waker;

use odem_rs::core::ops::waker;
use odem_rs::core::simulator::Simulator;
use odem_rs::prelude::*;

use crate::model::{Machine, Task};

#[derive(Config)]
#[time(u64)]
struct World {
    machine: RefCell<Machine>,
    main: Cell<Option<Waker>>,
}

struct Process {
    delay: u64,
    event: u32,
}

impl Behavior<World> for Process {
    type Output = ();

    async fn actions(&self, sim: &Sim<World>) {
        let (mut delay, mut event) = (self.delay, self.event);
        loop {
            sim.advance(delay).await;
            let mut own = None;
            let world = sim.global();
            let mut machine = world.machine.borrow_mut();
            if machine.is_done() {
                return;
            }
            machine.handle(sim.now(), event, &mut |delay, event| match own {
                None => own = Some((delay, event)),
                Some(_) => {
                    sim.spawn(Process { delay, event });
                }
            });
            if machine.is_done()
                && let Some(waker) = world.main.take()
            {
                waker.wake();
            }
            let Some(next) = own else { return };
            (delay, event) = next;
        }
    }
}

pub fn run(task: Task) -> Option<f64> {
    let world = World { machine: RefCell::new(task.machine()), main: Cell::new(None) };
    let simulator = Simulator::new(world);
    simulator
        .run(async |sim| {
            sim.global().machine.borrow_mut().start(&mut |delay, event| {
                sim.spawn(Process { delay, event });
            });
            sim.global().main.set(Some(waker().await));
            sleep().await;
        })
        .ok()?;
    let result = simulator.inner().machine.borrow().result();
    Some(result)
}
