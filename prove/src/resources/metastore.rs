//! The file of people and configuration.

use std::fs;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use tacho_bench::http::{Connection, head};
use tacho_bench::server::ORGANIZATION;

use super::Ground;
use super::refusal::says;
use crate::sending::send_up_to;
use crate::serving::wait_until_serving;

const LOCKED: Duration = Duration::from_secs(12);
/// Records and answers while it is locked.
const QUICK: Duration = Duration::from_secs(2);
/// A change gives up before this.
const PATIENCE: Duration = Duration::from_secs(15);

pub(super) fn locked(ground: &Ground<'_>) -> anyhow::Result<()> {
    let mut server = ground.installation.start()?;
    wait_until_serving(ground.installation, &mut server)?;
    ground.send_up_to(0.3)?;
    // Another process that begins to change something and takes its time.
    let point = format!("metastore_write:1:sleep={}", LOCKED.as_millis());
    let mut holder = Command::new(&ground.place.tacho)
        .args([
            "key",
            "create",
            "--org",
            ORGANIZATION,
            "--scope",
            "read",
            "--data-dir",
        ])
        .arg(&ground.installation.data_dir)
        .env("TACHO_FAIL_POINT", point)
        .stdout(Stdio::null())
        .spawn()?;
    thread::sleep(Duration::from_millis(500));
    for step in 1..=10 {
        let begun = Instant::now();
        send_up_to(&ground.outbox, ground.part(0.3 + 0.03 * f64::from(step)))?;
        ground.installation.count_executions()?;
        ensure!(
            begun.elapsed() < QUICK,
            "records and an answer took {:?}",
            begun.elapsed()
        );
    }
    ensure!(holder.try_wait()?.is_none(), "it was not locked for long enough");
    let begun = Instant::now();
    let changed = make_key(ground)?;
    ensure!(begun.elapsed() < PATIENCE, "a change took {:?}", begun.elapsed());
    ensure!(
        changed.status == 503 && changed.retry_after_seconds.is_some()
            || (200..300).contains(&changed.status),
        "{}: {}",
        changed.status,
        String::from_utf8_lossy(&changed.body)
    );
    ensure!(holder.wait()?.success(), "the other process failed");
    ensure!(make_key(ground)?.status < 300, "no change after it was unlocked");
    ground.send_up_to(1.0)?;
    ground.check_everything()?;
    server.stop()
}

fn make_key(ground: &Ground<'_>) -> anyhow::Result<tacho_bench::http::Answer> {
    let body = r#"{"name":"made while locked","scopes":["read"]}"#;
    let head = head(
        "POST",
        "/api/v1/keys",
        &ground.installation.key,
        "content-type: application/json\r\n",
        body.len(),
    );
    Ok(Connection::open(ground.installation.address)?.exchange(&head, body.as_bytes())?)
}

pub(super) fn corrupt(ground: &Ground<'_>) -> anyhow::Result<()> {
    let mut server = ground.installation.start()?;
    wait_until_serving(ground.installation, &mut server)?;
    ground.send_up_to(0.5)?;
    server.stop()?;
    let path = ground.installation.data_dir.join("tacho.sqlite");
    let whole = fs::read(&path).context("there is no metastore")?;
    let mut broken = whole.clone();
    broken[..4096].iter_mut().for_each(|byte| *byte ^= 0x5a);
    fs::write(&path, broken)?;
    let refusal = ground.refused_start()?;
    says(&refusal, "tacho.sqlite")?;
    says(&refusal, "not a database")?;
    fs::write(&path, whole)?;
    let mut server = ground.installation.start()?;
    wait_until_serving(ground.installation, &mut server)?;
    ground.send_up_to(1.0)?;
    ground.check_everything()?;
    server.stop()
}
