//! The command: starting it, passing signals on to it, and seeing how it ends.
//!
//! Where there is a controlling terminal, the command stays in our process group, so that it may read the terminal; the
//! terminal's own signals (Ctrl-C) reach it without us and are not sent twice. Without one (cron, a service manager, CI)
//! it gets a process group of its own, and signals and time-outs reach its descendants too.

use std::ffi::OsString;
use std::io::{self, Read, Write};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::signal::{self, Signal};
use nix::sys::time::TimeValLike;
use nix::unistd::Pid;

use super::inherit;
use super::signals::{Received, Signals};
use super::tail::Tail;

/// How long a descendant that outlives the command may hold stderr open before we stop passing it on.
const STDERR_GRACE: Duration = Duration::from_secs(1);

/// What to start and how to watch it.
pub(crate) struct Plan<'a> {
    /// Program and arguments, at least the program.
    pub(crate) command: &'a [OsString],
    /// Told to the command as `TACHO_EXECUTION_ID`.
    pub(crate) execution_id: &'a str,
    /// Whether stderr is passed on through us, to keep its end.
    pub(crate) captures_stderr: bool,
    /// When to end it.
    pub(crate) timeout: Option<Duration>,
    /// How long it may take to end then.
    pub(crate) kill_after: Duration,
    /// How often to say that it still runs.
    pub(crate) heartbeat: Option<Duration>,
}

/// How it ended.
#[derive(Debug)]
pub(crate) struct Outcome {
    /// Exit code or signal.
    pub(crate) status: ExitStatus,
    /// Whether we ended it because it took too long.
    pub(crate) is_timed_out: bool,
    /// Whether someone asked it to end (SIGINT, SIGTERM).
    pub(crate) is_cancelled: bool,
    /// How long it ran.
    pub(crate) elapsed: Duration,
    /// The last lines of stderr.
    pub(crate) stderr_tail: Option<String>,
    /// User and system time of it and its descendants that it waited for.
    pub(crate) cpu: Duration,
    /// Memory of the largest of them.
    pub(crate) memory_peak_bytes: u64,
}

/// Stderr flowing through us.
struct Passage {
    tail: Arc<Mutex<Tail>>,
    /// Hears when there is no more.
    end: Receiver<()>,
}

/// A command that runs.
pub(crate) struct Running {
    child: Child,
    has_own_group: bool,
    begin: Instant,
    signals: Signals,
    stderr: Option<Passage>,
}

/// Starts it. Call this before any other thread starts, since threads inherit which signals are blocked.
///
/// # Errors
/// If it cannot be started: not found, not executable.
pub(crate) fn start(plan: &Plan<'_>) -> io::Result<Running> {
    inherit::keep_children_until_asked();
    let signals = Signals::block()?;
    let has_own_group = !has_terminal();
    let mut command = Command::new(&plan.command[0]);
    command
        .args(&plan.command[1..])
        .env("TACHO_EXECUTION_ID", plan.execution_id);
    if plan.captures_stderr {
        command.stderr(Stdio::piped());
    }
    if has_own_group {
        command.process_group(0);
    }
    inherit::signal_mask(&mut command, signals.inherited);
    let begin = Instant::now();
    let mut child = command.spawn()?;
    let stderr = child.stderr.take().map(pass_on);
    Ok(Running {
        child,
        has_own_group,
        begin,
        signals,
        stderr,
    })
}

