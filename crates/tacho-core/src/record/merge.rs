//! Merging: how several records about the same thing become one row (DESIGN section 2, "Identity and merging").
//!
//! A row is a join-semilattice: [`Row::join`] is commutative, associative and idempotent, field by field. So any order,
//! split and repetition of the same records gives the same row, and a store may be rebuilt from the journal at will.
//!
//! A field's state is (rank, value, conflict). The greater rank wins with everything it carries. At equal rank the
//! greater value wins, and differing values leave a conflict behind. Fields that are the earliest or greatest of what
//! was ever said need no rank.
//!
//! What Tacho inferred is the status until a sender says that the thing has ended; beside the status it only fills what no
//! sender has said, and nothing of it is left once one has. So what it says never hides what it must give way to, and the
//! order does not matter.

use super::codec::{DecodeError, Reader, put_varint, put_zigzag};
use super::field::{FieldKind, MergeRule};
use super::{Identity, Record, RecordType, Value};
use crate::time::Timestamp;

/// How final what a record says is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum RankClass {
    /// The thing has not ended, or is of a type that does not end.
    Open = 0,
    /// Tacho concluded that it ended.
    Inferred = 1,
    /// A sender says that it ended.
    Terminal = 2,
}

/// Decides between differing values: the greater one wins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Rank {
    /// First how final it is,
    pub class: RankClass,
    /// then how recent,
    pub updated_at: Timestamp,
    /// then how far along: the position of an open status, so that queued and running at one instant do not conflict.
    pub phase: u8,
}

impl Rank {
    const NONE: Rank = Rank {
        class: RankClass::Open,
        updated_at: Timestamp::from_micros(i64::MIN),
        phase: 0,
    };

    /// The rank of what a record says.
    pub fn of(record: &Record) -> Rank {
        let (class, phase) = match &record.record_type.spec().lifecycle {
            None => (RankClass::Open, 0),
            Some(lifecycle) => {
                let open_count = lifecycle.open.len() as u8;
                let status = record
                    .get(lifecycle.status)
                    .and_then(Value::as_keyword)
                    .unwrap_or(0);
                match status {
                    status if status < open_count => (RankClass::Open, status),
                    _ if record.is_inferred => (RankClass::Inferred, open_count),
                    _ => (RankClass::Terminal, open_count),
                }
            }
        };
        Rank {
            class,
            updated_at: record.updated_at,
            phase,
        }
    }

    /// As one number for the store: class in the high half, phase in the low one.
    pub fn class_and_phase(self) -> u8 {
        (self.class as u8) << 4 | self.phase
    }

    /// From what the store holds. `None` for a number that [`Rank::class_and_phase`] never gives.
    pub fn from_stored(class_and_phase: u8, updated_at: Timestamp) -> Option<Rank> {
        let class = match class_and_phase >> 4 {
            0 => RankClass::Open,
            1 => RankClass::Inferred,
            2 => RankClass::Terminal,
            _ => return None,
        };
        Some(Rank {
            class,
            updated_at,
            phase: class_and_phase & 0x0f,
        })
    }
}

/// The merged state of one field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cell {
    /// Position of the field in its type.
    pub field: u8,
    /// Whether equally ranked records gave differing values.
    pub is_conflicting: bool,
    /// The rank of the record that gave the value. Not kept for fields that merge without one.
    rank: Rank,
    /// The value.
    pub value: Value,
}

/// Everything that is known about one thing: the join of its records.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Its type.
    pub record_type: RecordType,
    /// Its id.
    pub id: Box<str>,
    /// Which try.
    pub attempt: u32,
    /// The greatest rank of its records.
    pub rank: Rank,
    /// The fields that are known, by ascending position.
    pub cells: Vec<Cell>,
}

impl From<Record> for Row {
    fn from(record: Record) -> Self {
        let rank = Rank::of(&record);
        let specs = record.record_type.spec().fields;
        let cells = record
            .fields
            .into_iter()
            .map(|(field, value)| {
                let rank = match specs[field as usize].merge {
                    MergeRule::ByRank => rank,
                    MergeRule::Earliest | MergeRule::Greatest => Rank::NONE,
                };
                Cell {
                    field,
                    is_conflicting: false,
                    rank,
                    value,
                }
            })
            .collect();
        Row {
            record_type: record.record_type,
            id: record.id,
            attempt: record.attempt,
            rank,
            cells,
        }
    }
}

