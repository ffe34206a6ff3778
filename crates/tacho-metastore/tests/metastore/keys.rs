//! API keys.

use tacho_core::Role;
use tacho_metastore::{Error, KeyScope, NewApiKey, UserChange};

use crate::{Fixture, later, now, organization};

fn key(scopes: &str) -> NewApiKey {
    NewApiKey {
        name: "CI".to_owned(),
        scopes: scopes.parse().unwrap(),
        user_id: None,
    }
}

#[tokio::test]
async fn a_key_is_shown_once_and_known_by_its_hash() {
    let fixture = Fixture::new().await;
    let store = &fixture.store;
    let (made, text) = store
        .create_api_key(fixture.organization, key("read,ingest,read"), now())
        .await
        .unwrap();
    assert!(text.expose().starts_with("tacho_") && text.expose().len() == 49);
    assert!(text.expose().starts_with(&made.prefix) && made.prefix.len() == 12);
    assert_eq!(made.scopes.as_slice(), [KeyScope::Ingest, KeyScope::Read]);
    let owner = store.key_owner(text.expose(), now()).await.unwrap().unwrap();
    assert_eq!(
        (owner.organization.id, owner.user, owner.key.id),
        (fixture.organization, None, made.id)
    );
    let file = std::fs::read(fixture.folder.path().join("meta.db-wal")).unwrap();
    let secret = &text.expose().as_bytes()[12..];
    assert!(
        !file.windows(secret.len()).any(|window| window == secret),
        "the key lies in the file"
    );
    for wrong in [
        "",
        "tacho_",
        "tacho_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        &text.expose()[6..],
    ] {
        assert!(store.key_owner(wrong, now()).await.unwrap().is_none(), "{wrong}");
    }
}

#[tokio::test]
async fn scopes_are_words_and_at_least_one() {
    assert!("".parse::<tacho_metastore::KeyScopes>().is_err());
    assert!("ingest,root".parse::<tacho_metastore::KeyScopes>().is_err());
}

#[tokio::test]
async fn the_last_use_is_written_once_a_minute() {
    let fixture = Fixture::new().await;
    let store = &fixture.store;
    let (made, text) = store
        .create_api_key(fixture.organization, key("read"), now())
        .await
        .unwrap();
    assert_eq!(made.last_used_at, None);
    let mut seen = Vec::new();
    for seconds in [10, 30, 69, 70, 71] {
        store
            .key_owner(text.expose(), later(seconds))
            .await
            .unwrap()
            .unwrap();
        seen.push(store.api_keys(fixture.organization).await.unwrap()[0].last_used_at);
    }
    let (first, second) = (Some(later(10)), Some(later(70)));
    assert_eq!(seen, [first, first, first, second, second]);
}

#[tokio::test]
async fn a_revoked_key_stops_at_once() {
    let fixture = Fixture::new().await;
    let store = &fixture.store;
    let (made, text) = store
        .create_api_key(fixture.organization, key("read"), now())
        .await
        .unwrap();
    let other = store
        .create_organization(organization("Other"), now())
        .await
        .unwrap();
    let foreign = store.revoke_api_key(other.id, made.id, now()).await;
    assert!(matches!(foreign, Err(Error::NotFound(_))));
    store
        .revoke_api_key(fixture.organization, made.id, now())
        .await
        .unwrap();
    assert!(store.key_owner(text.expose(), now()).await.unwrap().is_none());
    assert!(store.api_keys(fixture.organization).await.unwrap().is_empty());
    assert!(
        store
            .revoke_api_key(fixture.organization, made.id, now())
            .await
            .is_err()
    );
}

#[tokio::test]
async fn a_key_that_acts_as_a_user_lives_as_long_as_the_user_is_active() {
    let fixture = Fixture::new().await;
    let store = &fixture.store;
    fixture.user("boss@example.com", Role::Owner).await;
    let ada = fixture.user("ada@example.com", Role::Member).await;
    let other = store
        .create_organization(organization("Other"), now())
        .await
        .unwrap();
    let as_ada = NewApiKey {
        user_id: Some(ada.id),
        ..key("read")
    };
    let foreign = store.create_api_key(other.id, as_ada.clone(), now()).await;
    assert!(matches!(foreign, Err(Error::NotFound("user"))));
    let (_, text) = store
        .create_api_key(fixture.organization, as_ada, now())
        .await
        .unwrap();
    assert_eq!(
        store
            .key_owner(text.expose(), now())
            .await
            .unwrap()
            .unwrap()
            .user
            .unwrap()
            .id,
        ada.id
    );
    let shut_out = UserChange {
        is_active: Some(false),
        ..UserChange::default()
    };
    store
        .change_user(fixture.organization, ada.id, shut_out)
        .await
        .unwrap();
    assert!(store.key_owner(text.expose(), now()).await.unwrap().is_none());
}
