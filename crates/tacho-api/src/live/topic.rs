//! Something that people watch: the frames that were made of it last.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use bytes::Bytes;
use tacho_core::OrganizationId;
use tokio::sync::watch;
use tokio::time::sleep_until;

use super::socket;

/// Frames that are kept for those who are a little late.
const KEPT_MAX: usize = 64;
/// Bytes that they may have together.
const KEPT_BYTES_MAX: usize = 1024 * 1024;

/// Watchers that are woken at once. Of more, each such group gets its turn, so that thousands of sends do not stand between
/// records that come in and their acknowledgement.
const GROUP_MAX: usize = 256;
/// Time between two groups,
const GROUP_PAUSE: Duration = Duration::from_millis(2);
/// and from the first to the last at the most.
const GROUPS_MAX: Duration = Duration::from_millis(80);

/// A frame, serialized once for all.
#[derive(Debug)]
pub(crate) struct Frame {
    pub(crate) seq: u64,
    pub(crate) event: &'static str,
    /// As a WebSocket has it: what is sent is not copied for anybody.
    pub(crate) message: socket::Whole,
    pub(crate) made_at: Instant,
}

impl Frame {
    pub(crate) fn new(seq: u64, event: &'static str, json: String) -> Arc<Self> {
        Arc::new(Self {
            seq,
            event,
            message: socket::Whole::text(&json),
            made_at: Instant::now(),
        })
    }

    /// As Server-Sent Events have it.
    pub(crate) fn event_text(&self, epoch: u64) -> Bytes {
        let Self {
            seq, event, message, ..
        } = self;
        let json = message.payload();
        let head = format!("id: {epoch}-{seq}\nevent: {event}\ndata: ");
        [head.as_bytes(), json, b"\n\n"].concat().into()
    }
}

/// How one sees what one has missed.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Style {
    /// The newest frame says everything.
    Whole,
    /// A frame says what has changed since the one before.
    Changes,
}

/// Makes the frame that says everything, with a number.
pub(crate) type Snapshot = Box<dyn Fn(u64) -> Option<Arc<Frame>> + Send + Sync>;

pub(crate) struct Topic {
    pub(crate) organization: OrganizationId,
    pub(crate) name: String,
    /// Tells frames of this topic from those of an earlier one of the same name.
    pub(crate) epoch: u64,
    style: Style,
    snapshot: Snapshot,
    kept: Mutex<Kept>,
    /// Groups of those who watch.
    groups: Mutex<Vec<watch::Sender<()>>>,
}

#[derive(Default)]
struct Kept {
    /// The number of the last frame; 0 before the first.
    seq: u64,
    frames: VecDeque<Arc<Frame>>,
    bytes: usize,
    whole: Option<Arc<Frame>>,
}

/// Which frame somebody has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Position {
    pub(crate) epoch: u64,
    pub(crate) seq: u64,
}

/// What somebody gets next.
#[derive(Debug, Default)]
pub(crate) struct Next {
    pub(crate) frames: Vec<Arc<Frame>>,
    /// Frames that were left out, since newer ones say more.
    pub(crate) skipped: u64,
}

