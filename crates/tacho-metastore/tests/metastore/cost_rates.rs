use tacho_core::Role;
use tacho_metastore::{CostRates, Error};

use crate::{Fixture, later, now, organization};

#[tokio::test]
async fn rates_are_set_changed_and_taken_back_for_one_organization_only() {
    let fixture = Fixture::new().await;
    let store = &fixture.store;
    let other = store
        .create_organization(organization("Other"), now())
        .await
        .unwrap()
        .id;
    let owner = fixture.user("owner@example.com", Role::Owner).await;
    assert_eq!(store.cost_rates(fixture.organization).await.unwrap(), None);

    let dear = CostRates::from_usd(0.25, 1.0).unwrap();
    assert_eq!(
        (dear.per_minute_usd, dear.session_minimum_usd),
        (250_000, 1_000_000)
    );
    let set = store
        .set_cost_rates(fixture.organization, dear, Some(owner.id), now())
        .await
        .unwrap();
    assert_eq!(store.cost_rates(fixture.organization).await.unwrap(), Some(set));
    assert_eq!((set.updated_at, set.updated_by), (now(), Some(owner.id)));

    let cheap = CostRates::from_usd(0.0, 0.000_000_6).unwrap();
    assert_eq!(cheap.session_minimum_usd, 1, "rounded to the micro-dollar");
    let set = store
        .set_cost_rates(fixture.organization, cheap, None, later(60))
        .await
        .unwrap();
    assert_eq!(store.cost_rates(fixture.organization).await.unwrap(), Some(set));
    assert_eq!((set.rates, set.updated_by), (cheap, None));

    assert_eq!(store.cost_rates(other).await.unwrap(), None);
    store.clear_cost_rates(other).await.unwrap();
    assert!(store.cost_rates(fixture.organization).await.unwrap().is_some());
    store.clear_cost_rates(fixture.organization).await.unwrap();
    assert_eq!(store.cost_rates(fixture.organization).await.unwrap(), None);
}

#[tokio::test]
async fn rates_are_numbers_from_0_to_1000() {
    let fixture = Fixture::new().await;
    for (per_minute, session_minimum, field) in [
        (-0.01, 0.0, "per_minute_usd"),
        (1000.01, 0.0, "per_minute_usd"),
        (f64::NAN, 0.0, "per_minute_usd"),
        (f64::INFINITY, 0.0, "per_minute_usd"),
        (0.0, -1.0, "session_minimum_usd"),
    ] {
        let error = CostRates::from_usd(per_minute, session_minimum).unwrap_err();
        assert!(
            matches!(error, Error::Invalid { field: at, .. } if at == field),
            "{error:?}"
        );
    }
    let most = CostRates::from_usd(1000.0, 1000.0).unwrap();
    let beyond = CostRates {
        per_minute_usd: most.per_minute_usd + 1,
        ..most
    };
    let set = |rates| {
        fixture
            .store
            .set_cost_rates(fixture.organization, rates, None, now())
    };
    assert!(set(most).await.is_ok());
    assert!(matches!(set(beyond).await, Err(Error::Invalid { .. })));
}
