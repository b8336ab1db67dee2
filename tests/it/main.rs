//! The integration tests, in one binary.

mod conservation;
mod determinism;
mod layers;
mod support;
mod theory;