impl Running {
    /// Waits for its end. Calls `on_heartbeat` in between.
    ///
    /// # Errors
    /// If the system does not say how it ended.
    pub(crate) fn wait(mut self, plan: &Plan<'_>, mut on_heartbeat: impl FnMut()) -> io::Result<Outcome> {
        let mut is_cancelled = false;
        let mut is_timed_out = false;
        let mut deadline = plan.timeout.map(|timeout| self.begin + timeout);
        let mut next_heartbeat = plan.heartbeat.map(|every| self.begin + every);
        let status = loop {
            let wake = [deadline, next_heartbeat].into_iter().flatten().min();
            match self.signals.next(wake)? {
                // Its own end, or that it was stopped.
                Some(Received::Child) => {
                    if let Some(status) = self.child.try_wait()? {
                        break status;
                    }
                }
                Some(Received::PassOn {
                    signal,
                    is_from_terminal,
                }) => {
                    is_cancelled |= matches!(signal, Signal::SIGINT | Signal::SIGTERM);
                    if self.has_own_group || !is_from_terminal {
                        self.send(signal);
                    }
                }
                None => {}
            }
            let now = Instant::now();
            if deadline.is_some_and(|deadline| deadline <= now) {
                self.send(if is_timed_out {
                    Signal::SIGKILL
                } else {
                    Signal::SIGTERM
                });
                deadline = (!is_timed_out).then(|| now + plan.kill_after);
                is_timed_out = true;
            }
            if let Some(every) = plan.heartbeat
                && next_heartbeat.is_some_and(|next| next <= now)
            {
                next_heartbeat = Some(now + every);
                on_heartbeat();
            }
        };
        let elapsed = self.begin.elapsed();
        let stderr_tail = self.stderr.and_then(|passage| {
            let _ = passage.end.recv_timeout(STDERR_GRACE);
            passage.tail.lock().ok()?.text()
        });
        // We start one child only, so all children that ended are it and its descendants.
        let usage = getrusage(UsageWho::RUSAGE_CHILDREN)?;
        let cpu_micros = usage.user_time().num_microseconds() + usage.system_time().num_microseconds();
        let memory_unit = if cfg!(target_os = "macos") { 1 } else { 1024 };
        Ok(Outcome {
            status,
            is_timed_out,
            is_cancelled: is_cancelled && !is_timed_out,
            elapsed,
            stderr_tail,
            cpu: Duration::from_micros(u64::try_from(cpu_micros).unwrap_or(0)),
            memory_peak_bytes: u64::try_from(usage.max_rss()).unwrap_or(0) * memory_unit,
        })
    }

    fn send(&self, signal: Signal) {
        let pid = Pid::from_raw(self.child.id() as i32);
        // It may just have ended; until we take its status, its process id is nobody else's.
        let _ = if self.has_own_group {
            signal::killpg(pid, signal)
        } else {
            signal::kill(pid, signal)
        };
    }
}

/// The exit code by which a shell would tell it.
pub(crate) fn shell_code(status: ExitStatus) -> u8 {
    let code = status
        .code()
        .or_else(|| status.signal().map(|signal| 128 + signal));
    code.and_then(|code| u8::try_from(code & 0xff).ok()).unwrap_or(1)
}

/// The exit code by which a shell would tell that a command did not start, and its sentence.
pub(crate) fn shell_refusal(error: &io::Error) -> (u8, &'static str) {
    match error.kind() {
        io::ErrorKind::NotFound => (127, "command not found"),
        io::ErrorKind::PermissionDenied => (126, "permission denied"),
        _ => (126, "cannot be executed"),
    }
}

fn has_terminal() -> bool {
    std::fs::File::open("/dev/tty").is_ok()
}

/// Passes everything on to our stderr, byte for byte.
fn pass_on(mut from: impl Read + Send + 'static) -> Passage {
    let tail = Arc::new(Mutex::new(Tail::default()));
    let (sender, end) = mpsc::channel();
    let seen = Arc::clone(&tail);
    thread::spawn(move || {
        let mut buffer = vec![0; 64 * 1024];
        loop {
            match from.read(&mut buffer) {
                Ok(0) => break,
                Ok(count) => {
                    if let Ok(mut tail) = seen.lock() {
                        tail.push(&buffer[..count]);
                    }
                    // Nobody reads our stderr any more: close the command's too, as if it had been ours.
                    if io::stderr().write_all(&buffer[..count]).is_err() {
                        break;
                    }
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(_) => break,
            }
        }
        drop(from);
        let _ = sender.send(());
    });
    Passage { tail, end }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_those_of_a_shell() {
        assert_eq!(shell_code(ExitStatus::from_raw(3 << 8)), 3);
        assert_eq!(shell_code(ExitStatus::from_raw(0)), 0);
        assert_eq!(shell_code(ExitStatus::from_raw(9)), 137);
        assert_eq!(shell_refusal(&io::Error::from(io::ErrorKind::NotFound)).0, 127);
        assert_eq!(
            shell_refusal(&io::Error::from(io::ErrorKind::PermissionDenied)).0,
            126
        );
    }
}
