//! Stage 4: from what a scoped question is answered.

use std::sync::Arc;

use tacho_core::time::{TimeRange, Timestamp};

use crate::answer::{ExplainedPiece, Reading};
use crate::cubes::{Family, families, is_recounted};
use crate::holdings::Holdings;
use crate::model::derived::AskedMeasure;
use crate::model::{Aggregate, Values};
use crate::operand::Operand;
use crate::predicate::Predicate;
use crate::query::{Query, Series};
use crate::scope::Scoped;
use crate::slots::{Piece, cover, same_clock};

/// Rows up to which a question is answered from the rows themselves, whatever it asks. Reading so many takes a few
/// milliseconds, which is what an engine takes to plan a question of cells.
pub const EXACT_ROWS_MAX: u64 = 250_000;

/// How a scoped question is answered.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    scoped: Scoped<Query>,
    holdings: Arc<Holdings>,
    exact_rows_max: u64,
    lots: Vec<Lot>,
}

/// Measures that are worked out together, from one reading.
#[derive(Clone, Debug, PartialEq)]
pub struct Lot {
    /// In which way.
    pub method: Method,
    /// What is read.
    pub access: Access,
    /// Their positions in the question.
    pub measures: Vec<usize>,
    /// Why that is read, in a sentence.
    pub reason: String,
}

/// The way in which measures are worked out.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Method {
    /// By counting, adding up, and taking the least or greatest: what makes one of two halves.
    Sums,
    /// By putting the values of a column in order, or the bins in which they lie.
    Order(Values),
    /// By telling the values of a column apart.
    Set(&'static str),
}

/// What is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// The rows themselves.
    Raw,
    /// The cells of these cubes, and rows where no cell fits or none counts them yet.
    Cells(&'static Family),
}

/// Chooses how to answer: of more than about `exact_rows_max` rows from cells wherever they give the same answer, and
/// for quantiles one within the error of [bins](crate::bins).
pub fn plan(scoped: Scoped<Query>, holdings: &Arc<Holdings>, exact_rows_max: u64) -> Plan {
    if rows_of(scoped.question(), holdings) <= exact_rows_max {
        let reason = format!("Up to {exact_rows_max} rows, the rows themselves are read.");
        return from_rows(scoped, holdings, &reason);
    }
    let mut chooser = Chooser {
        scoped: &scoped,
        holdings,
        exact_rows_max,
        lots: Vec::new(),
    };
    chooser.choose();
    let lots = chooser.lots;
    Plan {
        scoped,
        holdings: holdings.clone(),
        exact_rows_max,
        lots,
    }
}

/// Answers from the rows themselves, whatever cells there are.
pub fn plan_raw(scoped: Scoped<Query>, holdings: &Arc<Holdings>) -> Plan {
    from_rows(scoped, holdings, "Rollups are not used.")
}

fn from_rows(scoped: Scoped<Query>, holdings: &Arc<Holdings>, reason: &str) -> Plan {
    let lots = by_method(&scoped.question().measures).into_iter();
    let lots = lots.map(|(method, measures)| Lot {
        method,
        access: Access::Raw,
        measures,
        reason: reason.to_owned(),
    });
    Plan {
        lots: lots.collect(),
        scoped,
        holdings: holdings.clone(),
        exact_rows_max: u64::MAX,
    }
}

/// About how many rows a question is about, with those of the range compared with.
fn rows_of(query: &Query, holdings: &Holdings) -> u64 {
    let rows_in = |range| holdings.rows_in(query.source.record_type, range);
    let before = query.previous.as_ref();
    rows_in(query.range) + before.map_or(0, |previous| rows_in(previous.range))
}

/// The positions of measures by the way in which they are worked out: [`Method::Sums`] first, even if there are none.
fn by_method(measures: &[AskedMeasure]) -> Vec<(Method, Vec<usize>)> {
    let mut found = vec![(Method::Sums, Vec::new())];
    for (at, measure) in measures.iter().enumerate() {
        let method = match measure.aggregate {
            Aggregate::Quantile(values, _) => Method::Order(values),
            Aggregate::Distinct(column) => Method::Set(column),
            _ => Method::Sums,
        };
        match found.iter_mut().find(|(other, _)| *other == method) {
            Some((_, positions)) => positions.push(at),
            None => found.push((method, vec![at])),
        }
    }
    found
}

