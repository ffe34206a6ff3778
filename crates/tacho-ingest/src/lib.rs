//! The way in: from bytes on a wire to rows in a store.
//!
//! `decode` turns a wire format into records and says what is wrong with those that are none; `journal` makes them
//! durable; `merger` and `projector` bring them into the store. Nothing here knows of HTTP.

pub mod decode;
pub mod journal;
