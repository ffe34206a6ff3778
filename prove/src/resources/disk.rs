//! The disk: full, read-only, failing, slow.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use tacho_bench::server::Installation;

use super::Ground;
use super::refusal::says;
use crate::serving::{wait_for, wait_until_serving};

const MIB: u64 = 1024 * 1024;
const DISK_MIB: u64 = 64;
const RESERVE_MIB: u64 = 16;
const NO_RESERVE: [(&str, &str); 1] = [("TACHO_INGEST__DISK_RESERVE_BYTES", "0")];
/// How soon the server has to notice.
const NOTICE_TIMEOUT: Duration = Duration::from_secs(10);
/// An answer while the disk is slow.
const QUICK: Duration = Duration::from_secs(1);

/// A small disk of its own under a data directory.
struct SmallDisk {
    path: PathBuf,
}

impl SmallDisk {
    /// Puts what the installation has on it.
    fn under(installation: &Installation) -> anyhow::Result<Self> {
        let path = installation.data_dir.clone();
        let aside = path.with_extension("aside");
        fs::rename(&path, &aside)?;
        fs::create_dir(&path)?;
        let disk = Self { path };
        disk.mount(&format!("size={DISK_MIB}m"))?;
        let copied = Command::new("cp")
            .args(["-a", "--"])
            .arg(aside.join("."))
            .arg(&disk.path)
            .status()?;
        ensure!(copied.success(), "could not copy {}", aside.display());
        Ok(disk)
    }

    fn mount(&self, options: &str) -> anyhow::Result<()> {
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", options, "tmpfs"])
            .arg(&self.path)
            .status()?;
        ensure!(mounted.success(), "could not mount a small disk; this needs root");
        Ok(())
    }

    fn ballast(&self) -> PathBuf {
        self.path.join("ballast")
    }

    /// Leaves less than so many bytes.
    fn fill(&self, leave: u64) -> anyhow::Result<()> {
        let mut file = File::create(self.ballast())?;
        let block = vec![0; 64 * 1024];
        while free_bytes(&self.path)? > leave {
            if file.write_all(&block).is_err() {
                break;
            }
        }
        Ok(())
    }

    fn make_room(&self) -> anyhow::Result<()> {
        Ok(fs::remove_file(self.ballast())?)
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        // What was on it goes back to where it is looked for afterwards.
        let keep = self.path.with_extension("keep");
        let _ = Command::new("cp")
            .args(["-a", "--"])
            .arg(&self.path)
            .arg(&keep)
            .status();
        let _ = Command::new("umount").arg("-l").arg(&self.path).status();
        let _ = fs::remove_dir(&self.path).and_then(|()| fs::rename(&keep, &self.path));
    }
}

fn free_bytes(path: &Path) -> anyhow::Result<u64> {
    let output = Command::new("df")
        .args(["--output=avail", "-B1", "--"])
        .arg(path)
        .output()?;
    let text = String::from_utf8(output.stdout)?;
    let figure = text.lines().nth(1).context("df says nothing")?;
    Ok(figure.trim().parse()?)
}

pub(super) fn full_to_the_reserve(ground: &Ground<'_>) -> anyhow::Result<()> {
    let disk = SmallDisk::under(ground.installation)?;
    let reserve = (RESERVE_MIB * MIB).to_string();
    let mut server = ground
        .installation
        .start_with(&[("TACHO_INGEST__DISK_RESERVE_BYTES", &reserve)])?;
    wait_until_serving(ground.installation, &mut server)?;
    ground.send_up_to(0.3)?;
    disk.fill((RESERVE_MIB - 1) * MIB)?;
    wait_for("records are refused with 507", NOTICE_TIMEOUT, || {
        ground.send_one().is_ok_and(|answer| answer.status == 507)
    })?;
    ensure!(
        ground.send_one()?.retry_after_seconds.is_some(),
        "a refusal does not say when to try again"
    );
    ground.installation.count_executions()?;
    disk.make_room()?;
    ground.send_up_to(1.0)?;
    ground.check_everything()?;
    server.stop()
}

