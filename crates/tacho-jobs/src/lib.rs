//! What goes on beside requests: exports, with their queue and their files.
//!
//! Asks the query engine like everybody else, under the scope of whoever the work is for. Knows nothing of HTTP and of no
//! engine below the store.

pub mod exports;
