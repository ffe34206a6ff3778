use std::fs;
use std::sync::Arc;
use std::time::Instant;

use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::TestRunner;
use tacho_ingest::journal::disk::RealDisk;
use tacho_ingest::{Ingest, IngestConfig};
use tacho_metastore::Metastore;
use tacho_store::{Statement, StoreError};

use super::world::World;
use super::*;
use crate::records::{numbered_record, related_records};

/// Some records, the same at every run.
fn some_records(count: usize) -> Vec<Record> {
    related_records(count)
        .new_tree(&mut TestRunner::deterministic())
        .unwrap()
        .current()
}

fn tiny_index(config: &mut IngestConfig) {
    config.projector.index_limits = IndexLimits {
        entries_in_memory_max: 16,
        runs_per_class_max: 2,
    };
}

/// Law: what has come is counted in rollups soon after, without more coming, and once; a store that cannot be tidied up is
/// tidied up later and loses nothing.
#[test]
fn a_store_is_tidied_up_when_nothing_waits() {
    let mut world = World::new(|config| config.projector.tidy_pace = Duration::from_millis(50));
    let organization = fresh_organization();
    let rows_above = |world: &World| {
        let status = world.store().status(organization).unwrap();
        status.applied_lsn - status.cells_lsn
    };
    let wait_until_tidy = |world: &World| {
        let deadline = Instant::now() + WAIT;
        while rows_above(world) > 0 {
            assert!(
                Instant::now() < deadline,
                "the store is not tidied up: {} above, tidied {} times",
                rows_above(world),
                world.store().tidied()
            );
            std::thread::sleep(Duration::from_millis(5));
        }
    };
    world.send(organization, some_records(100));
    world.check(organization);
    wait_until_tidy(&world);
    world.check(organization);
    let tidied = world.store().tidied();
    std::thread::sleep(Duration::from_millis(200));
    assert_eq!(world.store().tidied(), tidied);

    world.send(organization, some_records(30));
    world.check(organization);
    world.store().fail_before(2);
    wait_until_tidy(&world);
    world.check(organization);
}

/// Law: a rebuild gives the same store to the last position, however the batches were cut the first time, while ingest
/// goes on; until it is whole, reads are refused and not answered in part.
#[test]
fn a_rebuild_gives_the_same_store() {
    let mut world = World::new(|config| {
        tiny_index(config);
        config.journal.segment_bytes_max = 4_000;
    });
    let organization = fresh_organization();
    world.send(organization, some_records(300));
    world.check(organization);
    let before = world.store().digest(organization, true).unwrap();
    world.ingest().rebuild_store(organization).unwrap();
    assert!(
        world
            .ingest()
            .wait_until_applied(organization, before.applied_lsn, WAIT)
    );
    assert_eq!(world.store().digest(organization, true).unwrap(), before);

    world.store().hold(organization);
    world.ingest().rebuild_store(organization).unwrap();
    assert!(matches!(
        world.count(organization),
        Err(StoreError::Unavailable(_))
    ));
    assert!(
        world
            .ingest()
            .status(organization)
            .lane
            .rebuild_progress
            .is_some()
    );
    world.send(organization, some_records(50));
    assert!(matches!(
        world.count(organization),
        Err(StoreError::Unavailable(_))
    ));
    world.store().release(organization);
    world.check(organization);
}

/// Law: after a start, a store that lacks something that was committed before answers nothing until it has it, whether it was
/// lost or was cut off while it was made; one that lacks nothing answers at once.
#[test]
fn a_store_that_lacks_something_answers_nothing_after_a_start() {
    let mut world = World::new(tiny_index);
    let organization = fresh_organization();
    world.send(organization, some_records(60));
    world.check(organization);
    world.stop();
    let file = world.store_file(organization);
    let early = file.with_extension("early");
    fs::copy(&file, &early).unwrap();
    world.start();
    world.send(organization, some_records(140));
    world.check(organization);
    let has_answer = |world: &World| match world.count(organization) {
        Ok(_) => true,
        Err(StoreError::Unavailable(_)) => false,
        Err(error) => panic!("{error}"),
    };
    type Mishap<'a> = (&'a str, &'a dyn Fn(), bool);
    let mishaps: [Mishap<'_>; 3] = [
        ("whole", &|| {}, true),
        ("lost", &|| fs::remove_file(&file).unwrap(), false),
        (
            "cut off",
            &|| assert!(fs::copy(&early, &file).unwrap() > 0),
            false,
        ),
    ];
    for (name, mishap, is_answered) in mishaps {
        world.stop();
        mishap();
        world.start_with(|store| store.hold(organization));
        assert_eq!(has_answer(&world), is_answered, "{name}");
        // Whatever comes meanwhile changes nothing about it.
        world.send(organization, vec![numbered_record(name.len() as u64)]);
        assert_eq!(has_answer(&world), is_answered, "{name}");
        if !is_answered {
            assert!(
                world
                    .ingest()
                    .status(organization)
                    .lane
                    .rebuild_progress
                    .is_some()
            );
        }
        world.store().release(organization);
        world.check(organization);
    }
}

