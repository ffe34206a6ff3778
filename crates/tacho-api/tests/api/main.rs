//! The API over a real metastore, called in process.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod access;
mod app;
mod bad_questions;
mod exports;
mod foreign;
mod gated_store;
mod openapi;
mod people;
mod problems;
mod queries;
mod records;
mod sign_in;