impl Topic {
    pub(crate) fn new(
        organization: OrganizationId,
        name: String,
        epoch: u64,
        style: Style,
        snapshot: Snapshot,
    ) -> Self {
        Self {
            organization,
            name,
            epoch,
            style,
            snapshot,
            kept: Mutex::default(),
            groups: Mutex::default(),
        }
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn groups(&self) -> MutexGuard<'_, Vec<watch::Sender<()>>> {
        self.groups.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Says when there is another frame.
    pub(crate) fn subscribe(&self) -> watch::Receiver<()> {
        let mut groups = self.groups();
        groups.retain(|group| group.receiver_count() > 0);
        if let Some(group) = groups.iter().find(|group| group.receiver_count() < GROUP_MAX) {
            return group.subscribe();
        }
        let (group, receiver) = watch::channel(());
        groups.push(group);
        receiver
    }

    pub(crate) fn subscribers(&self) -> usize {
        self.groups().iter().map(watch::Sender::receiver_count).sum()
    }

    /// The number of the last frame; 0 before the first.
    pub(crate) fn seq(&self) -> u64 {
        self.kept().seq
    }

    /// Sends a frame to everybody, if one is made.
    pub(crate) fn publish(&self, make: impl FnOnce(u64) -> Option<Arc<Frame>>) {
        let seq = self.seq() + 1;
        let Some(frame) = make(seq) else { return };
        let mut kept = self.kept();
        kept.seq = seq;
        kept.whole = None;
        kept.bytes += frame.message.len();
        kept.frames.push_back(frame);
        let max = if self.style == Style::Whole { 1 } else { KEPT_MAX };
        while kept.frames.len() > max || kept.bytes > KEPT_BYTES_MAX && kept.frames.len() > 1 {
            let Some(oldest) = kept.frames.pop_front() else {
                break;
            };
            kept.bytes -= oldest.message.len();
        }
        drop(kept);
        match &**self.groups() {
            [] => {}
            [only] => {
                only.send_replace(());
            }
            many => drop(tokio::spawn(wake(many.to_vec()))),
        }
    }

    /// What somebody gets who has that frame, or none.
    pub(crate) fn after(&self, has: Option<Position>) -> Next {
        let latest = self.seq();
        let has = has.filter(|has| has.epoch == self.epoch && has.seq <= latest);
        match has {
            _ if latest == 0 => Next::default(),
            None => self.whole(latest, 0),
            Some(has) if has.seq == latest => Next::default(),
            Some(has) => {
                let missed = latest - has.seq;
                let kept = self.kept();
                let frames = kept.frames.iter().filter(|frame| frame.seq > has.seq);
                let frames: Vec<_> = frames.cloned().collect();
                drop(kept);
                match self.style {
                    Style::Changes if frames.first().is_none_or(|first| first.seq != has.seq + 1) => {
                        self.whole(latest, missed)
                    }
                    _ => Next {
                        skipped: missed.saturating_sub(frames.len() as u64),
                        frames,
                    },
                }
            }
        }
    }

    fn whole(&self, seq: u64, skipped: u64) -> Next {
        let known = self.kept().whole.clone().filter(|whole| whole.seq == seq);
        let whole = known.or_else(|| {
            let made = (self.snapshot)(seq);
            self.kept().whole.clone_from(&made);
            made
        });
        let whole = whole.or_else(|| self.kept().frames.back().cloned());
        Next {
            skipped,
            frames: whole.into_iter().collect(),
        }
    }
}

/// Wakes one group after the other. Who comes late to one frame is not late to the next: the order is always the same.
async fn wake(groups: Vec<watch::Sender<()>>) {
    let started = tokio::time::Instant::now();
    let count = u32::try_from(groups.len()).unwrap_or(u32::MAX);
    let pause = GROUP_PAUSE.min(GROUPS_MAX / count);
    for (number, group) in (0..).zip(&groups) {
        sleep_until(started + pause * number).await;
        group.send_replace(());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn topic(style: Style) -> Topic {
        let organization = OrganizationId::from_bytes([1; 16]);
        let snapshot: Snapshot = Box::new(|seq| Some(Frame::new(seq, "whole", format!("whole {seq}"))));
        Topic::new(organization, "executions".to_owned(), 7, style, snapshot)
    }

    fn text(frame: &Frame) -> String {
        String::from_utf8(frame.message.payload().to_vec()).unwrap()
    }

    fn texts(topic: &Topic, seq: u64) -> Vec<String> {
        let next = topic.after(Some(Position { epoch: 7, seq }));
        next.frames.iter().map(|frame| text(frame)).collect()
    }

    #[test]
    fn who_is_a_little_late_gets_what_was_missed_and_who_is_very_late_everything() {
        let topic = topic(Style::Changes);
        assert!(topic.after(None).frames.is_empty());
        for _ in 0..100 {
            topic.publish(|seq| Some(Frame::new(seq, "changes", seq.to_string())));
        }
        assert_eq!(texts(&topic, 98), ["99", "100"]);
        assert_eq!(texts(&topic, 100), [""; 0]);
        assert_eq!(texts(&topic, 36).len(), 64);
        assert_eq!(texts(&topic, 35), ["whole 100"]);
        assert_eq!(texts(&topic, 101), ["whole 100"]);
        let of_another = topic.after(Some(Position { epoch: 6, seq: 99 }));
        assert_eq!(of_another.frames[0].event, "whole");
    }

    #[test]
    fn where_a_frame_says_everything_only_the_newest_is_sent() {
        let topic = topic(Style::Whole);
        for _ in 0..5 {
            topic.publish(|seq| Some(Frame::new(seq, "newest", seq.to_string())));
        }
        let next = topic.after(Some(Position { epoch: 7, seq: 1 }));
        assert_eq!((next.frames.len(), next.skipped), (1, 3));
        assert_eq!(text(&next.frames[0]), "5");
    }

    #[test]
    fn what_is_kept_has_a_bound() {
        let topic = topic(Style::Changes);
        for _ in 0..10 {
            topic.publish(|seq| Some(Frame::new(seq, "changes", "x".repeat(KEPT_BYTES_MAX / 2))));
        }
        assert!(topic.kept().bytes <= KEPT_BYTES_MAX);
    }

    #[tokio::test(start_paused = true)]
    async fn thousands_are_woken_group_by_group_and_in_time() {
        let topic = topic(Style::Whole);
        let mut watching: Vec<_> = (0..20 * GROUP_MAX).map(|_| topic.subscribe()).collect();
        assert_eq!((topic.subscribers(), topic.groups().len()), (20 * GROUP_MAX, 20));
        topic.publish(|seq| Some(Frame::new(seq, "newest", seq.to_string())));
        watching[0].changed().await.unwrap();
        assert!(!watching[20 * GROUP_MAX - 1].has_changed().unwrap());
        let started = tokio::time::Instant::now();
        for receiver in &mut watching[1..] {
            receiver.changed().await.unwrap();
        }
        assert!(started.elapsed() <= GROUPS_MAX);
        // Whoever comes takes a place that is free.
        watching.truncate(10 * GROUP_MAX + 1);
        watching.push(topic.subscribe());
        assert_eq!(topic.groups().len(), 11);
    }
}
