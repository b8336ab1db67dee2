//! `tempfail` simulates recipient mail servers that answer `421 Service not available` and the mail
//! transfer agents (MTAs) that try again, and compares retry policies on delivery latency and on
//! load at the recipient.
//!
//! The layers, from the bottom: [`time`], [`random`], [`smtp`], [`metric`] and [`quantity`] are the words
//! everything is said in; [`engine`] is the clock and the event set; [`sender`], [`recipient`] and
//! [`workload`] are the model; [`system`] connects them and is the only scheduler; [`scenario`] is
//! what a user writes; [`experiment`] runs cells and compares variants with the numbers of
//! [`stats`]; [`validate`] compares the simulator with exact theory; [`report`] makes tables and pictures of what was recorded; [`cli`] is the command.

pub mod cli;
pub mod engine;
pub mod experiment;
pub mod export;
pub mod id;
pub mod law;
pub mod message;
pub mod metric;
pub mod mta;
pub mod quantity;
pub mod random;
pub mod recipient;
pub mod report;
pub mod scenario;
pub mod sender;
pub mod smtp;
pub mod stats;
mod steps;
pub mod system;
pub mod time;
pub mod validate;
pub mod workload;
