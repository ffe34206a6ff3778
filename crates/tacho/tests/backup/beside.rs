//! Backups while records come in, killed at random moments.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use crate::instance::{Instance, Server, binary, run, tacho};
use crate::{Chance, seed};

const ROUNDS: u64 = 4;
const BATCH: u64 = 25;
/// Between batches: what comes has to be made again from the journal by every restored server.
const PAUSE: Duration = Duration::from_millis(20);

/// Sends executions one batch after the other. The n-th one carries n credits, so that their sum tells which there are.
struct Stream {
    is_over: Arc<AtomicBool>,
    begun: Arc<AtomicU64>,
    acknowledged: Arc<AtomicU64>,
    task: tokio::task::JoinHandle<()>,
}

impl Stream {
    fn start(server: &Server) -> Self {
        let (is_over, begun, acknowledged) = (Arc::default(), Arc::default(), Arc::default());
        let task = tokio::spawn(send_all(
            server.sender(),
            Arc::clone(&is_over),
            Arc::clone(&begun),
            Arc::clone(&acknowledged),
        ));
        Self {
            is_over,
            begun,
            acknowledged,
            task,
        }
    }

    async fn stop(self) {
        self.is_over.store(true, Ordering::Release);
        self.task.await.unwrap();
    }
}

async fn send_all(
    sender: crate::instance::Sender,
    is_over: Arc<AtomicBool>,
    begun: Arc<AtomicU64>,
    acknowledged: Arc<AtomicU64>,
) {
    let mut number = 0;
    while !is_over.load(Ordering::Acquire) {
        let first = number + 1;
        number += BATCH;
        begun.store(number, Ordering::Release);
        let lines: Vec<String> = (first..=number)
            .map(|number| {
                format!(
                    r#"{{"type":"execution","id":"run-{number}","workflow_id":"w","status":"success","started_at":"2026-11-01T09:00:00Z","duration_ms":1,"credits":{number}}}"#
                )
            })
            .collect();
        assert!(sender.send(lines.join("\n")).await);
        acknowledged.store(number, Ordering::Release);
        tokio::time::sleep(PAUSE).await;
    }
}

/// Law: what was acknowledged before a backup began is in it once, and nothing that was not sent; however many backups were
/// killed before, and while segments are sealed and removed under it.
#[tokio::test(flavor = "multi_thread")]
async fn what_was_acknowledged_is_restored_once() {
    let mut chance = Chance(seed());
    let folder = tempfile::tempdir().unwrap();
    let instance = Instance::create(&binary(), folder.path().join("data"));
    let backups = folder.path().join("backups");
    let server = instance.serve().await;
    let stream = Stream::start(&server);
    let mut was_killed = false;
    let mut took = Duration::from_millis(200);
    for round in 0..ROUNDS {
        tokio::time::sleep(Duration::from_millis(chance.below(300))).await;
        let mut cut_off = instance.backup(&backups, &[]).spawn().unwrap();
        tokio::time::sleep(took.mul_f64(chance.below(100) as f64 / 100.0)).await;
        cut_off.kill().unwrap();
        was_killed |= !cut_off.wait().unwrap().success();

        let before = stream.acknowledged.load(Ordering::Acquire);
        let began = Instant::now();
        let more = if round % 2 == 0 { &[][..] } else { &["--keep", "2"] };
        run(instance.backup(&backups, more));
        took = began.elapsed();
        let sent = stream.begun.load(Ordering::Acquire);
        let copy = instance.restored(&backups, folder.path().join(format!("copy-{round}")), &[]);
        let restored = copy.serve().await;
        restored.wait_until_projected().await;
        let measures = ["count".to_owned(), "credits".to_owned()];
        let rows = restored.query("executions", &measures).await;
        let count = rows[0][0].as_u64().unwrap();
        assert!((before..=sent).contains(&count), "{before} ≤ {count} ≤ {sent}");
        let credits = rows[0][1].as_f64().unwrap();
        assert_eq!(
            credits,
            (count * (count + 1) / 2) as f64,
            "not the first {count}, each once"
        );
    }
    assert!(was_killed, "no backup was killed");
    stream.stop().await;
    let folder_of_backups = backups.to_str().unwrap();
    let verified = run(tacho(
        &binary(),
        &instance.data_dir,
        &["backup", "verify", folder_of_backups],
    ));
    assert!(verified.contains("All is sound."), "{verified}");
}
