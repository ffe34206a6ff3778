//! The way in: from bytes on a wire to rows in a store.
//!
//! `decode` turns a wire format into records and says what is wrong with those that are none; `journal` makes them
//! durable; `merger` and `projector` bring them into the store. Nothing here knows of HTTP.

mod background;
pub mod decode;
pub mod disk_guard;
pub mod identity;
pub mod ingest;
pub mod journal;
pub mod merger;
pub mod projector;
pub mod rate;
pub mod replay;

pub use decode::{Format, Rejection, RejectionCode};
pub use ingest::{Ack, Ingest, IngestConfig, IngestStatus, IngestTotals, OpenError, Submission, SubmitError};
