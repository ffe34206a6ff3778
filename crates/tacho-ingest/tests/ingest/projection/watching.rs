//! What a watcher is told.

use std::sync::{Arc, Mutex};

use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::TestRunner;
use tacho_store::{Change, Replaced, Watcher};

use super::world::World;
use super::*;
use crate::records::related_records;

/// Rows as they were told until something was not, and how often what was said.
#[derive(Default)]
struct Mirror(Mutex<Told>);

#[derive(Default)]
struct Told {
    rows: Rows,
    merged: u32,
    lost: u32,
}

impl Mirror {
    fn said(&self) -> (u32, u32) {
        let told = self.0.lock().unwrap();
        (told.merged, told.lost)
    }
}

fn key(row: &StoredRow) -> Key {
    (row.row.record_type, row.row.id.clone(), row.row.attempt)
}

impl Watcher for Mirror {
    fn merged(&self, _: OrganizationId, change: &Change, replaced: &[Replaced]) {
        let told = &mut *self.0.lock().unwrap();
        told.merged += 1;
        if told.lost > 0 {
            return;
        }
        let rows = &mut told.rows;
        assert_eq!(change.retracted.len(), replaced.len());
        for before in replaced {
            assert_eq!(key(&before.row), key(&change.rows[before.by]));
            assert_eq!(rows.remove(&key(&before.row)).as_ref(), Some(&before.row));
        }
        for row in &change.rows {
            assert!(rows.insert(key(row), row.clone()).is_none());
        }
    }

    fn lost(&self, _: OrganizationId) {
        self.0.lock().unwrap().lost += 1;
    }
}

/// Law: whoever follows what is told has the rows of the store, or is told to look at it.
#[test]
fn who_is_told_has_the_rows_or_knows_better() {
    let mirror = Arc::new(Mirror::default());
    let told = Arc::clone(&mirror);
    let mut world = World::new(move |config| config.projector.watcher = Some(told.clone()));
    let organization = fresh_organization();
    let records = related_records(300)
        .new_tree(&mut TestRunner::deterministic())
        .unwrap()
        .current();
    world.send(organization, records[..200].to_vec());
    world.check(organization);
    assert_eq!(mirror.said().1, 0);
    let rows = rows_of(world.store(), organization);
    assert!(differences(&rows, &mirror.0.lock().unwrap().rows, true).is_empty());

    // A store that fails: what was told may not have come.
    world.store().fail_before(1);
    world.send(organization, records[200..].to_vec());
    world.check(organization);
    assert!(mirror.said().1 > 0);

    // A store that is made again: nothing of it is told row by row.
    let (merged, lost) = mirror.said();
    world.ingest().rebuild_store(organization).unwrap();
    world.check(organization);
    assert_eq!(mirror.said().0, merged);
    assert!(mirror.said().1 > lost);
}
