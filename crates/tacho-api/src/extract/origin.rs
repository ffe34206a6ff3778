//! Refuses what a foreign site makes a browser send. A cookie alone proves nothing about who wrote the request; a custom
//! header does, because a foreign page can't set it without a preflight, which Tacho never grants.

use axum::http::request::Parts;
use axum::http::{HeaderMap, header};

use crate::problem::Problem;
use crate::state::Config;

/// For requests that a cookie authenticates: those that change something carry `X-Tacho-CSRF: 1` and, if they say where
/// they come from, come from here.
pub(crate) fn check_csrf(parts: &Parts, config: &Config) -> Result<(), Problem> {
    if parts.method.is_safe() {
        return Ok(());
    }
    if parts.headers.get("x-tacho-csrf").is_none_or(|value| value != "1") {
        return Err(Problem::new(
            axum::http::StatusCode::FORBIDDEN,
            "csrf",
            "Requests of a signed-in browser that change something must carry the header X-Tacho-CSRF: 1.",
        ));
    }
    check_origin(&parts.headers, config)
}

/// Refuses an `Origin` that is neither the address that was asked nor the configured one.
pub(crate) fn check_origin(headers: &HeaderMap, config: &Config) -> Result<(), Problem> {
    let Some(origin) = headers.get(header::ORIGIN) else {
        return Ok(());
    };
    let origin = origin.to_str().unwrap_or("null");
    let is_public = config
        .public_url
        .as_deref()
        .is_some_and(|url| url.trim_end_matches('/') == origin);
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
    let is_host = origin
        .split_once("://")
        .map(|(_, authority)| authority)
        .is_some_and(|o| Some(o) == host);
    if is_public || is_host {
        return Ok(());
    }
    Err(Problem::new(
        axum::http::StatusCode::FORBIDDEN,
        "foreign_origin",
        "The request comes from a page of another site. If Tacho is behind a proxy, set its public address.",
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn passes(origin: Option<&'static str>, public_url: Option<&str>) -> bool {
        let mut headers = HeaderMap::new();
        headers.insert(header::HOST, "tacho.local:8080".parse().unwrap());
        if let Some(origin) = origin {
            headers.insert(header::ORIGIN, origin.parse().unwrap());
        }
        let config = Config {
            public_url: public_url.map(str::to_owned),
            ..Config::default()
        };
        check_origin(&headers, &config).is_ok()
    }

    #[test]
    fn only_this_site_may_ask() {
        assert!(passes(None, None));
        assert!(passes(Some("http://tacho.local:8080"), None));
        assert!(!passes(Some("http://tacho.local"), None));
        assert!(!passes(Some("http://evil.example"), None));
        assert!(!passes(Some("null"), None));
        assert!(passes(
            Some("https://tacho.example"),
            Some("https://tacho.example/")
        ));
        assert!(!passes(
            Some("https://tacho.example.evil"),
            Some("https://tacho.example")
        ));
    }
}
