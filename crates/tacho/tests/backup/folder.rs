//! What a folder of backups holds, and what comes of it.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use crate::instance::{Ground, Instance, binary, files, run, tacho};

fn total(folder: &Path) -> u64 {
    files(folder).values().sum()
}

/// A restored instance answers as the one that was backed up; a second backup brings only what is new; an older one can be
/// chosen; and what none that is kept needs goes.
#[tokio::test(flavor = "multi_thread")]
async fn a_restored_instance_is_the_same() {
    let Ground {
        folder,
        instance,
        backups,
        server,
    } = Ground::prepared().await;
    let first_numbers = server.numbers().await;
    run(instance.backup(&backups, &[]));
    let first_bytes = total(&backups);

    let more = r#"{"type":"execution","id":"one-more","workflow_id":"w","status":"failed","started_at":"2026-11-01T09:00:00Z","duration_ms":7}"#;
    assert!(server.sender().send(more.into()).await);
    let numbers = server.numbers().await;
    assert_ne!(numbers, first_numbers);
    run(instance.backup(&backups, &[]));
    server.stop();
    let metastore_bytes = fs::metadata(instance.data_dir.join("tacho.sqlite"))
        .unwrap()
        .len();
    let new_bytes = total(&backups) - first_bytes;
    // One record, one manifest, and people and configuration: keys note when they were used.
    assert!(new_bytes < metastore_bytes + 20_000, "{new_bytes} new");

    let copy = instance.restored(&backups, folder.path().join("copy"), &[]);
    let restored = copy.serve().await;
    assert_eq!(restored.numbers().await, numbers);
    assert!(restored.can_sign_in().await);
    // It goes on as any other, behind every position that the first one gave.
    restored.send_history(2).await;
    assert_ne!(restored.numbers().await, numbers);
    restored.stop();

    let older = instance.restored(&backups, folder.path().join("older"), &["--at", "000001"]);
    assert_eq!(older.serve().await.numbers().await, first_numbers);

    let said = run(instance.backup(&backups, &["--keep", "1"]));
    assert!(said.contains("2 older backups removed"), "{said}");
    let kept = files(&backups.join("manifests"));
    assert_eq!(kept.len(), 1);
    let said = run(instance.backup(&backups, &["--keep", "1"]));
    assert!(said.contains("0 B new"), "{said}");
    assert!(total(&backups) < first_bytes + 20_000);
}

/// With the store in it, nothing has to be built.
#[tokio::test(flavor = "multi_thread")]
async fn the_store_is_taken_from_a_server_that_does_not_run() {
    let Ground {
        folder,
        instance,
        backups,
        server,
    } = Ground::prepared().await;
    let numbers = server.numbers().await;
    server.stop();
    run(instance.backup(&backups, &["--with-store"]));
    let copy = instance.restored(&backups, folder.path().join("copy"), &[]);
    let of = |instance: &Instance| {
        files(&instance.data_dir.join("store"))
            .into_values()
            .collect::<Vec<_>>()
    };
    assert_eq!(of(&copy), of(&instance));
    assert!(!of(&copy).is_empty());
    assert_eq!(copy.serve().await.numbers().await, numbers);
}

/// A backup is as secret as the data directory: it holds what was sent, and what passwords and keys are checked by.
#[tokio::test(flavor = "multi_thread")]
async fn only_its_owner_reads_a_backup() {
    let Ground {
        folder,
        instance,
        backups,
        server: _running,
    } = Ground::prepared().await;
    run(instance.backup(&backups, &[]));
    let copy = instance.restored(&backups, folder.path().join("copy"), &[]);
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(&backups), mode(&copy.data_dir)), (0o700, 0o700));
    for path in files(&backups).into_keys() {
        assert_eq!(mode(&path), 0o600, "{}", path.display());
    }
    let sound = run(tacho(
        &binary(),
        &instance.data_dir,
        &["backup", "verify", backups.to_str().unwrap()],
    ));
    assert!(sound.contains("records in the journal"), "{sound}");
}
