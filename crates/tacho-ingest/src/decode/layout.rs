//! What decoding needs to know of a type at every record, worked out once from its declaration.

use std::sync::OnceLock;

use tacho_core::record::{RecordType, TypeSpec};

use super::plausible::{self, Bounds};

/// Positions in a type's fields.
pub(super) struct Layout {
    pub(super) spec: &'static TypeSpec,
    /// Of `metadata`.
    pub(super) metadata: u8,
    /// Of `tags`.
    pub(super) tags: u8,
    /// Of fields that must be there, one bit each.
    pub(super) required: u64,
    /// Of the fields whose latest instant dates the record.
    pub(super) known_at: Vec<u8>,
    /// Of a start and the end that cannot come before it.
    pub(super) span: Option<(u8, u8)>,
    /// Of a part and the whole that it cannot exceed.
    pub(super) progress: Option<(u8, u8)>,
    /// Of numbers with bounds.
    pub(super) bounds: Vec<(u8, Bounds)>,
    /// Of the fields that identify a record without an id.
    pub(super) series: Vec<u8>,
    /// Of the instant of a record in a series.
    pub(super) timestamp: Option<u8>,
}

impl Layout {
    pub(super) fn of(record_type: RecordType) -> &'static Layout {
        static LAYOUTS: OnceLock<Vec<Layout>> = OnceLock::new();
        let layouts = LAYOUTS.get_or_init(|| RecordType::ALL.into_iter().map(Layout::new).collect());
        &layouts[record_type as usize - 1]
    }

    fn new(record_type: RecordType) -> Layout {
        let spec = record_type.spec();
        let position = |name: &str| spec.field(name).map(|(position, _)| position);
        let pair = |names: &[(&str, &str)]| {
            names
                .iter()
                .find_map(|(first, second)| Some((position(first)?, position(second)?)))
        };
        let mut required = 0;
        for (at, field) in spec.fields.iter().enumerate() {
            required |= u64::from(field.required) << at;
        }
        Layout {
            spec,
            metadata: spec.position("metadata"),
            tags: spec.position("tags"),
            required,
            known_at: spec.known_at.iter().map(|name| spec.position(name)).collect(),
            span: pair(plausible::SPANS),
            progress: pair(plausible::PARTS),
            bounds: plausible::BOUNDS
                .iter()
                .filter(|(of, ..)| *of == record_type)
                .map(|(_, name, bounds)| (spec.position(name), *bounds))
                .collect(),
            series: spec.series.iter().map(|name| spec.position(name)).collect(),
            timestamp: position("timestamp"),
        }
    }
}
