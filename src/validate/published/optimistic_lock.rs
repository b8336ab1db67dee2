//! Clients that each want to change the same row once, under optimistic locking: the model behind the graph that
//! "Exponential Backoff And Jitter" is known for.
//!
//! aws-arch-backoff-simulator, `src/backoff_simulator.py`; M. Brooker, "Exponential Backoff And Jitter", AWS Architecture
//! Blog (2015). All clients start at once. Each reads the version of the row, then writes with that version;
//! the write works if the version is still the same, and raises it. Else the client waits and begins again.
//! Every leg of a message takes |Normal(10 ms, 2 ms)|; the server takes no time and has no limit, so a call that
//! fails costs nothing but the time of its client.

use std::collections::BTreeMap;
use std::sync::Arc;

use rand_distr::{Distribution, StandardNormal};

use super::case::{Asked, Case, Depth, Experiment, Seen};
use super::known::Known;
use super::{Finding, Model, Problem, texts};
use crate::engine::{EventSet, Rank, Ranked};
use crate::random::{Draw, Key, Purpose};
use crate::sender::{Policy, RetryRecord};
use crate::time::{Instant, Span};

/// The model.
pub const MODEL: Model = Model {
    name: "optimistic-lock",
    about: "Clients that each change the same row once under optimistic locking (M. Brooker, \"Exponential Backoff And \
            Jitter\", AWS Architecture Blog, 2015; aws-arch-backoff-simulator, src/backoff_simulator.py). All start at once; \
            each leg of a message takes |Normal(10, 2)| ms; a write works if nobody else's came in between. 'time' is \
            when the last client is done, in ms, and 'calls' the number of writes. The blog shows means of a hundred runs \
            without intervals; the published numbers here are means of 4000 runs of an independent program for the same \
            model, with their standard errors, which are part of z.",
    independent: true,
    cases: |depth| {
        let table = Table::published();
        cases(&table.clients(), &table, depth)
    },
};

/// The strategies of the program by its names, and what they are here: base 5 ms, cap 2000 ms. It counts
/// the failure before it asks for a delay, so the first is of 2 x 5 ms.
pub const STRATEGIES: [(&str, &str); 5] = [
    ("Exponential", "{ exponential = { initial = '10ms', max = '2s' } }"),
    ("Decorr", "{ exponential = { initial = '5ms', max = '2s', jitter = 'decorrelated' } }"),
    ("EqualJitter", "{ exponential = { initial = '10ms', max = '2s', jitter = 'equal' } }"),
    ("FullJitter", "{ exponential = { initial = '10ms', max = '2s', jitter = 'full' } }"),
    ("None", "'immediate'"),
];

/// The most clients that can be asked for: a run takes some 90 million writes then.
pub const MOST_CLIENTS: u32 = 20_000;

/// The columns that a table must have.
pub const COLUMNS: [&str; 7] =
    ["clients", "strategy", "runs", "time_mean", "time_sd", "calls_mean", "calls_sd"];

/// Mean and standard deviation of a leg, in milliseconds.
const LEG: (f64, f64) = (10.0, 2.0);

/// Writes of all runs of a case together, and most runs of a case.
const WRITES: (f64, f64) = (2e7, 5e4);
const MOST_RUNS: (u32, u32) = (2000, 200);
/// With fewer runs the law of z is too far from that of a normal number.
const LEAST_RUNS: u32 = 25;

/// What another program gave for this model.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Table(BTreeMap<(u32, usize), (Known, Known)>);

impl Table {
    /// The numbers that come with this program.
    pub fn published() -> Self {
        Self::read(include_str!("data/optimistic-lock.csv")).unwrap_or_default()
    }

