//! Tests of whole policies: golden schedules, recordings of real MTAs, and what no policy may break.

mod conduct;
mod driver;
mod exim;
mod outage;
pub(in crate::sender) mod policies;
mod programs;
mod recordings;
mod service;
