//! The [`Store`] over DuckDB files.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fs;
use std::ops::{ControlFlow, RangeInclusive};
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant, SystemTime};

use duckdb::types::{Value as DuckValue, ValueRef};
use duckdb::{Connection, params_from_iter};
use jiff::tz::TimeZone;
use tacho_core::OrganizationId;
use tacho_core::record::RecordType;
use tacho_core::time::Timestamp;
use tacho_fail::Point;
use tacho_store::cubes::is_recounted;
use tacho_store::holdings::Holdings;
use tacho_store::time::zone_name;
use tacho_store::{
    CellsCut, Change, LongWork, Lsn, Snapshot, Statement, Stop, Store, StoreDigest, StoreError, StoreState,
    StoreStatus, StoreUsage, StoredRow, TableDigest, Target,
};

use crate::cells;
use crate::file::{in_transaction, wal_path};
use crate::files::{INTERNAL, Limits, Slot, lock};
use crate::rows::{from_row, to_batch};
use crate::schema::column_list;
use crate::statements::run;
use crate::watchdog::Watchdog;

/// Positions or texts in one `IN (…)`.
const LIST_MAX: usize = 1_000;
/// How long setting a file aside waits for those who read in it.
const SET_ASIDE_WAIT: Duration = Duration::from_secs(60);
/// Positions of a stretch that is read as a whole.
const STRETCH_COUNT_MIN: usize = 64;
/// How far apart they lie at most.
const STRETCH_GAP_MAX: Lsn = 6;
/// Damaged files that are kept for a look.
const SET_ASIDE_MAX: usize = 2;

/// What the store may use.
#[derive(Clone, Debug)]
pub struct DuckDbConfig {
    /// The folder of the files.
    pub directory: PathBuf,
    /// Memory for all open files together.
    pub memory_bytes: u64,
    /// Threads of one file.
    pub threads: usize,
    /// Files open at a time; the least recently used one closes for the next.
    pub open_files_max: usize,
    /// Positions of the journal that rows may lie above the cells of cubes before they are counted in them. Queries read
    /// so many rows at most beside the cells.
    pub cells_after: Lsn,
    /// Positions that rows must lie above the cells of cubes for tidying up to count them. Fewer are read at once.
    pub tidy_min: Lsn,
    /// Days for which cells of a quarter of an hour are kept; 0 keeps them for ever. Answers about earlier times come from
    /// cells of days, or from rows.
    pub quarter_hours_days: u32,
    /// Cells that a cube may have before it is worth summing up those that lie in several parts.
    pub compact_cells_min: u64,
    /// Bytes of a write-ahead log after which DuckDB moves it into the file. Writing stands still meanwhile, so that small
    /// and often is better than seldom and long.
    pub checkpoint_bytes: u64,
}

impl DuckDbConfig {
    /// The usual `cells_after`: counting takes a few hundredths of a second, and so does reading that many rows.
    pub const CELLS_AFTER: Lsn = 100_000;
    /// The usual `tidy_min`: reading that many beside cells takes a tenth of a millisecond.
    pub const TIDY_MIN: Lsn = 2_000;
    /// The usual `compact_cells_min`: reading that many takes milliseconds.
    pub const COMPACT_CELLS_MIN: u64 = 100_000;
    /// The usual `checkpoint_bytes`.
    pub const CHECKPOINT_BYTES: u64 = 64 * 1024 * 1024;

    /// Since when cells of a quarter of an hour are kept, which is the beginning of a day in UTC.
    fn quarter_hours_since(&self, now: Timestamp) -> Timestamp {
        const DAY_US: i64 = 86_400_000_000;
        if self.quarter_hours_days == 0 {
            return Timestamp::MIN;
        }
        let since = now.as_micros().div_euclid(DAY_US) - i64::from(self.quarter_hours_days);
        Timestamp::from_micros(since.saturating_mul(DAY_US)).max(Timestamp::MIN)
    }
}

/// A DuckDB file per organization.
pub struct DuckDbStore {
    pub(crate) config: DuckDbConfig,
    pub(crate) slots: Mutex<HashMap<OrganizationId, Arc<Slot>>>,
    /// Positions before which stores lack something, where that is known.
    whole_from: Mutex<HashMap<OrganizationId, Lsn>>,
    pub(crate) last_errors: Mutex<HashMap<OrganizationId, String>>,
    pub(crate) watchdog: Watchdog,
    pub(crate) zone_of: ZoneOf,
}

