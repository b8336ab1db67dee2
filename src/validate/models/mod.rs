//! The models of queueing theory, as scenarios: one file per family.

mod drain;
mod keys;
mod loss;
mod outage;
mod periodic;
mod phases;
mod random_outages;
mod retrial;
mod token_bucket;
mod waiting;

use super::Problem;
use super::table::Configuration;
use super::trial::Trial;

/// A model that can be run.
#[derive(Clone, Copy)]
pub struct Model {
    /// Its name in tables.
    pub name: &'static str,
    /// What it is, in mail.
    pub about: &'static str,
    /// The parameters it needs, and those it may have in brackets.
    pub parameters: &'static str,
    trials: fn(&Configuration) -> Result<Vec<Trial>, Problem>,
}

/// All models, in the order of the reference.
pub const MODELS: &[Model] = &[
    Model {
        name: "loss_MGcc",
        about: "a recipient with c slots that refuses what exceeds them, senders that try once",
        parameters: "lambda mu c [service scv]",
        trials: loss::trials,
    },
    Model {
        name: "MMc_wait",
        about: "a sender with c connections and a queue before them, a recipient that never refuses",
        parameters: "lambda mu c",
        trials: waiting::before_connections,
    },
    Model {
        name: "MMcK",
        about: "a recipient with c slots and a silent backlog of K - c, senders that try once",
        parameters: "lambda mu c K",
        trials: waiting::in_backlog,
    },
    Model {
        name: "MD1_wait",
        about: "as MMc_wait, with one connection and sessions that all last as long",
        parameters: "lambda D [c]",
        trials: waiting::before_connections,
    },
    Model {
        name: "MG1_wait",
        about: "as MMc_wait, with one connection and other session times",
        parameters: "lambda mean_service service scv [c]",
        trials: waiting::before_connections,
    },
    Model {
        name: "MM11_retrial",
        about: "one slot, memoryless retries without end",
        parameters: "lambda mu c theta",
        trials: retrial::trials,
    },
    Model {
        name: "MG11_retrial",
        about: "the same with other session times",
        parameters: "lambda mean_service service scv c theta",
        trials: retrial::trials,
    },
    Model {
        name: "MMcc_retrial",
        about: "c slots, memoryless retries without end",
        parameters: "lambda mu c theta",
        trials: retrial::trials,
    },
    Model {
        name: "MMcc_retrial_impatient",
        about: "senders go on with probability H1 after a first failure, H2 after a later one",
        parameters: "lambda mu c theta H1 H2 [orbit_abandon_rate]",
        trials: retrial::impatient,
    },
    Model {
        name: "MMcc_retrial_maxatt2",
        about: "at most two attempts",
        parameters: "lambda mu c theta",
        trials: |one| retrial::limited(one, 2),
    },
    Model {
        name: "MMcc_retrial_lifetime",
        about: "messages expire after an exponential time in the queue",
        parameters: "lambda mu c theta H1 H2 orbit_abandon_rate",
        trials: retrial::impatient,
    },
    Model {
        name: "MMcc_retrial_maxatt3",
        about: "at most three attempts",
        parameters: "lambda mu c theta",
        trials: |one| retrial::limited(one, 3),
    },
    Model {
        name: "MM11_constant_retrial",
        about: "one deferred message at a time is tried, new mail at once",
        parameters: "lambda mu c theta",
        trials: retrial::constant,
    },
    Model {
        name: "outage_single",
        about: "one outage of a recipient without limits, any delays",
        parameters: "L retry_policy ...",
        trials: outage::once,
    },
    Model {
        name: "greylist_min_age",
        about: "a greylist that every message meets",
        parameters: "G retry_policy ...",
        trials: outage::greylist,
    },
    Model {
        name: "outage_periodic",
        about: "an outage at the start of every period",
        parameters: "P L retry_policy ... [max_attempts]",
        trials: outage::periodic,
    },
    Model {
        name: "onoff_infinite",
        about: "a recipient without limits, up and down for exponential times, any delays",
        parameters: "mean_up mean_down retry_policy ... [max_attempts]",
        trials: random_outages::unlimited,
    },
    Model {
        name: "onoff_c_retrial",
        about: "the same with c slots and memoryless retries",
        parameters: "lambda mu c theta fail_rate repair_rate abort_in_progress",
        trials: random_outages::slots,
    },
    Model {
        name: "oracle_onoff_MM1",
        about: "the clairvoyant through random outages",
        parameters: "lambda mu [c] fail_rate repair_rate",
        trials: random_outages::clairvoyant,
    },
    Model {
        name: "oracle_drain",
        about: "the clairvoyant after one outage, until its queue is empty",
        parameters: "lambda mu L",
        trials: drain::trials,
    },
    Model {
        name: "periodic_oracle_MMc",
        about: "the clairvoyant through an outage at the start of every period",
        parameters: "P L lambda mu c",
        trials: periodic::clairvoyant,
    },
    Model {
        name: "periodic_c_retrial",
        about: "an outage at the start of every period, c slots, memoryless retries",
        parameters: "P L lambda mu c theta",
        trials: periodic::retrial,
    },
    Model {
        name: "token_bucket_continuous",
        about: "a token bucket that refills continuously, senders that try once",
        parameters: "lambda r b",
        trials: token_bucket::continuous,
    },
    Model {
        name: "token_bucket_discrete",
        about: "a token bucket that gets a token at each tick of a clock",
        parameters: "lambda r b",
        trials: token_bucket::discrete,
    },
];

/// The trials that together answer all rows of a configuration.
///
/// # Errors
///
/// When there is no such model, or a parameter or quantity means nothing to it.
pub(super) fn trials(configuration: &Configuration) -> Result<Vec<Trial>, Problem> {
    let line = configuration.rows.first().map_or(0, |row| row.line);
    let Some(model) = MODELS.iter().find(|model| model.name == configuration.model) else {
        let names: Vec<&str> = MODELS.iter().map(|model| model.name).collect();
        let message = format!("no model is called {}; there are {}", configuration.model, names.join(", "));
        return Err(Problem::new(message).at_line(line));
    };
    (model.trials)(configuration).map_err(|problem| problem.at_line(line))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::validate::{REFERENCE, read};

    #[test]
    fn every_configuration_of_the_reference_becomes_a_plan() {
        for configuration in read(REFERENCE).unwrap() {
            let trials = trials(&configuration).unwrap();
            let asked: usize = trials.iter().map(|trial| trial.asked.len()).sum();
            assert_eq!(asked, configuration.rows.len(), "{}", configuration.parameters);
            for trial in trials {
                if let Err(problem) = trial.plan(0) {
                    panic!("{} {}: {problem}", configuration.model, configuration.parameters);
                }
            }
        }
    }

    #[test]
    fn what_means_nothing_is_said_with_its_line() {
        let wrong = |row: &str| {
            let all = read(&format!("model,params,quantity,value\n{row}\n")).unwrap();
            trials(&all[0]).err().unwrap().to_string()
        };
        assert!(
            wrong("MM1,lambda=1,p,1").starts_with("line 2: no model is called MM1; there are loss_MGcc,")
        );
        assert_eq!(wrong("loss_MGcc,lambda=1;mu=1,p_block_first,1"), "line 2: the parameter c is missing");
        assert_eq!(
            wrong("loss_MGcc,lambda=1;mu=1;c=1,p_blocked,1"),
            "line 2: nothing is known of a quantity p_blocked"
        );
        assert_eq!(
            wrong("outage_single,L=10;retry_policy=never,mean_delay_given_hit,1"),
            "line 2: no retry_policy is called never"
        );
    }
}
