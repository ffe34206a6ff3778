//! Statistics over answers: what stands out, what has changed, what came when it was due, what is wrong while it
//! runs.
//!
//! Everything here is pure: numbers in, judgements out. Nothing here knows of records, SQL or HTTP.

pub mod change;
pub mod detection;
pub mod outliers;
pub mod punctuality;
