//! All sending hosts: the way of a message from its arrival through waiting and active mail to the
//! connection, and back.

use std::sync::Arc;

use super::clock::{Clock, WholeSeconds};
use super::hand_over::Pipeline;
use super::host::{Fixed, Host, Line, Route};
use super::kept::Cached;
use super::memory::Remembered;
use super::pool::Pool;
use super::runner::{HostPhase, Order, Phase, Runner};
use super::scans::{Due, Scans};
use super::{Ended, HostSpec, Policy, Reuse, RouteSpec, Step};
use crate::id::{HostId, MessageId, RouteId};
use crate::message::Message;
use crate::random::{Key, Purpose};
use crate::smtp::Failure;
use crate::steps::Steps;
use crate::time::{Instant, Span};

/// Most steps of backoff that are made up for mail that is queued at the start.
const MOST_STEPS_OF_THE_PAST: u32 = 10_000;

/// All sending hosts of a simulation.
///
/// Each call may leave steps behind; take them with [`Self::next`] before the next call.
#[derive(Debug)]
pub struct Senders {
    pub(super) policies: Vec<Arc<Policy>>,
    pub(super) hosts: Vec<Host>,
    pub(super) fixed: Vec<Fixed>,
    pub(super) routes: Vec<Route>,
    pub(super) key: Key,
    pub(super) steps: Steps<Step>,
    /// The queue run whose message was just ended; it goes on when its connection is reused or closed.
    pub(super) finishing: Option<MessageId>,
    /// Whether any policy takes time to book a refusal.
    pub(super) books_refusals: bool,
    /// What a scan takes; empty between scans.
    pub(super) due: Due,
    /// Whether anybody listens to [`Step::Queued`].
    pub(super) tells_waits: bool,
}

/// Where the clocks and the scans or runs of hosts lie.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Phases {
    /// Anywhere, drawn for each host.
    #[default]
    Drawn,
    /// All at the start, handing over and starting a process take no time, and nothing is heard twice: for schedules
    /// that can be compared with a table.
    Aligned,
    /// Clocks at the start; scans and runs so long after it, whatever their policy says.
    At(Span),
}

impl Senders {
    /// Hosts and their routes. `policies` are by population; a host's routes refer to `routes`.
    pub fn new(policies: Vec<Arc<Policy>>, hosts: Vec<HostSpec>, routes: Vec<RouteSpec>, key: Key) -> Self {
        Self::with_phases(policies, hosts, routes, key, Phases::Drawn)
    }

    /// The same with clocks and scans or runs where `phases` says.
    pub fn with_phases(
        policies: Vec<Arc<Policy>>,
        hosts: Vec<HostSpec>,
        routes: Vec<RouteSpec>,
        key: Key,
        phases: Phases,
    ) -> Self {
        let running = (0u64..)
            .zip(&hosts)
            .map(|(id, spec)| host(&policies[spec.population.index()], spec, id, key, phases));
        let (running, fixed): (Vec<Host>, Vec<Fixed>) = running.unzip();
        let routes = routes.iter().map(|spec| route(&policies[running[spec.host.index()].policy()], *spec));
        let mut hand_overs = policies.iter().filter_map(|policy| policy.connections.hand_over);
        Self {
            routes: routes.collect(),
            books_refusals: hand_overs.any(|it| it.books > Span::ZERO),
            policies,
            hosts: running,
            fixed,
            key,
            steps: Steps::new(),
            finishing: None,
            due: Due::default(),
            tells_waits: true,
        }
    }

    /// From now on nobody listens to [`Step::Queued`]: it is left out.
    pub fn omit_waits(&mut self) {
        self.tells_waits = false;
    }

    /// The simulation begins. Hosts have nothing to look at yet, so none asks for a run.
    pub fn start(&mut self, _now: Instant) {}

    /// The next step that was decided; none when all is said.
    #[expect(clippy::should_implement_trait, reason = "steps come between calls: this is no iteration")]
    #[inline]
    pub fn next(&mut self) -> Option<Step> {
        self.steps.take()
    }

    /// Whether [`Self::next`] has any step.
    #[inline(always)]
    pub fn has_decided(&self) -> bool {
        !self.steps.is_empty()
    }

    /// The policy that a host follows.
    pub fn policy(&self, host: HostId) -> &Policy {
        &self.policies[self.hosts[host.index()].policy()]
    }

