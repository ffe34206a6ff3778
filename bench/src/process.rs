//! What processes used, from /proc.

use std::fs;

use anyhow::Context;

/// Ticks a second of the times in /proc. 100 wherever Linux runs.
const TICKS_PER_SECOND: f64 = 100.0;

struct Stat {
    parent: u32,
    own_ticks: u64,
    children_ticks: u64,
}

fn stat(pid: u32) -> Option<Stat> {
    let text = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The name stands in parentheses and may hold anything.
    let fields: Vec<&str> = text.rsplit_once(')')?.1.split_whitespace().collect();
    let number = |at: usize| fields.get(at)?.parse::<u64>().ok();
    Some(Stat {
        parent: number(1)? as u32,
        own_ticks: number(11)? + number(12)?,
        children_ticks: number(13)? + number(14)?,
    })
}

/// Processor seconds that a process has used, its threads included.
///
/// # Errors
/// If there is no such process.
pub fn cpu_seconds(pid: u32) -> anyhow::Result<f64> {
    let stat = stat(pid).with_context(|| format!("no process {pid}"))?;
    Ok(stat.own_ticks as f64 / TICKS_PER_SECOND)
}

/// Processor seconds that a process and its children have used, those that have ended included.
///
/// # Errors
/// If there is no such process.
pub fn family_cpu_seconds(pid: u32) -> anyhow::Result<f64> {
    let head = stat(pid).with_context(|| format!("no process {pid}"))?;
    let mut ticks = head.own_ticks + head.children_ticks;
    for entry in fs::read_dir("/proc")? {
        let name = entry?.file_name();
        let Some(stat) = name.to_str().and_then(|name| name.parse().ok()).and_then(stat) else {
            continue;
        };
        if stat.parent == pid {
            ticks += stat.own_ticks;
        }
    }
    Ok(ticks as f64 / TICKS_PER_SECOND)
}

/// The most memory that a process has held, in bytes.
///
/// # Errors
/// If there is no such process.
pub fn resident_bytes_max(pid: u32) -> anyhow::Result<u64> {
    status_bytes(pid, "VmHWM:")
}

/// The memory that a process holds, in bytes.
///
/// # Errors
/// If there is no such process.
pub fn resident_bytes(pid: u32) -> anyhow::Result<u64> {
    status_bytes(pid, "VmRSS:")
}

/// The files and sockets that a process has open.
///
/// # Errors
/// If there is no such process.
pub fn open_files(pid: u32) -> anyhow::Result<usize> {
    Ok(fs::read_dir(format!("/proc/{pid}/fd"))?.count())
}

fn status_bytes(pid: u32, name: &str) -> anyhow::Result<u64> {
    let text = fs::read_to_string(format!("/proc/{pid}/status"))?;
    let line = text.lines().find_map(|line| line.strip_prefix(name));
    let line = line.with_context(|| format!("no {name}"))?;
    let kib: u64 = line.trim().trim_end_matches("kB").trim().parse()?;
    Ok(kib * 1024)
}
