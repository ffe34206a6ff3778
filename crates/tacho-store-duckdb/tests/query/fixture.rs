//! A store with executions and workflows in it, and an engine over it.

use std::sync::Arc;

use jiff::tz::TimeZone;
use tacho_core::record::derive::ExecutionOwner;
use tacho_core::record::schema::EXECUTION_STATUSES;
use tacho_core::record::{FieldKind, Record, RecordType, Row, Value};
use tacho_core::time::Timestamp;
use tacho_core::{OrganizationId, Scope};
use tacho_query::dialect::DuckDb;
use tacho_query::{Answer, QueryParams};
use tacho_store::{Change, EngineConfig, QueryContext, QueryEngine, Store, StoredRow};
use tacho_store_duckdb::{DuckDbConfig, DuckDbStore};

/// One run, as plainly as can be.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Run {
    pub(crate) id: String,
    pub(crate) attempt: u32,
    pub(crate) at: i64,
    pub(crate) status: &'static str,
    pub(crate) workflow: Option<String>,
    pub(crate) version: Option<String>,
    pub(crate) trigger: Option<&'static str>,
    pub(crate) user: Option<String>,
    pub(crate) error_type: Option<String>,
    pub(crate) error_message: Option<String>,
    pub(crate) duration_ms: Option<i64>,
    pub(crate) cost_micros: Option<i64>,
    pub(crate) credits_millis: Option<i64>,
    /// The value of the tag `e/n~v`.
    pub(crate) tag: Option<String>,
}

impl Run {
    pub(crate) fn is_open(&self) -> bool {
        matches!(self.status, "queued" | "running")
    }

