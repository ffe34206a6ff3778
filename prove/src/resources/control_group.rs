//! A control group: the memory that a process may have, held by the kernel, which kills it for more.

use std::fs;
use std::path::{Path, PathBuf};
use std::process;
use std::thread;
use std::time::Duration;

use anyhow::{Context, ensure};

/// Where the kernel takes its orders, and how they are called there.
struct Files {
    root: &'static str,
    limit: &'static str,
    usage: &'static str,
    /// Tells after `oom_kill` how many were killed.
    events: &'static str,
    /// A zero there keeps memory from going to swap instead.
    swap: &'static str,
}

const VERSION_2: Files = Files {
    root: "/sys/fs/cgroup",
    limit: "memory.max",
    usage: "memory.current",
    events: "memory.events",
    swap: "memory.swap.max",
};
const VERSION_1: Files = Files {
    root: "/sys/fs/cgroup/memory",
    limit: "memory.limit_in_bytes",
    usage: "memory.usage_in_bytes",
    events: "memory.oom_control",
    swap: "memory.swappiness",
};
/// The kernel takes a moment to see that a group is empty.
const REMOVE_TRIES: usize = 100;
const PAUSE: Duration = Duration::from_millis(20);

/// A group of this process's own making; removed when it is dropped.
pub(super) struct ControlGroup {
    folder: PathBuf,
    files: &'static Files,
}

impl ControlGroup {
    /// Makes one whose processes may have so much memory together.
    ///
    /// # Errors
    /// If this machine, or who runs this, does not allow it.
    pub(super) fn create(bytes: u64) -> anyhow::Result<Self> {
        let files = match Path::new(VERSION_2.root).join("cgroup.controllers").exists() {
            true => &VERSION_2,
            false => &VERSION_1,
        };
        let folder = Path::new(files.root).join(format!("tacho-prove-{}", process::id()));
        fs::create_dir(&folder).with_context(|| folder.display().to_string())?;
        let group = Self { folder, files };
        ensure!(
            group.path(files.limit).exists(),
            "groups have no limit of memory here"
        );
        group.limit(bytes)?;
        // Not there where nothing can be swapped.
        let _ = fs::write(group.path(files.swap), "0");
        Ok(group)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// Where a process writes its id to be in the group.
    pub(super) fn entrance(&self) -> PathBuf {
        self.path("cgroup.procs")
    }

    /// Sets another limit. Refused by some kernels if more than that is in use and cannot be freed.
    pub(super) fn limit(&self, bytes: u64) -> anyhow::Result<()> {
        Ok(fs::write(self.path(self.files.limit), bytes.to_string())?)
    }

    /// Bytes that are in use.
    pub(super) fn usage(&self) -> anyhow::Result<u64> {
        Ok(fs::read_to_string(self.path(self.files.usage))?.trim().parse()?)
    }

    /// Processes that were killed because there was no memory left.
    pub(super) fn kills(&self) -> anyhow::Result<u64> {
        let events = fs::read_to_string(self.path(self.files.events))?;
        let kills = events.lines().find_map(|line| line.strip_prefix("oom_kill "));
        Ok(kills.context("the kernel does not count kills")?.trim().parse()?)
    }
}

impl Drop for ControlGroup {
    fn drop(&mut self) {
        for _ in 0..REMOVE_TRIES {
            if fs::remove_dir(&self.folder).is_ok() {
                return;
            }
            thread::sleep(PAUSE);
        }
        eprintln!("{} is left: something still runs in it", self.folder.display());
    }
}
