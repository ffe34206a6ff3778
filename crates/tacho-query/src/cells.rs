//! Takes a row of a result apart, cell by cell.

use std::collections::BTreeMap;

use serde_json::{Map, Value};
use tacho_core::time::Timestamp;

use crate::statement::Scalar;

/// How many micro-dollars make a dollar.
pub(crate) const MICROS: f64 = 1_000_000.0;
/// How many thousandths make a credit.
pub(crate) const MILLIS: f64 = 1_000.0;

/// Reads the cells of a row, one after the other.
pub(crate) struct Cells<'a>(std::slice::Iter<'a, Scalar>);

impl<'a> Cells<'a> {
    pub(crate) fn of(row: &'a [Scalar]) -> Self {
        Self(row.iter())
    }

    pub(crate) fn text(&mut self) -> Option<String> {
        match self.0.next()? {
            Scalar::Text(text) => Some(text.clone()),
            _ => None,
        }
    }

    pub(crate) fn int(&mut self) -> Option<i64> {
        match self.0.next()? {
            Scalar::Int(value) => Some(*value),
            _ => None,
        }
    }

    /// How many there are; 0 of none.
    pub(crate) fn count(&mut self) -> u64 {
        self.int()
            .and_then(|count| u64::try_from(count).ok())
            .unwrap_or(0)
    }

    pub(crate) fn float(&mut self) -> Option<f64> {
        match self.0.next()? {
            Scalar::Float(value) => Some(*value),
            Scalar::Int(value) => Some(*value as f64),
            _ => None,
        }
    }

    /// An amount that the store counts in fractions of the unit.
    pub(crate) fn amount(&mut self, per_unit: f64) -> Option<f64> {
        self.int().map(|value| value as f64 / per_unit)
    }

    pub(crate) fn flag(&mut self) -> Option<bool> {
        match self.0.next()? {
            Scalar::Bool(value) => Some(*value),
            _ => None,
        }
    }

    pub(crate) fn time(&mut self) -> Option<Timestamp> {
        match self.0.next()? {
            Scalar::Time(time) => Some(*time),
            _ => None,
        }
    }

    pub(crate) fn attempt(&mut self) -> Option<u32> {
        self.int().and_then(|attempt| u32::try_from(attempt).ok())
    }

    pub(crate) fn object(&mut self) -> Map<String, Value> {
        self.text()
            .and_then(|text| serde_json::from_str(&text).ok())
            .unwrap_or_default()
    }

    pub(crate) fn tags(&mut self) -> BTreeMap<String, String> {
        let text = |value: Value| match value {
            Value::String(text) => text,
            other => other.to_string(),
        };
        let tags = self.object().into_iter();
        tags.map(|(key, value)| (key, text(value))).collect()
    }
}
