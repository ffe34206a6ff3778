//! The client's address.

use std::convert::Infallible;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use axum::extract::{ConnectInfo, FromRequestParts};
use axum::http::request::Parts;

use crate::AppState;

/// Where the request comes from.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ClientAddress {
    /// The client, as far as it can be known; 0.0.0.0 if it can't.
    pub(crate) ip: IpAddr,
    /// Whether the connection comes from this machine and not through a proxy on it.
    pub(crate) is_loopback: bool,
}

impl FromRequestParts<AppState> for ClientAddress {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Infallible> {
        let peer = parts
            .extensions
            .get::<ConnectInfo<SocketAddr>>()
            .map(|info| info.0.ip().to_canonical());
        let is_forwarded = ["x-forwarded-for", "forwarded", "x-real-ip"]
            .iter()
            .any(|name| parts.headers.contains_key(*name));
        let forwarded = || {
            let last = parts
                .headers
                .get_all("x-forwarded-for")
                .iter()
                .next_back()?
                .to_str()
                .ok()?;
            last.rsplit(',').next()?.trim().parse::<IpAddr>().ok()
        };
        let ip = state.config.trust_forwarded.then(forwarded).flatten().or(peer);
        Ok(Self {
            ip: ip.unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED)),
            is_loopback: !is_forwarded && peer.is_some_and(|peer| peer.is_loopback()),
        })
    }
}
