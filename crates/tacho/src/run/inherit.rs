//! What a started command inherits: the signals that were blocked when we were started, not those that we block since.
//!
//! The only unsafe code of the crate.
#![allow(unsafe_code)]

use std::os::unix::process::CommandExt;
use std::process::Command;

use nix::sys::signal::{SaFlags, SigAction, SigHandler, SigSet, Signal, sigaction};

/// Has the command start with these signals blocked and no others.
pub(super) fn signal_mask(command: &mut Command, mask: SigSet) {
    // SAFETY: between fork and exec only async-signal-safe functions may run and no memory may be allocated;
    // pthread_sigmask is one and takes a copied set, and turning its error number into an io::Error allocates nothing.
    unsafe {
        command.pre_exec(move || mask.thread_set_mask().map_err(Into::into));
    }
}

/// Whoever started us may have had its children reaped unasked, which we inherit; then nobody would learn how the command
/// ends. So it is undone.
pub(super) fn keep_children_until_asked() {
    let default = SigAction::new(SigHandler::SigDfl, SaFlags::empty(), SigSet::empty());
    // SAFETY: no handler is installed, and the disposition of SIGCHLD belongs to nobody else in this process.
    let _ = unsafe { sigaction(Signal::SIGCHLD, &default) };
}
