//! What a field of a record is.

/// What a field holds, how it is sent and how it is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FieldKind {
    /// Text of at most that many bytes. Longer names and ids are refused, longer prose is cut (`cut`).
    Text {
        /// Bytes kept.
        bytes_max: usize,
        /// Whether longer text is cut instead of refused.
        cut: bool,
    },
    /// One word of a list. The position in the list is what is journalled, and decides which of two equal-ranked
    /// values is the greater: append only.
    Keyword(&'static [&'static str]),
    /// An instant: RFC 3339 on the wire, microseconds inside.
    Time,
    /// A whole number that is not negative.
    Count,
    /// A duration: milliseconds, not negative. Fractions are rounded.
    Millis,
    /// Dollars on the wire, micro-dollars inside. May be negative (a refund).
    Usd,
    /// Credits on the wire, thousandths inside. May be negative (a refund).
    Credits,
    /// Any finite number.
    Float,
    /// True or false.
    Bool,
    /// A JSON object.
    Json,
    /// A map of short strings to short strings.
    Tags,
}

impl FieldKind {
    /// The type of the column that holds it.
    pub const fn sql_type(self) -> &'static str {
        match self {
            FieldKind::Text { .. } | FieldKind::Keyword(_) | FieldKind::Json | FieldKind::Tags => "VARCHAR",
            FieldKind::Time => "TIMESTAMP",
            FieldKind::Count | FieldKind::Millis | FieldKind::Usd | FieldKind::Credits => "BIGINT",
            FieldKind::Float => "DOUBLE",
            FieldKind::Bool => "BOOLEAN",
        }
    }
}

/// How two values of the same field of the same thing become one (DESIGN section 2). Each is a join: commutative,
/// associative, idempotent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MergeRule {
    /// The value of the record with the greatest rank; with equal ranks the greater value, and a conflict.
    ByRank,
    /// The earliest instant.
    Earliest,
    /// The greatest value.
    Greatest,
}

/// A field of a record type.
#[derive(Clone, Copy, Debug)]
pub struct FieldSpec {
    /// Its name on the wire.
    pub name: &'static str,
    /// Its column in the store. Differs from the name where the unit does, or where the effective value is derived.
    pub column: &'static str,
    /// What it holds.
    pub kind: FieldKind,
    /// How it merges.
    pub merge: MergeRule,
    /// Whether a record without it is refused.
    pub required: bool,
    /// Other names under which the source documents send it.
    pub aliases: &'static [&'static str],
}

impl FieldSpec {
    pub(super) const fn new(name: &'static str, kind: FieldKind) -> Self {
        Self {
            name,
            column: name,
            kind,
            merge: MergeRule::ByRank,
            required: false,
            aliases: &[],
        }
    }

    pub(super) const fn column(mut self, column: &'static str) -> Self {
        self.column = column;
        self
    }

    pub(super) const fn required(mut self) -> Self {
        self.required = true;
        self
    }

    pub(super) const fn merged(mut self, merge: MergeRule) -> Self {
        self.merge = merge;
        self
    }

    pub(super) const fn aliases(mut self, aliases: &'static [&'static str]) -> Self {
        self.aliases = aliases;
        self
    }
}
