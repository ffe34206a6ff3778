//! Stage 4: from what a scoped question is answered, and in which statements.

use tacho_core::time::TimeRange;

use crate::query::Query;
use crate::scope::Scoped;

/// How a scoped question is answered.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    scoped: Scoped<Query>,
    access: Access,
    parts: Vec<Part>,
}

/// What is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// The rows themselves. (Cubes will stand beside it.)
    Raw,
}

/// One statement of a plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// The groups, the buckets, or both.
    Rows,
    /// The measures over everything.
    Totals,
    /// The measures over everything in the range compared with.
    Previous(TimeRange),
}

/// Chooses how to answer.
pub fn plan(scoped: Scoped<Query>) -> Plan {
    let query = scoped.question();
    let mut parts = Vec::new();
    // Without groups and buckets, the one row is the totals.
    if query.series.is_some() || !query.dimensions.is_empty() {
        parts.push(Part::Rows);
    }
    parts.push(Part::Totals);
    parts.extend(query.previous.map(Part::Previous));
    Plan {
        scoped,
        access: Access::Raw,
        parts,
    }
}

impl Plan {
    /// The question and what its asker may see.
    pub fn scoped(&self) -> &Scoped<Query> {
        &self.scoped
    }

    /// The question.
    pub fn query(&self) -> &Query {
        self.scoped.question()
    }

    /// What is read.
    pub fn access(&self) -> Access {
        self.access
    }

    /// The statements, in the order in which they are sent and answered.
    pub fn parts(&self) -> &[Part] {
        &self.parts
    }
}
