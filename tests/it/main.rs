//! The integration tests, in one binary.

mod command;
mod layers;
mod support;
mod theory;