/// Tells an organization's zone.
pub(crate) type ZoneOf = Box<dyn Fn(OrganizationId) -> TimeZone + Send + Sync>;

impl DuckDbStore {
    /// Opens the folder, making it if it is not there. Files open when they are first used.
    pub fn open(config: DuckDbConfig) -> std::io::Result<Self> {
        fs::create_dir_all(&config.directory)?;
        Ok(Self {
            config,
            slots: Mutex::default(),
            whole_from: Mutex::default(),
            last_errors: Mutex::default(),
            watchdog: Watchdog::start()?,
            zone_of: Box::new(|_| TimeZone::UTC),
        })
    }

    /// Lets the days of rollups be those of each organization's zone instead of UTC. It is asked for when a file opens and
    /// when rows are counted; if it has changed, the rollups are made anew.
    #[must_use]
    pub fn in_zones(mut self, zone_of: impl Fn(OrganizationId) -> TimeZone + Send + Sync + 'static) -> Self {
        self.zone_of = Box::new(zone_of);
        self
    }

    /// Counts in cells the rows above them. If the organization is in another zone now than the one they were `counted_in`,
    /// its cells are made anew.
    fn count(
        &self,
        organization: OrganizationId,
        writer: &Connection,
        applied_lsn: Lsn,
        counted_in: &CellsCut,
        now: Timestamp,
    ) -> Result<(), duckdb::Error> {
        let zone = (self.zone_of)(organization);
        if zone_name(&zone) != counted_in.zone {
            return cells::make(writer, &zone);
        }
        let since = self.config.quarter_hours_since(now);
        cells::count_rows(writer, applied_lsn, &zone, self.config.compact_cells_min, since)?;
        reach(Point::RollupRefresh)
    }

    /// From which position on the store is whole. Reading begins with it, so that a store which becomes whole meanwhile is not
    /// taken for one that was, and none is opened that is being made again.
    fn whole_from(&self, organization: OrganizationId) -> Result<Lsn, StoreError> {
        match lock(&self.whole_from).get(&organization) {
            Some(&Lsn::MAX) => Err(StoreError::Unavailable("being rebuilt from the journal")),
            whole_from => Ok(whole_from.copied().unwrap_or(0)),
        }
    }

    /// Makes sure that what was read lacks nothing. Asked a second time, since the store may have been set aside meanwhile.
    fn check_whole(
        &self,
        organization: OrganizationId,
        whole_from: Lsn,
        as_of_lsn: Lsn,
    ) -> Result<(), StoreError> {
        match as_of_lsn >= whole_from.max(self.whole_from(organization)?) {
            true => Ok(()),
            false => Err(StoreError::Unavailable("being brought up to the journal")),
        }
    }

    fn select_rows(
        &self,
        organization: OrganizationId,
        target: Target,
        conditions: Vec<(String, Vec<DuckValue>)>,
        is_wanted: impl Fn(Lsn) -> bool,
    ) -> Result<Vec<StoredRow>, StoreError> {
        let spec = target.record_type.spec();
        let read = self.with_reader(organization, INTERNAL, |reader| {
            let mut found = Vec::new();
            for (condition, params) in &conditions {
                let sql = format!(
                    "SELECT {} FROM \"{}\" WHERE {condition}",
                    column_list(target.record_type),
                    target.table()
                );
                let mut statement = reader.prepare(&sql)?;
                let mut rows = statement.query(params_from_iter(params.iter()))?;
                while let Some(row) = rows.next()? {
                    if is_wanted(row.get(0)?) {
                        found.push(from_row(spec, row));
                    }
                }
            }
            Ok(found)
        })?;
        read.into_iter()
            .collect::<Result<_, _>>()
            .map_err(StoreError::Damaged)
    }
}

/// Splits sorted positions into stretches that lie so close together that all rows in between are read sooner than a list
/// is planned, and the rest.
fn stretches(lsns: &[Lsn]) -> (Vec<RangeInclusive<Lsn>>, Vec<Lsn>) {
    let (mut dense, mut rest) = (Vec::new(), Vec::new());
    for close in lsns.chunk_by(|one, next| next - one <= STRETCH_GAP_MAX) {
        match close {
            [first, .., last] if close.len() >= STRETCH_COUNT_MIN => dense.push(*first..=*last),
            _ => rest.extend_from_slice(close),
        }
    }
    (dense, rest)
}

