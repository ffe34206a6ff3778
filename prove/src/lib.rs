//! For development: breaks a running server in every way that is known, loads it, and shows that every acknowledged record
//! is there once, no other is, and that whoever asks meanwhile is told the truth (docs/RELIABILITY.md).
//!
//! Like `bench/`, it talks to a real process over HTTP and knows nothing of its inside but the names of its files and of
//! its fail points. A kind of trial is a module here that returns [findings](finding::Finding), and a command of `main.rs`.

pub mod crash;
pub mod finding;
pub mod live;
pub mod load;
pub mod operator;
pub mod redis;
pub mod resources;
pub mod sending;
pub mod serving;
pub mod store;
pub mod trial;
