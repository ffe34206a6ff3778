//! The metastore on a real file.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod audit;
mod copy;
mod cost_rates;
mod dead_letters;
mod detections;
mod exports;
mod keys;
mod people;
mod preferences;
mod sharing;

use secrecy::SecretString;
use tacho_core::{OrganizationId, Role, Timestamp};
use tacho_metastore::{Metastore, NewOrganization, NewUser, Options, User};
use tempfile::TempDir;

/// A metastore in a folder of its own, with one organization.
struct Fixture {
    folder: TempDir,
    store: Metastore,
    organization: OrganizationId,
}

impl Fixture {
    async fn new() -> Self {
        Self::with(Options::default()).await
    }

    async fn with(options: Options) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = Metastore::open_with(folder.path().join("meta.db"), options)
            .await
            .unwrap();
        let organization = store
            .create_organization(organization("Acme"), now())
            .await
            .unwrap()
            .id;
        Self {
            folder,
            store,
            organization,
        }
    }

    async fn user(&self, email: &str, role: Role) -> User {
        self.store
            .create_user(self.organization, user(email, role), now())
            .await
            .unwrap()
    }
}

fn now() -> Timestamp {
    "2026-11-22T09:30:00Z".parse().unwrap()
}

fn later(seconds: i64) -> Timestamp {
    now().plus_micros(seconds * 1_000_000)
}

fn password() -> SecretString {
    "correct horse battery".into()
}

fn organization(name: &str) -> NewOrganization {
    NewOrganization {
        name: name.to_owned(),
        timezone: "Europe/Berlin".to_owned(),
    }
}

fn user(email: &str, role: Role) -> NewUser {
    NewUser {
        email: email.to_owned(),
        name: None,
        role,
        password: password(),
        timezone: None,
        external_id: None,
    }
}
