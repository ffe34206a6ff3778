//! What sessions cost: the server's defaults until an organization sets its own.

use axum::http::Method;
use serde_json::json;
use tacho_api::Config;
use tacho_core::Role;
use tacho_metastore::CostRates;

use crate::app::App;

const PATH: &str = "/api/v1/cost-rates";

#[tokio::test]
async fn rates_are_the_default_until_set_and_again_once_taken_back() {
    let app = App::with(Config {
        cost_rates: CostRates::from_usd(0.007, 0.02).unwrap(),
        ..Config::default()
    })
    .await;
    let (admin, member) = (app.session(Role::Admin).await, app.session(Role::Member).await);
    let defaults = json!({
        "per_minute_usd": 0.007, "session_minimum_usd": 0.02,
        "is_default": true, "updated_at": null, "updated_by": null
    });
    assert_eq!(app.get(PATH, &member).await.json(), defaults);

    let body = json!({"per_minute_usd": 0.1, "session_minimum_usd": 0});
    let set = app.send(Method::PUT, PATH, &admin, Some(body)).await;
    assert_eq!(
        set.json(),
        json!({
            "per_minute_usd": 0.1, "session_minimum_usd": 0.0, "is_default": false,
            "updated_at": app.now().to_string(), "updated_by": app.users[&Role::Admin].id.to_string()
        })
    );
    assert_eq!(app.get(PATH, &member).await.json(), set.json());
    let stranger = app.session_of(&app.stranger.1).await;
    assert_eq!(app.get(PATH, &stranger).await.json(), defaults);

    let cleared = app.send(Method::DELETE, PATH, &admin, None).await;
    assert_eq!(cleared.status, 204);
    assert_eq!(app.get(PATH, &member).await.json(), defaults);
}

#[tokio::test]
async fn a_bad_rate_is_pointed_at() {
    let app = App::new().await;
    let owner = app.session(Role::Owner).await;
    for (body, pointer) in [
        (
            json!({"per_minute_usd": -1, "session_minimum_usd": 0}),
            "/per_minute_usd",
        ),
        (
            json!({"per_minute_usd": 1, "session_minimum_usd": 1000.1}),
            "/session_minimum_usd",
        ),
        (
            json!({"per_minute_usd": "1", "session_minimum_usd": 0}),
            "/per_minute_usd",
        ),
    ] {
        let answer = app.send(Method::PUT, PATH, &owner, Some(body)).await;
        assert_eq!(answer.refusal(), (422, "invalid_value".to_owned()));
        assert_eq!(answer.json()["pointer"], pointer);
    }
    assert_eq!(app.get(PATH, &owner).await.json()["is_default"], true);
}
