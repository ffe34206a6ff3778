//! What backup and restore do not do, and how they say so.

use std::fs;
use std::path::{Path, PathBuf};

use crate::instance::{Ground, Instance, binary, files, refused, run, tacho};

fn restore(from: &Path, data_dir: &Path) -> std::process::Command {
    tacho(
        &binary(),
        data_dir,
        &["restore", "--from", from.to_str().unwrap()],
    )
}

fn verify(backups: &Path) -> std::process::Command {
    tacho(
        &binary(),
        &backups.with_extension("none"),
        &["backup", "verify", backups.to_str().unwrap()],
    )
}

/// Law: whichever file of a backup is changed or missing, verify and restore say so, and restore leaves nothing behind.
#[tokio::test(flavor = "multi_thread")]
async fn a_changed_or_missing_file_is_found() {
    let Ground {
        folder,
        instance,
        backups,
        server: _running,
    } = Ground::prepared().await;
    run(instance.backup(&backups, &[]));
    run(verify(&backups));
    let target = folder.path().join("copy");
    let objects: Vec<PathBuf> = files(&backups.join("objects")).into_keys().collect();
    let manifests = files(&backups.join("manifests")).into_keys();
    let is_left = || target.exists() && fs::read_dir(&target).unwrap().next().is_some();
    for path in objects.iter().cloned().chain(manifests) {
        let whole = fs::read(&path).unwrap();
        let mut changed = whole.clone();
        changed[whole.len() / 2] ^= 1;
        fs::write(&path, &changed).unwrap();
        let name = path.file_stem().unwrap().to_str().unwrap();
        for command in [verify(&backups), restore(&backups, &target)] {
            let said = refused(command);
            assert!(said.contains(name), "{said}");
        }
        assert!(!is_left());
        fs::write(&path, &whole).unwrap();
    }
    let whole = fs::read(&objects[0]).unwrap();
    fs::remove_file(&objects[0]).unwrap();
    for command in [verify(&backups), restore(&backups, &target)] {
        let said = refused(command);
        assert!(said.contains("is missing"), "{said}");
    }
    assert!(!is_left());
    // What is missing is copied again.
    let said = run(instance.backup(&backups, &[]));
    assert!(!said.contains(" 0 B new"), "{said}");
    assert!(objects[0].exists() || whole.starts_with(b"SQLite"), "{said}");
    run(restore(&backups, &target));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restore_goes_into_an_empty_folder_only() {
    let Ground {
        folder,
        instance,
        backups,
        server,
    } = Ground::prepared().await;
    let numbers = server.numbers().await;
    run(instance.backup(&backups, &[]));
    let said = refused(restore(&backups, &instance.data_dir));
    assert!(said.contains("a server is running"), "{said}");
    server.stop();
    let before = files(&instance.data_dir);
    let said = refused(restore(&backups, &instance.data_dir));
    assert!(said.contains("is not empty"), "{said}");
    assert_eq!(files(&instance.data_dir), before);

    // One that was cut off: nothing else uses the folder, and the next restore begins again.
    let target = folder.path().join("copy");
    fs::create_dir_all(target.join("restoring/journal")).unwrap();
    fs::write(target.join("restoring/journal/half"), "x").unwrap();
    fs::create_dir_all(target.join("store")).unwrap();
    let said = refused(tacho(&binary(), &target, &["org", "list"]));
    assert!(said.contains("restore"), "{said}");
    run(restore(&backups, &target));
    let copy = instance.at(target);
    assert_eq!(copy.serve().await.numbers().await, numbers);
    assert!(!copy.data_dir.join("restoring").exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_does_not_go_where_something_else_is() {
    let folder = tempfile::tempdir().unwrap();
    let instance = Instance::create(&binary(), folder.path().join("data"));
    let server = instance.serve().await;
    let photos = folder.path().join("photos");
    fs::create_dir(&photos).unwrap();
    fs::write(photos.join("cat.jpg"), "miaow").unwrap();
    let said = refused(instance.backup(&photos, &[]));
    assert!(said.contains("holds no backups"), "{said}");
    assert_eq!(files(&photos).len(), 1);
    let said = refused(instance.backup(&instance.data_dir.join("backups"), &[]));
    assert!(said.contains("inside the data directory"), "{said}");
    let backups = folder.path().join("backups");
    let said = refused(instance.backup(&backups, &["--with-store"]));
    assert!(said.contains("no server runs"), "{said}");
    // Nothing whole has come there yet, and that is told apart from a folder of something else.
    let said = refused(restore(&backups, &folder.path().join("copy")));
    assert!(said.contains("no whole backup"), "{said}");
    let said = refused(restore(&photos, &folder.path().join("copy")));
    assert!(said.contains("holds no backups"), "{said}");
    drop(server);
    run(instance.backup(&backups, &["--with-store"]));
    let said = refused(tacho(
        &binary(),
        &folder.path().join("copy"),
        &["restore", "--from", backups.to_str().unwrap(), "--at", "7"],
    ));
    assert!(said.contains("there are: 000001-"), "{said}");
}
