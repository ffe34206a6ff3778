//! The API over a real metastore, called in process.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod access;
mod analytics;
mod app;
mod audit;
mod bad_questions;
mod cost_rates;
mod detections;
mod exports;
mod failures;
mod foreign;
mod gated_store;
mod injection;
mod isolation;
mod live;
mod live_abuse;
mod observability;
mod openapi;
mod people;
mod preferences;
mod problems;
mod queries;
mod query_limits;
mod records;
mod reporting;
mod sign_in;
mod trpc;
mod workflows;
