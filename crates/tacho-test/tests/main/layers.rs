//! The arrows between crates (docs/ARCHITECTURE.md): who may use whom.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

/// Each crate with the crates of ours that it may use. A new crate must be added here.
const MAY_USE: &[(&str, &[&str])] = &[
    ("tacho-core", &[]),
    ("tacho-fail", &[]),
    ("tacho-analysis", &["tacho-core"]),
    ("tacho-demo", &["tacho-core"]),
    ("tacho-query", &["tacho-core"]),
    ("tacho-metastore", &["tacho-core", "tacho-fail"]),
    ("tacho-store", &["tacho-core", "tacho-query"]),
    (
        "tacho-store-duckdb",
        &["tacho-core", "tacho-fail", "tacho-query", "tacho-store"],
    ),
    (
        "tacho-ingest",
        &["tacho-core", "tacho-fail", "tacho-metastore", "tacho-store"],
    ),
    ("tacho-live", &["tacho-analysis", "tacho-core", "tacho-store"]),
    ("tacho-report", &["tacho-core"]),
    (
        "tacho-jobs",
        &[
            "tacho-analysis",
            "tacho-core",
            "tacho-fail",
            "tacho-ingest",
            "tacho-live",
            "tacho-metastore",
            "tacho-query",
            "tacho-report",
            "tacho-store",
        ],
    ),
    ("tacho-cache-redis", &["tacho-store"]),
    (
        "tacho-api",
        &[
            "tacho-analysis",
            "tacho-core",
            "tacho-ingest",
            "tacho-jobs",
            "tacho-live",
            "tacho-metastore",
            "tacho-query",
            "tacho-report",
            "tacho-store",
        ],
    ),
    (
        "tacho",
        &[
            "tacho-api",
            "tacho-cache-redis",
            "tacho-core",
            "tacho-demo",
            "tacho-fail",
            "tacho-ingest",
            "tacho-jobs",
            "tacho-live",
            "tacho-metastore",
            "tacho-query",
            "tacho-store",
            "tacho-store-duckdb",
        ],
    ),
];

/// Only for development: may use everything, and may be used by tests alone.
const DEVELOPMENT: &[&str] = &["tacho-bench", "tacho-fuzz", "tacho-prove", "tacho-test"];

fn used() -> BTreeMap<String, BTreeSet<String>> {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version=1", "--no-deps", "--offline"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let metadata: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
    metadata["packages"]
        .as_array()
        .unwrap()
        .iter()
        .map(|package| {
            let dependencies = package["dependencies"].as_array().unwrap().iter();
            let ours = dependencies
                .filter(|dependency| dependency["kind"] != "dev")
                .map(|dependency| text(&dependency["name"]))
                .filter(|name| name == "tacho" || name.starts_with("tacho-"));
            (text(&package["name"]), ours.collect())
        })
        .collect()
}

#[test]
fn crates_use_only_what_they_may() {
    let allowed: BTreeMap<&str, BTreeSet<&str>> = MAY_USE
        .iter()
        .map(|(name, uses)| (*name, uses.iter().copied().collect()))
        .collect();
    for (name, uses) in used() {
        if DEVELOPMENT.contains(&name.as_str()) {
            continue;
        }
        let Some(allowed) = allowed.get(name.as_str()) else {
            panic!("{name} is not in the table of layers")
        };
        for used in uses {
            assert!(allowed.contains(used.as_str()), "{name} must not use {used}");
        }
    }
}
