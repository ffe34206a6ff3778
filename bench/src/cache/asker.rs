//! Somebody whose Overview is open.

use std::time::Duration;

use super::pages::{self, Request};
use super::replay::ask;
use crate::http::Connection;
use crate::server::Installation;

/// One page over one connection.
#[derive(Debug)]
pub struct Asker<'a> {
    installation: &'a Installation,
    request: Request,
    connection: Option<Connection>,
}

impl<'a> Asker<'a> {
    /// Whose page refreshes by itself, and may be answered from a cache.
    pub fn refreshing(installation: &'a Installation) -> Self {
        Self::new(installation, false)
    }

    /// Whose answers are worked out each time.
    pub fn fresh(installation: &'a Installation) -> Self {
        Self::new(installation, true)
    }

    fn new(installation: &'a Installation, is_fresh: bool) -> Self {
        Self {
            installation,
            request: pages::overview(&installation.key, is_fresh),
            connection: None,
        }
    }

    /// Asks what the page asks, as one batch. Returns how long it took.
    ///
    /// # Errors
    /// If there is no answer, or it is no success, also of one question of the batch.
    pub fn ask(&mut self) -> anyhow::Result<Duration> {
        ask(&mut self.connection, self.installation, &self.request).map(|(_, took, _)| took)
    }
}
