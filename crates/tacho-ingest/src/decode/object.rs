//! One object of the wire: its type, its fields, its id.

use std::borrow::Cow;

use tacho_core::record::schema::ID_BYTES_MAX;
use tacho_core::record::{FieldKind, RecordType, TypeSpec, Value};
use tacho_core::{Record, Timestamp};

use super::entry::{Entry, Wire};
use super::identity::{self, IdSource};
use super::layout::Layout;
use super::rejection::{Checked, Fault, Refused, RejectionCode};
use super::shapes::{self, Shape};
use super::value::{self, Reading};
use super::{DecodeOptions, canonical, plausible, recognise, words};

/// What a name of an object means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Slot {
    Type,
    Id,
    Attempt,
    UpdatedAt,
    /// The field at that position.
    Field(u8),
    Unknown,
}

impl Slot {
    fn of(spec: &TypeSpec, name: &str) -> Slot {
        match name {
            "type" => return Slot::Type,
            "id" => return Slot::Id,
            "attempt" | "attempt_number" | "attemptNumber" => return Slot::Attempt,
            "updated_at" | "updatedAt" => return Slot::UpdatedAt,
            _ => {}
        }
        let found = spec.field_or_alias(name).or_else(|| match words::snake(name) {
            Cow::Owned(snake) => spec.field(&snake),
            Cow::Borrowed(_) => None,
        });
        found.map_or(Slot::Unknown, |(position, _)| Slot::Field(position))
    }

    /// A bit of its own, for those that may come once.
    fn bit(self) -> u128 {
        match self {
            Slot::Field(position) => 1 << position,
            Slot::Type => 1 << 64,
            Slot::Id => 1 << 65,
            Slot::Attempt => 1 << 66,
            Slot::UpdatedAt => 1 << 67,
            Slot::Unknown => 0,
        }
    }
}

/// What a type calls the field that a name means. `None` if it knows no such name.
pub(super) fn name_of_field(record_type: RecordType, name: &str) -> Option<&'static str> {
    let spec = record_type.spec();
    match Slot::of(spec, name) {
        Slot::Type => Some("type"),
        Slot::Id => Some("id"),
        Slot::Attempt => Some("attempt"),
        Slot::UpdatedAt => Some("updated_at"),
        Slot::Field(position) => Some(spec.fields[usize::from(position)].name),
        Slot::Unknown => None,
    }
}

/// A record in the making.
#[derive(Debug)]
pub(super) struct Draft<'a> {
    pub(super) record_type: RecordType,
    /// The document's shape in which it came, if that is known.
    pub(super) shape: Option<Shape>,
    pub(super) id: Option<Box<str>>,
    pub(super) attempt: u32,
    pub(super) updated_at: Option<Timestamp>,
    /// In the order in which they came.
    pub(super) fields: Vec<(u8, Value)>,
    /// Sent as metadata, with the name that it had.
    pub(super) metadata: Option<Entry<'a>>,
    /// Sent as tags.
    pub(super) tags: Option<Entry<'a>>,
    /// Names that the type does not know.
    pub(super) leftovers: Vec<Entry<'a>>,
    /// Names that no field holds but that belong to the shape: kept in metadata in strict mode too.
    pub(super) kept: Vec<Entry<'a>>,
    /// Names in metadata that became fields.
    pub(super) lifted: Vec<&'static str>,
    /// Tags that the shape adds.
    pub(super) added_tags: Vec<(&'static str, String)>,
    /// Another record that the object holds.
    pub(super) companion: Option<Box<Draft<'a>>>,
}

impl<'a> Draft<'a> {
    pub(super) fn new(record_type: RecordType, shape: Option<Shape>) -> Self {
        Self {
            record_type,
            shape,
            id: None,
            attempt: 1,
            updated_at: None,
            fields: Vec::new(),
            metadata: None,
            tags: None,
            leftovers: Vec::new(),
            kept: Vec::new(),
            lifted: Vec::new(),
            added_tags: Vec::new(),
            companion: None,
        }
    }

    /// The value of a field, by its position.
    pub(super) fn at(&self, position: u8) -> Option<&Value> {
        self.fields
            .iter()
            .find(|(at, _)| *at == position)
            .map(|(_, value)| value)
    }

    /// The integer in a field, by its position.
    pub(super) fn int_at(&self, position: u8) -> Option<i64> {
        self.at(position).and_then(Value::as_int)
    }

    /// The value of a field, by its name.
    pub(super) fn get(&self, name: &str) -> Option<&Value> {
        self.at(self.record_type.spec().position(name))
    }

    /// Gives a field a value if it has none.
    pub(super) fn set_absent(&mut self, name: &str, value: Value) {
        let position = self.record_type.spec().position(name);
        if self.at(position).is_none() {
            self.fields.push((position, value));
        }
    }

    /// Takes what came under one of these names, if the type did not know it.
    pub(super) fn take(&mut self, names: &[&str]) -> Option<Entry<'a>> {
        let at = self
            .leftovers
            .iter()
            .position(|entry| names.contains(&&*entry.key))?;
        Some(self.leftovers.remove(at))
    }
}