    /// What duration measures see.
    pub(crate) fn ended_duration(&self) -> Option<i64> {
        self.duration_ms.filter(|_| !self.is_open())
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Workflow {
    pub(crate) id: String,
    pub(crate) name: Option<String>,
    pub(crate) owner: Option<String>,
}

fn record(record_type: RecordType, id: &str, attempt: u32, at: i64, named: Vec<(&str, Value)>) -> Record {
    let spec = record_type.spec();
    let mut fields: Vec<(u8, Value)> = named
        .into_iter()
        .map(|(name, value)| (spec.position(name), value))
        .collect();
    fields.sort_by_key(|(position, _)| *position);
    Record {
        record_type,
        id: id.into(),
        attempt,
        updated_at: Timestamp::from_micros(at),
        is_inferred: false,
        fields,
    }
}

fn keyword(record_type: RecordType, field: &str, word: &str) -> Value {
    match record_type.spec().field(field).unwrap().1.kind {
        FieldKind::Keyword(words) => {
            Value::Keyword(words.iter().position(|known| *known == word).unwrap() as u8)
        }
        other => panic!("{field} is {other:?}"),
    }
}

pub(crate) fn run_record(run: &Run) -> Record {
    assert!(EXECUTION_STATUSES.contains(&run.status));
    let text = |value: &Option<String>| value.as_ref().map(|text| Value::from(text.as_str()));
    let start = if run.status == "queued" {
        "queued_at"
    } else {
        "started_at"
    };
    let fields = [
        (start, Some(Value::Int(run.at))),
        (
            "status",
            Some(keyword(RecordType::Execution, "status", run.status)),
        ),
        (
            "trigger_type",
            run.trigger
                .map(|word| keyword(RecordType::Execution, "trigger_type", word)),
        ),
        ("workflow_id", text(&run.workflow)),
        ("workflow_version", text(&run.version)),
        ("user_id", text(&run.user)),
        ("error_type", text(&run.error_type)),
        ("error_message", text(&run.error_message)),
        ("duration_ms", run.duration_ms.map(Value::Int)),
        ("cost_usd", run.cost_micros.map(Value::Int)),
        ("credits", run.credits_millis.map(Value::Int)),
        (
            "tags",
            run.tag
                .as_ref()
                .map(|tag| Value::from(format!("{{\"e/n~v\":\"{tag}\"}}").as_str())),
        ),
    ];
    let known = fields
        .into_iter()
        .filter_map(|(name, value)| value.map(|value| (name, value)))
        .collect();
    record(RecordType::Execution, &run.id, run.attempt, run.at, known)
}

/// A point of a metric.
pub(crate) fn point(id: &str, name: &str, kind: Option<&str>, at: i64, value: f64) -> Record {
    let mut fields = vec![
        ("timestamp", Value::Int(at)),
        ("name", Value::from(name)),
        ("value", Value::Float(value)),
    ];
    fields.extend(kind.map(|kind| ("kind", keyword(RecordType::Metric, "kind", kind))));
    record(RecordType::Metric, id, 1, at, fields)
}

fn workflow_record(workflow: &Workflow) -> Record {
    let mut fields = Vec::new();
    if let Some(name) = &workflow.name {
        fields.push(("name", Value::from(name.as_str())));
    }
    if let Some(owner) = &workflow.owner {
        fields.push(("owner_id", Value::from(owner.as_str())));
    }
    record(RecordType::Workflow, &workflow.id, 1, 1, fields)
}

/// So few positions that a handful of batches counts rows in cells, and leaves some above them.
const CELLS_AFTER: u64 = 25;
/// So few cells that they are summed up time and again.
const COMPACT_CELLS_MIN: u64 = 10;
/// Histories go back further.
const QUARTER_HOURS_DAYS: u32 = 5;

/// An engine for which a handful of rows are many.
pub(crate) fn few_rows() -> EngineConfig {
    EngineConfig {
        exact_rows_max: 20,
        ..EngineConfig::default()
    }
}

fn engines(store: &Arc<DuckDbStore>) -> [QueryEngine; 3] {
    let engine = |config| QueryEngine::new(store.clone(), &DuckDb, config);
    [
        engine(EngineConfig {
            uses_rollups: false,
            ..EngineConfig::default()
        }),
        engine(few_rows()),
        engine(EngineConfig {
            exact_rows_max: 0,
            ..EngineConfig::default()
        }),
    ]
}

/// What happens to a store. Positions count the records that were stored before.
#[derive(Clone, Debug)]
pub(crate) enum Operation {
    /// A record comes.
    Store(Record),
    /// A record takes the place of the one stored at a position.
    Replace(usize, Record),
    /// What was stored at a position is taken away.
    Erase(usize),
    /// What was stored at a position learns of its execution, and keeps its place in the journal.
    Attribute(usize, ExecutionOwner),
}

pub(crate) struct Fixture {
    pub(crate) store: Arc<DuckDbStore>,
    pub(crate) engine: QueryEngine,
    /// The same store asked without its cubes.
    pub(crate) raw_engine: QueryEngine,
    /// The same store asked for quantiles from bins, however few the values are.
    pub(crate) binned_engine: QueryEngine,
    pub(crate) config: DuckDbConfig,
    _directory: tempfile::TempDir,
}

impl Fixture {
    pub(crate) fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let config = DuckDbConfig {
            directory: directory.path().to_owned(),
            memory_bytes: 1 << 30,
            threads: 1,
            open_files_max: 2,
            cells_after: CELLS_AFTER,
            tidy_min: 1,
            quarter_hours_days: QUARTER_HOURS_DAYS,
            compact_cells_min: COMPACT_CELLS_MIN,
            checkpoint_bytes: DuckDbConfig::CHECKPOINT_BYTES,
        };
        let store = Arc::new(DuckDbStore::open(config.clone()).unwrap().in_zones(zone_of));
        let [raw_engine, engine, binned_engine] = engines(&store);
        Self {
            engine,
            raw_engine,
            binned_engine,
            store,
            config,
            _directory: directory,
        }
    }

    /// Engines that do not know the store yet: one that asks without cubes, one that does, and one that asks for quantiles from
    /// bins.
    pub(crate) fn new_engines(&self) -> [QueryEngine; 3] {
        engines(&self.store)
    }

    /// Closes all files, by putting a store over an empty folder in place of the one.
    pub(crate) fn close(&mut self) {
        let elsewhere = DuckDbConfig {
            directory: self.config.directory.join("empty"),
            ..self.config.clone()
        };
        let store = Arc::new(DuckDbStore::open(elsewhere).unwrap());
        self.engine = QueryEngine::new(store.clone(), &DuckDb, few_rows());
        self.raw_engine = self.engine.clone();
        self.binned_engine = self.engine.clone();
        self.store = store;
    }

    /// Stores everything in the organization, as a merger would.
    pub(crate) fn fill(&self, organization: OrganizationId, runs: &[Run], workflows: &[Workflow]) {
        let records = workflows
            .iter()
            .map(workflow_record)
            .chain(runs.iter().map(run_record));
        self.apply(organization, records);
    }

    pub(crate) fn apply(&self, organization: OrganizationId, records: impl IntoIterator<Item = Record>) {
        let first = self.store.applied_lsn(organization).unwrap() + 1;
        let rows: Vec<StoredRow> = (first..)
            .zip(records)
            .map(|(lsn, record)| StoredRow::new(lsn, Row::from(record), None))
            .collect();
        let applied_lsn = rows.last().map_or(first, |row| row.lsn);
        let change = Change {
            applied_lsn,
            retracted: Vec::new(),
            rows,
        };
        self.store
            .apply(organization, &change, Timestamp::from_micros(1))
            .unwrap();
    }

    /// Stores everything in batches of `batch_len`, the way that a life goes: a part of the runs is first something else and
    /// amended later, and others are there for a while and erased.
    pub(crate) fn fill_in_parts(
        &self,
        organization: OrganizationId,
        runs: &[Run],
        workflows: &[Workflow],
        batch_len: usize,
    ) {
        let mut rows: Vec<Record> = Vec::new();
        let mut finals: Vec<Operation> = Vec::new();
        for (number, run) in runs.iter().enumerate() {
            if number % 3 == 0 {
                finals.push(Operation::Replace(rows.len(), run_record(run)));
                rows.push(run_record(&draft_of(run, number)));
            } else {
                rows.push(run_record(run));
            }
            if number % 7 == 0 {
                let passing = Run {
                    id: format!("erased-{number}"),
                    ..run.clone()
                };
                finals.push(Operation::Erase(rows.len()));
                rows.push(run_record(&passing));
            }
        }
        let workflows = workflows.iter().map(workflow_record);
        let operations: Vec<Operation> = rows
            .into_iter()
            .chain(workflows)
            .map(Operation::Store)
            .chain(finals)
            .collect();
        self.live_through(organization, &mut Vec::new(), &operations, || batch_len);
    }

    /// Does one thing after the other, in batches each of which has its own length. `stored` is what was stored before.
    pub(crate) fn live_through(
        &self,
        organization: OrganizationId,
        stored: &mut Vec<StoredRow>,
        operations: &[Operation],
        mut batch_len: impl FnMut() -> usize,
    ) {
        let mut lsn = self.store.applied_lsn(organization).unwrap();
        let mut rest = operations;
        while !rest.is_empty() {
            let (batch, later) = rest.split_at(batch_len().clamp(1, rest.len()));
            rest = later;
            let mut change = Change::default();
            for operation in batch {
                lsn += 1;
                if let Operation::Replace(at, _) | Operation::Erase(at) | Operation::Attribute(at, _) =
                    operation
                {
                    let left = &stored[*at];
                    match change.rows.iter().position(|row| row.lsn == left.lsn) {
                        Some(at) => {
                            change.rows.remove(at);
                        }
                        None => change.retracted.push(left.retracted()),
                    }
                }
                match operation {
                    Operation::Store(record) | Operation::Replace(_, record) => {
                        let row = StoredRow::new(lsn, Row::from(record.clone()), None);
                        stored.push(row.clone());
                        change.rows.push(row);
                    }
                    Operation::Erase(_) => {}
                    Operation::Attribute(at, owner) => {
                        let row = &mut stored[*at];
                        *row = StoredRow::new(row.lsn, row.row.clone(), Some(owner));
                        change.rows.push(row.clone());
                    }
                }
            }
            change.applied_lsn = lsn;
            // So that finer cells of long before the last record are kept no longer.
            let times = stored.iter().map(|row| row.retracted().event_time);
            let now = times.max().unwrap_or(Timestamp::MIN);
            self.store.apply(organization, &change, now).unwrap();
        }
    }

    pub(crate) fn block_on<T>(&self, future: impl Future<Output = T>) -> T {
        tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .build()
            .unwrap()
            .block_on(future)
    }

    pub(crate) fn answer(&self, scope: &Scope, question: serde_json::Value, now: Timestamp) -> Answer {
        self.answer_by(&self.engine, scope, question, now)
    }

    pub(crate) fn answer_by(
        &self,
        engine: &QueryEngine,
        scope: &Scope,
        question: serde_json::Value,
        now: Timestamp,
    ) -> Answer {
        let params = QueryParams::from_json(&question).unwrap();
        let zone = TimeZone::UTC;
        let context = QueryContext::new(scope, &zone, now);
        self.block_on(engine.answer_one(context, params)).unwrap()
    }
}

/// What a run was before it was amended: of another day, with another end and other amounts.
fn draft_of(run: &Run, number: usize) -> Run {
    Run {
        at: run.at - 86_400_000_000 * (number as i64 % 4),
        status: ["running", "success", "failed", "cancelled"][number % 4],
        workflow: Some(format!("draft-{}", number % 2)),
        duration_ms: Some(77),
        cost_micros: run.cost_micros.map(|micros| micros / 2),
        ..run.clone()
    }
}

/// The zone of an organization: each has another one.
pub(crate) fn zone_of(organization: OrganizationId) -> TimeZone {
    const ZONES: [&str; 5] = [
        "UTC",
        "Europe/Berlin",
        "America/New_York",
        "Australia/Lord_Howe",
        "Asia/Kathmandu",
    ];
    let number = usize::from(*organization.as_bytes().last().unwrap());
    TimeZone::get(ZONES[number % ZONES.len()]).unwrap()
}

pub(crate) fn organization(number: u64) -> OrganizationId {
    let mut bytes = [0; 16];
    bytes[8..].copy_from_slice(&number.to_be_bytes());
    OrganizationId::from_bytes(bytes)
}

pub(crate) fn at(text: &str) -> i64 {
    text.parse::<Timestamp>().unwrap().as_micros()
}
