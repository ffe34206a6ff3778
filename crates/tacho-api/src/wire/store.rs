//! The store against the journal.

use std::collections::BTreeMap;

use serde::Serialize;
use tacho_store::StoreDigest;
use utoipa::ToSchema;

/// What a store holds, of one moment.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct Digest {
    /// Up to which position of the journal it is complete.
    pub(crate) applied_lsn: u64,
    /// Each table.
    pub(crate) tables: BTreeMap<String, TableDigest>,
}

/// What a table holds, in two numbers.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct TableDigest {
    pub(crate) rows: u64,
    /// Over all rows, whatever their order; 16 hexadecimal digits, since JSON numbers are not exact at 64 bits.
    #[schema(example = "00c0ffee00c0ffee")]
    pub(crate) checksum: String,
}

impl From<StoreDigest> for Digest {
    fn from(digest: StoreDigest) -> Self {
        let tables = digest.tables.into_iter().map(|(name, table)| {
            let checksum = format!("{:016x}", table.checksum);
            (
                name,
                TableDigest {
                    rows: table.rows,
                    checksum,
                },
            )
        });
        Self {
            applied_lsn: digest.applied_lsn,
            tables: tables.collect(),
        }
    }
}