/// Makes records of objects.
pub(super) struct ObjectDecoder<'o> {
    options: &'o DecodeOptions<'o>,
    reading: Reading<'o>,
    /// What each type's names meant in the object before: senders repeat themselves, and comparing a name is cheaper
    /// than looking it up.
    names: [Vec<(Box<str>, Slot)>; RecordType::ALL.len()],
}

impl<'o> ObjectDecoder<'o> {
    pub(super) fn new(options: &'o DecodeOptions<'o>, cells_are_utc: bool) -> Self {
        Self {
            options,
            reading: Reading {
                received_at: options.received_at,
                limits: &options.limits,
                cells_are_utc,
            },
            names: Default::default(),
        }
    }

    /// Makes records of the entries, which it takes. Nothing is added if any of them is refused.
    pub(super) fn decode<'a>(
        &mut self,
        entries: &mut Vec<Entry<'a>>,
        ids: &mut IdSource<'_>,
        records: &mut Vec<Record>,
    ) -> Result<(), Refused> {
        let (record_type, shape) = self.type_of(entries)?;
        let before = records.len();
        self.read(record_type, shape, entries)
            .and_then(|draft| self.finish(draft, ids, records))
            .map_err(|fault| {
                records.truncate(before);
                Refused {
                    record_type: Some(record_type),
                    fault,
                }
            })
    }

    fn type_of(&self, entries: &[Entry<'_>]) -> Checked<(RecordType, Option<Shape>)> {
        if let Some(entry) = entries.iter().find(|entry| entry.key == "type") {
            let word = value::text(entry.value).map_err(|fault| fault.at("type"))?;
            return words::type_word(&word).ok_or_else(|| {
                let word: String = word.chars().take(64).collect();
                Fault::new(
                    RejectionCode::TypeUnknown,
                    format!("There is no type \"{word}\"; send one of {}.", type_names()),
                )
                .at("type")
            });
        }
        recognise::recognise(entries)
            .or(self.options.default_type.map(|record_type| (record_type, None)))
            .ok_or_else(|| {
                Fault::new(
                    RejectionCode::TypeMissing,
                    format!("Give the record a \"type\": one of {}.", type_names()),
                )
            })
    }

    fn read<'a>(
        &mut self,
        record_type: RecordType,
        shape: Option<Shape>,
        entries: &mut Vec<Entry<'a>>,
    ) -> Checked<Draft<'a>> {
        let spec = record_type.spec();
        let mut draft = Draft::new(record_type, shape);
        draft.fields.reserve_exact(entries.len() + 2);
        let mut seen = 0u128;
        for (order, entry) in entries.drain(..).enumerate() {
            let slot = self.slot(spec, order, &entry.key);
            if slot == Slot::Unknown {
                if draft.leftovers.iter().any(|other| other.key == entry.key) {
                    return Err(twice(&entry.key).at(&entry.key));
                }
                draft.leftovers.push(entry);
                continue;
            }
            if seen & slot.bit() != 0 {
                let name = match slot {
                    Slot::Field(position) => spec.fields[usize::from(position)].name,
                    _ => &entry.key,
                };
                return Err(twice(name).at(&entry.key));
            }
            seen |= slot.bit();
            self.put(&mut draft, slot, entry)?;
        }
        Ok(draft)
    }

    fn slot(&mut self, spec: &TypeSpec, order: usize, name: &str) -> Slot {
        let names = &mut self.names[spec.record_type as usize - 1];
        match names.get(order) {
            Some((known, slot)) if **known == *name => return *slot,
            _ => {}
        }
        let slot = Slot::of(spec, name);
        // A name that is no field may be of any length and any number: not worth keeping.
        if slot != Slot::Unknown && order <= names.len() {
            let remembered = (name.into(), slot);
            match names.get_mut(order) {
                Some(place) => *place = remembered,
                None => names.push(remembered),
            }
        }
        slot
    }

    fn put<'a>(&self, draft: &mut Draft<'a>, slot: Slot, entry: Entry<'a>) -> Checked<()> {
        let at = |fault: Box<Fault>| fault.at(&entry.key);
        match slot {
            Slot::Type | Slot::Unknown => {}
            Slot::Id => {
                draft.id = value::id(entry.value, ID_BYTES_MAX)
                    .map_err(at)?
                    .map(|id| id.into())
            }
            Slot::Attempt => draft.attempt = value::attempt(entry.value).map_err(at)?,
            Slot::UpdatedAt => draft.updated_at = Some(value::time(entry.value, self.reading).map_err(at)?),
            Slot::Field(position) => {
                let field = &draft.record_type.spec().fields[usize::from(position)];
                match field.kind {
                    FieldKind::Tags => draft.tags = Some(entry),
                    FieldKind::Json if field.name == "metadata" => draft.metadata = Some(entry),
                    _ => {
                        if let Some(value) =
                            value::read(draft.record_type, field, entry.value, self.reading).map_err(at)?
                        {
                            draft.fields.push((position, value));
                        }
                    }
                }
            }
        }
        Ok(())
    }

    fn finish(&self, mut draft: Draft<'_>, ids: &mut IdSource<'_>, records: &mut Vec<Record>) -> Checked<()> {
        if draft.shape.is_some() || !draft.leftovers.is_empty() || draft.metadata.is_some() {
            shapes::translate(&mut draft, self.reading)?;
        }
        if self.options.strict
            && let Some(unknown) = draft.leftovers.first()
        {
            return Err(Fault::new(
                RejectionCode::FieldUnknown,
                format!(
                    "A record of type {} has no field \"{}\"; put it into metadata, or send without strict mode.",
                    draft.record_type.as_str(),
                    unknown.key.chars().take(64).collect::<String>()
                ),
            )
            .at(&unknown.key));
        }
        let layout = Layout::of(draft.record_type);
        self.put_tags_and_metadata(&mut draft, layout)?;
        require_fields(&draft, layout)?;
        plausible::check(&draft, layout)?;
        if draft.id.is_none() {
            draft.id = identity::give(&draft, layout, ids);
        }
        let Some(id) = draft.id.take() else {
            return Err(Fault::new(
                RejectionCode::IdMissing,
                identity::missing_message(draft.record_type),
            ));
        };
        let updated_at = draft
            .updated_at
            .or_else(|| latest(&draft, layout))
            .unwrap_or(self.options.received_at);
        let companion = draft.companion.take();
        draft.fields.sort_unstable_by_key(|(position, _)| *position);
        if let Some(mut companion) = companion {
            shapes::complete_companion(&mut companion, &id, updated_at);
            records.push(record_of(draft, id, updated_at));
            // It belongs to a record that has its id already; its own comes from its series.
            return self.finish(*companion, &mut IdSource::None, records);
        }
        records.push(record_of(draft, id, updated_at));
        Ok(())
    }

    fn put_tags_and_metadata(&self, draft: &mut Draft<'_>, layout: &Layout) -> Checked<()> {
        let limits = &self.options.limits;
        if draft.tags.is_some() || !draft.added_tags.is_empty() {
            let sent = draft.tags.take();
            let name = sent.as_ref().map_or("tags", |entry| &entry.key);
            let tags = value::tags(sent.as_ref().map(|entry| entry.value), &draft.added_tags, limits)
                .map_err(|fault| fault.at(name))?;
            if let Some(tags) = tags {
                draft.fields.push((layout.tags, Value::Text(tags)));
            }
        }
        if draft.metadata.is_none() && draft.leftovers.is_empty() && draft.kept.is_empty() {
            return Ok(());
        }
        let sent = draft.metadata.take();
        let name = sent.as_ref().map_or("metadata", |entry| &entry.key);
        let mut members = match &sent {
            Some(entry) => value::object(entry.value)
                .and_then(|json| canonical::members(json, limits))
                .map_err(|fault| fault.at(name))?,
            None => Vec::new(),
        };
        members.retain(|(key, _)| !draft.lifted.contains(&&**key));
        for entry in draft.leftovers.drain(..).chain(draft.kept.drain(..)) {
            let text = match entry.value {
                Wire::Json(json) => {
                    canonical::value_text(json, 1, limits).map_err(|fault| fault.at(&entry.key))?
                }
                Wire::Cell(_) => Cow::Owned(canonical::quoted(&value::text(entry.value)?)),
            };
            members.push((entry.key, text));
        }
        if !members.is_empty() {
            let text = canonical::write_members(&mut members, limits).map_err(|fault| fault.at(name))?;
            draft.fields.push((layout.metadata, Value::Text(text)));
        }
        Ok(())
    }
}