struct Chooser<'a> {
    scoped: &'a Scoped<Query>,
    holdings: &'a Holdings,
    exact_rows_max: u64,
    lots: Vec<Lot>,
}

impl Chooser<'_> {
    fn query(&self) -> &Query {
        self.scoped.question()
    }

    fn choose(&mut self) {
        for (method, positions) in by_method(&self.query().measures) {
            let (access, reason) = match (method, self.access(&positions)) {
                (Method::Order(_), (Access::Cells(family), _))
                    if rows_of(self.query(), self.holdings) <= self.exact_up_to(family) =>
                {
                    let reason = format!(
                        "Up to {} rows, values are put in order themselves.",
                        self.exact_up_to(family)
                    );
                    (Access::Raw, reason)
                }
                (_, found) => found,
            };
            if access != Access::Raw || positions.len() < 2 || method != Method::Sums {
                self.push(method, access, positions, reason);
                continue;
            }
            // Cells may have some of them. The others are read apart, which is worth it: rows are read for them only.
            let (some, others): (Vec<usize>, Vec<usize>) = positions
                .iter()
                .partition(|at| self.access(&[**at]).0 != Access::Raw);
            match self.access(&some) {
                (Access::Cells(family), of_some) if !some.is_empty() => {
                    self.push(method, Access::Cells(family), some, of_some);
                    self.push(method, Access::Raw, others, reason);
                }
                _ => self.push(method, Access::Raw, positions, reason),
            }
        }
        // Cells that would count the rows only are not worth planning for.
        let (first, others) = (&self.lots[0], &self.lots[1..]);
        if first.measures.is_empty() && others.iter().all(|lot| lot.access == Access::Raw) {
            self.lots[0].access = Access::Raw;
            self.lots[0].reason = "Only the rows themselves are read.".to_owned();
        }
    }

    fn push(&mut self, method: Method, access: Access, measures: Vec<usize>, reason: String) {
        self.lots.push(Lot {
            method,
            access,
            measures,
            reason,
        });
    }

    /// Up to how many rows quantiles are worked out from the values themselves, if the family could serve.
    fn exact_up_to(&self, family: &Family) -> u64 {
        self.exact_rows_max.saturating_mul(family.pays_above)
    }

    /// The first family whose cells tell everything apart that the measures, the question and its scope do, and cover a
    /// part of the range; and in a sentence, why it was chosen or why none was.
    fn access(&self, measures: &[usize]) -> (Access, String) {
        let record_type = self.query().source.record_type;
        let mut reasons = Vec::new();
        for family in families(record_type) {
            match self.why_not(family, measures) {
                None => {
                    let told_apart = family.dimensions.join(", ");
                    let reason = format!("Rollups by {told_apart} are kept and serve.");
                    return (Access::Cells(family), reason);
                }
                Some(reason) => reasons.push(format!("{}: {reason}", family.name)),
            }
        }
        (Access::Raw, format!("No rollup serves. {}.", reasons.join("; ")))
    }

    fn why_not(&self, family: &'static Family, measures: &[usize]) -> Option<String> {
        let query = self.query();
        let is_told_apart = |operand: &Operand| match operand {
            Operand::Column(column) => family.dimensions.contains(column),
            Operand::Workflow(_) => family.dimensions.contains(&"workflow_id"),
            Operand::Local(..) => true,
            Operand::Tag(_) | Operand::LogBucket(_) => false,
        };
        let mut missing = None;
        let mut note = |predicate: &Predicate, has_lone_users: bool| {
            predicate.visit_operands(&mut |operand| {
                let is_lone_user = has_lone_users && *operand == Operand::Column("user_id");
                if !is_told_apart(operand) && !is_lone_user {
                    missing = Some(operand.reads());
                }
            });
            missing
        };
        let mut measures = measures.iter().map(|at| &query.measures[*at]);
        if let Some(measure) = measures.find(|measure| !family.has(measure)) {
            return Some(format!("{} cannot be worked out from it", measure.name));
        }
        if let Some(dimension) = query
            .dimensions
            .iter()
            .find(|dimension| !is_told_apart(&dimension.operand))
        {
            return Some(format!("it does not tell {} apart", dimension.name));
        }
        if let Some(column) = note(&query.filter, false) {
            return Some(format!("a filter needs {column}"));
        }
        let rule = self.scoped.visible().rule(family.record_type.spec());
        if let Some(column) = note(&rule, family.has_lone_users()) {
            return Some(format!("what its asker may see depends on {column}"));
        }
        let pieces = pieces(
            query,
            family,
            query.range,
            query.series.as_ref(),
            self.holdings,
            self.exact_rows_max,
        );
        match pieces.iter().any(|piece| piece.slot.is_some()) {
            true => None,
            false => Some("no slot of it lies in the range and in one bucket".to_owned()),
        }
    }
}

