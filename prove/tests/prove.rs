//! A bounded part of the proof, on the binary beside the tests (the full size is `make prove`).

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use tacho_fail::Point;
use tacho_prove::crash::{self, Fault};
use tacho_prove::trial::Place;
use tacho_prove::{load, resources, store};

/// The server's binary beside the tests' own folder; built if nobody has built it yet.
fn place() -> Place {
    let test = std::env::current_exe().unwrap();
    let tacho = test.ancestors().nth(2).unwrap().join("tacho");
    if !tacho.exists() {
        let status = Command::new(env!("CARGO"))
            .args(["build", "--locked", "--bin", "tacho"])
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .status();
        assert!(status.unwrap().success(), "the server could not be built");
    }
    Place {
        tacho,
        directory: PathBuf::from(Path::new(env!("CARGO_TARGET_TMPDIR"))),
    }
}

fn crash(faults: &[Fault]) {
    let plan = crash::Plan {
        rounds: faults.len(),
        rounds_each: faults.len(),
        seed: 1,
        faults: faults.to_vec(),
    };
    let findings = crash::run(&plan, &place()).unwrap();
    let rounds: usize = findings[..findings.len() - 1]
        .iter()
        .map(|found| found.rounds)
        .sum();
    assert_eq!(rounds, faults.len());
}

#[test]
fn what_is_acknowledged_survives_kills_at_random_moments() {
    crash(&[Fault::Serving, Fault::Starting, Fault::Checkpoint]);
}

#[test]
fn what_is_acknowledged_survives_kills_at_fail_points() {
    crash(
        &[
            Point::JournalSync,
            Point::JournalTrim,
            Point::ProjectionApplied,
            Point::StoreCommit,
            Point::RollupRefresh,
            Point::MetastoreWrite,
        ]
        .map(Fault::At),
    );
}

#[test]
fn a_store_that_is_lost_or_damaged_is_made_again() {
    let faults = [
        store::Fault::Deleted,
        store::Fault::Flipped,
        store::Fault::TakenBack,
    ];
    let findings = store::run(&faults, 1, 2, &place()).unwrap();
    assert_eq!(findings.len(), faults.len());
}

#[test]
fn a_second_server_and_a_broken_metastore_are_refused() {
    for name in [
        "second server",
        "metastore corrupt",
        "a sync of the journal fails",
    ] {
        let trial = resources::TRIALS
            .iter()
            .find(|trial| trial.fault.contains(name))
            .unwrap();
        assert_eq!(trial.run(1, &place()).unwrap().rounds, 1, "{name}");
    }
}

#[test]
fn a_day_of_everything_ends_with_the_figures_of_what_was_sent() {
    let mut plan = load::Plan::held_for(Duration::ZERO);
    (plan.day, plan.executions) = (Duration::from_secs(2), 400);
    assert_eq!(load::run(load::Part::Day, &plan, 3, &place()).unwrap().len(), 1);
}

/// A misspelt name proves nothing.
#[test]
fn what_does_not_exist_is_not_proved() {
    let binary = env!("CARGO_BIN_EXE_tacho-prove");
    for part in ["store", "resources", "load"] {
        let output = Command::new(binary)
            .args([part, "--only", "earthquake"])
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(!output.status.success(), "{part}: {said}");
        assert!(
            said.contains("nothing is called \"earthquake\"; there are: "),
            "{said}"
        );
    }
}
