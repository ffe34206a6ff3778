//! The web application: the files that Vite built, inside the binary. In a development build they are read from
//! `ui/dist` at run time.

use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use rust_embed::{EmbeddedFile, RustEmbed};

use crate::problem::Problem;

#[derive(RustEmbed)]
#[folder = "../../ui/dist"]
struct Dist;

const INDEX: &str = "index.html";
/// Vite puts a hash of their content into the names of files in this folder.
const HASHED_FOLDER: &str = "assets/";
const IMMUTABLE: &str = "public, max-age=31536000, immutable";
const REVALIDATE: &str = "no-cache";

/// The file at that path, or the application's page, which finds its own way from there. A missing file of the hashed
/// folder stays missing, so that an old page notices.
pub(crate) fn serve(method: &Method, path: &str, headers: &HeaderMap) -> Response {
    if method != Method::GET && method != Method::HEAD {
        return Problem::of_status(StatusCode::METHOD_NOT_ALLOWED).into_response();
    }
    let path = path.trim_start_matches('/');
    let is_file = !path.is_empty() && !path.starts_with('.') && Dist::get(path).is_some();
    if path.starts_with(HASHED_FOLDER) && !is_file {
        return Problem::of_status(StatusCode::NOT_FOUND).into_response();
    }
    let name = if is_file { path } else { INDEX };
    let accepts_gzip = accepts_gzip(headers);
    let packed = if accepts_gzip {
        Dist::get(&format!("{name}.gz"))
    } else {
        None
    };
    let is_packed = packed.is_some();
    match packed.or_else(|| Dist::get(name)) {
        Some(file) => respond(method, name, file, is_packed, headers),
        None => Problem::of_status(StatusCode::NOT_FOUND).into_response(),
    }
}

fn respond(
    method: &Method,
    name: &str,
    file: EmbeddedFile,
    is_packed: bool,
    headers: &HeaderMap,
) -> Response {
    let etag = etag(&file.metadata.sha256_hash());
    let is_known = headers
        .get(header::IF_NONE_MATCH)
        .is_some_and(|known| known.as_bytes() == etag.as_bytes());
    let mut response = if is_known {
        StatusCode::NOT_MODIFIED.into_response()
    } else if method == Method::HEAD {
        StatusCode::OK.into_response()
    } else {
        Body::from(file.data.into_owned()).into_response()
    };
    let out = response.headers_mut();
    out.insert(header::CONTENT_TYPE, content_type(name));
    let caching = if name.starts_with(HASHED_FOLDER) {
        IMMUTABLE
    } else {
        REVALIDATE
    };
    out.insert(header::CACHE_CONTROL, HeaderValue::from_static(caching));
    out.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    out.insert(header::ETAG, etag);
    if is_packed {
        out.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }
    response
}

/// The type by the name's ending. Of the file asked for, not of its packed form.
fn content_type(name: &str) -> HeaderValue {
    let ending = name.rsplit('.').next().unwrap_or_default();
    HeaderValue::from_static(match ending {
        "html" => "text/html; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "json" | "map" => "application/json",
        "webmanifest" => "application/manifest+json",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        "woff" => "font/woff",
        "txt" => "text/plain; charset=utf-8",
        "wasm" => "application/wasm",
        _ => "application/octet-stream",
    })
}

fn etag(hash: &[u8; 32]) -> HeaderValue {
    let hex: String = hash[..16].iter().map(|byte| format!("{byte:02x}")).collect();
    HeaderValue::try_from(format!("\"{hex}\"")).unwrap_or_else(|_| HeaderValue::from_static("\"\""))
}

fn accepts_gzip(headers: &HeaderMap) -> bool {
    let Some(accepted) = headers
        .get(header::ACCEPT_ENCODING)
        .and_then(|value| value.to_str().ok())
    else {
        return false;
    };
    accepted.split(',').any(|entry| {
        let mut parts = entry.split(';').map(str::trim);
        parts.next() == Some("gzip") && parts.next().is_none_or(|quality| quality != "q=0")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn get(path: &str) -> Response {
        serve(&Method::GET, path, &HeaderMap::new())
    }

    #[test]
    fn pages_of_the_application_get_its_page_and_missing_assets_stay_missing() {
        for path in ["/", "/setup", "/executions/x.y"] {
            let response = get(path);
            assert_eq!(response.status(), 200, "{path}");
            assert_eq!(
                response.headers()[header::CONTENT_TYPE],
                "text/html; charset=utf-8"
            );
            assert_eq!(response.headers()[header::CACHE_CONTROL], "no-cache");
        }
        assert_eq!(get("/assets/gone-abc123.js").status(), 404);
        assert_eq!(
            get("/../Cargo.toml").headers()[header::CONTENT_TYPE],
            "text/html; charset=utf-8"
        );
        assert_eq!(serve(&Method::POST, "/", &HeaderMap::new()).status(), 405);
    }

    #[test]
    fn a_file_that_did_not_change_is_not_sent_again() {
        let first = get("/");
        let mut headers = HeaderMap::new();
        headers.insert(header::IF_NONE_MATCH, first.headers()[header::ETAG].clone());
        assert_eq!(serve(&Method::GET, "/", &headers).status(), 304);
    }

    #[test]
    fn gzip_is_sent_only_to_those_who_take_it() {
        let accepts = |text: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT_ENCODING, HeaderValue::from_static(text));
            accepts_gzip(&headers)
        };
        assert!(accepts("br, gzip;q=0.8") && accepts("gzip"));
        assert!(!accepts("br, gzip;q=0") && !accepts("identity"));
    }
}
