//! `openapi.json` is what the routes say.

use serde_json::Value;

const PATH: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../openapi.json");

#[test]
fn the_committed_description_is_what_the_routes_say() {
    let current = tacho_api::openapi_json();
    if std::env::var_os("UPDATE_OPENAPI").is_some() {
        std::fs::write(PATH, &current).unwrap();
    }
    let committed = std::fs::read_to_string(PATH).unwrap_or_default();
    assert!(
        committed == current,
        "openapi.json is stale; run the tests with UPDATE_OPENAPI=1"
    );
}

/// What goes in and what comes out has an example, as a whole or by its fields.
#[test]
fn every_operation_has_examples() {
    let description: Value = serde_json::from_str(&tacho_api::openapi_json()).unwrap();
    for (path, item) in description["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let responses = operation["responses"].as_object().unwrap();
            let answers: Vec<&Value> = responses
                .iter()
                .filter(|(status, answer)| status.starts_with('2') && answer["content"].is_object())
                .map(|(_, answer)| answer)
                .collect();
            let has = |value: &&Value| has_example(&description, value, &mut Vec::new());
            assert!(
                answers.is_empty() || answers.iter().any(has),
                "{method} {path}: no answer"
            );
            let body = &operation["requestBody"];
            assert!(body.is_null() || has(&body), "{method} {path}: no body");
        }
    }
}

/// Whether there is an example in a part of the description, or in the schemas that it names.
fn has_example(description: &Value, value: &Value, seen: &mut Vec<String>) -> bool {
    match value {
        Value::Object(fields) => {
            if fields.contains_key("example") || fields.contains_key("examples") {
                return true;
            }
            if let Some(name) = fields.get("$ref").and_then(Value::as_str) {
                if seen.iter().any(|known| known == name) {
                    return false;
                }
                seen.push(name.to_owned());
                let schema = description.pointer(&name[1..]).unwrap();
                return has_example(description, schema, seen);
            }
            fields.values().any(|value| has_example(description, value, seen))
        }
        Value::Array(values) => values.iter().any(|value| has_example(description, value, seen)),
        _ => false,
    }
}

#[test]
fn operations_are_named_verb_noun_and_described() {
    let description: Value = serde_json::from_str(&tacho_api::openapi_json()).unwrap();
    let verbs = [
        "get", "list", "create", "update", "delete", "run", "replay", "mend", "discard", "rebuild",
        "download",
    ];
    let mut names = Vec::new();
    for (path, item) in description["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let name = operation["operationId"].as_str().unwrap();
            let verb = name.split('_').next().unwrap();
            assert!(verbs.contains(&verb), "{name}");
            assert!(operation["summary"].is_string(), "{method} {path} has no summary");
            names.push(name.to_owned());
        }
    }
    let count = names.len();
    names.sort();
    names.dedup();
    assert_eq!(names.len(), count, "an operationId is used twice");
}
