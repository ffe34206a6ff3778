//! The words of Tacho: ids, records and how they merge, time, money, scope.
//!
//! Everything here is pure: no I/O, no clock, no randomness. Time comes in as an argument. Nothing here may know of
//! HTTP, SQL or files; those who do know depend on this crate and translate at their edge.

pub mod fault;
pub mod id;
pub mod money;
pub mod period;
pub mod record;
pub mod role;
pub mod schedule;
pub mod scope;
pub mod time;

pub use id::{OrganizationId, UserId};
pub use record::{Record, RecordType};
pub use role::{Permission, Role};
pub use schedule::Schedule;
pub use scope::Scope;
pub use time::{TimeRange, Timestamp};
