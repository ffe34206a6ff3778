//! The server and the command line have the same file open.

use tacho_core::Role;
use tacho_metastore::{KeyScope, KeyScopes, Metastore, NewApiKey, UserChange};

use crate::{Fixture, now, organization, user};

#[tokio::test]
async fn two_can_open_a_new_file_at_once() {
    for _ in 0..10 {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("meta.db");
        let opened = tokio::join!(
            Metastore::open(&path),
            Metastore::open(&path),
            Metastore::open(&path)
        );
        opened.0.unwrap();
        opened.1.unwrap();
        opened.2.unwrap().check().await.unwrap();
    }
}

#[tokio::test]
async fn what_one_writes_the_other_reads_at_once() {
    let fixture = Fixture::new().await;
    let other = Metastore::open(fixture.folder.path().join("meta.db"))
        .await
        .unwrap();
    fixture.user("boss@example.com", Role::Owner).await;
    let ada = other
        .create_user(fixture.organization, user("ada@example.com", Role::Member), now())
        .await
        .unwrap();
    let session = fixture.store.create_session(ada.id, now()).await.unwrap();
    assert!(other.session(session.expose(), now()).await.unwrap().is_some());
    let shut_out = UserChange {
        is_active: Some(false),
        ..UserChange::default()
    };
    other
        .change_user(fixture.organization, ada.id, shut_out)
        .await
        .unwrap();
    assert!(
        fixture
            .store
            .session(session.expose(), now())
            .await
            .unwrap()
            .is_none()
    );
}

#[tokio::test]
async fn two_write_at_the_same_time_and_lose_nothing() {
    let fixture = Fixture::new().await;
    let other = Metastore::open(fixture.folder.path().join("meta.db"))
        .await
        .unwrap();
    let id = fixture.organization;
    let write = async |store: Metastore, word: &'static str| {
        for number in 0..40 {
            let scopes = KeyScopes::new([KeyScope::Read]).unwrap();
            let key = NewApiKey {
                name: format!("{word} {number}"),
                scopes,
                user_id: None,
            };
            store.create_api_key(id, key, now()).await.unwrap();
        }
    };
    tokio::join!(
        write(fixture.store.clone(), "server"),
        write(other.clone(), "command line"),
        write(fixture.store.clone(), "server too"),
    );
    assert_eq!(other.api_keys(id).await.unwrap().len(), 120);
}

#[tokio::test]
async fn of_two_owners_who_demote_each_other_one_stays() {
    let fixture = Fixture::new().await;
    let other = Metastore::open(fixture.folder.path().join("meta.db"))
        .await
        .unwrap();
    let ada = fixture.user("ada@example.com", Role::Owner).await;
    let bob = fixture.user("bob@example.com", Role::Owner).await;
    let demote = UserChange {
        role: Some(Role::Admin),
        ..UserChange::default()
    };
    let (one, two) = tokio::join!(
        fixture
            .store
            .change_user(fixture.organization, ada.id, demote.clone()),
        other.change_user(fixture.organization, bob.id, demote),
    );
    assert_eq!(one.is_ok() as u8 + two.is_ok() as u8, 1);
}

#[tokio::test]
async fn a_file_keeps_everything_over_a_restart_and_only_its_owner_may_read_it() {
    let fixture = Fixture::new().await;
    let path = fixture.folder.path().join("meta.db");
    fixture.store.close().await;
    let again = Metastore::open(&path).await.unwrap();
    assert_eq!(
        again.organization_by_name("acme").await.unwrap().id,
        fixture.organization
    );
    assert!(
        again
            .create_organization(organization("Acme"), now())
            .await
            .is_err()
    );
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        assert_eq!(
            std::fs::metadata(&path).unwrap().permissions().mode() & 0o777,
            0o600
        );
    }
}
