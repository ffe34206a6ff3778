//! The way of the audit log: requests for data wait in a bounded queue and are written in batches, because a page that
//! refreshes every five seconds must not have the metastore's file synced for each request.
//!
//! No answer leaves before its entry is in the queue. When the queue is full, answers wait; when it stays full, because
//! the metastore does not take writes, they are withheld. What is in the queue is written when the server stops.

use std::time::Duration;

use tacho_core::Timestamp;
use tacho_metastore::{DataAccess, Metastore};
use tokio::sync::{mpsc, oneshot};
use tokio::time::Instant;

use crate::Clock;

/// Entries that may wait to be written.
const QUEUE_MAX: usize = 10_000;
/// Entries that one transaction writes at most.
const BATCH_MAX: usize = 1_000;
/// How long the first entry of a batch waits for others.
const GATHER: Duration = Duration::from_millis(500);
/// How long an answer waits for a place in the queue.
const PLACE_TIMEOUT: Duration = Duration::from_secs(10);
/// How long the server waits at its end until everything is written.
const LAST_FLUSH_TIMEOUT: Duration = Duration::from_secs(10);
/// When to write again what could not be written.
const WRITE_RETRY: Duration = Duration::from_secs(1);
/// How often entries that are too old are looked for.
const CLEAN_EVERY: Duration = Duration::from_secs(3600);
const DAY_MICROS: i64 = 86_400 * 1_000_000;

/// How much of the log is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AuditRules {
    /// For how many days. Default 400.
    pub keep_days: u32,
    /// How many entries of one organization at most. Default 5,000,000. Past it, the oldest go.
    pub entries_max: u64,
}

impl Default for AuditRules {
    fn default() -> Self {
        Self {
            keep_days: 400,
            entries_max: 5_000_000,
        }
    }
}

/// Where requests for data are noted. Clones share the queue.
#[derive(Clone, Debug)]
pub(crate) struct Audit(mpsc::Sender<Message>);

/// The log does not take entries; the answer must not leave.
#[derive(Debug, thiserror::Error)]
#[error("the audit log does not take entries")]
pub(crate) struct AuditUnavailable;

#[derive(Debug)]
enum Message {
    Access(Box<DataAccess>),
    /// To be told when everything before it is written.
    Flush(oneshot::Sender<()>),
}

struct Writer {
    metastore: Metastore,
    rules: AuditRules,
    clock: Clock,
    queue: mpsc::Receiver<Message>,
    cleaned_at: Option<Timestamp>,
}

impl Audit {
    /// Starts the task that writes. It ends when the last clone is dropped and everything is written.
    pub(crate) fn start(metastore: Metastore, rules: AuditRules, clock: Clock) -> Self {
        let (sender, queue) = mpsc::channel(QUEUE_MAX);
        let writer = Writer {
            metastore,
            rules,
            clock,
            queue,
            cleaned_at: None,
        };
        tokio::spawn(writer.run());
        Self(sender)
    }

    /// Notes a request; waits for a place if the queue is full.
    pub(crate) async fn record(&self, access: DataAccess) -> Result<(), AuditUnavailable> {
        let sent = self
            .0
            .send_timeout(Message::Access(Box::new(access)), PLACE_TIMEOUT)
            .await;
        sent.map_err(|_| AuditUnavailable)
    }

    /// How many entries wait to be written.
    pub(crate) fn waiting(&self) -> usize {
        self.0.max_capacity() - self.0.capacity()
    }

    /// Waits until everything that was noted before is written.
    pub(crate) async fn flush(&self) -> Result<(), AuditUnavailable> {
        let (written, wait) = oneshot::channel();
        let sent = self.0.send_timeout(Message::Flush(written), PLACE_TIMEOUT).await;
        sent.map_err(|_| AuditUnavailable)?;
        match tokio::time::timeout(LAST_FLUSH_TIMEOUT, wait).await {
            Ok(Ok(())) => Ok(()),
            _ => Err(AuditUnavailable),
        }
    }
}

impl Writer {
    async fn run(mut self) {
        loop {
            let first = tokio::time::timeout(CLEAN_EVERY, self.queue.recv()).await;
            match first {
                Ok(None) => return,
                Ok(Some(first)) => {
                    let (batch, flushes) = self.gather(first).await;
                    self.write(&batch).await;
                    self.clean().await;
                    for flush in flushes {
                        let _ = flush.send(());
                    }
                }
                Err(_) => self.clean().await,
            }
        }
    }

