//! How fast histories come: records a second on one core. `cargo run --release -p tacho-demo --example speed`.

use std::time::Instant;

use tacho_core::{RecordType, Timestamp};
use tacho_demo::{Config, Generator, TypeSet};

fn main() {
    let start = Timestamp::from_millis(1_767_225_600_000);
    let end = start.plus_micros(90 * 86_400_000_000);
    for (name, types, lives) in [
        ("all types", TypeSet::ALL, false),
        ("executions", TypeSet::of(&[RecordType::Execution]), false),
        ("executions as lives", TypeSet::of(&[RecordType::Execution]), true),
    ] {
        let mut config = Config::new(1, start, end, 40, 1_000_000);
        config.types = types;
        config.lives = lives;
        let begin = Instant::now();
        let mut counts = [0u64; 11];
        for record in Generator::new(config) {
            counts[record.record_type as usize] += 1;
        }
        let count: u64 = counts.iter().sum();
        println!(
            "{name}: {count} records, {:.0} a second; by type {:?}",
            count as f64 / begin.elapsed().as_secs_f64(),
            &counts[1..]
        );
    }
}
