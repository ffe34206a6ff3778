//! What happens at which point.

use std::io;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

use crate::Point;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Action {
    Kill,
    KillAfter(Duration),
    Error,
    Full,
    Sleep(Duration),
}

#[derive(Debug)]
struct Step {
    point: Point,
    first: u64,
    last: u64,
    action: Action,
    reached: AtomicU64,
}

/// What is armed.
#[derive(Debug)]
pub(crate) struct Plan(Vec<Step>);

impl Plan {
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        text.split(',')
            .map(Step::parse)
            .collect::<Result<_, _>>()
            .map(Self)
    }

    pub(crate) fn reach(&self, point: Point) -> io::Result<()> {
        self.0
            .iter()
            .filter(|step| step.point == point)
            .try_for_each(Step::reach)
    }
}

impl Step {
    fn parse(text: &str) -> Result<Self, String> {
        let unreadable = || format!("\"{text}\" is no <point>:<times>:<action>");
        let mut parts = text.trim().split(':');
        let (Some(point), Some(times), Some(action), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(unreadable());
        };
        let number = |text: &str| text.parse::<u64>().map_err(|_| unreadable());
        let (first, last) = match times.split_once('-') {
            None => (number(times)?, number(times)?),
            Some((first, "")) => (number(first)?, u64::MAX),
            Some((first, last)) => (number(first)?, number(last)?),
        };
        let millis = |text: &str| number(text).map(Duration::from_millis);
        let action = match action.split_once('=') {
            None if action == "kill" => Action::Kill,
            None if action == "error" => Action::Error,
            None if action == "full" => Action::Full,
            Some(("kill_after", ms)) => Action::KillAfter(millis(ms)?),
            Some(("sleep", ms)) => Action::Sleep(millis(ms)?),
            _ => return Err(unreadable()),
        };
        Ok(Self {
            point: point.parse()?,
            first,
            last,
            action,
            reached: AtomicU64::new(0),
        })
    }

    fn reach(&self) -> io::Result<()> {
        let time = self.reached.fetch_add(1, Ordering::Relaxed) + 1;
        if !(self.first..=self.last).contains(&time) {
            return Ok(());
        }
        match self.action {
            Action::Kill => kill(),
            Action::KillAfter(wait) => {
                thread::spawn(move || {
                    thread::sleep(wait);
                    kill();
                });
                Ok(())
            }
            Action::Error => Err(io::Error::other(format!("fail point {}", self.point.name()))),
            Action::Full => Err(io::ErrorKind::StorageFull.into()),
            Action::Sleep(wait) => {
                thread::sleep(wait);
                Ok(())
            }
        }
    }
}

/// Ends this process as `kill -9` does. Nothing is flushed and nothing is dropped.
fn kill() -> ! {
    let _ = rustix::process::kill_process(rustix::process::getpid(), rustix::process::Signal::KILL);
    // The signal is on its way.
    loop {
        thread::park();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_point_acts_at_its_times_and_no_other_does() {
        let plan = Plan::parse("journal_write:2-3:error, journal_sync:2-:full").unwrap();
        let outcomes: Vec<bool> = (0..4).map(|_| plan.reach(Point::JournalWrite).is_ok()).collect();
        assert_eq!(outcomes, [true, false, false, true]);
        assert!(plan.reach(Point::JournalSync).is_ok());
        for _ in 0..3 {
            let error = plan.reach(Point::JournalSync).unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::StorageFull);
        }
        assert!(plan.reach(Point::StoreCommit).is_ok());
    }

    #[test]
    fn what_cannot_be_read_is_refused() {
        for text in [
            "",
            "journal_write",
            "journal_write:1",
            "journal_write:x:kill",
            "journal_write:1:kill:2",
            "journal_write:1:melt",
            "journal_write:1:sleep=long",
            "nowhere:1:kill",
        ] {
            assert!(Plan::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn every_point_is_found_by_its_name() {
        for point in Point::ALL {
            assert_eq!(point.name().parse(), Ok(*point));
            assert!(!point.place().is_empty());
        }
    }
}
