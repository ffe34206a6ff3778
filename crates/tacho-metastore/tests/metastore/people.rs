//! Organizations, users, sign-in, sessions and the set-up link.

use tacho_core::Role;
use tacho_metastore::{Error, UserChange};

use crate::{Fixture, later, now, organization, password, user};

const DAY: i64 = 24 * 3600;

#[tokio::test]
async fn organization_names_differ_by_more_than_case() {
    let fixture = Fixture::new().await;
    let taken = fixture
        .store
        .create_organization(organization(" aCME "), now())
        .await;
    assert!(matches!(taken, Err(Error::Taken { what: "name" })));
    assert_eq!(
        fixture.store.organization_by_name("ACME").await.unwrap().id,
        fixture.organization
    );
    assert_eq!(fixture.store.organizations().await.unwrap().len(), 1);
    let mut nowhere = organization("Other");
    nowhere.timezone = "Mars/Olympus".to_owned();
    assert!(matches!(
        fixture.store.create_organization(nowhere, now()).await,
        Err(Error::Invalid {
            field: "timezone",
            ..
        })
    ));
}

#[tokio::test]
async fn an_address_belongs_to_one_user_in_any_case_and_organization() {
    let fixture = Fixture::new().await;
    let ada = fixture.user(" Ada@Example.com ", Role::Owner).await;
    assert_eq!(
        (ada.email.as_str(), ada.name.as_str()),
        ("ada@example.com", "ada")
    );
    let other = fixture
        .store
        .create_organization(organization("Other"), now())
        .await
        .unwrap();
    let again = fixture
        .store
        .create_user(other.id, user("ADA@example.com", Role::Owner), now())
        .await;
    assert!(matches!(again, Err(Error::Taken { what: "email" })));
    for bad in ["ada", "@example.com", "ada@", "a da@example.com", "a@b@c"] {
        let refused = fixture
            .store
            .create_user(other.id, user(bad, Role::Owner), now())
            .await;
        assert!(
            matches!(refused, Err(Error::Invalid { field: "email", .. })),
            "{bad}"
        );
    }
}

#[tokio::test]
async fn external_ids_are_unique_in_the_organization() {
    let fixture = Fixture::new().await;
    let ada = fixture.user("ada@example.com", Role::Owner).await;
    let bob = fixture.user("bob@example.com", Role::Member).await;
    let change = UserChange {
        external_id: Some(Some("u-1".to_owned())),
        ..UserChange::default()
    };
    let ada = fixture
        .store
        .change_user(fixture.organization, ada.id, change.clone())
        .await
        .unwrap();
    assert_eq!(
        ada.subjects(),
        [ada.id.to_string(), "ada@example.com".to_owned(), "u-1".to_owned()]
    );
    let taken = fixture
        .store
        .change_user(fixture.organization, bob.id, change)
        .await;
    assert!(matches!(taken, Err(Error::Taken { what: "external_id" })));
}

#[tokio::test]
async fn the_last_active_owner_stays() {
    let fixture = Fixture::new().await;
    let ada = fixture.user("ada@example.com", Role::Owner).await;
    let bob = fixture.user("bob@example.com", Role::Owner).await;
    let demote = UserChange {
        role: Some(Role::Viewer),
        ..UserChange::default()
    };
    let shut_out = UserChange {
        is_active: Some(false),
        ..UserChange::default()
    };
    fixture
        .store
        .change_user(fixture.organization, bob.id, shut_out.clone())
        .await
        .unwrap();
    for change in [demote.clone(), shut_out] {
        let refused = fixture
            .store
            .change_user(fixture.organization, ada.id, change)
            .await;
        assert!(matches!(refused, Err(Error::LastOwner)));
    }
    let let_in = UserChange {
        is_active: Some(true),
        ..UserChange::default()
    };
    fixture
        .store
        .change_user(fixture.organization, bob.id, let_in)
        .await
        .unwrap();
    let ada = fixture
        .store
        .change_user(fixture.organization, ada.id, demote)
        .await
        .unwrap();
    assert_eq!(ada.role, Role::Viewer);
}

#[tokio::test]
async fn users_of_another_organization_can_not_be_changed() {
    let fixture = Fixture::new().await;
    let ada = fixture.user("ada@example.com", Role::Owner).await;
    let other = fixture
        .store
        .create_organization(organization("Other"), now())
        .await
        .unwrap();
    let change = fixture
        .store
        .change_user(other.id, ada.id, UserChange::default())
        .await;
    assert!(matches!(change, Err(Error::NotFound("user"))));
    let change = fixture.store.set_password(other.id, ada.id, &password()).await;
    assert!(matches!(change, Err(Error::NotFound("user"))));
    assert!(fixture.store.users(other.id).await.unwrap().is_empty());
}

#[tokio::test]
async fn only_the_right_password_of_an_active_user_signs_in() {
    let fixture = Fixture::new().await;
    fixture.user("boss@example.com", Role::Owner).await;
    let ada = fixture.user("ada@example.com", Role::Member).await;
    let store = &fixture.store;
    let signed_in = store
        .authenticate("ADA@example.com", &password(), later(5))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        (signed_in.id, signed_in.last_sign_in_at),
        (ada.id, Some(later(5)))
    );
    assert_eq!(store.user(ada.id).await.unwrap().last_sign_in_at, Some(later(5)));
    assert!(
        store
            .authenticate("ada@example.com", &"wrong password".into(), now())
            .await
            .unwrap()
            .is_none()
    );
    assert!(
        store
            .authenticate("eve@example.com", &password(), now())
            .await
            .unwrap()
            .is_none()
    );
    let shut_out = UserChange {
        is_active: Some(false),
        ..UserChange::default()
    };
    store
        .change_user(fixture.organization, ada.id, shut_out)
        .await
        .unwrap();
    assert!(
        store
            .authenticate("ada@example.com", &password(), now())
            .await
            .unwrap()
            .is_none()
    );
}