pub(crate) fn in_lsns(lsns: &[Lsn]) -> String {
    let list: Vec<String> = lsns.iter().map(Lsn::to_string).collect();
    let (min, max) = (
        lsns.iter().min().copied().unwrap_or(0),
        lsns.iter().max().copied().unwrap_or(0),
    );
    // The range lets DuckDB skip row groups; the list alone does not.
    format!("lsn BETWEEN {min} AND {max} AND lsn IN ({})", list.join(","))
}

/// Says that the process is at a fail point.
fn reach(point: Point) -> Result<(), duckdb::Error> {
    tacho_fail::reach(point).map_err(|error| duckdb::Error::ToSqlConversionFailure(Box::new(error)))
}

fn sorted(lsns: impl IntoIterator<Item = Lsn>) -> Vec<Lsn> {
    let mut sorted: Vec<Lsn> = lsns.into_iter().collect();
    sorted.sort_unstable();
    sorted
}

impl Store for DuckDbStore {
    fn applied_lsn(&self, organization: OrganizationId) -> Result<Lsn, StoreError> {
        let slot = self.slot(organization);
        if let Some(damage) = lock(&slot.damage).clone() {
            return Err(StoreError::Damaged(damage));
        }
        if !self.path(organization).exists() && !slot.is_open.load(Ordering::Acquire) {
            return Ok(0);
        }
        self.with_reader(organization, INTERNAL, |reader| {
            applied(reader).map(|(lsn, _)| lsn)
        })
    }

    fn apply(&self, organization: OrganizationId, change: &Change, now: Timestamp) -> Result<(), StoreError> {
        let slot = self.slot(organization);
        if let Some(damage) = lock(&slot.damage).clone() {
            return Err(StoreError::Damaged(damage));
        }
        self.with_file(organization, INTERNAL, |file| {
            let writer = file.writer();
            in_transaction(&writer, || {
                let (cells_lsn, counted_in) = cells::position(&writer)?;
                let corrected = write(&writer, change, now, cells_lsn)?;
                for record_type in corrected.into_iter().filter(|of| is_recounted(*of)) {
                    cells::recount(&writer, record_type, cells_lsn, &counted_in)?;
                }
                if change.applied_lsn.saturating_sub(cells_lsn) >= self.config.cells_after {
                    self.count(organization, &writer, change.applied_lsn, &counted_in, now)?;
                }
                reach(Point::StoreCommit)
            })
        })?;
        slot.fatal_in_a_row.store(0, Ordering::Release);
        Ok(())
    }

    fn tidy(&self, organization: OrganizationId) -> Result<(), StoreError> {
        self.with_file(organization, INTERNAL, |file| {
            let writer = file.writer();
            let (applied_lsn, _) = applied(&writer)?;
            let (cells_lsn, counted_in) = cells::position(&writer)?;
            match applied_lsn.saturating_sub(cells_lsn) < self.config.tidy_min.max(1) {
                true => Ok(()),
                false => in_transaction(&writer, || {
                    let now = Timestamp::from(SystemTime::now());
                    self.count(organization, &writer, applied_lsn, &counted_in, now)
                }),
            }
        })
    }

    fn rows_at(
        &self,
        organization: OrganizationId,
        target: Target,
        lsns: &[Lsn],
    ) -> Result<Vec<StoredRow>, StoreError> {
        let lsns = sorted(lsns.iter().copied());
        let (stretches, rest) = stretches(&lsns);
        let mut conditions: Vec<_> = stretches
            .iter()
            .map(|stretch| {
                (
                    format!("lsn BETWEEN {} AND {}", stretch.start(), stretch.end()),
                    Vec::new(),
                )
            })
            .collect();
        conditions.extend(rest.chunks(LIST_MAX).map(|chunk| (in_lsns(chunk), Vec::new())));
        self.select_rows(organization, target, conditions, |lsn| {
            lsns.binary_search(&lsn).is_ok()
        })
    }

    fn rows_where(
        &self,
        organization: OrganizationId,
        target: Target,
        column: &'static str,
        texts: &[&str],
    ) -> Result<Vec<StoredRow>, StoreError> {
        let conditions = texts
            .chunks(LIST_MAX)
            .map(|chunk| {
                let marks = vec!["?"; chunk.len()].join(",");
                let values = chunk
                    .iter()
                    .map(|text| DuckValue::Text((*text).to_owned()))
                    .collect();
                (format!("\"{column}\" IN ({marks})"), values)
            })
            .collect();
        self.select_rows(organization, target, conditions, |_| true)
    }

