//! Stage 4: from what a scoped question is answered, and in which statements.

use tacho_core::time::TimeRange;

use crate::answer::ExplainedPiece;
use crate::cubes::{Family, Piece, Slot, cover, families, slots_within};
use crate::operand::Operand;
use crate::predicate::Predicate;
use crate::query::Query;
use crate::scope::Scoped;

/// How a scoped question is answered.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    scoped: Scoped<Query>,
    access: Access,
    reason: String,
    parts: Vec<Part>,
}

/// What is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// The rows themselves.
    Raw,
    /// The cells of these cubes, and rows where no cell fits or none counts them yet.
    Cells(&'static Family),
}

/// One statement of a plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// The groups, the buckets, or both.
    Rows,
    /// The groups beyond the limit together, in all or by bucket.
    Other,
    /// The measures over everything.
    Totals,
    /// The measures over everything in the range compared with.
    Previous(TimeRange),
}

/// Chooses how to answer: from cells wherever they give the same answer.
pub fn plan(scoped: Scoped<Query>) -> Plan {
    let (access, reason) = choose(&scoped);
    Plan {
        access,
        reason,
        ..plan_raw(scoped)
    }
}

/// The first family whose cells tell everything apart that the question and its scope do, and cover a part of the range;
/// and in a sentence, why it was chosen or why none was.
fn choose(scoped: &Scoped<Query>) -> (Access, String) {
    let record_type = scoped.question().source.record_type;
    let mut reasons = Vec::new();
    for family in families(record_type) {
        match why_not(scoped, family) {
            None => {
                let told_apart = family.dimensions.join(", ");
                return (
                    Access::Cells(family),
                    format!("Sums by {told_apart} are kept and give the same answer."),
                );
            }
            Some(reason) => reasons.push(format!("{}: {reason}", family.name)),
        }
    }
    match reasons.is_empty() {
        true => (
            Access::Raw,
            format!("No sums are kept of {}.", scoped.question().source.name),
        ),
        false => (Access::Raw, format!("No rollup serves. {}", reasons.join("; "))),
    }
}

fn why_not(scoped: &Scoped<Query>, family: &'static Family) -> Option<String> {
    let query = scoped.question();
    let is_told_apart = |operand: &Operand| match operand {
        Operand::Column(column) => family.dimensions.contains(column),
        Operand::Workflow(_) => family.dimensions.contains(&"workflow_id"),
        Operand::Local(..) => true,
        Operand::Tag(_) => false,
    };
    let not_told_apart = |predicate: &Predicate| {
        let mut missing = None;
        predicate.visit_operands(&mut |operand| {
            if !is_told_apart(operand) {
                missing = Some(operand.reads());
            }
        });
        missing
    };
    if let Some(measure) = query.measures.iter().find(|measure| !family.has(measure)) {
        return Some(format!("{} cannot be worked out from sums", measure.name));
    }
    if let Some(dimension) = query
        .dimensions
        .iter()
        .find(|dimension| !is_told_apart(&dimension.operand))
    {
        return Some(format!("it does not tell {} apart", dimension.name));
    }
    if let Some(column) = not_told_apart(&query.filter) {
        return Some(format!("a filter needs {column}"));
    }
    if let Some(column) = not_told_apart(&scoped.visible().rule(family.record_type.spec())) {
        return Some(format!("what its asker may see depends on {column}"));
    }
    let pieces = pieces(query, family, query.range, true);
    match pieces.iter().any(|piece| piece.slot.is_some()) {
        true => None,
        false => Some("no slot of it lies in the range and in one bucket".to_owned()),
    }
}

fn pieces(query: &Query, family: &Family, range: TimeRange, with_buckets: bool) -> Vec<Piece> {
    let mut slots: Vec<Slot> = match query.series.as_ref().filter(|_| with_buckets) {
        Some(series) => slots_within(&series.buckets, family.slots),
        None => family.slots.to_vec(),
    };
    let mut keep = |operand: &Operand| {
        if let Operand::Local(_, calendar) = operand {
            slots.retain(|slot| slot.lies_in_one_hour(calendar));
        }
    };
    query
        .dimensions
        .iter()
        .for_each(|dimension| keep(&dimension.operand));
    query.filter.visit_operands(&mut keep);
    cover(range, &slots)
}

/// Answers from the rows themselves, whatever cells there are.
pub fn plan_raw(scoped: Scoped<Query>) -> Plan {
    let query = scoped.question();
    let mut parts = Vec::new();
    // Without groups and buckets, the one row is the totals.
    if query.series.is_some() || !query.dimensions.is_empty() {
        parts.push(Part::Rows);
    }
    if query.with_other {
        parts.push(Part::Other);
    }
    parts.push(Part::Totals);
    parts.extend(query.previous.map(Part::Previous));
    Plan {
        scoped,
        access: Access::Raw,
        reason: "Rollups are not used.".to_owned(),
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

    /// Why that is read, in a sentence.
    pub fn reason(&self) -> &str {
        &self.reason
    }

    /// What the rows or the buckets are read from, in order of time.
    pub fn explained(&self) -> Vec<ExplainedPiece> {
        let query = self.query();
        let rows = query.source.record_type.as_str();
        let pieces = match self.access {
            Access::Raw => cover(query.range, &[]),
            Access::Cells(family) => pieces(query, family, query.range, true),
        };
        let explained = pieces.into_iter().map(|piece| ExplainedPiece {
            read: match (self.access, piece.slot) {
                (Access::Cells(family), Some(slot)) => family.table(slot),
                _ => rows.to_owned(),
            },
            from: piece.range.start,
            to: piece.range.end,
        });
        explained.collect()
    }

    /// What makes up a range: cells and rows. With buckets, no cell lies in two of them.
    pub(crate) fn pieces(&self, family: &Family, range: TimeRange, with_buckets: bool) -> Vec<Piece> {
        pieces(self.query(), family, range, with_buckets)
    }

    /// The statements, in the order in which they are sent and answered.
    pub fn parts(&self) -> &[Part] {
        &self.parts
    }
}
