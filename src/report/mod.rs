//! Makes tables and pictures of what was recorded.

pub mod figure;
