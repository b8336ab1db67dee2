//! The integration tests, in one binary.

mod bad_input;
mod command;
mod layers;
mod mutated_input;
mod support;
mod theory;
