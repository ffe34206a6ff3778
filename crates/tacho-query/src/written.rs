//! An answer of which all that is long is written as JSON once, however many it is sent to.

use std::sync::Arc;

use serde::ser::SerializeStruct as _;
use serde::{Serialize, Serializer};
use serde_json::value::{RawValue, to_raw_value};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

use crate::Answer;
use crate::answer::Meta;

/// An answer that is written but for how it came about, which differs from asker to asker. Serialized as JSON it is, byte for
/// byte, what its [`Answer`] is. Cheap to clone.
#[derive(Clone, Debug)]
pub struct WrittenAnswer {
    parts: Arc<Parts>,
    /// How it came about.
    pub meta: Meta,
}

/// The fields of an [`Answer`] beside its meta.
#[derive(Debug)]
struct Parts {
    columns: Box<RawValue>,
    rows: Box<RawValue>,
    other: Box<RawValue>,
    totals: Box<RawValue>,
    comparison: Box<RawValue>,
    differences: Box<RawValue>,
    explain: Box<RawValue>,
}

impl WrittenAnswer {
    /// Writes an answer.
    ///
    /// # Errors
    /// None that is known: all of an answer can be written as JSON.
    pub fn of(answer: &Answer) -> serde_json::Result<Self> {
        let Answer {
            columns,
            rows,
            other,
            totals,
            comparison,
            differences,
            meta,
            explain,
        } = answer;
        Ok(Self {
            parts: Arc::new(Parts {
                columns: to_raw_value(columns)?,
                rows: to_raw_value(rows)?,
                other: to_raw_value(other)?,
                totals: to_raw_value(totals)?,
                comparison: to_raw_value(comparison)?,
                differences: to_raw_value(differences)?,
                explain: to_raw_value(explain)?,
            }),
            meta: meta.clone(),
        })
    }
}

impl Serialize for WrittenAnswer {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let parts = &*self.parts;
        let mut answer = serializer.serialize_struct("Answer", 8)?;
        answer.serialize_field("columns", &parts.columns)?;
        answer.serialize_field("rows", &parts.rows)?;
        answer.serialize_field("other", &parts.other)?;
        answer.serialize_field("totals", &parts.totals)?;
        answer.serialize_field("comparison", &parts.comparison)?;
        answer.serialize_field("differences", &parts.differences)?;
        answer.serialize_field("meta", &self.meta)?;
        answer.serialize_field("explain", &parts.explain)?;
        answer.end()
    }
}

impl PartialSchema for WrittenAnswer {
    fn schema() -> RefOr<Schema> {
        Answer::schema()
    }
}

impl ToSchema for WrittenAnswer {
    fn name() -> std::borrow::Cow<'static, str> {
        Answer::name()
    }

    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        Answer::schemas(schemas);
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn it_is_sent_as_the_answer_is() {
        let mut whole = json!({
            "columns": [{"name": "workflow", "label": "Work\u{2028}flow", "type": "text", "unit": null, "role": "dimension"},
                        {"name": "cost", "label": "Cost", "type": "number", "unit": "usd", "role": "measure", "direction": "lower"}],
            "rows": [["\"quoted\" \\ é 🦀", 0.1], [null, 1e300], ["", -5]],
            "other": [[null, 7]], "totals": [null, 12.25],
            "comparison": {"from": "2026-11-01T00:00:00Z", "to": "2026-11-02T00:00:00Z", "totals": [null, 1],
                           "absolute": [null, 11.25], "relative": [null, 11.25], "by_row": null},
            "differences": {"baseline": ["a"], "is_known": true, "absolute": [[null, 1.0]], "relative": [[null, null]]},
            "meta": {"as_of": "2026-11-03T00:00:00Z", "as_of_lsn": 9, "served_by": "rollup", "exact": true, "relative_error": null,
                     "from_cache": false, "elapsed_ms": 1.5, "rows_read": 3, "has_more": true, "gaps": [], "unattributed": 0,
                     "conflicts": 1, "from": "2026-11-02T00:00:00Z", "to": "2026-11-03T00:00:00Z", "timezone": "Europe/Berlin",
                     "granularity": null, "requested_granularity": null, "notes": ["a \"note\""]},
            "explain": {"readings": [], "statement": "SELECT 1", "stages": [{"name": "plan", "elapsed_ms": 0.25}]}
        });
        let fields = ["other", "comparison", "differences", "explain"];
        for missing in [None].into_iter().chain(fields.map(Some)) {
            if let Some(missing) = missing {
                whole[missing] = Value::Null;
            }
            let mut answer: Answer = serde_json::from_value(whole.clone()).unwrap();
            let mut written = WrittenAnswer::of(&answer).unwrap();
            assert_eq!(
                serde_json::to_string(&written).unwrap(),
                serde_json::to_string(&answer).unwrap()
            );
            written.meta.come_from_cache(0.125);
            answer.meta.come_from_cache(0.125);
            assert_eq!(
                serde_json::to_string(&written).unwrap(),
                serde_json::to_string(&answer).unwrap()
            );
        }
    }
}
