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