#[tokio::test]
async fn a_session_ends_when_idle_and_when_old() {
    let fixture = Fixture::new().await;
    let ada = fixture.user("ada@example.com", Role::Owner).await;
    let store = &fixture.store;
    let token = store.create_session(ada.id, now()).await.unwrap();
    let at = async |seconds| {
        store
            .session(token.expose(), later(seconds))
            .await
            .unwrap()
            .is_some()
    };
    // Used every six days it lasts, but not past thirty.
    for day in [6, 12, 18, 24, 29] {
        assert!(at(day * DAY).await, "day {day}");
    }
    assert!(!at(30 * DAY).await);

    let token = store.create_session(ada.id, now()).await.unwrap();
    assert!(
        store
            .session(token.expose(), later(7 * DAY - 1))
            .await
            .unwrap()
            .is_some()
    );
    assert!(
        store
            .session(token.expose(), later(14 * DAY))
            .await
            .unwrap()
            .is_none()
    );
    assert!(store.session("made up", now()).await.unwrap().is_none());
}

#[tokio::test]
async fn sessions_end_with_sign_out_and_with_another_password_and_when_shut_out() {
    let fixture = Fixture::new().await;
    fixture.user("boss@example.com", Role::Owner).await;
    let ada = fixture.user("ada@example.com", Role::Member).await;
    let store = &fixture.store;
    let one = store.create_session(ada.id, now()).await.unwrap();
    let two = store.create_session(ada.id, now()).await.unwrap();
    store.delete_session(one.expose()).await.unwrap();
    assert!(store.session(one.expose(), now()).await.unwrap().is_none());
    assert_eq!(
        store.session(two.expose(), now()).await.unwrap().unwrap().user.id,
        ada.id
    );

    store
        .set_password(fixture.organization, ada.id, &"another password".into())
        .await
        .unwrap();
    assert!(store.session(two.expose(), now()).await.unwrap().is_none());
    assert!(
        store
            .authenticate("ada@example.com", &password(), now())
            .await
            .unwrap()
            .is_none()
    );

    let three = store.create_session(ada.id, now()).await.unwrap();
    let shut_out = UserChange {
        is_active: Some(false),
        ..UserChange::default()
    };
    store
        .change_user(fixture.organization, ada.id, shut_out)
        .await
        .unwrap();
    let let_in = UserChange {
        is_active: Some(true),
        ..UserChange::default()
    };
    store
        .change_user(fixture.organization, ada.id, let_in)
        .await
        .unwrap();
    assert!(store.session(three.expose(), now()).await.unwrap().is_none());
}

#[tokio::test]
async fn the_setup_link_works_once_and_only_while_nobody_is_there() {
    let folder = tempfile::tempdir().unwrap();
    let store = tacho_metastore::Metastore::open(folder.path().join("meta.db"))
        .await
        .unwrap();
    let first = store.issue_setup_token(now()).await.unwrap().unwrap();
    let second = store.issue_setup_token(now()).await.unwrap().unwrap();
    let complete = async |token: &str, seconds| {
        store
            .complete_setup(
                token,
                organization("Acme"),
                user("ada@example.com", Role::Viewer),
                later(seconds),
            )
            .await
    };
    assert!(
        matches!(complete(first.expose(), 1).await, Err(Error::SetupLinkInvalid)),
        "replaced by the second"
    );
    assert!(
        matches!(complete(second.expose(), DAY).await, Err(Error::SetupLinkInvalid)),
        "expired"
    );
    let done = complete(second.expose(), DAY - 1).await.unwrap();
    assert_eq!(
        (done.user.role, done.organization.name.as_str()),
        (Role::Owner, "Acme")
    );
    assert!(matches!(
        complete(second.expose(), 3).await,
        Err(Error::AlreadySetUp)
    ));
    assert!(store.issue_setup_token(now()).await.unwrap().is_none());
}

#[tokio::test]
async fn a_refused_setup_leaves_the_link_usable_and_nothing_behind() {
    let folder = tempfile::tempdir().unwrap();
    let store = tacho_metastore::Metastore::open(folder.path().join("meta.db"))
        .await
        .unwrap();
    let token = store.issue_setup_token(now()).await.unwrap().unwrap();
    let refused = store
        .complete_setup(
            token.expose(),
            organization(""),
            user("ada@example.com", Role::Owner),
            now(),
        )
        .await;
    assert!(matches!(
        refused,
        Err(Error::Invalid {
            field: "organization",
            ..
        })
    ));
    let refused = store
        .complete_setup(
            token.expose(),
            organization("Acme"),
            user("nobody", Role::Owner),
            now(),
        )
        .await;
    assert!(matches!(refused, Err(Error::Invalid { field: "email", .. })));
    assert!(store.organizations().await.unwrap().is_empty());
    store
        .complete_setup(
            token.expose(),
            organization("Acme"),
            user("ada@example.com", Role::Owner),
            now(),
        )
        .await
        .unwrap();
}
