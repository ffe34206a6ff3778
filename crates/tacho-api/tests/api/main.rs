//! The API over a real metastore, called in process.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod access;
mod app;
mod audit;
mod bad_questions;
mod cost_rates;
mod failing_store;
mod foreign;
mod observability;
mod openapi;
mod people;
mod preferences;
mod problems;
mod queries;
mod query_limits;
mod records;
mod sign_in;
