//! Tests of whole policies: golden schedules and recordings of real MTAs.
