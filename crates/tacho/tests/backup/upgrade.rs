//! Data directories as earlier versions left them (`tests/fixtures/`), opened by this one. Whoever changes a format keeps them
//! readable: what people have sent is in such folders.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};

use crate::instance::{Instance, Server, binary, run, tacho};

/// Of all records types that a history has, one source each.
const SOURCES: [&str; 9] = [
    "executions",
    "steps",
    "costs",
    "resources",
    "activity",
    "conversations",
    "messages",
    "metrics",
    "recoveries",
];

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures")
}

/// How many there are of each source, as the key sees it.
async fn counts(server: &Server) -> Value {
    server.wait_until_projected().await;
    let mut counts = serde_json::Map::new();
    for source in SOURCES {
        let rows = server.query(source, &["count".to_owned()]).await;
        counts.insert(source.to_owned(), rows[0][0].clone());
    }
    counts.into()
}

/// The same of a server that is started for it.
async fn counts_at_start(instance: &Instance) -> Value {
    let server = instance.serve().await;
    let counts = counts(&server).await;
    assert!(server.can_sign_in().await);
    server.stop();
    counts
}

fn unpack(archive: &Path, into: &Path) {
    fs::create_dir(into).unwrap();
    let unpacked = Command::new("tar")
        .arg("-xzf")
        .arg(archive)
        .arg("-C")
        .arg(into)
        .status();
    assert!(unpacked.unwrap().success());
}

/// Law: every data directory that a version has left is opened, with all that is in it: as it is, with a store that has to be
/// made from its journal, and by way of a backup.
#[tokio::test(flavor = "multi_thread")]
async fn data_directories_of_earlier_versions_open() {
    let mut opened = 0;
    for entry in fs::read_dir(fixtures()).unwrap() {
        let described = entry.unwrap().path();
        if described.extension().is_none_or(|extension| extension != "json") {
            continue;
        }
        let fixture: Value = serde_json::from_slice(&fs::read(&described).unwrap()).unwrap();
        let folder = tempfile::tempdir().unwrap();
        unpack(&described.with_extension("tar.gz"), &folder.path().join("data"));
        let key = fixture["key"].as_str().unwrap();
        let instance = Instance::existing(folder.path().join("data"), key);
        let backups = folder.path().join("backups");
        run(instance.backup(&backups, &[]));
        let name = described.display();
        assert_eq!(counts_at_start(&instance).await, fixture["counts"], "{name}");
        fs::remove_dir_all(instance.data_dir.join("store")).unwrap();
        fs::remove_dir_all(instance.data_dir.join("identity")).unwrap();
        assert_eq!(
            counts_at_start(&instance).await,
            fixture["counts"],
            "{name} without its store"
        );
        let copy = instance.restored(&backups, folder.path().join("copy"), &[]);
        assert_eq!(counts_at_start(&copy).await, fixture["counts"], "{name} restored");
        opened += 1;
    }
    assert!(opened > 0);
}

/// Makes a fixture of the version that `TACHO_BIN` names, or of this one (tests/fixtures/README.md).
#[tokio::test(flavor = "multi_thread")]
#[ignore = "writes a file that is committed"]
async fn make_fixture() {
    let binary = std::env::var_os("TACHO_BIN").map_or_else(binary, PathBuf::from);
    let folder = tempfile::tempdir().unwrap();
    let instance = Instance::create(&binary, folder.path().join("data"));
    let server = instance.serve().await;
    server.send_history(3).await;
    server.stop();
    // What was not sealed by the first is sealed by the second, whose last segment stays as it is.
    let server = instance.serve().await;
    let last = r#"{"type":"execution","id":"last","workflow_id":"w","status":"success","started_at":"2026-09-02T09:00:00Z","duration_ms":7}"#;
    assert!(server.sender().send(last.into()).await);
    let counts = counts(&server).await;
    server.stop();
    let name = format!("data-dir-{}", jiff::Zoned::now().strftime("%Y-%m-%d"));
    let packed = Command::new("tar")
        .args(["--exclude=*.lock", "--exclude=lock", "-I", "gzip -9n", "-cf"])
        .arg(fixtures().join(format!("{name}.tar.gz")))
        .arg("-C")
        .arg(&instance.data_dir)
        .arg(".")
        .status();
    assert!(packed.unwrap().success());
    let version = run(tacho(&binary, &instance.data_dir, &["--version"]));
    let described = json!({"version": version.trim(), "key": instance.key, "counts": counts});
    let text = serde_json::to_string_pretty(&described).unwrap() + "\n";
    fs::write(fixtures().join(format!("{name}.json")), text).unwrap();
}
