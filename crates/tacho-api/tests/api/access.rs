//! Walks every route of the description without a credential, in every role and with keys of every kind. A route that
//! is not declared here fails the test.

use axum::http::Method;
use serde_json::Value;
use tacho_core::{Permission, Role};

use crate::app::{App, Credential};

/// What a route needs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Need {
    /// Nothing: the contract leaves it open.
    Open,
    /// Any credential.
    SignedIn,
    /// A person, or a key that acts as one.
    Person,
    /// To send records.
    Ingest,
    /// To ask for data, which is limited.
    Read,
    /// To ask how the organization is set up.
    ReadSettings,
    /// A permission.
    May(Permission),
}

/// The path with ids of nothing in it.
fn fill(path: &str) -> String {
    path.replace("{id}", "019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071")
        .replace("{fingerprint}", "019ab3c45d6e7f80")
        .replace("{procedures}", "analytics.getExecutionStats")
}

/// Every route and what it needs. Declare a new one here.
pub(crate) const ROUTES: &[(&str, &str, Need)] = &[
    ("GET", "/healthz", Need::Open),
    ("GET", "/readyz", Need::Open),
    ("GET", "/metrics", Need::May(Permission::SeeSystem)),
    ("GET", "/api/v1/setup", Need::Open),
    ("POST", "/api/v1/setup", Need::Open),
    ("POST", "/api/v1/session", Need::Open),
    ("GET", "/api/v1/session", Need::Person),
    ("DELETE", "/api/v1/session", Need::SignedIn),
    ("GET", "/api/v1/keys", Need::May(Permission::ManageKeys)),
    ("POST", "/api/v1/keys", Need::May(Permission::ManageKeys)),
    ("DELETE", "/api/v1/keys/{id}", Need::May(Permission::ManageKeys)),
    ("GET", "/api/v1/users", Need::May(Permission::ManagePeople)),
    ("POST", "/api/v1/users", Need::May(Permission::ManagePeople)),
    ("PATCH", "/api/v1/users/{id}", Need::May(Permission::ManagePeople)),
    ("GET", "/api/v1/cost-rates", Need::ReadSettings),
    ("PUT", "/api/v1/cost-rates", Need::May(Permission::ManageCosts)),
    ("DELETE", "/api/v1/cost-rates", Need::May(Permission::ManageCosts)),
    ("GET", "/api/v1/preferences", Need::Person),
    ("PUT", "/api/v1/preferences", Need::Person),
    ("GET", "/api/v1/audit", Need::May(Permission::SeeAudit)),
    ("GET", "/api/v1/audit/export", Need::May(Permission::SeeAudit)),
    ("POST", "/api/v1/records", Need::Ingest),
    ("GET", "/api/v1/model", Need::ReadSettings),
    ("POST", "/api/v1/query", Need::Read),
    ("POST", "/api/v1/metrics/query", Need::Read),
    ("GET", "/api/v1/live", Need::Read),
    ("GET", "/api/v1/detections", Need::Read),
    ("GET", "/api/v1/executions", Need::Read),
    ("GET", "/api/v1/executions/{id}", Need::Read),
    ("GET", "/api/v1/workflows", Need::Read),
    ("GET", "/api/v1/workflows/{id}", Need::Read),
    ("GET", "/api/v1/workflows/{id}/schedule", Need::Read),
    ("GET", "/api/v1/analytics/execution-stats", Need::Read),
    ("GET", "/api/v1/analytics/task-metrics", Need::Read),
    ("GET", "/api/v1/analytics/usage-stats", Need::Read),
    ("GET", "/api/v1/analytics/cost-analysis", Need::Read),
    ("GET", "/api/v1/analytics/performance-trends", Need::Read),
    ("GET", "/api/v1/analytics/websocket-stats", Need::Read),
    ("GET", "/api/v1/analytics/cache-stats", Need::Read),
    ("GET", "/trpc/{procedures}", Need::Read),
    ("GET", "/api/v1/analytics/executions", Need::Read),
    ("GET", "/api/v1/analytics/executions/summary", Need::Read),
    ("GET", "/api/v1/analytics/executions/errors", Need::Read),
    ("GET", "/api/v1/analytics/workflows/rankings", Need::Read),
    ("GET", "/api/v1/analytics/workflows/comparison", Need::Read),
    ("GET", "/api/v1/analytics/workflows/{id}/performance", Need::Read),
    ("GET", "/api/v1/analytics/workflows/{id}/steps", Need::Read),
    ("GET", "/api/v1/failures", Need::Read),
    ("GET", "/api/v1/failures/{fingerprint}", Need::Read),
    ("GET", "/api/v1/exports", Need::Read),
    ("POST", "/api/v1/exports", Need::Read),
    ("GET", "/api/v1/exports/{id}", Need::Read),
    ("DELETE", "/api/v1/exports/{id}", Need::Read),
    ("GET", "/api/v1/exports/{id}/download", Need::Read),
    ("GET", "/api/v1/system", Need::May(Permission::SeeSystem)),
    (
        "DELETE",
        "/api/v1/system/query-cache",
        Need::May(Permission::MendRecords),
    ),
    ("GET", "/api/v1/store/digest", Need::May(Permission::MendRecords)),
    (
        "POST",
        "/api/v1/store/rebuild",
        Need::May(Permission::MendRecords),
    ),
    ("GET", "/api/v1/dead-letters", Need::May(Permission::MendRecords)),
    (
        "GET",
        "/api/v1/dead-letters/{id}",
        Need::May(Permission::MendRecords),
    ),
    (
        "PUT",
        "/api/v1/dead-letters/{id}",
        Need::May(Permission::MendRecords),
    ),
    (
        "DELETE",
        "/api/v1/dead-letters/{id}",
        Need::May(Permission::MendRecords),
    ),
    (
        "POST",
        "/api/v1/dead-letters/{id}/replay",
        Need::May(Permission::MendRecords),
    ),
];

