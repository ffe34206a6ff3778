//! The metastore: people and configuration. Organizations, users, sessions, API keys, the set-up link, cost rates, preferences,
//! dead letters, detections, exports and the audit log, in one SQLite file that the server and the command line use at the same time.
//!
//! Records never come here; they live in the journal and the store. No clock is read here either: every function that
//! depends on the time takes it. Secrets (passwords, tokens, keys) leave this crate once, when they are made, and are
//! kept only as hashes.
//!
//! Every function answers [`Error`]; [`Error::Database`] and [`Error::Background`] are faults of the machine, all others
//! something that the caller can mend. Functions that change more than one row do so in one transaction.

mod api_keys;
mod audit;
mod column;
mod copy;
mod cost_rates;
mod dead_letters;
mod detections;
mod error;
mod exports;
mod id;
mod metastore;
mod organizations;
mod password;
mod preferences;
mod sessions;
mod setup;
mod token;
mod users;

pub use api_keys::{ApiKey, ApiKeyId, KeyOwner, KeyScope, KeyScopes, NewApiKey};
pub use audit::{
    AUDIT_ENTRY_SPAN, AuditEntry, AuditEntryId, AuditFilter, AuditPage, AuditQuestion, DataAccess,
    QUESTION_BYTES_MAX,
};
pub use copy::MetastoreCopy;
pub use cost_rates::{CostRates, OwnCostRates};
pub use dead_letters::{
    DeadLetter, DeadLetterId, DeadLetterPage, DeadLetterState, DeadLetterSummary, DeadLetterTotals,
    NewDeadLetter, PAYLOAD_BYTES_MAX,
};
pub use detections::{
    DETECTIONS_PAGE_MAX, Detection, DetectionFilter, DetectionId, DetectionPage, DetectionsOf, NewDetection,
};
pub use error::{Error, Result};
pub use exports::{
    EXPORT_TASK_BYTES_MAX, EXPORTS_REMEMBERED_MAX, EXPORTS_WAITING_MAX, Export, ExportId, ExportMaker,
    ExportOutcome, ExportState,
};
pub use metastore::{Metastore, Options};
pub use organizations::{NewOrganization, Organization};
pub use password::PASSWORD_CHARS_MIN;
pub use preferences::{
    ARRANGEMENT_BYTES_MAX, PINNED_METRICS_MAX, Preferences, REFRESH_INTERVALS_SECONDS, Theme,
};
pub use sessions::{SESSION_IDLE_MAX, SESSION_LIFE_MAX, SignedIn};
pub use setup::SETUP_LINK_LIFE;
pub use token::Token;
pub use users::{NewUser, User, UserChange};
