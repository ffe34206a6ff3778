use tacho_core::period::Period;
use tacho_core::{Role, UserId};
use tacho_metastore::{Error, Preferences, Theme};

use crate::{Fixture, later, now};

#[tokio::test]
async fn preferences_are_each_users_own_and_replaced_as_a_whole() {
    let fixture = Fixture::new().await;
    let store = &fixture.store;
    let (ada, bob) = (
        fixture.user("ada@example.com", Role::Member).await.id,
        fixture.user("bob@example.com", Role::Member).await.id,
    );
    assert_eq!(store.preferences(ada).await.unwrap(), Preferences::default());
    let chosen = Preferences {
        default_period: Some(Period::Month),
        timezone: Some("Asia/Tokyo".to_owned()),
        theme: Some(Theme::Dark),
        refresh_interval_seconds: Some(30),
        pinned_metrics: vec!["executions.count".to_owned(), "costs.amount".to_owned()],
        widget_arrangement: Some("{\"a\":[1,2]}".to_owned()),
        updated_at: None,
    };
    let set = store.set_preferences(ada, chosen.clone(), now()).await.unwrap();
    assert_eq!(set.updated_at, Some(now()));
    assert_eq!(store.preferences(ada).await.unwrap(), set);
    assert_eq!(
        store.user(ada).await.unwrap().timezone.as_deref(),
        Some("Asia/Tokyo")
    );
    assert_eq!(store.preferences(bob).await.unwrap(), Preferences::default());

    store
        .set_preferences(ada, Preferences::default(), later(60))
        .await
        .unwrap();
    let expected = Preferences {
        updated_at: Some(later(60)),
        ..Preferences::default()
    };
    assert_eq!(store.preferences(ada).await.unwrap(), expected);
}

#[tokio::test]
async fn what_breaks_a_rule_changes_nothing() {
    let fixture = Fixture::new().await;
    let ada = fixture.user("ada@example.com", Role::Member).await.id;
    let none = Preferences::default;
    let cases = [
        (
            Preferences {
                timezone: Some("Mars/Base".to_owned()),
                ..none()
            },
            "timezone",
        ),
        (
            Preferences {
                refresh_interval_seconds: Some(2),
                ..none()
            },
            "refresh_interval_seconds",
        ),
        (
            Preferences {
                pinned_metrics: vec!["a.b".to_owned(); 21],
                ..none()
            },
            "pinned_metrics",
        ),
        (
            Preferences {
                pinned_metrics: vec!["a\nb".to_owned()],
                ..none()
            },
            "pinned_metrics",
        ),
        (
            Preferences {
                widget_arrangement: Some("x".repeat(64 * 1024 + 1)),
                ..none()
            },
            "widget_arrangement",
        ),
    ];
    for (preferences, expected) in cases {
        let error = fixture
            .store
            .set_preferences(ada, preferences, now())
            .await
            .unwrap_err();
        assert!(
            matches!(error, Error::Invalid { field, .. } if field == expected),
            "{error:?}"
        );
    }
    assert_eq!(fixture.store.preferences(ada).await.unwrap(), none());
    let nobody = UserId::from_bytes([7; 16]);
    let refused = fixture.store.set_preferences(nobody, none(), now()).await;
    assert!(matches!(refused, Err(Error::NotFound(_))));
}