/// A credential and what is said of it in DESIGN section 7 and the contract. Written out here apart from `auth.rs`, so
/// that a slip there shows.
struct Who {
    name: String,
    credential: Credential,
    ingest: bool,
    read: bool,
    person: bool,
    permissions: Vec<Permission>,
}

impl Who {
    fn may(&self, need: Need) -> bool {
        match need {
            Need::Open | Need::SignedIn => true,
            Need::Person => self.person,
            Need::Ingest => self.ingest,
            Need::Read | Need::ReadSettings => self.read,
            Need::May(permission) => self.permissions.contains(&permission),
        }
    }
}

async fn everybody(app: &App) -> Vec<Who> {
    use Permission::*;
    let mut everybody = Vec::new();
    let roles: [(Role, bool, &[Permission]); 5] = [
        (Role::Viewer, false, &[SeeAll]),
        (Role::Member, false, &[]),
        (Role::Manager, false, &[SeeAll, SeeSystem]),
        (
            Role::Admin,
            true,
            &[
                SeeAll,
                ManagePeople,
                ManageKeys,
                SeeSystem,
                MendRecords,
                ManageCosts,
                SeeAudit,
            ],
        ),
        (
            Role::Owner,
            true,
            &[
                SeeAll,
                ManagePeople,
                ManageKeys,
                SeeSystem,
                MendRecords,
                ManageCosts,
                SeeAudit,
                ManageOrganization,
            ],
        ),
    ];
    for (role, ingest, permissions) in roles {
        everybody.push(Who {
            name: role.to_string(),
            credential: app.session(role).await,
            ingest,
            read: true,
            person: true,
            permissions: permissions.to_vec(),
        });
    }
    let administration: &[Permission] = &[
        ManagePeople,
        ManageKeys,
        SeeSystem,
        MendRecords,
        ManageCosts,
        SeeAudit,
    ];
    type KeyRow<'a> = (&'a str, Option<Role>, bool, bool, &'a [Permission]);
    let keys: [KeyRow<'_>; 6] = [
        ("ingest", None, true, false, &[]),
        ("read", None, false, true, &[SeeAll]),
        ("admin", None, false, false, administration),
        ("ingest,read,admin", Some(Role::Viewer), false, true, &[SeeAll]),
        ("ingest,read,admin", Some(Role::Member), true, true, &[]),
        (
            "read,admin",
            Some(Role::Manager),
            false,
            true,
            &[SeeAll, SeeSystem],
        ),
    ];
    for (scopes, role, ingest, read, permissions) in keys {
        everybody.push(Who {
            name: format!("key {scopes} as {role:?}"),
            credential: app.key(scopes, role).await,
            ingest,
            read,
            person: role.is_some(),
            permissions: permissions.to_vec(),
        });
    }
    everybody
}

