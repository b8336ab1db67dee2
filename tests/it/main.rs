//! The integration tests, in one binary.

mod bad_input;
mod command;
mod conservation;
mod determinism;
mod documents;
mod exports;
mod layers;
mod limits;
mod mutated_input;
mod outages;
mod published;
mod recordings;
mod schedules;
mod services;
mod support;
mod theory;
