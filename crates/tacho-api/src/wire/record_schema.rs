//! The schema of records, made from their declaration in `tacho-core`: one schema per type, and `Record`, which is any
//! of them.

use std::borrow::Cow;

use tacho_core::record::{FieldKind, FieldSpec, RecordType};
use utoipa::openapi::schema::{
    AdditionalProperties, ArrayBuilder, KnownFormat, SchemaFormat, SchemaType, Type,
};
use utoipa::openapi::{Object, ObjectBuilder, OneOfBuilder, Ref, RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

/// Any record.
pub(crate) struct Record;

impl PartialSchema for Record {
    fn schema() -> RefOr<Schema> {
        let any = RecordType::ALL
            .into_iter()
            .fold(OneOfBuilder::new(), |any, record_type| {
                any.item(Ref::from_schema_name(name(record_type)))
            });
        RefOr::T(any.description(Some("One thing that a sender reports.")).into())
    }
}

impl ToSchema for Record {
    fn name() -> Cow<'static, str> {
        Cow::Borrowed("Record")
    }

    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        schemas.extend(
            RecordType::ALL.map(|record_type| (name(record_type), RefOr::T(of_type(record_type).into()))),
        );
    }
}

/// What a body of records holds: a list of them, or one.
pub(crate) struct RecordsRequest;

impl PartialSchema for RecordsRequest {
    fn schema() -> RefOr<Schema> {
        let record = Ref::from_schema_name("Record");
        let list = ArrayBuilder::new().items(record.clone());
        RefOr::T(OneOfBuilder::new().item(list).item(record).into())
    }
}

impl ToSchema for RecordsRequest {
    fn name() -> Cow<'static, str> {
        Cow::Borrowed("RecordsRequest")
    }

    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        schemas.push((Record::name().into_owned(), Record::schema()));
        Record::schemas(schemas);
    }
}

/// "ExecutionRecord".
fn name(record_type: RecordType) -> String {
    let word = record_type.as_str();
    let (first, rest) = word.split_at(1);
    format!("{}{rest}Record", first.to_ascii_uppercase())
}

fn of_type(record_type: RecordType) -> Object {
    let text = |description: &str| {
        Object::builder()
            .schema_type(Type::String)
            .description(Some(description))
    };
    let mut object = ObjectBuilder::new()
        .property(
            "type",
            text("The type.").enum_values(Some([record_type.as_str()])),
        )
        .required("type")
        .property(
            "id",
            text("Chosen by the sender. Needed, unless the request carries an Idempotency-Key."),
        )
        .property(
            "attempt",
            whole_number().description(Some("Which try of the same thing; 1 if absent.")),
        )
        .property(
            "updated_at",
            time().description(Some("When the sender knew this; its own times if absent.")),
        );
    for field in record_type.spec().fields {
        object = object.property(field.name, of_field(field));
        if field.required {
            object = object.required(field.name);
        }
    }
    object
        .additional_properties(Some(AdditionalProperties::FreeForm(true)))
        .build()
}

fn of_field(field: &FieldSpec) -> ObjectBuilder {
    match field.kind {
        FieldKind::Text { bytes_max, .. } => ObjectBuilder::new()
            .schema_type(Type::String)
            .max_length(Some(bytes_max)),
        FieldKind::Keyword(words) => ObjectBuilder::new()
            .schema_type(Type::String)
            .enum_values(Some(words.iter().copied())),
        FieldKind::Time => time(),
        FieldKind::Count | FieldKind::Millis => whole_number(),
        FieldKind::Usd | FieldKind::Credits | FieldKind::Float => {
            ObjectBuilder::new().schema_type(Type::Number)
        }
        FieldKind::Bool => ObjectBuilder::new().schema_type(Type::Boolean),
        FieldKind::Json => ObjectBuilder::new()
            .schema_type(SchemaType::new(Type::Object))
            .additional_properties(Some(AdditionalProperties::FreeForm(true))),
        FieldKind::Tags => ObjectBuilder::new()
            .schema_type(SchemaType::new(Type::Object))
            .additional_properties(Some(ObjectBuilder::new().schema_type(Type::String))),
    }
}

fn time() -> ObjectBuilder {
    ObjectBuilder::new()
        .schema_type(Type::String)
        .format(Some(SchemaFormat::KnownFormat(KnownFormat::DateTime)))
}

fn whole_number() -> ObjectBuilder {
    ObjectBuilder::new()
        .schema_type(Type::Integer)
        .format(Some(SchemaFormat::KnownFormat(KnownFormat::Int64)))
        .minimum(Some(0))
}