    /// Reads a table in CSV with at least [`COLUMNS`]; times are in milliseconds.
    ///
    /// # Errors
    ///
    /// Says what is wrong with which line: a column that is missing, something that is no number, a strategy that
    /// nobody knows.
    pub fn read(text: &str) -> Result<Self, Problem> {
        let table = texts::Table::read(text)?;
        table.require(&COLUMNS)?;
        let mut rows = BTreeMap::new();
        for row in table.rows() {
            let name = row.text("strategy");
            let Some(strategy) = STRATEGIES.iter().position(|(known, _)| *known == name) else {
                let names = STRATEGIES.map(|(name, _)| name).join(", ");
                let problem = row.problem("strategy", format!("no strategy is called \"{name}\""));
                return Err(problem.help(format!("there are {names}")));
            };
            let clients = row.number("clients")?;
            if clients.fract() != 0.0 || !(1.0..=f64::from(MOST_CLIENTS)).contains(&clients) {
                let message = format!("{clients} is no number of clients from 1 to {MOST_CLIENTS}");
                return Err(row.problem("clients", message));
            }
            let runs = row.number("runs")?;
            if runs < 1.0 {
                return Err(row.problem("runs", format!("{runs} is no number of runs")));
            }
            for deviation in ["time_sd", "calls_sd"] {
                if row.number(deviation)? < 0.0 {
                    return Err(row.problem(deviation, format!("{deviation} is below 0")));
                }
            }
            let time = Known::mean(row.number("time_mean")?, row.number("time_sd")?, runs);
            let calls = Known::mean(row.number("calls_mean")?, row.number("calls_sd")?, runs);
            rows.insert((clients as u32, strategy), (time, calls));
        }
        if rows.is_empty() {
            return Err(Problem::new("the table has no rows"));
        }
        Ok(Self(rows))
    }

    /// Time and calls with so many clients that follow the strategy of this name.
    pub fn of(&self, clients: u32, strategy: &str) -> Option<(Known, Known)> {
        let strategy = STRATEGIES.iter().position(|(name, _)| *name == strategy)?;
        self.0.get(&(clients, strategy)).copied()
    }

    /// The numbers of clients in it, in order.
    pub fn clients(&self) -> Vec<u32> {
        let mut clients: Vec<u32> = self.0.keys().map(|(clients, _)| *clients).collect();
        clients.dedup();
        clients
    }
}

/// All strategies with so many clients, compared where the table has them.
///
/// # Errors
///
/// None, as long as [`STRATEGIES`] are valid.
pub fn cases(clients: &[u32], table: &Table, depth: Depth) -> Result<Vec<Case>, Problem> {
    let places = clients.iter().flat_map(|clients| STRATEGIES.map(|strategy| (*clients, strategy)));
    places.map(|(clients, strategy)| case(clients, strategy, table.of(clients, strategy.0), depth)).collect()
}

/// One strategy: its name, and a backoff in the scenario format. `known` are time and calls.
///
/// # Errors
///
/// When the backoff is none.
pub fn case(
    clients: u32,
    strategy: (&str, &str),
    known: Option<(Known, Known)>,
    depth: Depth,
) -> Result<Case, Problem> {
    let (name, backoff) = strategy;
    // Without backoff it takes n^2/4.5 writes to get n clients done; no strategy needs more.
    let writes = f64::from(clients).powi(2) / 4.5 + f64::from(clients);
    let runs = (depth.pick(WRITES.0, WRITES.1) / writes) as u32;
    Ok(Case {
        model: MODEL.name,
        label: format!("clients={clients};strategy={name}"),
        asked: vec![
            Asked::new("time", known.map(|(time, _)| time)),
            Asked::new("calls", known.map(|(_, calls)| calls)),
        ],
        experiment: Experiment::Lock(Lock { clients, policy: texts::backoff(backoff)? }),
        runs: runs.clamp(LEAST_RUNS, depth.pick(MOST_RUNS.0, MOST_RUNS.1)),
    })
}

/// Of which case a finding is; none of another model.
pub fn clients_and_strategy(finding: &Finding) -> Option<(u32, &str)> {
    let case = (finding.model == MODEL.name).then_some(&finding.case)?;
    let (clients, strategy) = case.strip_prefix("clients=")?.split_once(";strategy=")?;
    Some((clients.parse().ok()?, strategy))
}

/// So many clients that all follow one policy.
#[derive(Clone, Debug)]
pub(super) struct Lock {
    clients: u32,
    policy: Arc<Policy>,
}

/// Something arrives at the server.
#[derive(Clone, Copy, Debug)]
enum Arrives {
    Read { client: u32 },
    Write { client: u32, version: u32 },
}

impl Arrives {
    fn client(self) -> u32 {
        match self {
            Self::Read { client } | Self::Write { client, .. } => client,
        }
    }
}

impl Ranked for Arrives {
    type Key = Key;

    /// Each client has one message under way.
    fn rank(&self, key: Key) -> Rank {
        let entity = u64::from(self.client());
        Rank { kind: 0, tie: key.tie(entity, 0), entity, index: 0 }
    }
}

