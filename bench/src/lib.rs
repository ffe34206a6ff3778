//! For development: measures the whole system from outside (`bench/run`), and kills it (`bench/kill`).
//!
//! Everything here talks to a real server process over HTTP and knows nothing of its inside but the layout of its data
//! directory. One thread per connection with blocking sockets: the cheapest sender there is, so that on a machine that sender
//! and server share, little is taken from the server. docs/PERFORMANCE.md says what is measured and how.

pub mod bodies;
pub mod budgets;
pub mod cache;
pub mod cluster;
pub mod disk;
pub mod export;
pub mod history;
pub mod http;
pub mod ingest;
pub mod kill;
pub mod latency;
pub mod live;
pub mod load;
pub mod outbox;
pub mod peers;
pub mod postgres;
pub mod probe;
pub mod process;
pub mod query;
pub mod server;
pub mod stored;
pub mod table;
pub mod web;