impl Row {
    /// What makes it this thing.
    pub fn identity(&self) -> Identity<'_> {
        Identity {
            record_type: self.record_type,
            id: &self.id,
            attempt: self.attempt,
        }
    }

    /// The value of a field, by its position.
    pub fn at(&self, position: u8) -> Option<&Value> {
        let index = self
            .cells
            .binary_search_by_key(&position, |cell| cell.field)
            .ok()?;
        self.cells.get(index).map(|cell| &cell.value)
    }

    /// The value of a field, by its name.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.record_type
            .spec()
            .field(name)
            .and_then(|(position, _)| self.at(position))
    }

    /// Whether the thing has not ended yet.
    pub fn is_open(&self) -> bool {
        self.record_type.spec().lifecycle.is_some() && self.rank.class == RankClass::Open
    }

    /// The fields with a conflict, a bit per position.
    pub fn conflicts(&self) -> u64 {
        self.cells
            .iter()
            .filter(|cell| cell.is_conflicting)
            .fold(0, |bits, cell| bits | 1 << cell.field)
    }

    /// Joins what another row knows about the same thing into this one. Returns whether that changed anything.
    pub fn join(&mut self, other: Row) -> bool {
        debug_assert_eq!(
            self.identity(),
            other.identity(),
            "only rows of one thing can be joined"
        );
        let spec = self.record_type.spec();
        let specs = spec.fields;
        let mut is_changed = other.rank > self.rank;
        self.rank = self.rank.max(other.rank);
        let class = self.rank.class;
        let keeps = |cell: &Cell| class != RankClass::Terminal || cell.rank.class != RankClass::Inferred;
        // Only where something inferred is kept does it matter which field is the status.
        let lifecycle = spec.lifecycle.as_ref().filter(|_| class == RankClass::Inferred);
        let status = lifecycle.map(|lifecycle| spec.position(lifecycle.status));
        let mut joined = Vec::with_capacity(self.cells.len().max(other.cells.len()));
        let mut mine = std::mem::take(&mut self.cells)
            .into_iter()
            .filter(keeps)
            .peekable();
        for theirs in other.cells.into_iter().filter(keeps) {
            while let Some(cell) = mine.next_if(|cell| cell.field < theirs.field) {
                joined.push(cell);
            }
            match mine.next_if(|cell| cell.field == theirs.field) {
                Some(mut cell) => {
                    let is_status = status == Some(theirs.field);
                    is_changed |= cell.join(specs[theirs.field as usize].merge, theirs, is_status);
                    joined.push(cell);
                }
                None => {
                    is_changed = true;
                    joined.push(theirs);
                }
            }
        }
        joined.extend(mine);
        self.cells = joined;
        is_changed
    }

    /// What the store must keep beside the values so that the row can go on merging: the ranks of cells that differ from
    /// the row's own. `None` in the common case, where one record said everything.
    pub fn cell_ranks(&self) -> Option<Vec<u8>> {
        let specs = self.record_type.spec().fields;
        let mut bytes = Vec::new();
        let mut done = 0u64;
        for cell in &self.cells {
            if specs[cell.field as usize].merge != MergeRule::ByRank
                || cell.rank == self.rank
                || done >> cell.field & 1 == 1
            {
                continue;
            }
            let bits = self
                .cells
                .iter()
                .filter(|other| {
                    specs[other.field as usize].merge == MergeRule::ByRank && other.rank == cell.rank
                })
                .fold(0u64, |bits, other| bits | 1 << other.field);
            done |= bits;
            bytes.push(cell.rank.class_and_phase());
            put_zigzag(&mut bytes, cell.rank.updated_at.as_micros());
            put_varint(&mut bytes, bits);
        }
        (!bytes.is_empty()).then_some(bytes)
    }

    /// Makes a row again from what the store keeps of it.
    ///
    /// # Errors
    /// If `cell_ranks` is not what [`Row::cell_ranks`] wrote.
    pub fn from_stored(
        identity: Identity<'_>,
        rank: Rank,
        values: impl IntoIterator<Item = (u8, Value)>,
        cell_ranks: Option<&[u8]>,
        conflicts: u64,
    ) -> Result<Row, DecodeError> {
        let specs = identity.record_type.spec().fields;
        let mut cells: Vec<Cell> = values
            .into_iter()
            .map(|(field, value)| Cell {
                field,
                is_conflicting: conflicts >> field & 1 == 1,
                rank: if specs[field as usize].merge == MergeRule::ByRank {
                    rank
                } else {
                    Rank::NONE
                },
                value,
            })
            .collect();
        let mut reader = Reader::new(cell_ranks.unwrap_or_default());
        while !reader.is_empty() {
            let class_and_phase = reader.byte()?;
            let updated_at = Timestamp::from_micros(reader.zigzag()?);
            let cell_rank =
                Rank::from_stored(class_and_phase, updated_at).ok_or(DecodeError::Malformed("rank"))?;
            let bits = reader.varint()?;
            for cell in cells.iter_mut().filter(|cell| bits >> cell.field & 1 == 1) {
                cell.rank = cell_rank;
            }
        }
        Ok(Row {
            record_type: identity.record_type,
            id: identity.id.into(),
            attempt: identity.attempt,
            rank,
            cells,
        })
    }

    /// The names of the fields with a conflict.
    pub fn conflict_names(record_type: RecordType, conflicts: u64) -> Vec<&'static str> {
        let fields = record_type.spec().fields;
        fields
            .iter()
            .enumerate()
            .filter(|(at, _)| conflicts >> at & 1 == 1)
            .map(|(_, field)| field.name)
            .collect()
    }

    /// The word of a keyword field.
    pub fn keyword(&self, name: &str) -> Option<&'static str> {
        let (position, spec) = self.record_type.spec().field(name)?;
        let FieldKind::Keyword(words) = spec.kind else {
            return None;
        };
        self.at(position)
            .and_then(Value::as_keyword)
            .and_then(|word| words.get(word as usize).copied())
    }
}

impl Cell {
    /// By what it is decided which of two values stays: first whether a sender said it, but for the status.
    fn precedence(&self, is_status: bool) -> (bool, Rank) {
        (is_status || self.rank.class != RankClass::Inferred, self.rank)
    }

    /// Joins what another record says about the same field. Returns whether that changed anything.
    fn join(&mut self, rule: MergeRule, other: Cell, is_status: bool) -> bool {
        let is_replaced = match rule {
            MergeRule::Earliest => other.value < self.value,
            MergeRule::Greatest => other.value > self.value,
            MergeRule::ByRank if other.rank == self.rank => {
                let was_conflicting = self.is_conflicting;
                let is_conflicting = was_conflicting || other.is_conflicting || self.value != other.value;
                let is_greater = other.value > self.value;
                if is_greater {
                    self.value = other.value;
                }
                self.is_conflicting = is_conflicting;
                return is_greater || is_conflicting != was_conflicting;
            }
            MergeRule::ByRank => other.precedence(is_status) > self.precedence(is_status),
        };
        if is_replaced {
            *self = other;
        }
        is_replaced
    }
}

#[cfg(test)]
mod tests;