/// What makes up a range: cells and rows. No cell lies in two groups or two buckets of the range's series.
fn pieces(
    query: &Query,
    family: &Family,
    range: TimeRange,
    series: Option<&Series>,
    holdings: &Holdings,
    exact_rows_max: u64,
) -> Vec<Piece> {
    let mut slots = family.slots.to_vec();
    if let Some(series) = series {
        let same_clock = same_clock(range, &holdings.zone, &query.zone);
        slots.retain(|slot| slot.lies_in_one_bucket(&series.buckets, same_clock));
    }
    let mut keep = |operand: &Operand| slots.retain(|slot| slot.tells(operand));
    query
        .dimensions
        .iter()
        .for_each(|dimension| keep(&dimension.operand));
    query.filter.visit_operands(&mut keep);
    let mut pieces = cover(range, &slots, &holdings.zone, holdings.quarter_hours_since);
    let finest = slots.last().copied().filter(|slot| slot.is_local());
    let Some(slot) = finest.filter(|_| !is_recounted(family.record_type)) else {
        return pieces;
    };
    // Of most of a day, it is the rest that is read and taken off: what came since the end of the range, mostly.
    let rows_in = |range| holdings.rows_about(family.record_type, range);
    for piece in pieces.iter_mut().filter(|piece| piece.slot.is_none()) {
        let rows = rows_in(piece.range);
        if rows > exact_rows_max
            && let Some(whole) = piece.in_slots(slot, &holdings.zone, &query.zone)
            && whole.beyond().map(rows_in).sum::<u64>() < rows
        {
            *piece = whole;
        }
    }
    pieces
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

    /// What is known of the store.
    pub fn holdings(&self) -> &Holdings {
        &self.holdings
    }

    /// The lots of measures. The first is one of [`Method::Sums`], even if it has no measure: it counts the rows.
    pub fn lots(&self) -> &[Lot] {
        &self.lots
    }

    /// Whether cells are read.
    pub fn reads_cells(&self) -> bool {
        self.lots.iter().any(|lot| lot.access != Access::Raw)
    }

    /// Whether an answer is within the error of bins only.
    pub fn has_bins(&self) -> bool {
        let mut lots = self.lots.iter();
        lots.any(|lot| matches!((lot.method, lot.access), (Method::Order(_), Access::Cells(_))))
    }

    /// About how many rows are read one by one.
    pub fn rows_read_max(&self) -> u64 {
        let raw = self.lots.iter().filter(|lot| lot.access == Access::Raw).count() as u64;
        raw * rows_of(self.query(), &self.holdings)
    }

    /// What is read for which measures, and why.
    pub fn explained(&self) -> Vec<Reading> {
        let query = self.query();
        let rows = query.source.record_type.as_str();
        let readings = self.lots.iter().map(|lot| {
            let pieces = match lot.access {
                Access::Raw => cover(query.range, &[], &self.holdings.zone, Timestamp::MIN),
                Access::Cells(family) => self.pieces(family, query.range, query.series.as_ref()),
            };
            let pieces = pieces.into_iter().map(|piece| ExplainedPiece {
                read: match (lot.access, piece.slot) {
                    (Access::Cells(family), Some(slot)) => family.table(slot),
                    _ => rows.to_owned(),
                },
                from: piece.range.start,
                to: piece.range.end,
            });
            let measures = lot
                .measures
                .iter()
                .map(|at| query.measures[*at].asked_name().into_owned());
            Reading {
                measures: measures.collect(),
                reason: lot.reason.clone(),
                pieces: pieces.collect(),
            }
        });
        readings.collect()
    }

    /// What makes up a range: cells and rows. No cell lies in two groups or two buckets of the range's series.
    pub(crate) fn pieces(&self, family: &Family, range: TimeRange, series: Option<&Series>) -> Vec<Piece> {
        pieces(
            self.query(),
            family,
            range,
            series,
            &self.holdings,
            self.exact_rows_max,
        )
    }
}
