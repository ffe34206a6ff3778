//! The document's task ids, which are numbers, and workflows' ids, which are texts.

use serde::{Serialize, Serializer};
use utoipa::ToSchema;

/// Whole numbers up to here are exact in JavaScript.
const SAFE_MAX: i64 = 9_007_199_254_740_991;

/// The id of a workflow. The document's number `7` names the workflow whose id is the text "7", and is answered as a
/// number again; other ids are texts.
#[derive(Clone, Debug, PartialEq, Eq, ToSchema)]
#[schema(value_type = String, example = "7")]
pub(crate) struct TaskId(pub(crate) String);

impl TaskId {
    /// The number that the id is: a whole number without a sign of plus or needless zeros, exact in JavaScript.
    fn as_number(&self) -> Option<i64> {
        let number: i64 = self.0.parse().ok()?;
        let is_exact = (-SAFE_MAX..=SAFE_MAX).contains(&number) && number.to_string() == self.0;
        is_exact.then_some(number)
    }
}

impl From<serde_json::Number> for TaskId {
    fn from(number: serde_json::Number) -> Self {
        // 7.0 is the number 7 to whoever sends it.
        let whole = number
            .as_f64()
            .filter(|float| float.fract() == 0.0 && float.abs() <= SAFE_MAX as f64);
        Self(whole.map_or_else(|| number.to_string(), |whole| (whole as i64).to_string()))
    }
}

impl Serialize for TaskId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.as_number() {
            Some(number) => serializer.serialize_i64(number),
            None => serializer.serialize_str(&self.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn whole_numbers_are_answered_as_numbers_and_everything_else_as_text() {
        for (id, json) in [
            ("7", json!(7)),
            ("0", json!(0)),
            ("-3", json!(-3)),
            ("9007199254740991", json!(9_007_199_254_740_991_i64)),
            ("9007199254740993", json!("9007199254740993")),
            ("007", json!("007")),
            ("+7", json!("+7")),
            ("-0", json!("-0")),
            ("1e3", json!("1e3")),
            ("invoices", json!("invoices")),
        ] {
            assert_eq!(serde_json::to_value(TaskId(id.to_owned())).unwrap(), json);
        }
        for (number, id) in [("7", "7"), ("7.0", "7"), ("7.5", "7.5"), ("1e3", "1000")] {
            assert_eq!(TaskId::from(number.parse::<serde_json::Number>().unwrap()).0, id);
        }
    }
}