    /// How long a connection of this route may take to be made.
    pub fn connect_timeout(&self, route: RouteId) -> Span {
        self.policy(self.routes[route.index()].host).connections.connect_timeout
    }

    /// How long the greeting may take, from the instant of the connect.
    pub fn greeting_timeout(&self, route: RouteId) -> Span {
        self.policy(self.routes[route.index()].host).connections.greeting_timeout
    }

    /// Messages that wait here: not those that the caller keeps in timers or that are in a session.
    pub fn queued(&self) -> u64 {
        let of_host = |host: &Host| {
            let scans = host.scans.as_ref().map_or(0, |scans| scans.len());
            scans + host.runs.as_ref().map_or(0, |runs| runs.starting())
        };
        let hosts: usize = self.hosts.iter().map(of_host).sum();
        let routes: usize =
            self.routes.iter().map(|route| route.ready.len() + route.pool.len() + route.suspended()).sum();
        (hosts + routes) as u64
    }

    /// New mail.
    pub fn arrive(&mut self, now: Instant, route: RouteId, message: Message) {
        if self.has_one_pause(self.host_of(route)) {
            return self.interrupt_pause(now, route, message);
        }
        self.stir(now, self.host_of(route));
        self.admit_one(now, route, message);
        self.feed(now, self.host_of(route));
    }

    /// Mail that was queued at the start and arrived before it: as if it had been tried at its arrival
    /// and failed on, by this policy's own backoff, until now.
    pub fn resume(&mut self, now: Instant, route: RouteId, mut message: Message) {
        message.mark_tried();
        let phase = self.fixed[self.host_of(route).index()].phase;
        let mut past = self.desk(message.arrival(), route);
        let mut due = now;
        for _ in 0..MOST_STEPS_OF_THE_PAST {
            message.count_failure();
            due = past.backoff(&mut message);
            past.now = past.policy.runner.next_look(past.now, due, phase);
            if past.now > now {
                break;
            }
        }
        self.put(now, route, message, due);
    }

    /// A [`Step::Sleep`] is over.
    pub fn wake(&mut self, now: Instant, route: RouteId, message: Message) {
        self.admit_one(now, route, message);
        self.feed(now, self.host_of(route));
    }

    /// A [`Step::Run`] is due.
    pub fn run(&mut self, now: Instant, host: HostId) {
        self.begin_run(now, host);
        self.feed(now, host);
    }

    /// A [`Step::Look`] is due.
    pub fn look(&mut self, now: Instant, host: HostId) {
        self.look_for_scan(now, host);
        self.tidy_cache(now, host);
        self.take_processes(now, host);
        self.start_tries(now, host);
        for route in self.routes_of(host) {
            let pace = self.routes[route.index()].pace.as_mut();
            if pace.is_some_and(|pace| pace.call.take_if(|call| *call == now).is_some()) {
                self.stir(now, host);
                self.dispatch(now, route);
                self.put_off_suspended(now, route);
            }
        }
        self.feed(now, host);
        self.drain(now, host);
    }

    /// An attempt is over. [`Self::reuse`] or [`Self::closed`] must follow for its connection.
    pub fn ended(&mut self, now: Instant, route: RouteId, message: Message, started: Instant, how: Ended) {
        self.end(now, route, message.id());
        self.conclude(now, route, message, now - started, how);
    }

    /// The same for an attempt that will fail at `at`, and its connection with it, if that can be told before: until when
    /// the message then waits, which has counted the failure. None if others may have a say by then, or if there is more to do
    /// than to let the message wait: then nothing is done.
    #[inline(never)]
    pub fn foresee(
        &mut self,
        at: Instant,
        route: RouteId,
        message: Message,
        failure: Failure,
    ) -> Option<(Instant, Message)> {
        let mut desk = self.desk(at, route);
        if !desk.host.keeps_messages_apart || failure.is_permanent() {
            return None;
        }
        let waits = desk.foresee(message, failure)?;
        desk.stop();
        Some(waits)
    }

    /// The sender's end of a connection in use is gone.
    pub fn closed(&mut self, now: Instant, route: RouteId) {
        let vacancy = self.desk(now, route).leave();
        self.fill(now, route, vacancy);
    }

