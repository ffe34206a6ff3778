//! Acknowledged is durable, the server killed again and again (the full size is `bench/kill`).

use std::path::{Path, PathBuf};
use std::process::Command;

use tacho_bench::kill::{Plan, run};

/// The server's binary beside the tests' own folder; built if nobody has built it yet.
fn server() -> PathBuf {
    let test = std::env::current_exe().unwrap();
    let binary = test.ancestors().nth(2).unwrap().join("tacho");
    if !binary.exists() {
        let build = ["build", "--locked", "--bin", "tacho"];
        let status = Command::new(env!("CARGO"))
            .args(build)
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .status();
        assert!(status.unwrap().success(), "the server could not be built");
    }
    binary
}

#[test]
fn records_survive_being_killed_and_none_comes_twice() {
    let plan = Plan {
        records: 20_000,
        records_each: 200,
        kills: 5,
        connections: 4,
        seed: 1,
    };
    let outcome = run(&plan, &server(), Path::new(env!("CARGO_TARGET_TMPDIR"))).unwrap();
    assert_eq!(outcome.kills.0 + outcome.kills.1, plan.kills);
    assert!(outcome.executions > 1_000);
}
