//! Laws of a question that was understood.

use std::sync::{Arc, LazyLock};

use jiff::tz::TimeZone;
use tacho_core::record::RecordType;
use tacho_core::time::Timestamp;
use tacho_core::{OrganizationId, Scope};
use tacho_query::holdings::Holdings;
use tacho_query::{QueryError, Statement};

/// A word that may stand in a value, and never in SQL.
const CANARY: &str = "zqxj";
/// Bytes of a statement, and how often a value of the question may come in it: on both sides of a comparison, once for each way in
/// which measures are worked out.
const SQL_BYTES_MAX: usize = 2 * 1024 * 1024;
const REPEATED_MAX: usize = 64;
/// Bytes of a message, beyond what it repeats of the question.
const MESSAGE_BYTES_MAX: usize = 4_000;

/// The zone of whoever asks: one whose clock is moved.
pub(crate) static ZONE: LazyLock<TimeZone> = LazyLock::new(|| TimeZone::get("Europe/Berlin").unwrap());

/// A store with so many rows of everything that cells are read wherever they can be.
pub(crate) static HOLDINGS: LazyLock<Arc<Holdings>> = LazyLock::new(|| {
    let first: Timestamp = "2026-09-30T22:00:00Z".parse().unwrap();
    let days: Vec<_> = (0..56)
        .map(|day| (first.plus_micros(day * 86_400_000_000), 1_000_000))
        .collect();
    Arc::new(Holdings {
        zone: ZONE.clone(),
        days: RecordType::ALL.map(|of| (of, days.clone())).into(),
        ..Holdings::default()
    })
});

/// Somebody who sees everything, and somebody who sees what is her own.
pub(crate) fn scopes() -> [Scope; 2] {
    let organization = OrganizationId::from_bytes([7; 16]);
    let subjects = vec!["ada".to_owned(), CANARY.to_owned()];
    [Scope::all(organization), Scope::owned(organization, subjects)]
}

/// Laws of a statement: every parameter has its place, no value of the question stands in its text, and it is of bounded length.
pub(crate) fn check_statement(statement: &Statement, question_bytes: usize) {
    let Statement { sql, params } = statement;
    assert_eq!(sql.matches('?').count(), params.len(), "{sql}");
    assert!(!sql.to_ascii_lowercase().contains(CANARY), "{sql}");
    assert!(
        sql.len() <= SQL_BYTES_MAX + REPEATED_MAX * question_bytes,
        "{} bytes of SQL of a question of {question_bytes}",
        sql.len()
    );
}

/// Laws of a refusal: it says where and why, in bounded words.
pub(crate) fn check_refusal(error: &QueryError, question_bytes: usize) {
    let (pointer, message) = (error.pointer(), error.to_string());
    assert!(pointer.is_empty() || pointer.starts_with('/'), "{pointer}");
    assert!(!message.is_empty());
    assert!(
        message.len() <= MESSAGE_BYTES_MAX + 2 * question_bytes,
        "{} bytes to {question_bytes}: {message}",
        message.len()
    );
}