    fn scan_identities(
        &self,
        organization: OrganizationId,
        above: Lsn,
        visit: &mut dyn FnMut(Target, &str, u32, Lsn),
    ) -> Result<(), StoreError> {
        self.with_reader(organization, INTERNAL, |reader| {
            for target in Target::all() {
                let sql = format!(
                    "SELECT id, attempt, lsn FROM \"{}\" WHERE lsn > {above}",
                    target.table()
                );
                let mut statement = reader.prepare(&sql)?;
                let mut rows = statement.query([])?;
                while let Some(row) = rows.next()? {
                    if let (ValueRef::Text(id), ValueRef::UInt(attempt), ValueRef::UBigInt(lsn)) =
                        (row.get_ref(0)?, row.get_ref(1)?, row.get_ref(2)?)
                    {
                        visit(target, &String::from_utf8_lossy(id), attempt, lsn);
                    }
                }
            }
            Ok(())
        })
    }

    fn scan_followers(
        &self,
        organization: OrganizationId,
        above: Lsn,
        visit: &mut dyn FnMut(&str, Lsn),
    ) -> Result<(), StoreError> {
        let following = RecordType::ALL.into_iter().map(RecordType::spec);
        let following = following.filter(|spec| spec.follows_status());
        self.with_reader(organization, INTERNAL, |reader| {
            for spec in following {
                let sql = format!(
                    "SELECT execution_id, lsn FROM \"{}\" WHERE execution_id IS NOT NULL AND lsn > {above}",
                    spec.name
                );
                let mut statement = reader.prepare(&sql)?;
                let mut rows = statement.query([])?;
                while let Some(row) = rows.next()? {
                    if let (ValueRef::Text(id), ValueRef::UBigInt(lsn)) = (row.get_ref(0)?, row.get_ref(1)?) {
                        visit(&String::from_utf8_lossy(id), lsn);
                    }
                }
            }
            Ok(())
        })
    }

    fn unattributed_executions(&self, organization: OrganizationId) -> Result<Vec<String>, StoreError> {
        let inheriting = RecordType::ALL
            .into_iter()
            .map(RecordType::spec)
            .filter(|spec| spec.inherits());
        let sql: Vec<String> = inheriting
            .map(|spec| {
                let missing: Vec<String> = spec
                    .inherited_columns()
                    .map(|column| format!("\"{column}\" IS NULL"))
                    .collect();
                format!(
                    "SELECT execution_id FROM \"{}\" WHERE execution_id IS NOT NULL AND ({})",
                    spec.name,
                    missing.join(" OR ")
                )
            })
            .collect();
        self.with_reader(organization, INTERNAL, |reader| {
            let known = "SELECT id FROM execution UNION ALL SELECT id FROM execution_open";
            let sql = format!(
                "SELECT DISTINCT execution_id FROM ({}) ANTI JOIN ({known}) known ON execution_id = id",
                sql.join(" UNION ALL ")
            );
            let mut statement = reader.prepare(&sql)?;
            let ids = statement.query_map([], |row| row.get(0))?;
            ids.collect()
        })
    }

    fn digest(&self, organization: OrganizationId, with_positions: bool) -> Result<StoreDigest, StoreError> {
        self.with_reader(organization, INTERNAL, |reader| {
            let mut tables = BTreeMap::new();
            for target in Target::all() {
                let columns = column_list(target.record_type);
                let columns = if with_positions {
                    columns.as_str()
                } else {
                    columns.trim_start_matches("\"lsn\", ")
                };
                let sql = format!(
                    "SELECT count(*), coalesce(bit_xor(hash({columns})), 0)::UBIGINT FROM \"{}\"",
                    target.table()
                );
                let digest = reader.query_row(&sql, [], |row| {
                    Ok(TableDigest {
                        rows: row.get::<_, i64>(0)?.unsigned_abs(),
                        checksum: row.get(1)?,
                    })
                })?;
                tables.insert(target.table(), digest);
            }
            Ok(StoreDigest {
                applied_lsn: applied(reader)?.0,
                tables,
            })
        })
    }

