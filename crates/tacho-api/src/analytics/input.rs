//! Reading an input as the document's schemas have it: fields that are missing get their defaults, fields that nobody knows
//! are passed over, and all faults are reported together.

use serde::Serialize;
use serde_json::{Map, Value};
use tacho_core::period::Period;

use super::TaskId;

/// A fault of an input, as validators of JavaScript report it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Issue {
    /// What kind of fault.
    pub(crate) code: &'static str,
    /// Where.
    pub(crate) path: Vec<PathPart>,
    /// What was expected instead.
    pub(crate) message: String,
}

/// A field or the place in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub(crate) enum PathPart {
    /// A field.
    Field(&'static str),
    /// A place in a list.
    Index(usize),
}

/// The fields of an input, and what has been found wrong with them so far.
pub(crate) struct Fields<'a> {
    object: Option<&'a Map<String, Value>>,
    issues: Vec<Issue>,
}

impl<'a> Fields<'a> {
    /// Those of an object. No input at all is one without fields.
    pub(crate) fn of(input: Option<&'a Value>) -> Self {
        let mut fields = Self {
            object: None,
            issues: Vec::new(),
        };
        match input {
            None | Some(Value::Null) => {}
            Some(Value::Object(object)) => fields.object = Some(object),
            Some(other) => fields.fault(
                "invalid_type",
                Vec::new(),
                format!("Expected object, received {}", kind(other)),
            ),
        }
        fields
    }

    /// The value of what was read, if nothing was wrong.
    pub(crate) fn finish<T>(self, value: T) -> Result<T, Vec<Issue>> {
        match self.issues.is_empty() {
            true => Ok(value),
            false => Err(self.issues),
        }
    }

    /// The field `period`.
    pub(crate) fn period(&mut self, default: Period) -> Period {
        self.word(
            "period",
            default,
            &Period::ALL.map(|period| (period.as_str(), period)),
        )
    }

    /// One of some words.
    pub(crate) fn word<T: Copy>(&mut self, name: &'static str, default: T, words: &[(&str, T)]) -> T {
        match self.get(name) {
            None => default,
            Some(value) => self
                .one_of(vec![PathPart::Field(name)], value, words)
                .unwrap_or(default),
        }
    }

    /// A list of some words.
    pub(crate) fn words<T: Copy>(
        &mut self,
        name: &'static str,
        default: &[T],
        words: &[(&str, T)],
    ) -> Vec<T> {
        match self.get(name) {
            None => default.to_vec(),
            Some(Value::Array(values)) => {
                let mut chosen = Vec::new();
                // More than there are words are repetitions.
                for (at, value) in values.iter().enumerate().take(100) {
                    let path = vec![PathPart::Field(name), PathPart::Index(at)];
                    chosen.extend(self.one_of(path, value, words));
                }
                chosen
            }
            Some(other) => {
                let message = format!("Expected array, received {}", kind(other));
                self.fault("invalid_type", vec![PathPart::Field(name)], message);
                Vec::new()
            }
        }
    }

    /// The field `taskId`.
    pub(crate) fn task_id(&mut self) -> Option<TaskId> {
        match self.get("taskId")? {
            Value::Number(number) => Some(number.clone().into()),
            Value::String(text) => Some(TaskId(text.clone())),
            other => {
                let message = format!("Expected number, received {}", kind(other));
                self.fault("invalid_type", vec![PathPart::Field("taskId")], message);
                None
            }
        }
    }

    /// The field `taskId`, which must be there.
    pub(crate) fn required_task_id(&mut self) -> TaskId {
        if self.get("taskId").is_none() {
            let path = vec![PathPart::Field("taskId")];
            self.fault("invalid_type", path, "Required".to_owned());
        }
        self.task_id().unwrap_or(TaskId(String::new()))
    }

    fn get(&self, name: &str) -> Option<&'a Value> {
        self.object?.get(name)
    }

    fn one_of<T: Copy>(&mut self, path: Vec<PathPart>, value: &Value, words: &[(&str, T)]) -> Option<T> {
        let known = words.iter().find(|(word, _)| value.as_str() == Some(word));
        if known.is_none() {
            let list: Vec<String> = words.iter().map(|(word, _)| format!("'{word}'")).collect();
            let received = value
                .as_str()
                .map_or_else(|| kind(value).to_owned(), |text| format!("'{}'", short(text)));
            let message = format!(
                "Invalid enum value. Expected {}, received {received}",
                list.join(" | ")
            );
            self.fault("invalid_enum_value", path, message);
        }
        known.map(|(_, value)| *value)
    }

    fn fault(&mut self, code: &'static str, path: Vec<PathPart>, message: String) {
        self.issues.push(Issue { code, path, message });
    }
}

/// The beginning of a text: a message need not hold all of it.
fn short(text: &str) -> String {
    text.chars().take(60).collect()
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_missing_gets_its_default_and_what_nobody_knows_is_passed_over() {
        let input = json!({ "unknown": 1 });
        let mut fields = Fields::of(Some(&input));
        let (period, task) = (fields.period(Period::Week), fields.task_id());
        assert_eq!(fields.finish((period, task)), Ok((Period::Week, None)));
        let mut fields = Fields::of(None);
        let period = fields.period(Period::Month);
        assert_eq!(fields.finish(period), Ok(Period::Month));
    }

    #[test]
    fn all_faults_are_reported_with_their_places() {
        let input = json!({ "period": "decade", "taskId": true, "metrics": ["a", 7] });
        let mut fields = Fields::of(Some(&input));
        fields.period(Period::Week);
        fields.task_id();
        fields.words("metrics", &[], &[("a", 1)]);
        let issues = serde_json::to_value(fields.finish(()).unwrap_err()).unwrap();
        let paths: Vec<_> = issues
            .as_array()
            .unwrap()
            .iter()
            .map(|issue| &issue["path"])
            .collect();
        assert_eq!(
            paths,
            [&json!(["period"]), &json!(["taskId"]), &json!(["metrics", 1])]
        );
        assert_eq!(issues[1]["message"], "Expected number, received boolean");
        let text = json!("week");
        let issues = Fields::of(Some(&text)).finish(()).unwrap_err();
        assert_eq!(issues[0].message, "Expected object, received string");
        let mut fields = Fields::of(None);
        fields.required_task_id();
        assert_eq!(fields.finish(()).unwrap_err()[0].message, "Required");
    }
}
