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
use super::parameters::Parameters;
use super::table::Configuration;
use super::trial::Trial;
use crate::scenario::did_you_mean;

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

impl Model {
    /// That it has all these parameters: one that it does not look at would be the parameter of another model,
    /// or a slip that changes what is simulated.
    fn knows(&self, parameters: &Parameters) -> Result<(), Problem> {
        let known = || self.parameters.split([' ', '[', ']']).filter(|name| !name.is_empty());
        let Some(other) = parameters.names().find(|name| known().all(|known| known != *name)) else {
            return Ok(());
        };
        let help = did_you_mean(other, known()).unwrap_or(format!("it has {}", self.parameters));
        Err(parameters.wrong(other, format!("{} has no parameter {other}", self.name)).help(help))
    }
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
        parameters: "lambda mean_service [service scv c]",
        trials: waiting::before_connections,
    },
    Model {
        name: "MM11_retrial",
        about: "one slot, memoryless retries without end",
        parameters: "lambda mu theta [c]",
        trials: retrial::trials,
    },
    Model {
        name: "MG11_retrial",
        about: "the same with other session times",
        parameters: "lambda mean_service theta [service scv c]",
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
        parameters: "lambda mu c theta [H1 H2 orbit_abandon_rate]",
        trials: |one| retrial::limited(one, 2, &[("H1", 1.0), ("H2", 0.0), ("orbit_abandon_rate", 0.0)]),
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
        parameters: "lambda mu c theta [max_attempts]",
        trials: |one| retrial::limited(one, 3, &[("max_attempts", 3.0)]),
    },
    Model {
        name: "MM11_constant_retrial",
        about: "one deferred message at a time is tried, new mail at once",
        parameters: "lambda mu theta [c]",
        trials: retrial::constant,
    },
    Model {
        name: "outage_single",
        about: "one outage of a recipient without limits, any delays",
        parameters: "L retry_policy [retry_base retry_mult retry_cap retry_mean retry_list]",
        trials: outage::once,
    },
    Model {
        name: "greylist_min_age",
        about: "a greylist that every message meets",
        parameters: "G retry_policy [retry_base retry_mult retry_cap retry_mean retry_list]",
        trials: outage::greylist,
    },
    Model {
        name: "outage_periodic",
        about: "an outage at the start of every period",
        parameters: "P L retry_policy [retry_base retry_mult retry_cap retry_mean retry_list max_attempts]",
        trials: outage::periodic,
    },
    Model {
        name: "onoff_infinite",
        about: "a recipient without limits, up and down for exponential times, any delays",
        parameters: "mean_up mean_down retry_policy [retry_base retry_mult retry_cap retry_mean retry_list max_attempts]",
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
    let name = configuration.model.as_str();
    let Some(model) = MODELS.iter().find(|model| model.name == name) else {
        let names: Vec<&str> = MODELS.iter().map(|model| model.name).collect();
        let all = format!("there are {}", names.join(", "));
        let help = did_you_mean(name, names).unwrap_or(all);
        let problem = Problem::new(format!("no model is called {name}"));
        return Err(problem.at_words(name).at_line(line).help(help));
    };
    model.knows(&configuration.parameters).map_err(|problem| problem.at_line(line))?;
    (model.trials)(configuration).map_err(|problem| problem.at_line(line))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::validate::{REFERENCE, read};

    /// Parameters that a scenario of the usual length has no room for, or that stand at the edge of a model.
    #[test]
    fn awkward_parameters_become_plans() {
        for row in [
            "MMcK,lambda=4;mu=1;c=5;K=5,p_block,0.2",
            "MMcK,lambda=4;mu=1;c=5;K=6,p_block,0.2",
            "MM11_retrial,lambda=0.9;mu=1;c=1;theta=0.001,mean_orbit,1",
            "MMcc_retrial,lambda=49;mu=1;c=50;theta=0.5,mean_orbit,1",
            "outage_single,L=86400;retry_policy=full_jitter;retry_base=900;retry_mult=2,mean_delay_given_hit,1",
            "outage_periodic,P=604800;L=14400;retry_policy=exponential;retry_base=60;retry_cap=14400,p_expired,0",
            "onoff_infinite,mean_up=864000;mean_down=3600;retry_policy=fixed;retry_base=900,mean_delay,1",
            "onoff_infinite,mean_up=600;mean_down=86400;retry_policy=fixed;retry_base=3600,mean_delay,1",
            "loss_MGcc,lambda=0.0001;mu=0.0001;c=1,p_block_first,0.5",
        ] {
            let all = read(&format!("model,params,quantity,value\n{row}\n")).unwrap();
            for trial in trials(&all[0]).unwrap_or_else(|problem| panic!("{row}: {problem}")) {
                trial.plan(0).unwrap_or_else(|problem| panic!("{row}: {problem}"));
            }
        }
    }

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
            wrong("queue,lambda=1,p,1").starts_with("line 2: no model is called queue; there are loss_MGcc,")
        );
        assert_eq!(
            wrong("MMc_weit,lambda=1,p,1"),
            "line 2: no model is called MMc_weit; did you mean `MMc_wait`?"
        );
        assert_eq!(
            wrong("loss_MGcc,lambda=1;mu=1;c=1;servise=det,p_block_first,1"),
            "line 2: loss_MGcc has no parameter servise; did you mean `service`?"
        );
        assert_eq!(
            wrong("MMcc_retrial_maxatt2,lambda=1;mu=1;c=1;theta=1;H1=0.9,p_block_first,1"),
            "line 2: H1 is 1 in this model"
        );
        assert_eq!(wrong("loss_MGcc,lambda=1;mu=1,p_block_first,1"), "line 2: the parameter c is missing");
        assert_eq!(
            wrong("loss_MGcc,lambda=1;mu=1;c=1,p_blocked,1"),
            "line 2: nothing is known of a quantity p_blocked; did you mean `p_block`?"
        );
        assert_eq!(
            wrong("outage_single,L=10;retry_policy=never,mean_delay_given_hit,1"),
            "line 2: no retry_policy is called never; there are fixed, linear, exponential, full_jitter, \
             equal_jitter, decorrelated, uniform, exp, exp_distributed, schedule"
        );
    }
}