    fn read(
        &self,
        organization: OrganizationId,
        statements: &[Statement],
        timeout: Duration,
    ) -> Result<Snapshot, StoreError> {
        let whole_from = self.whole_from(organization)?;
        let snapshot = self.with_reader(organization, Limits::of_question(timeout), |reader| {
            let (as_of_lsn, as_of) = applied(reader)?;
            let (cells_lsn, cells) = cells::position(reader)?;
            let results = statements
                .iter()
                .map(|statement| run(reader, statement, cells_lsn))
                .collect::<Result<_, _>>()?;
            Ok(Snapshot {
                as_of_lsn,
                as_of,
                cells,
                results,
            })
        })?;
        self.check_whole(organization, whole_from, snapshot.as_of_lsn)?;
        Ok(snapshot)
    }

    fn read_long(
        &self,
        organization: OrganizationId,
        stop: &Stop,
        work: LongWork<'_>,
    ) -> Result<ControlFlow<()>, StoreError> {
        let whole_from = self.whole_from(organization)?;
        self.with_long_reader(organization, stop, &mut |reading| {
            self.check_whole(organization, whole_from, reading.as_of_lsn())?;
            work(reading)
        })
    }

    fn holdings(&self, organization: OrganizationId) -> Result<Holdings, StoreError> {
        let whole_from = self.whole_from(organization)?;
        let limits = Limits::of_question(INTERNAL.running);
        let (as_of_lsn, holdings) = self.with_reader(organization, limits, |reader| {
            Ok((applied(reader)?.0, cells::holdings(reader)?))
        })?;
        self.check_whole(organization, whole_from, as_of_lsn)?;
        Ok(holdings)
    }

    fn set_aside(&self, organization: OrganizationId) -> Result<Option<PathBuf>, StoreError> {
        let path = self.path(organization);
        let slot = self.slot(organization);
        let mut file = lock(&slot.file);
        slot.close(&mut file);
        for stop in lock(&slot.long_readings).drain(..) {
            stop.stop();
        }
        // Whoever still reads in the old file would, on closing it, take the new one's write-ahead log for its own.
        let deadline = Instant::now() + SET_ASIDE_WAIT;
        while slot.is_closing() {
            if Instant::now() >= deadline {
                return Err(StoreError::Unavailable("still being read"));
            }
            std::thread::sleep(Duration::from_millis(2));
        }
        *lock(&slot.damage) = None;
        slot.fatal_in_a_row.store(0, Ordering::Release);
        lock(&self.last_errors).remove(&organization);
        if !path.exists() {
            return Ok(None);
        }
        let io = |error: std::io::Error| {
            StoreError::Engine(format!("could not set {} aside: {error}", path.display()))
        };
        let stamp = Timestamp::from(std::time::SystemTime::now()).as_micros();
        let aside = self
            .config
            .directory
            .join(format!("{organization}.set-aside-{stamp}"));
        fs::rename(&path, &aside).map_err(io)?;
        if wal_path(&path).exists() {
            fs::rename(wal_path(&path), wal_path(&aside)).map_err(io)?;
        }
        forget_oldest(&self.config.directory, organization).map_err(io)?;
        Ok(Some(aside))
    }

    fn set_whole_from(&self, organization: OrganizationId, lsn: Lsn) {
        let mut whole_from = lock(&self.whole_from);
        match lsn {
            0 => whole_from.remove(&organization),
            lsn => whole_from.insert(organization, lsn),
        };
    }

    fn usage(&self) -> StoreUsage {
        let files = fs::read_dir(&self.config.directory)
            .into_iter()
            .flatten()
            .flatten();
        let slots = lock(&self.slots);
        let open = slots.values().filter(|slot| slot.is_open.load(Ordering::Acquire));
        StoreUsage {
            open_files: open.count() as u64,
            bytes: files
                .filter_map(|file| file.metadata().ok())
                .map(|metadata| metadata.len())
                .sum(),
        }
    }