/// What a client knows.
struct Client {
    record: RetryRecord,
    /// How long the legs of its present attempt take.
    legs: Draw,
}

impl Client {
    fn leg(&mut self) -> Span {
        let normal: f64 = StandardNormal.sample(&mut self.legs);
        Span::from_seconds_f64((LEG.0 + LEG.1 * normal).abs() / 1e3)
    }
}

impl Lock {
    /// When the last client is done, in milliseconds, and how many writes there were.
    pub(super) fn run(&self, key: Key) -> Seen {
        let mut events = EventSet::new(key);
        let legs =
            |client: u32, attempt: u32| key.draw(Purpose::Transaction, u64::from(client), u64::from(attempt));
        let record = RetryRecord { failures: 0, ..RetryRecord::first(Instant::ZERO) };
        let mut clients: Vec<Client> =
            (0..self.clients).map(|client| Client { record, legs: legs(client, 0) }).collect();
        for (number, client) in (0..).zip(&mut clients) {
            events.push(Instant::ZERO + client.leg(), Arrives::Read { client: number });
        }
        let (mut version, mut writes, mut done) = (0u32, 0u32, Instant::ZERO);
        while let Some((now, arrives)) = events.pop() {
            let number = arrives.client();
            let client = &mut clients[number as usize];
            match arrives {
                Arrives::Read { .. } => {
                    let at = now + client.leg() + client.leg();
                    events.push(at, Arrives::Write { client: number, version });
                }
                Arrives::Write { version: expected, .. } if expected == version => {
                    writes += 1;
                    version += 1;
                    done = done.max(now + client.leg());
                }
                Arrives::Write { .. } => {
                    writes += 1;
                    let told = now + client.leg();
                    let record = &mut client.record;
                    record.failures += 1;
                    let mut draw = key.draw(Purpose::Jitter, u64::from(number), u64::from(record.failures));
                    record.previous_delay = self.policy.backoff.delay(record, told, &mut draw);
                    record.last_try = told;
                    let again = told + record.previous_delay;
                    client.legs = legs(number, client.record.failures);
                    events.push(again + client.leg(), Arrives::Read { client: number });
                }
            }
        }
        let time = (done - Instant::ZERO).as_seconds() * 1e3;
        Seen { values: vec![time, f64::from(writes)], events: 2 * u64::from(writes) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_has_seventy_cells() {
        let table = Table::published();
        assert_eq!(table.0.len(), 70);
        assert_eq!(table.clients()[..3], [10, 20, 40]);
    }

    #[test]
    fn what_is_wrong_with_a_table_is_said_with_its_line() {
        let header = COLUMNS.join(",");
        let wrong = |row: &str| Table::read(&format!("{header}\n{row}\n")).unwrap_err().to_string();
        assert!(wrong("10,Half,100,1,1,1,1").starts_with("line 2: no strategy is called \"Half\""));
        assert_eq!(wrong("ten,None,100,1,1,1,1"), "line 2: \"ten\" is no number (clients)");
        assert!(wrong("0,None,100,1,1,1,1").contains("0 is no number of clients from 1 to"));
        assert!(wrong("1.5,None,100,1,1,1,1").contains("1.5 is no number of clients"));
        assert_eq!(wrong("10,None,0,1,1,1,1"), "line 2: 0 is no number of runs");
        assert_eq!(wrong("10,None,100,1,inf,1,1"), "line 2: \"inf\" is no number (time_sd)");
        assert_eq!(wrong("10,None,100,1,1,1,-1"), "line 2: calls_sd is below 0");
        assert_eq!(Table::read(&header).unwrap_err().to_string(), "the table has no rows");
        assert!(Table::read("clients,strategy\n").unwrap_err().to_string().contains("no column runs"));
    }

    /// One client is never disturbed: four legs.
    #[test]
    fn a_client_alone_needs_one_call() {
        let case = case(1, STRATEGIES[0], None, Depth::Quick).unwrap();
        let times: Vec<f64> = (0..1000)
            .map(|run| case.experiment.run(Key::new(1, run)).values)
            .map(|seen| {
                assert_eq!(seen[1], 1.0);
                seen[0]
            })
            .collect();
        let mean = times.iter().sum::<f64>() / 1000.0;
        // Four standard deviations of 2 ms each, 4.4 standard errors: error probability 1e-5.
        assert!((mean - 40.0).abs() < 4.4 * 4.0 / 1000f64.sqrt(), "{mean}");
    }
}
