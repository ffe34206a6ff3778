//! The session cookie.

use axum::http::{HeaderMap, HeaderValue, header};
use tacho_metastore::SESSION_LIFE_MAX;

use crate::state::Config;

const NAME: &str = "tacho_session";

/// The session token that the request carries, if any.
pub(crate) fn session_token(headers: &HeaderMap) -> Option<&str> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find_map(|(name, value)| (name == NAME && !value.is_empty()).then_some(value))
}

/// The header that gives the browser a session. `is_secure` keeps it off plain http.
pub(crate) fn set(token: &str, is_secure: bool) -> HeaderValue {
    cookie(token, SESSION_LIFE_MAX.as_secs(), is_secure)
}

/// The header that takes the session away.
pub(crate) fn clear(is_secure: bool) -> HeaderValue {
    cookie("", 0, is_secure)
}

/// Whether the browser came by https: the public address says so, or a proxy in front. A client that makes the header
/// up only gets a stricter cookie.
pub(crate) fn is_secure(headers: &HeaderMap, config: &Config) -> bool {
    config
        .public_url
        .as_deref()
        .is_some_and(|url| url.starts_with("https://"))
        || headers
            .get("x-forwarded-proto")
            .is_some_and(|value| value.as_bytes().eq_ignore_ascii_case(b"https"))
}

fn cookie(value: &str, max_age_seconds: u64, is_secure: bool) -> HeaderValue {
    let secure = if is_secure { "; Secure" } else { "" };
    let text = format!("{NAME}={value}; Path=/; Max-Age={max_age_seconds}; HttpOnly; SameSite=Lax{secure}");
    // Base64url and digits only: always a valid header.
    HeaderValue::try_from(text).unwrap_or_else(|_| HeaderValue::from_static(""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_token_is_found_among_other_cookies() {
        let mut headers = HeaderMap::new();
        headers.append(
            header::COOKIE,
            HeaderValue::from_static("theme=dark; xtacho_session=no"),
        );
        assert_eq!(session_token(&headers), None);
        headers.append(
            header::COOKIE,
            HeaderValue::from_static("a=b; tacho_session=abc-_1"),
        );
        assert_eq!(session_token(&headers), Some("abc-_1"));
    }

    #[test]
    fn the_cookie_is_kept_from_scripts_and_foreign_sites() {
        let text = set("abc", true);
        assert_eq!(
            text,
            "tacho_session=abc; Path=/; Max-Age=2592000; HttpOnly; SameSite=Lax; Secure"
        );
        assert!(!clear(false).to_str().unwrap().contains("Secure"));
    }
}