    fn status(&self, organization: OrganizationId) -> Result<StoreStatus, StoreError> {
        let last_error = lock(&self.last_errors).get(&organization).cloned();
        let whole_from = lock(&self.whole_from).get(&organization).copied().unwrap_or(0);
        let limits = Limits::of_question(INTERNAL.running);
        let bytes = self.file(organization, limits)?.bytes();
        let (applied_lsn, cells_lsn, rows) = self.with_reader(organization, limits, |reader| {
            let mut rows = BTreeMap::new();
            for target in Target::all() {
                let sql = format!("SELECT count(*) FROM \"{}\"", target.table());
                let count: i64 = reader.query_row(&sql, [], |row| row.get(0))?;
                rows.insert(target.table(), count.unsigned_abs());
            }
            Ok((applied(reader)?.0, cells::position(reader)?.0, rows))
        })?;
        let state = match &last_error {
            _ if applied_lsn < whole_from => StoreState::Rebuilding,
            Some(_) => StoreState::Degraded,
            None => StoreState::Open,
        };
        Ok(StoreStatus {
            state,
            applied_lsn,
            cells_lsn,
            bytes,
            rows,
            last_error,
        })
    }
}

fn forget_oldest(directory: &Path, organization: OrganizationId) -> std::io::Result<()> {
    let prefix = format!("{organization}.set-aside-");
    let mut kept: Vec<PathBuf> = fs::read_dir(directory)?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| {
            let name = path
                .file_name()
                .and_then(|name| name.to_str())
                .unwrap_or_default();
            name.starts_with(&prefix) && !name.ends_with(".wal")
        })
        .collect();
    kept.sort();
    for path in kept.iter().rev().skip(SET_ASIDE_MAX) {
        fs::remove_file(path)?;
        let _ = fs::remove_file(wal_path(path));
    }
    Ok(())
}

pub(crate) fn applied(connection: &Connection) -> Result<(Lsn, Option<Timestamp>), duckdb::Error> {
    let mut statement =
        connection.prepare_cached("SELECT applied_lsn, epoch_us(applied_at) FROM tacho_meta")?;
    statement.query_row([], |row| {
        Ok((
            row.get::<_, u64>(0)?,
            row.get::<_, Option<i64>>(1)?.map(Timestamp::from_micros),
        ))
    })
}

/// Applies a change, and says of which types it has changed rows that cells count.
fn write(
    writer: &Connection,
    change: &Change,
    now: Timestamp,
    cells_lsn: Lsn,
) -> Result<BTreeSet<RecordType>, duckdb::Error> {
    let mut corrected = BTreeSet::new();
    if change.applied_lsn <= applied(writer)?.0 {
        return Ok(corrected);
    }
    let mut correct = |target: Target, lsns: &[Lsn], sign| {
        if cells::correct(writer, target, lsns, cells_lsn, sign)? {
            corrected.insert(target.record_type);
        }
        Ok::<_, duckdb::Error>(())
    };
    let mut retracted: BTreeMap<Target, Vec<Lsn>> = BTreeMap::new();
    for row in &change.retracted {
        retracted.entry(row.target).or_default().push(row.lsn);
    }
    for (target, lsns) in retracted {
        for chunk in sorted(lsns).chunks(LIST_MAX) {
            correct(target, chunk, -1)?;
            writer.execute(
                &format!("DELETE FROM \"{}\" WHERE {}", target.table(), in_lsns(chunk)),
                [],
            )?;
        }
    }
    let mut inserted: BTreeMap<Target, Vec<&StoredRow>> = BTreeMap::new();
    for row in &change.rows {
        inserted.entry(row.target()).or_default().push(row);
    }
    for (target, mut rows) in inserted {
        // Rows lie in the order of their positions, so that a look-up by position skips nearly all of a table.
        rows.sort_unstable_by_key(|row| row.lsn);
        let batch = to_batch(target.record_type.spec(), &rows)
            .map_err(|error| duckdb::Error::ToSqlConversionFailure(Box::new(error)))?;
        let columns = tacho_store::tables::columns(target.record_type.spec());
        let names: Vec<&str> = columns.iter().map(|column| column.name).collect();
        let mut appender = writer.appender_with_columns(&target.table(), &names)?;
        appender.append_record_batch(batch)?;
        appender.flush()?;
        drop(appender);
        // Rows that only inherit something else keep their positions; nearly always there are none.
        let kept = rows.iter().map(|row| row.lsn).take_while(|lsn| *lsn <= cells_lsn);
        for chunk in kept.collect::<Vec<_>>().chunks(LIST_MAX) {
            correct(target, chunk, 1)?;
        }
    }
    let sql = "UPDATE tacho_meta SET applied_lsn = ?, applied_at = make_timestamp(?)";
    writer.execute(sql, duckdb::params![change.applied_lsn, now.as_micros()])?;
    Ok(corrected)
}

#[cfg(test)]
mod tests;
