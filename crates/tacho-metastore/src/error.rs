//! What can go wrong in the metastore.

/// Result of a metastore function.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What went wrong. Everything but `Database`, `Migration` and `Background` is the caller's to mend, and says how.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The database refused or is unreachable.
    #[error("the metastore did not answer")]
    Database(#[from] sqlx::Error),
    /// The schema could not be brought up to date.
    #[error("the metastore's schema could not be brought up to date")]
    Migration(#[from] sqlx::migrate::MigrateError),
    /// A column holds what this version can't read; a newer Tacho may have written it.
    #[error("the metastore holds a value in {column} that this version can't read")]
    Unreadable {
        /// The column.
        column: &'static str,
    },
    /// Password hashing or the random source failed.
    #[error("a background task of the metastore failed: {0}")]
    Background(String),
    /// Nothing has that id or name (in that organization).
    #[error("there is no such {0}")]
    NotFound(&'static str),
    /// Another one has that name, address or id already.
    #[error("this {what} is taken; choose another")]
    Taken {
        /// What is taken: "name", "email", "external_id".
        what: &'static str,
    },
    /// A value breaks a rule of its field.
    #[error("{message}")]
    Invalid {
        /// The field, as it is named on the wire.
        field: &'static str,
        /// A sentence that says what to send instead.
        message: String,
    },
    /// There are as many already as there may be.
    #[error("{max} {what} are waiting already; wait for one, or cancel one")]
    TooMany {
        /// Of what.
        what: &'static str,
        /// How many there may be.
        max: u32,
    },
    /// The change would leave the organization without an active owner.
    #[error("this is the organization's last owner; make somebody else an owner first")]
    LastOwner,
    /// The set-up link is unknown, used or expired.
    #[error("the set-up link is used or expired; restart Tacho to get a new one")]
    SetupLinkInvalid,
    /// Somebody has been set up already.
    #[error("Tacho is set up already; sign in instead")]
    AlreadySetUp,
    /// The dead letter has been replayed or discarded already.
    #[error("this dead letter is settled: it was replayed or discarded")]
    Settled,
}

impl Error {
    pub(crate) fn invalid(field: &'static str, message: impl Into<String>) -> Self {
        Error::Invalid {
            field,
            message: message.into(),
        }
    }

    /// Turns the violation of a unique constraint into [`Error::Taken`] and leaves the rest.
    pub(crate) fn taken(what: &'static str) -> impl FnOnce(sqlx::Error) -> Error {
        move |error| match &error {
            sqlx::Error::Database(inner) if inner.is_unique_violation() => Error::Taken { what },
            _ => Error::Database(error),
        }
    }

    /// Whether this is a fault of the machine and not of the caller.
    pub fn is_internal(&self) -> bool {
        matches!(
            self,
            Error::Database(_) | Error::Migration(_) | Error::Unreadable { .. } | Error::Background(_)
        )
    }
}
