//! Tests of the decoders as a whole.

mod batch;
mod csv;
mod fuzz;
mod laws;
mod rules;
