//! A store that may use next to no memory.

use anyhow::ensure;
use tacho_bench::http::Connection;
use tacho_bench::server::query_head;

use super::{Ground, PROJECTION_TIMEOUT};
use crate::serving::wait_until_serving;

const QUESTION: &str = r#"{"source":"executions","measures":["count","duration_p95","cost"],"dimensions":["workflow","status","error_type"],"time":{"from":"2000-01-01T00:00:00Z","to":"2100-01-01T00:00:00Z"}}"#;

pub(super) fn short(ground: &Ground<'_>) -> anyhow::Result<()> {
    let mut server = ground
        .installation
        .start_with(&[("TACHO_STORE__MEMORY_BYTES", "24000000")])?;
    wait_until_serving(ground.installation, &mut server)?;
    ground.outbox.allow(ground.outbox.len());
    while !ground.outbox.is_over() {
        let head = query_head(&ground.installation.key, QUESTION.len());
        let answer = Connection::open(ground.installation.address)?.exchange(&head, QUESTION.as_bytes())?;
        ensure!(
            matches!(answer.status, 200 | 503)
                || String::from_utf8_lossy(&answer.body).contains("query_too_large"),
            "{}: {}",
            answer.status,
            String::from_utf8_lossy(&answer.body)
        );
    }
    // Counting is for when there is memory again.
    ground.installation.wait_until_projected(PROJECTION_TIMEOUT)?;
    server.stop()
}