/// Law: a store file that is gone, cut or overwritten is set aside and made again from the journal, while ingest goes on.
#[test]
fn a_store_file_that_does_not_open_is_made_again() {
    let mut world = World::new(tiny_index);
    let organization = fresh_organization();
    world.send(organization, some_records(200));
    world.check(organization);
    let noise: Vec<u8> = (0..100_000u64)
        .map(|at| (at.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 40) as u8)
        .collect();
    type Mishap<'a> = (&'a str, &'a dyn Fn(&Path));
    let mishaps: [Mishap<'_>; 6] = [
        ("deleted", &|file| fs::remove_file(file).unwrap()),
        ("empty", &|file| fs::write(file, []).unwrap()),
        ("cut in its head", &|file| {
            fs::OpenOptions::new()
                .write(true)
                .open(file)
                .unwrap()
                .set_len(5_000)
                .unwrap()
        }),
        ("cut", &|file| {
            let file = fs::OpenOptions::new().write(true).open(file).unwrap();
            let length = file.metadata().unwrap().len();
            file.set_len(length / 2).unwrap();
        }),
        ("noise", &|file| fs::write(file, &noise).unwrap()),
        ("overwritten from 12 KiB on", &|file| {
            let mut bytes = fs::read(file).unwrap();
            for (byte, noise) in bytes.iter_mut().skip(12 * 1024).zip(&noise) {
                *byte = *noise;
            }
            fs::write(file, bytes).unwrap();
        }),
    ];
    for (name, damage) in mishaps {
        world.stop();
        damage(&world.store_file(organization));
        world.start();
        world.send(organization, vec![numbered_record(name.len() as u64)]);
        eprintln!(
            "{name}: {:?}",
            world.ingest().status(organization).lane.last_error
        );
        world.check(organization);
    }
}

/// Law: damage in the middle of a file that opens is met by whoever reads it, and mended from the journal too.
#[test]
fn damage_that_opening_does_not_meet_is_mended() {
    const BLOCK: usize = 256 * 1024;
    let mut world = World::new(tiny_index);
    let organization = fresh_organization();
    let records = some_records(80);
    world.send(organization, records.clone());
    world.check(organization);
    world.stop();
    let file = world.store_file(organization);
    let blocks = fs::metadata(&file).unwrap().len() as usize / BLOCK;
    let mut met = [0, 0];
    for block in 0..blocks {
        let by_query = block % 2 == 1;
        let mut bytes = fs::read(&file).unwrap();
        // Behind the three heads, in the first half of a block, which is in use if any of it is.
        let at = 12 * 1024 + block * BLOCK + 1_000;
        if at >= bytes.len() {
            break;
        }
        bytes[at] ^= 0xff;
        fs::write(&file, bytes).unwrap();
        world.start();
        if by_query {
            // A query that meets it fails, and what is written next has it mended.
            let everything = Target::all().map(|target| Statement {
                sql: format!("SELECT sum(hash(COLUMNS(*))) FROM \"{}\"", target.table()),
                params: Vec::new(),
            });
            let failed = everything.filter(|one| {
                world
                    .store()
                    .read(organization, std::slice::from_ref(one), WAIT)
                    .is_err()
            });
            met[1] += failed.count();
            world.send(organization, vec![numbered_record(block as u64)]);
        } else {
            // All comes again, so that all that is stored is read.
            world.send(organization, records.clone());
        }
        world.check(organization);
        met[0] += fs::read_dir(file.parent().unwrap())
            .unwrap()
            .filter(|entry| {
                entry
                    .as_ref()
                    .unwrap()
                    .file_name()
                    .to_string_lossy()
                    .contains("set-aside")
            })
            .count();
        world.stop();
    }
    assert!(
        met[0] > 0 && met[1] > 0,
        "no damaged block was ever read: {met:?}"
    );
}

/// Law: a store file that is taken away while Tacho runs is noticed, also if it was closed and comes up empty.
#[test]
fn a_store_file_that_is_replaced_while_running_is_noticed() {
    let mut world = World::new(tiny_index);
    let organization = fresh_organization();
    world.send(organization, some_records(100));
    world.check(organization);
    let kept = world.store_file(organization).with_extension("kept");
    fs::copy(world.store_file(organization), &kept).unwrap();
    // Set aside behind the projector's back: closed, renamed, and made anew by whoever asks next.
    world.store().set_aside(organization).unwrap();
    world.send(organization, some_records(20));
    world.check(organization);
}

