//! The simulator against exact results.
//!
//! Every row of `tests/fixtures/theory/` is a number that can be computed without simulating. Each
//! configuration is written as a scenario text, with `round_trip = "0s"`, no set-up and one message
//! per connection, so that an attempt that is refused takes no time, and is read and run like any
//! other scenario.
//!
//! What is deterministic is compared to nine digits. What is random is compared by
//! [`agreement::assert_rows`], which says how often it would reject a correct simulator.

mod agreement;
mod meter;
mod model;
mod rows;

mod greylist;
mod loss;
mod outage;
mod outage_periodic;
mod random_outages;
mod reference;
mod retrial;
mod token_bucket;
