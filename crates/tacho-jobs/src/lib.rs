//! What goes on beside requests: exports, with their queue and their files; detection of what goes wrong while it runs.
//!
//! Asks the query engine like everybody else, under the scope of whoever the work is for. Knows nothing of HTTP and of no
//! engine below the store.

pub mod detection;
pub mod exports;
mod follow;

pub use follow::Follower;