/// Law: between the store's commit and the index, or with the index lost or put back to an earlier state, a stop loses and
/// repeats nothing.
#[test]
fn the_index_may_be_lost_or_old() {
    let mut world = World::new(tiny_index);
    let organization = fresh_organization();
    let records = some_records(150);
    let index = world
        .directory
        .path()
        .join("identity")
        .join(organization.to_string());
    let early = world.directory.path().join("early");
    for (round, part) in records.chunks(30).enumerate() {
        // A batch that is applied while the index never hears of it.
        world.store().fail_after(1);
        world.send(organization, part.to_vec());
        world.check(organization);
        world.stop();
        match round {
            0 => {
                fs::create_dir(&early).unwrap();
                for entry in fs::read_dir(&index).unwrap() {
                    let entry = entry.unwrap();
                    fs::copy(entry.path(), early.join(entry.file_name())).unwrap();
                }
            }
            1 => fs::remove_dir_all(&index).unwrap(),
            2 => {
                fs::remove_dir_all(&index).unwrap();
                fs::rename(&early, &index).unwrap();
            }
            _ => {}
        }
        world.start();
        // All that was ever sent comes again.
        let again: Vec<Record> = records[..(round + 1) * 30].to_vec();
        world.send(organization, again);
        world.check(organization);
    }
}

/// Law: what outgrows the memory for waiting records is read from the journal; nothing is lost and the order is kept.
#[test]
fn a_tail_that_overflows_goes_through_the_journal() {
    let mut world = World::new(|config| {
        config.projector.tail_records_max = 10;
        config.journal.segment_bytes_max = 3_000;
    });
    let organization = fresh_organization();
    world.store().hold(organization);
    world.send(organization, some_records(300));
    assert!(world.ingest().status(organization).lane.lag_records > 0);
    world.store().release(organization);
    // More comes while it catches up, again and again past what fits, and from memory again afterwards.
    for part in some_records(400).chunks(7) {
        world.send(organization, part.to_vec());
    }
    world.check(organization);
    world.send(organization, some_records(30));
    world.check(organization);
    assert_eq!(world.ingest().status(organization).lane.lag_records, 0);
}

/// Law: a store that fails for a while, whether it did what it was told or not, ends up right.
#[test]
fn a_store_that_fails_recovers() {
    let mut world = World::new(tiny_index);
    let organization = fresh_organization();
    for (round, part) in some_records(120).chunks(30).enumerate() {
        if round % 2 == 0 {
            world.store().fail_before(2)
        } else {
            world.store().fail_after(2)
        }
        world.send(organization, part.to_vec());
        world.check(organization);
        // The second failure may not have been met yet.
        world.store().fail_before(0);
        world.store().fail_after(0);
        assert!(world.store().has_failed_enough());
    }
    // The store may have done what it said it had not: the lane learns of it when it tries again.
    let deadline = Instant::now() + WAIT;
    while let Some(error) = world.ingest().status(organization).lane.last_error {
        assert!(Instant::now() < deadline, "the lane goes on failing: {error}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// Law: an organization whose store does not answer holds up no other, nor the journal.
#[test]
fn one_stuck_organization_holds_up_no_other() {
    let mut world = World::new(|_| {});
    let (stuck, other) = (fresh_organization(), fresh_organization());
    world.store().hold(stuck);
    for part in some_records(200).chunks(20) {
        world.send(stuck, part.to_vec());
        world.send(other, part.to_vec());
        world.check(other);
    }
    assert!(world.ingest().status(stuck).lane.lag_records > 0);
    world.store().release(stuck);
    world.check(stuck);
}

/// Law: what comes again, after a restart too, adds nothing and is counted as a duplicate.
#[test]
fn duplicates_are_counted_as_such() {
    let mut world = World::new(tiny_index);
    let organization = fresh_organization();
    let records = some_records(80);
    world.send(organization, records.clone());
    world.check(organization);
    let (_, duplicates) = model::project(&world.sent[&organization]);
    assert_eq!(world.ingest().status(organization).lane.duplicates, duplicates);
    world.stop();
    world.start();
    world.send(organization, records.clone());
    world.check(organization);
    assert_eq!(
        world.ingest().status(organization).lane.duplicates,
        records.len() as u64
    );
}

/// Law: a second ingest on one data directory is refused.
#[test]
fn one_data_directory_has_one_ingest() {
    let world = World::new(|_| {});
    let store = Arc::new(duckdb(&world.directory.path().join("other")));
    let metastore = world
        .runtime
        .block_on(Metastore::open(world.directory.path().join("meta.sqlite")))
        .unwrap();
    let second = Ingest::open(
        IngestConfig::in_directory(world.directory.path()),
        Arc::new(RealDisk),
        store,
        metastore,
    );
    assert!(matches!(second, Err(tacho_ingest::OpenError::InUse(_))));
}