    /// Operators flush the queue of a host: `asleep`, which the caller has taken out of its timers, and
    /// all that waits here is tried now, or one message per `pace`, the oldest first.
    /// `clear_host_state`: the host forgets what it remembers of its recipients.
    pub fn flush(
        &mut self,
        now: Instant,
        host: HostId,
        asleep: impl Iterator<Item = (RouteId, Message)>,
        pace: Option<Span>,
        clear_host_state: bool,
    ) {
        let mut waiting: Vec<(RouteId, Message)> = asleep.collect();
        if let Some(scans) = &mut self.hosts[host.index()].scans {
            waiting.extend(scans.wake_all());
        }
        self.stir(now, host);
        for route in self.routes_of(host) {
            let queue = &mut self.routes[route.index()];
            if clear_host_state {
                queue.memory = Remembered::blank(&self.policies[self.hosts[host.index()].policy()].memory);
            }
            waiting.extend(queue.pool.drain().map(|message| (route, message)));
        }
        waiting.sort_by_key(|(_, message)| (message.arrival(), message.id()));
        let by_runs = self.policy(host).runner.walks_a_pool();
        match pace {
            None if by_runs => self.forced_run(now, host, waiting),
            None => self.admit_all(now, host, waiting.into_iter()),
            Some(pace) => {
                for (place, (_, message)) in (0i64..).zip(waiting) {
                    self.steps.push(Step::Sleep { until: now + pace * place, message });
                }
            }
        }
        self.feed(now, host);
    }

    /// When mail is seen that is due at `due`.
    pub(super) fn next_look(&self, now: Instant, host: HostId, due: Instant) -> Instant {
        self.policy(host).runner.next_look(now, due, self.fixed[host.index()].phase)
    }

    #[inline(always)]
    pub(super) fn host_of(&self, route: RouteId) -> HostId {
        self.routes[route.index()].host
    }

    pub(super) fn routes_of(&self, host: HostId) -> impl Iterator<Item = RouteId> + use<> {
        self.fixed[host.index()].routes.clone().map(RouteId)
    }
}

fn host(policy: &Policy, spec: &HostSpec, id: u64, key: Key, phases: Phases) -> (Host, Fixed) {
    let mut draw = key.draw(Purpose::Phase, id, 0);
    let units = match phases {
        Phases::Drawn => [draw.unit(), draw.unit()],
        Phases::Aligned | Phases::At(_) => [0.0, 0.0],
    };
    let offset = match (policy.runner.period(), phases) {
        (_, Phases::At(offset)) => offset,
        (None, _) | (Some((_, Phase::Random)), Phases::Aligned) => Span::ZERO,
        (Some((every, phase)), _) => phase.resolve(every, &mut key.draw(Purpose::Phase, id, 1)),
    };
    let clock = Clock::new(policy.clock, policy.clock.scale(units[0]));
    let late = match (&policy.runner, phases) {
        (Runner::Scan(scan), Phases::Drawn) => scan.late,
        _ => 0.0,
    };
    let timers = WholeSeconds::new(clock, Instant::ZERO + offset, late);
    let host = Host {
        policy: spec.population.0,
        keeps_messages_apart: policy.keeps_messages_apart(),
        clock,
        connections: 0,
        active: 0,
        scans: match &policy.runner {
            Runner::Scan(scan) => Some(Box::new(Scans::new(scan, offset, timers))),
            _ => None,
        },
        pipeline: match phases {
            Phases::Drawn => {
                policy.connections.hand_over.map(|it| Box::new(Pipeline::new(it, spec.routes.start)))
            }
            Phases::Aligned | Phases::At(_) => None,
        },
        cache: match policy.connections.reuse {
            Reuse::OnDemand(_) => Some(Box::new(Cached::new(timers))),
            _ => None,
        },
        runs: None,
    };
    let heard_twice = match (&policy.runner, phases) {
        (Runner::OnePause(pause), Phases::Drawn) => pause.heard_twice,
        _ => 0.0,
    };
    let look = match (&policy.runner, phases) {
        (Runner::QueueRun(run), Phases::Drawn) => run.look,
        _ => Span::ZERO,
    };
    let phase = HostPhase { offset, unit: units[1] };
    (host, Fixed { routes: spec.routes.clone(), phase, heard_twice, look })
}

fn route(policy: &Policy, spec: RouteSpec) -> Route {
    let order = match &policy.runner {
        Runner::QueueRun(run) => run.order,
        _ => Order::default(),
    };
    Route {
        host: spec.host,
        connections: 0,
        ready: Line::default(),
        pace: None,
        following: match policy.connections.reuse {
            Reuse::OnDemand(_) => Some(Box::default()),
            _ => None,
        },
        memory: Remembered::blank(&policy.memory),
        pool: Box::new(Pool::new(order)),
    }
}