pub(super) fn full_to_the_last_byte(ground: &Ground<'_>) -> anyhow::Result<()> {
    let disk = SmallDisk::under(ground.installation)?;
    let mut server = ground.installation.start_with(&NO_RESERVE)?;
    wait_until_serving(ground.installation, &mut server)?;
    ground.send_up_to(0.3)?;
    disk.fill(0)?;
    ground.outbox.allow(ground.part(0.6));
    wait_for("records are refused", NOTICE_TIMEOUT, || {
        ground
            .send_one()
            .is_ok_and(|answer| answer.status >= 500 && answer.retry_after_seconds.is_some())
    })?;
    ensure!(!server.has_ended()?, "the server has ended");
    server.kill()?;
    // It may serve or refuse, but says why.
    let mut server = ground.installation.start_with(&NO_RESERVE)?;
    if wait_until_serving(ground.installation, &mut server).is_err() {
        says(&ground.installation.log(), "no space left")?;
    }
    server.kill()?;
    disk.make_room()?;
    let mut server = ground.installation.start_with(&NO_RESERVE)?;
    wait_until_serving(ground.installation, &mut server)?;
    ground.send_up_to(1.0)?;
    ground.check_everything()?;
    server.stop()
}

pub(super) fn read_only(ground: &Ground<'_>) -> anyhow::Result<()> {
    let disk = SmallDisk::under(ground.installation)?;
    let mut server = ground.installation.start_with(&NO_RESERVE)?;
    wait_until_serving(ground.installation, &mut server)?;
    ground.send_up_to(0.5)?;
    server.stop()?;
    disk.mount("remount,ro")?;
    says(&ground.refused_start()?, "read-only")?;
    disk.mount("remount,rw")?;
    let mut server = ground.installation.start_with(&NO_RESERVE)?;
    wait_until_serving(ground.installation, &mut server)?;
    ground.send_up_to(1.0)?;
    ground.check_everything()?;
    server.stop()
}

pub(super) fn failing_writes(ground: &Ground<'_>) -> anyhow::Result<()> {
    failing_once(ground, "journal_write:9:error")
}

pub(super) fn failing_sync(ground: &Ground<'_>) -> anyhow::Result<()> {
    failing_once(ground, "journal_sync:9:error")
}

/// From the error on nothing is taken, although the disk would.
fn failing_once(ground: &Ground<'_>, point: &str) -> anyhow::Result<()> {
    let mut server = ground.installation.start_with(&[("TACHO_FAIL_POINT", point)])?;
    wait_until_serving(ground.installation, &mut server)?;
    ground.outbox.allow(ground.part(0.5));
    wait_for("records are refused", NOTICE_TIMEOUT, || {
        ground
            .send_one()
            .is_ok_and(|answer| answer.status == 503 && answer.retry_after_seconds.is_some())
    })?;
    let before = ground.outbox.acknowledged();
    for _ in 0..20 {
        ensure!(
            ground.send_one()?.status == 503,
            "something was taken after the failure"
        );
    }
    ensure!(
        ground.outbox.acknowledged() == before,
        "something was acknowledged after the failure"
    );
    ground.installation.count_executions()?;
    server.kill()?;
    let mut server = ground.installation.start()?;
    wait_until_serving(ground.installation, &mut server)?;
    ground.send_up_to(1.0)?;
    ground.check_everything()?;
    server.stop()
}

pub(super) fn slow(ground: &Ground<'_>) -> anyhow::Result<()> {
    let mut server = ground
        .installation
        .start_with(&[("TACHO_FAIL_POINT", "journal_sync:1-:sleep=200")])?;
    wait_until_serving(ground.installation, &mut server)?;
    ground.outbox.allow(ground.part(0.2));
    while ground.outbox.acknowledged() < ground.part(0.2) {
        let asked = Instant::now();
        ground.installation.count_executions()?;
        ensure!(asked.elapsed() < QUICK, "an answer took {:?}", asked.elapsed());
    }
    server.stop()?;
    let mut server = ground.installation.start()?;
    wait_until_serving(ground.installation, &mut server)?;
    ground.send_up_to(1.0)?;
    ground.check_everything()?;
    server.stop()
}