fn record_of(draft: Draft<'_>, id: Box<str>, updated_at: Timestamp) -> Record {
    Record {
        record_type: draft.record_type,
        id,
        attempt: draft.attempt,
        updated_at,
        is_inferred: false,
        fields: draft.fields,
    }
}

fn require_fields(draft: &Draft<'_>, layout: &Layout) -> Checked<()> {
    let mut present = 0u64;
    for (position, _) in &draft.fields {
        present |= 1 << position;
    }
    let missing = layout.required & !present;
    if missing == 0 {
        return Ok(());
    }
    let name = layout.spec.fields[missing.trailing_zeros() as usize].name;
    Err(Fault::new(
        RejectionCode::FieldMissing,
        format!("A record of type {} needs \"{name}\"; send it.", layout.spec.name),
    )
    .at(name))
}

/// From when the record's knowledge dates, by its own times.
fn latest(draft: &Draft<'_>, layout: &Layout) -> Option<Timestamp> {
    layout
        .known_at
        .iter()
        .filter_map(|position| draft.int_at(*position))
        .max()
        .map(Timestamp::from_micros)
}

fn twice(name: &str) -> Box<Fault> {
    let name: String = name.chars().take(64).collect();
    Fault::new(
        RejectionCode::DuplicateField,
        format!("\"{name}\" is given twice, perhaps under another of its names; send it once."),
    )
}

fn type_names() -> String {
    RecordType::ALL.map(RecordType::as_str).join(", ")
}
