//! Ids of the metastore: version 7, so that they sort by the time that the caller passed in.

use std::sync::Mutex;

use tacho_core::Timestamp;
use uuid::{ContextV7, Uuid};

/// Orders ids made within the same millisecond.
static CONTEXT: Mutex<ContextV7> = Mutex::new(ContextV7::new());

/// A new id. Of two ids made by this process with times that do not go backwards, the later sorts after the earlier.
pub(crate) fn new_id(now: Timestamp) -> Uuid {
    let micros = now.as_micros().max(0).unsigned_abs();
    let nanos = u32::try_from(micros % 1_000_000 * 1000).unwrap_or(0);
    Uuid::new_v7(uuid::Timestamp::from_unix(&CONTEXT, micros / 1_000_000, nanos))
}

/// An id of the metastore as a type of its own.
macro_rules! uuid_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub uuid::Uuid);

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }

        impl std::str::FromStr for $name {
            type Err = uuid::Error;
            fn from_str(text: &str) -> std::result::Result<Self, Self::Err> {
                uuid::Uuid::parse_str(text).map(Self)
            }
        }
    };
}
pub(crate) use uuid_id;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_of_one_instant_sort_in_the_order_in_which_they_were_made() {
        let now = Timestamp::from_millis(1_800_000_000_123);
        let ids: Vec<_> = (0..5000).map(|_| new_id(now).to_string()).collect();
        assert!(ids.is_sorted());
        assert!(new_id(now.plus_micros(1000)).to_string() > ids[4999]);
    }
}
