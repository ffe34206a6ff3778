//! The time of day jumps while the server runs.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::{Context, ensure};
use tacho_bench::http::{Connection, head};
use tacho_bench::server::Installation;

use super::Ground;
use crate::live;
use crate::serving::{wait_for, wait_until_serving};

const SHIM: &str = include_str!("clock.c");
const HOUR: i64 = 3_600;
/// A moment before clocks in Berlin go forward, and one before they go back, in seconds since 1970. Both lie ahead: records of
/// a server's future are refused.
const DAYLIGHT_SAVING: [i64; 2] = [1_806_195_590, 1_824_944_390];
/// Seconds that a trial takes at most, and more.
const CLOCK_TOLERANCE: i64 = 600;
const LIVE_TIMEOUT: Duration = Duration::from_secs(10);

pub(super) fn jumps(ground: &Ground<'_>) -> anyhow::Result<()> {
    let library = shim(ground.scratch)?;
    let offset = ground.scratch.join("offset");
    set(&offset, 0)?;
    let (library, path) = (library.display().to_string(), offset.display().to_string());
    let variables = [
        ("LD_PRELOAD", library.as_str()),
        ("PROVE_CLOCK", path.as_str()),
        ("TZ", "Europe/Berlin"),
    ];
    let mut server = ground.installation.start_with(&variables)?;
    wait_until_serving(ground.installation, &mut server)?;
    let now = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs() as i64;
    let mut jumps = vec![2 * HOUR, -3 * HOUR, 24 * HOUR, -20 * HOUR, 366 * 24 * HOUR, 0];
    jumps.extend(DAYLIGHT_SAVING.map(|moment| moment - now));
    jumps.push(0);
    let steps = jumps.len();
    for (step, jump) in jumps.into_iter().enumerate() {
        set(&offset, jump)?;
        ground.send_up_to(0.9 * (step + 1) as f64 / steps as f64)?;
        ensure!(
            !server.has_ended()?,
            "the server has ended after a jump of {jump} s"
        );
        let said = told_time(ground.installation)?;
        ensure!(
            (said - now - jump).abs() < CLOCK_TOLERANCE,
            "the server's clock is at {said} after a jump of {jump} s"
        );
        ground.installation.wait_until_projected(LIVE_TIMEOUT)?;
        wait_for("a live page is right", LIVE_TIMEOUT, || {
            let seen = live::snapshot(ground.installation).ok();
            seen.is_some() && seen == live::listed(ground.installation).ok()
        })?;
    }
    server.kill()?;
    // A start at another time than before.
    set(&offset, -2 * HOUR)?;
    let mut server = ground.installation.start_with(&variables)?;
    wait_until_serving(ground.installation, &mut server)?;
    ground.send_up_to(1.0)?;
    ground.check_everything()?;
    server.stop()
}

/// The server's clock, by when it says that a key was made, in seconds since 1970.
fn told_time(installation: &Installation) -> anyhow::Result<i64> {
    let body = r#"{"name":"clock","scopes":["read"]}"#;
    let kind = "content-type: application/json\r\n";
    let head = head("POST", "/api/v1/keys", &installation.key, kind, body.len());
    let made = Connection::open(installation.address)?
        .exchange(&head, body.as_bytes())?
        .json()?;
    let at = made["created_at"].as_str().context("no time")?;
    let output = Command::new("date").args(["+%s", "-d", at]).output()?;
    Ok(String::from_utf8(output.stdout)?.trim().parse()?)
}

fn set(path: &Path, seconds: i64) -> anyhow::Result<()> {
    // In place, since the server has it mapped.
    let file = fs::OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(false)
        .open(path)?;
    Ok(std::os::unix::fs::FileExt::write_all_at(
        &file,
        &seconds.to_ne_bytes(),
        0,
    )?)
}

fn shim(scratch: &Path) -> anyhow::Result<std::path::PathBuf> {
    let (source, library) = (scratch.join("clock.c"), scratch.join("clock.so"));
    fs::write(&source, SHIM)?;
    let compiled = Command::new("cc")
        .args(["-O1", "-shared", "-fPIC", "-o"])
        .arg(&library)
        .arg(&source)
        .arg("-ldl")
        .status()?;
    ensure!(compiled.success(), "could not compile the clock");
    Ok(library)
}
