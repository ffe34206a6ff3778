//! Signals as a queue, read by the one thread that also starts and reaps the command. So their order is the order of
//! events, and nothing is sent to a process id that is no longer the command's.
//!
//! They are blocked instead of handled: a handler would be lost on exec, and what was ignored before (`nohup`) with it.

use std::io;
use std::time::Instant;

use nix::sys::signal::{SigSet, Signal};

const PASSED_ON: [Signal; 7] = [
    Signal::SIGINT,
    Signal::SIGTERM,
    Signal::SIGHUP,
    Signal::SIGQUIT,
    Signal::SIGUSR1,
    Signal::SIGUSR2,
    Signal::SIGWINCH,
];

/// A signal that came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Received {
    /// Something became of a child.
    Child,
    /// To be passed on. The keys of a terminal reach the whole foreground group by themselves.
    PassOn { signal: Signal, is_from_terminal: bool },
}

/// The queue.
pub(crate) struct Signals {
    queue: Queue,
    /// What was blocked before, and is to be in what we start.
    pub(crate) inherited: SigSet,
}

impl Signals {
    /// From here on signals wait in the queue. Call it before any other thread starts: threads inherit what is blocked,
    /// and one that does not block a signal takes it.
    ///
    /// # Errors
    /// If the system refuses.
    pub(crate) fn block() -> io::Result<Self> {
        let mut mask = SigSet::empty();
        mask.add(Signal::SIGCHLD);
        PASSED_ON.into_iter().for_each(|signal| mask.add(signal));
        let inherited = SigSet::thread_get_mask()?;
        mask.thread_block()?;
        let queue = Queue::new(mask)?;
        Ok(Self { queue, inherited })
    }

    /// The next signal. `None` when it is that late.
    ///
    /// # Errors
    /// If the system refuses.
    pub(crate) fn next(&mut self, until: Option<Instant>) -> io::Result<Option<Received>> {
        self.queue.next(until)
    }
}

#[cfg(target_os = "linux")]
struct Queue(nix::sys::signalfd::SignalFd);

#[cfg(target_os = "linux")]
impl Queue {
    fn new(mask: SigSet) -> io::Result<Self> {
        use nix::sys::signalfd::{SfdFlags, SignalFd};
        let flags = SfdFlags::SFD_CLOEXEC | SfdFlags::SFD_NONBLOCK;
        Ok(Self(SignalFd::with_flags(&mask, flags)?))
    }

    fn next(&mut self, until: Option<Instant>) -> io::Result<Option<Received>> {
        use std::os::fd::AsFd;

        use nix::errno::Errno;
        use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
        /// `si_code` of signals that the kernel, hence the terminal, sends.
        const SI_KERNEL: i32 = 0x80;
        loop {
            if let Some(info) = self.0.read_signal()? {
                match Signal::try_from(info.ssi_signo as i32) {
                    Ok(Signal::SIGCHLD) => return Ok(Some(Received::Child)),
                    Ok(signal) => {
                        let is_from_terminal = info.ssi_code == SI_KERNEL;
                        return Ok(Some(Received::PassOn {
                            signal,
                            is_from_terminal,
                        }));
                    }
                    Err(_) => continue,
                }
            }
            let timeout = match until.map(|until| until.saturating_duration_since(Instant::now())) {
                None => PollTimeout::NONE,
                Some(left) if left.is_zero() => return Ok(None),
                // Rounded up, so that it does not wake early again and again.
                Some(left) => PollTimeout::try_from(left.as_millis() + 1).unwrap_or(PollTimeout::MAX),
            };
            match poll(&mut [PollFd::new(self.0.as_fd(), PollFlags::POLLIN)], timeout) {
                Ok(_) | Err(Errno::EINTR) => {}
                Err(error) => return Err(error.into()),
            }
        }
    }
}

#[cfg(not(target_os = "linux"))]
struct Queue(std::sync::mpsc::Receiver<Received>);

#[cfg(not(target_os = "linux"))]
impl Queue {
    fn new(mask: SigSet) -> io::Result<Self> {
        let (sender, receiver) = std::sync::mpsc::channel();
        std::thread::spawn(move || {
            while let Ok(signal) = mask.wait() {
                // Who sent it is not known here; at a terminal these two come by its keys.
                let is_key = matches!(signal, Signal::SIGINT | Signal::SIGQUIT);
                let received = match signal {
                    Signal::SIGCHLD => Received::Child,
                    signal => Received::PassOn {
                        signal,
                        is_from_terminal: is_key,
                    },
                };
                if sender.send(received).is_err() {
                    return;
                }
            }
        });
        Ok(Self(receiver))
    }

    fn next(&mut self, until: Option<Instant>) -> io::Result<Option<Received>> {
        let received = match until {
            None => self.0.recv().ok(),
            Some(until) => self
                .0
                .recv_timeout(until.saturating_duration_since(Instant::now()))
                .ok(),
        };
        Ok(received)
    }
}
