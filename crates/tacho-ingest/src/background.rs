//! Threads whose work can wait.

use rustix::process::setpriority_process;

/// How far a background thread stands back, from 0 (not at all) to 19.
const NICE: i32 = 10;

/// Lets other threads go first where the processors are short: for work that nobody waits for. On systems where a
/// priority belongs to the process alone, nothing changes.
pub(crate) fn yield_to_others() {
    if cfg!(target_os = "linux") {
        // Never fails for going down; if it did, the work would be done as any other.
        let _ = setpriority_process(None, NICE);
    }
}
