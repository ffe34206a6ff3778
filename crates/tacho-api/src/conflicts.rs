//! Things about which senders contradict each other, for the System page. Plain SQL that every engine takes: each table
//! has a bit per field with a conflict.

use std::time::Duration;

use tacho_core::OrganizationId;
use tacho_core::record::{RecordType, Row};
use tacho_store::{Scalar, Snapshot, Statement, Store, StoreError, Target};

use crate::wire::system::{Conflict, Conflicts};

/// Conflicts shown.
const RECENT_MAX: usize = 20;
const TIMEOUT: Duration = Duration::from_secs(2);

/// How many there are, and the newest. Blocks.
pub(crate) fn read(store: &dyn Store, organization: OrganizationId) -> Result<Conflicts, StoreError> {
    let targets: Vec<Target> = Target::all().collect();
    let statements: Vec<Statement> = targets.iter().flat_map(|target| statements(*target)).collect();
    let snapshot = store.read(organization, &statements, TIMEOUT)?;
    Ok(shape(&targets, &snapshot))
}

fn statements(target: Target) -> [Statement; 2] {
    let table = target.table();
    let of = |sql: String| Statement {
        sql,
        params: Vec::new(),
    };
    [
        of(format!("SELECT count(*) FROM \"{table}\" WHERE conflicts <> 0")),
        of(format!(
            "SELECT id, CAST(attempt AS BIGINT), CAST(conflicts AS VARCHAR), event_time FROM \"{table}\" \
             WHERE conflicts <> 0 ORDER BY event_time DESC, id LIMIT {RECENT_MAX}"
        )),
    ]
}

fn shape(targets: &[Target], snapshot: &Snapshot) -> Conflicts {
    let mut conflicts = Conflicts {
        total: 0,
        recent: Vec::new(),
    };
    for (target, results) in targets.iter().zip(snapshot.results.chunks_exact(2)) {
        if let Some(Scalar::Int(count)) = results[0].rows.first().and_then(|row| row.first()) {
            conflicts.total += count.unsigned_abs();
        }
        conflicts.recent.extend(
            results[1]
                .rows
                .iter()
                .filter_map(|row| conflict(target.record_type, row)),
        );
    }
    conflicts
        .recent
        .sort_by_key(|conflict| std::cmp::Reverse(conflict.event_time));
    conflicts.recent.truncate(RECENT_MAX);
    conflicts
}

fn conflict(record_type: RecordType, row: &[Scalar]) -> Option<Conflict> {
    let [
        Scalar::Text(id),
        Scalar::Int(attempt),
        Scalar::Text(bits),
        event_time,
    ] = row
    else {
        return None;
    };
    let bits: u64 = bits.parse().ok()?;
    let fields = Row::conflict_names(record_type, bits);
    Some(Conflict {
        record_type: record_type.as_str().to_owned(),
        id: id.clone(),
        attempt: u32::try_from(*attempt).ok()?,
        fields: fields.into_iter().map(str::to_owned).collect(),
        event_time: match event_time {
            Scalar::Time(time) => Some(*time),
            _ => None,
        },
    })
}
