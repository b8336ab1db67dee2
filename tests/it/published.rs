//! What others have published, reproduced: the quick part of what `validate --published` does at length.
//!
//! Seeds are fixed, so nothing here changes from one day to the next. With other seeds a correct model fails the
//! first test once in a hundred times: 1e-5 for each of some 800 numbers, and for the spread of z what
//! the test of it says.

use std::num::NonZeroUsize;

use tempfail::experiment::progress::Progress;
use tempfail::validate::published::optimistic_lock::{self, STRATEGIES, Table};
use tempfail::validate::published::{Case, Depth, MODELS, Reproduction, Verdict};

fn run(cases: &[Case], threads: usize) -> Reproduction {
    let threads = NonZeroUsize::new(threads).expect("a thread");
    let done = Reproduction::run(cases, Depth::Quick, threads, &Progress::default());
    done.expect("every case gives numbers").expect("nobody interrupts")
}

fn quick(model: &str) -> Reproduction {
    let model = MODELS.iter().find(|one| one.name == model).expect("there is such a model");
    run(&(model.cases)(Depth::Quick).expect("the tables are valid"), 2)
}

/// Every model: no number differs, enough are precise enough to mean something, and z spread as they should.
#[test]
fn all_models_agree_at_a_quick_look() {
    for model in MODELS.iter().filter(|model| model.name != optimistic_lock::MODEL.name) {
        let done = quick(model.name);
        for finding in done.findings.iter().filter(|finding| finding.verdict == Verdict::Differs) {
            println!("{finding:?}");
        }
        assert!(done.passed(), "{}: {:?}", model.name, done.families);
        let untested = done.count(Verdict::TooWide);
        assert!(10 * untested <= done.findings.len(), "{}: {untested} say nothing", model.name);
    }
}

/// Time and calls of all five strategies in all seventy cells of the table: the root mean square of z, with the
/// errors of both sides, lies between 0.8 and 1.2. Its standard deviation is 0.06 for independent z and
/// 0.085 if the two of a cell always went together; with 25 runs or more of a cell it is 1.02 to 1.04
/// in the mean. A correct model is rejected with probability 0.01 to 0.04, if seeds change.
#[test]
fn the_optimistic_lock_is_the_published_one() {
    let done = quick(optimistic_lock::MODEL.name);
    let (_, family) = done.families[0];
    assert_eq!((family.cases, family.size, family.range), (70, 140, (0.8, 1.2)));
    assert!(done.passed(), "{family:?}");
    assert_eq!(done.count(Verdict::Agrees), 140, "all are precise enough");
}

/// Strategies that are nearly right differ: a first delay of half the length, a jitter whose lower end is the last
/// delay, and one that is exponential. Each differs by a quarter or more in time or calls, which is found
/// with certainty; two thirds of such cells would be enough.
#[test]
fn a_wrong_strategy_is_found() {
    let table = Table::published();
    let wrong = [
        ("FullJitter", "{ exponential = { initial = '5ms', max = '2s', jitter = 'full' } }"),
        ("Decorr", "{ exponential = { initial = '5ms', max = '2s', jitter = 'decorrelated-rising' } }"),
        ("Exponential", "{ exponential = { initial = '10ms', max = '2s', jitter = 'exponential' } }"),
        ("EqualJitter", "{ exponential = { initial = '10ms', max = '2s', jitter = 'full' } }"),
    ];
    for strategy in wrong {
        let case = |clients| {
            optimistic_lock::case(clients, strategy, table.of(clients, strategy.0), Depth::Quick)
                .expect("it is a backoff")
        };
        let done = run(&[10, 20, 40, 50, 60].map(case), 2);
        assert!(!done.passed(), "{strategy:?}");
        assert!(done.count(Verdict::Differs) >= 5, "{strategy:?}: {:?}", done.families);
        let (_, family) = done.families[0];
        assert!(!family.is_good(), "{strategy:?}: {family:?}");
    }
}

/// The numbers are those of the case alone: on any number of threads, whatever else is run.
#[test]
fn threads_and_company_change_nothing() {
    let table = Table::published();
    let found = |clients: &[u32], threads: usize| {
        let done =
            run(&optimistic_lock::cases(clients, &table, Depth::Quick).expect("they are valid"), threads);
        let ten = done.findings.into_iter().filter(|finding| finding.case.starts_with("clients=10;"));
        ten.map(|finding| (finding.case, finding.found)).collect::<Vec<_>>()
    };
    let alone = found(&[10], 1);
    assert_eq!(alone.len(), 2 * STRATEGIES.len());
    assert_eq!(found(&[5, 10, 13], 3), alone);
}

/// The page was written by a whole run of all models that passed.
#[test]
fn the_page_has_all_models() {
    let page = include_str!("../../docs/published.md");
    for model in MODELS {
        assert!(page.contains(&format!("\n## {}\n", model.name)), "{}", model.name);
    }
    assert!(page.contains("\n- Verdict: passed.\n"));
}