fn described() -> Vec<(String, String)> {
    let description: Value = serde_json::from_str(&tacho_api::openapi_json()).unwrap();
    let mut routes = Vec::new();
    for (path, item) in description["paths"].as_object().unwrap() {
        for method in item.as_object().unwrap().keys() {
            routes.push((method.to_uppercase(), path.clone()));
        }
    }
    routes
}

#[test]
fn every_route_declares_what_it_needs() {
    let mut described = described();
    let mut declared: Vec<_> = ROUTES
        .iter()
        .map(|(method, path, _)| ((*method).to_owned(), (*path).to_owned()))
        .collect();
    described.sort();
    declared.sort();
    assert_eq!(
        described, declared,
        "declare the route in ROUTES, with what it needs"
    );
}

#[test]
fn open_routes_and_no_others_say_so_in_the_description() {
    let description: Value = serde_json::from_str(&tacho_api::openapi_json()).unwrap();
    for (method, path, need) in ROUTES {
        let operation = &description["paths"][path][method.to_lowercase()];
        let is_open = operation["security"] == serde_json::json!([{}]);
        assert_eq!(is_open, *need == Need::Open, "{method} {path}");
    }
}

/// Refusals come before the body is read, so the requests carry none: whoever may, gets past 401 and 403.
#[tokio::test]
async fn every_route_lets_in_whom_it_should_and_nobody_else() {
    let app = App::new().await;
    for (method, path, need) in ROUTES {
        let path = fill(path);
        let method: Method = method.parse().unwrap();
        for made_up in [
            Credential::None,
            Credential::Cookie("made-up".to_owned()),
            Credential::Key("tacho_made-up".to_owned()),
            Credential::Key(String::new()),
        ] {
            let answer = app.send(method.clone(), &path, &made_up, None).await;
            assert_eq!(
                answer.status == 401,
                *need != Need::Open,
                "{method} {path} {made_up:?}: {answer:?}"
            );
        }
        // Made anew for each route: some end the session.
        for who in everybody(&app).await {
            let answer = app.send(method.clone(), &path, &who.credential, None).await;
            assert_ne!(answer.status, 401, "{method} {path} as {}: {answer:?}", who.name);
            assert_eq!(
                answer.status != 403,
                who.may(*need),
                "{method} {path} as {}: {answer:?}",
                who.name
            );
        }
    }
}

#[tokio::test]
async fn a_cookie_changes_nothing_without_the_csrf_header() {
    let app = App::new().await;
    for (method, path, need) in ROUTES {
        if *method == "GET" || *need == Need::Open {
            continue;
        }
        let path = fill(path);
        let session = app.session(Role::Owner).await;
        let mut request = crate::app::request(method.parse().unwrap(), &path, &session, None);
        request.headers_mut().remove("x-tacho-csrf");
        assert_eq!(
            app.call(request).await.refusal(),
            (403, "csrf".to_owned()),
            "{method} {path}"
        );
        let mut request = crate::app::request(method.parse().unwrap(), &path, &session, None);
        request
            .headers_mut()
            .insert("origin", "https://evil.example".parse().unwrap());
        assert_eq!(
            app.call(request).await.refusal(),
            (403, "foreign_origin".to_owned()),
            "{method} {path}"
        );
    }
}
