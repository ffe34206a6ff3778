//! Copies for backups.

use std::os::unix::fs::PermissionsExt as _;

use tacho_core::Role;
use tacho_metastore::{Metastore, MetastoreCopy};

use crate::{Fixture, now, password};

#[tokio::test]
async fn a_copy_of_a_file_in_use_is_whole_and_stays_as_it_is() {
    let fixture = Fixture::new().await;
    let user = fixture.user("ada@example.com", Role::Owner).await;
    let session = fixture.store.create_session(user.id, now()).await.unwrap();
    let path = fixture.folder.path().join("meta.db");
    let copy = fixture.folder.path().join("copy.db");
    Metastore::copy(&path, &copy).await.unwrap();
    fixture.user("later@example.com", Role::Member).await;

    let mode = std::fs::metadata(&copy).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let found = Metastore::inspect(&copy).await.unwrap();
    let expected = MetastoreCopy {
        organizations: vec![(fixture.organization, "Acme".into())],
        is_newer: false,
    };
    assert_eq!(found, expected);
    assert!(!fixture.folder.path().join("copy.db-wal").exists());

    let opened = Metastore::open(&copy).await.unwrap();
    let signed_in = opened.authenticate("ada@example.com", &password(), now()).await;
    assert_eq!(signed_in.unwrap().map(|user| user.id), Some(user.id));
    assert!(opened.session(session.expose(), now()).await.unwrap().is_some());
    assert!(opened.user_by_email("later@example.com").await.is_err());
}

#[tokio::test]
async fn an_unchanged_file_gives_the_same_copy() {
    let fixture = Fixture::new().await;
    let path = fixture.folder.path().join("meta.db");
    let copies = ["one.db", "two.db"].map(|name| fixture.folder.path().join(name));
    for copy in &copies {
        Metastore::copy(&path, copy).await.unwrap();
    }
    let [one, two] = copies.map(|copy| std::fs::read(copy).unwrap());
    assert!(one == two);
}

#[tokio::test]
async fn what_is_no_metastore_is_told() {
    let fixture = Fixture::new().await;
    let copy = fixture.folder.path().join("copy.db");
    Metastore::copy(&fixture.folder.path().join("meta.db"), &copy)
        .await
        .unwrap();
    let mut bytes = std::fs::read(&copy).unwrap();
    let half = bytes.len() / 2;
    bytes.truncate(half);
    std::fs::write(fixture.folder.path().join("half.db"), bytes).unwrap();
    assert!(
        Metastore::inspect(&fixture.folder.path().join("half.db"))
            .await
            .is_err()
    );
    assert!(
        Metastore::inspect(&fixture.folder.path().join("none.db"))
            .await
            .is_err()
    );
}