    /// What comes within a while after the first, or until somebody waits for it.
    async fn gather(&mut self, first: Message) -> (Vec<DataAccess>, Vec<oneshot::Sender<()>>) {
        let (mut batch, mut flushes) = (Vec::new(), Vec::new());
        let until = Instant::now() + GATHER;
        let mut next = Some(first);
        while let Some(message) = next {
            match message {
                Message::Access(access) => batch.push(*access),
                Message::Flush(flush) => flushes.push(flush),
            }
            if batch.len() >= BATCH_MAX || !flushes.is_empty() {
                break;
            }
            next = tokio::time::timeout_at(until, self.queue.recv())
                .await
                .ok()
                .flatten();
        }
        (batch, flushes)
    }

    /// Tries until it is done: meanwhile the queue fills and holds up those who ask.
    async fn write(&self, batch: &[DataAccess]) {
        let mut has_failed = false;
        while let Err(error) = self
            .metastore
            .record_accesses(batch, self.rules.entries_max)
            .await
        {
            metrics::counter!("tacho_audit_write_failures_total").increment(1);
            if !has_failed {
                tracing::error!(%error, entries = batch.len(), "the audit log cannot be written; trying again");
            }
            has_failed = true;
            tokio::time::sleep(WRITE_RETRY).await;
        }
        metrics::counter!("tacho_audit_requests_total").increment(batch.len() as u64);
    }

    /// Removes what is too old, if it is time to. Where there is more than one transaction removes, the rest goes after
    /// the next batch.
    async fn clean(&mut self) {
        let now = self.clock.now();
        let hour = i64::try_from(CLEAN_EVERY.as_micros()).unwrap_or(i64::MAX);
        if (self.cleaned_at).is_some_and(|cleaned_at| (0..hour).contains(&now.micros_since(cleaned_at))) {
            return;
        }
        let before = now.plus_micros(-(i64::from(self.rules.keep_days) * DAY_MICROS));
        match self.remove_before(before).await {
            Ok(0) => self.cleaned_at = Some(now),
            Ok(removed) => tracing::debug!(removed, "removed old entries of the audit log"),
            Err(error) => {
                self.cleaned_at = Some(now);
                tracing::error!(%error, "the audit log could not be cleaned");
            }
        }
    }

    async fn remove_before(&self, before: Timestamp) -> Result<u64, tacho_metastore::Error> {
        let mut removed = 0;
        for organization in self.metastore.organizations().await? {
            removed += self
                .metastore
                .remove_accesses_before(organization.id, before)
                .await?;
        }
        Ok(removed)
    }
}

#[cfg(test)]
mod tests {
    use tacho_core::OrganizationId;
    use tacho_metastore::AuditQuestion;

    use super::*;

    fn access(number: i64) -> DataAccess {
        DataAccess {
            organization: OrganizationId::from_bytes([1; 16]),
            user: None,
            key: None,
            operation: "GET /".to_owned(),
            question: AuditQuestion::new("/"),
            scope: "all",
            address: "192.0.2.1".to_owned(),
            status: 200,
            request_id: number.to_string(),
            at: Timestamp::from_millis(number),
        }
    }

    #[tokio::test]
    async fn a_full_queue_makes_wait_and_loses_nothing() {
        let (sender, mut queue) = mpsc::channel(1);
        let audit = Audit(sender);
        audit.record(access(1)).await.unwrap();
        let second = {
            let audit = audit.clone();
            tokio::spawn(async move { audit.record(access(2)).await })
        };
        while audit.0.strong_count() < 2 {
            tokio::task::yield_now().await;
        }
        tokio::task::yield_now().await;
        assert!(!second.is_finished());
        for expected in ["1", "2"] {
            let Some(Message::Access(access)) = queue.recv().await else {
                panic!("an access was sent");
            };
            assert_eq!(access.request_id, expected);
        }
        second.await.unwrap().unwrap();
    }

    #[tokio::test]
    async fn without_a_writer_there_is_no_answer() {
        let (sender, queue) = mpsc::channel(1);
        drop(queue);
        assert!(Audit(sender).record(access(1)).await.is_err());
    }
}
