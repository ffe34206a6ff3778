//! superjson's envelope, as far as inputs and results of ours need it: what is undefined, and what is a date.

use serde_json::{Map, Value, json};

/// An input, and whether it came in the envelope.
pub(super) struct Unwrapped {
    pub(super) input: Option<Value>,
    pub(super) is_wrapped: bool,
}

/// Takes an input out of its envelope, if it is in one: an object with `json` and beside it at most `meta`. No procedure
/// takes an input with a field `json`.
pub(super) fn unwrap(input: Option<Value>) -> Unwrapped {
    let is_wrapped = matches!(&input, Some(Value::Object(object))
        if object.contains_key("json") && object.keys().all(|key| key == "json" || key == "meta"));
    let Some(Value::Object(mut object)) = input.as_ref().filter(|_| is_wrapped).cloned() else {
        return Unwrapped { input, is_wrapped };
    };
    let mut json = object.remove("json");
    let types = object.get("meta").and_then(|meta| meta.get("values"));
    match types {
        // The whole input.
        Some(Value::Array(_)) if is_undefined(types) => json = None,
        // Fields of it.
        Some(Value::Object(types)) => {
            if let Some(Value::Object(fields)) = &mut json {
                fields.retain(|name, _| !is_undefined(types.get(name)));
            }
        }
        _ => {}
    }
    Unwrapped {
        input: json,
        is_wrapped,
    }
}

fn is_undefined(annotation: Option<&Value>) -> bool {
    annotation.and_then(|annotation| annotation.get(0)) == Some(&json!("undefined"))
}

/// Puts a value into the envelope, with the places where dates stand: fields with dots in between, `*` for every place of a
/// list.
pub(super) fn wrap(value: Value, dates: &[&str]) -> Value {
    let mut types = Map::new();
    for pattern in dates {
        let parts: Vec<&str> = pattern.split('.').collect();
        mark(&value, &parts, String::new(), &mut types);
    }
    match types.is_empty() {
        true => json!({ "json": value }),
        false => json!({ "json": value, "meta": { "values": types } }),
    }
}

fn mark(value: &Value, pattern: &[&str], path: String, types: &mut Map<String, Value>) {
    let Some((first, rest)) = pattern.split_first() else {
        if value.is_string() {
            types.insert(path, json!(["Date"]));
        }
        return;
    };
    let below = |name: &str| match path.is_empty() {
        true => name.to_owned(),
        false => format!("{path}.{name}"),
    };
    match value {
        Value::Array(values) if *first == "*" => {
            for (at, value) in values.iter().enumerate() {
                mark(value, rest, below(&at.to_string()), types);
            }
        }
        Value::Object(fields) => {
            if let Some(value) = fields.get(*first) {
                mark(value, rest, below(first), types);
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_marked_where_they_stand_and_nowhere_else() {
        let value =
            json!({ "range": { "start": "a", "end": null }, "data": [{ "date": "b" }, { "date": "c" }] });
        let wrapped = wrap(
            value.clone(),
            &["range.start", "range.end", "data.*.date", "gone.*"],
        );
        assert_eq!(wrapped["json"], value);
        let date = json!(["Date"]);
        assert_eq!(
            wrapped["meta"]["values"],
            json!({ "range.start": date, "data.0.date": date, "data.1.date": date })
        );
        assert_eq!(wrap(json!(7), &["a"]), json!({ "json": 7 }));
    }

    #[test]
    fn what_is_undefined_is_not_there() {
        let input = |json: Value| {
            let unwrapped = unwrap(Some(json));
            (unwrapped.input, unwrapped.is_wrapped)
        };
        assert_eq!(
            input(json!({ "json": null, "meta": { "values": ["undefined"] } })),
            (None, true)
        );
        let partly = json!({ "json": { "period": "day", "taskId": null }, "meta": { "values": { "taskId": ["undefined"] } } });
        assert_eq!(input(partly), (Some(json!({ "period": "day" })), true));
        assert_eq!(
            input(json!({ "json": { "period": "day" } })),
            (Some(json!({ "period": "day" })), true)
        );
        let plain = json!({ "period": "day" });
        assert_eq!(input(plain.clone()), (Some(plain), false));
    }
}
