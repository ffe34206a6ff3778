//! Statistics over answers: what stands out, what has changed, what came when it was due.
//!
//! Everything here is pure: numbers in, judgements out. Nothing here knows of records, SQL or HTTP.

pub mod change;
pub mod outliers;
pub mod punctuality;
