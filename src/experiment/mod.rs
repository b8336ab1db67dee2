//! The experiment: cells of (variant, replication), what each of them records, and the comparison.

pub mod record;
