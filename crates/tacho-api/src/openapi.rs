//! The description of the API. Generated from the routes; committed at the root of the repository as `openapi.json`,
//! which a test holds to what the routes say.

use utoipa::Modify;
use utoipa::OpenApi as _;
use utoipa::openapi::path::Operation;
use utoipa::openapi::security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{Content, OpenApi, Ref, RefOr, ResponseBuilder};

use crate::wire::problem::Problem;

#[derive(utoipa::OpenApi)]
#[openapi(
    info(
        title = "Tacho",
        description = "Analytics for automations: send what every run did, ask for the numbers. Errors are RFC 9457 \
                       problems with a stable `code`. Requests of a signed-in browser that change something carry the \
                       header `X-Tacho-CSRF: 1`.",
        license(name = "Apache-2.0", identifier = "Apache-2.0"),
    ),
    tags(
        (name = "records", description = "Sending records"),
        (name = "queries", description = "Asking for numbers and rows"),
        (name = "analytics", description = "PRD-010's procedures and the endpoints of Analytics & Reporting"),
        (name = "exports", description = "Files of rows"),
        (name = "session", description = "Setting up, signing in and out"),
        (name = "keys", description = "API keys"),
        (name = "users", description = "People"),
        (name = "settings", description = "What an organization and its people have set"),
        (name = "dead letters", description = "Records that were refused"),
        (name = "system", description = "How the server is"),
        (name = "health", description = "For load balancers and monitoring"),
    ),
    components(schemas(Problem)),
    security(("session" = []), ("api_key" = [])),
    modifiers(&SecuritySchemes),
)]
struct Description;

struct SecuritySchemes;

impl Modify for SecuritySchemes {
    fn modify(&self, openapi: &mut OpenApi) {
        let components = openapi.components.get_or_insert_default();
        components.add_security_scheme(
            "session",
            SecurityScheme::ApiKey(ApiKey::Cookie(ApiKeyValue::with_description(
                "tacho_session",
                "Set by POST /api/v1/session",
            ))),
        );
        components.add_security_scheme(
            "api_key",
            SecurityScheme::Http(
                HttpBuilder::new()
                    .scheme(HttpAuthScheme::Bearer)
                    .bearer_format("tacho_…")
                    .description(Some("An API key"))
                    .build(),
            ),
        );
    }
}

/// The description of the API, before routes are added.
pub(crate) fn description() -> OpenApi {
    Description::openapi()
}

/// Says of every operation that it may be refused with a problem.
pub(crate) fn with_problems(mut openapi: OpenApi) -> OpenApi {
    for item in openapi.paths.paths.values_mut() {
        let operations = [
            &mut item.get,
            &mut item.put,
            &mut item.post,
            &mut item.delete,
            &mut item.patch,
        ];
        for operation in operations.into_iter().flatten() {
            add_problem(operation);
        }
    }
    openapi
}

fn add_problem(operation: &mut Operation) {
    let problem = ResponseBuilder::new()
        .description("Refused; the problem says why and what to do")
        .content(
            "application/problem+json",
            Content::new(Some(RefOr::Ref(Ref::from_schema_name("Problem")))),
        )
        .build();
    operation
        .responses
        .responses
        .insert("default".to_owned(), RefOr::T(problem));
}

/// The description of the API.
pub fn openapi() -> OpenApi {
    crate::router::described_routes().1
}

/// `openapi.json` as it is committed: pretty, with a line feed at its end.
pub fn openapi_json() -> String {
    let mut text = openapi().to_pretty_json().unwrap_or_default();
    text.push('\n');
    text
}
