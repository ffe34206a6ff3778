//! The places.

macro_rules! points {
    ($($(#[doc = $doc:literal])* $Point:ident = $name:literal;)*) => {
        /// A place in the way of a record, of a question or of an export.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Point {
            $($(#[doc = $doc])* $Point,)*
        }

        impl Point {
            /// All of them.
            pub const ALL: &[Point] = &[$(Point::$Point),*];

            /// Its name in `TACHO_FAIL_POINT`.
            pub fn name(self) -> &'static str {
                match self {
                    $(Point::$Point => $name,)*
                }
            }

            /// Where it is.
            pub fn place(self) -> &'static str {
                match self {
                    $(Point::$Point => concat!($($doc),*).trim_ascii(),)*
                }
            }
        }
    };
}

points! {
    /// Before a stretch of positions is reserved.
    JournalReserve = "journal_reserve";
    /// Before frames are written to the active segment.
    JournalWrite = "journal_write";
    /// Frames are written and not synced.
    JournalSync = "journal_sync";
    /// Frames are synced and nobody knows yet.
    JournalSynced = "journal_synced";
    /// A new segment is made, and its folder not synced.
    JournalRotate = "journal_rotate";
    /// A sealed segment is whole under its temporary name.
    JournalSeal = "journal_seal";
    /// Everything of an active segment is sealed, and it is about to be removed.
    JournalTrim = "journal_trim";
    /// A batch is merged, and the store does not know.
    ProjectionApply = "projection_apply";
    /// The store has a batch, and the identity index does not.
    ProjectionApplied = "projection_applied";
    /// Rows and position are written and not committed. A commit may make a checkpoint.
    StoreCommit = "store_commit";
    /// Rows are counted in cells of cubes and this is not committed.
    RollupRefresh = "rollup_refresh";
    /// A transaction of the metastore has begun.
    MetastoreWrite = "metastore_write";
    /// The file of an export is begun.
    ExportWrite = "export_write";
    /// The file of an export is whole under its temporary name.
    ExportPublish = "export_publish";
}

impl std::str::FromStr for Point {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        let found = Point::ALL.iter().find(|point| point.name() == name);
        found
            .copied()
            .ok_or_else(|| format!("there is no fail point \"{name}\""))
    }
}
