//! Memory: a store that may use next to none, and a server whose memory is limited as a whole.

use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use tacho_bench::http::Connection;
use tacho_bench::server::{Installation, Server, query_head};

use super::control_group::ControlGroup;
use super::{Ground, PROJECTION_TIMEOUT};
use crate::serving::{wait_for, wait_until_serving};

const QUESTION: &str = r#"{"source":"executions","measures":["count","duration_p95","cost"],"dimensions":["workflow","status","error_type"],"time":{"from":"2000-01-01T00:00:00Z","to":"2100-01-01T00:00:00Z"}}"#;
/// What the server may have as a whole, and the store of it.
const LIMIT_BYTES: u64 = 400_000_000;
const LIMITED: &[(&str, &str)] = &[("TACHO_STORE__MEMORY_BYTES", "100000000")];
/// How much of what is in use is taken away at a time, until the server is killed.
const SQUEEZE_BYTES: u64 = 2_000_000;
const SQUEEZE_PAUSE: Duration = Duration::from_millis(20);
const SQUEEZE_TIMEOUT: Duration = Duration::from_secs(60);
const END_TIMEOUT: Duration = Duration::from_secs(5);
/// Within the limit it dies never, or now and then, but not all the time.
const KILLS_MAX: u64 = 5;

pub(super) fn short(ground: &Ground<'_>) -> anyhow::Result<()> {
    let mut server = ground
        .installation
        .start_with(&[("TACHO_STORE__MEMORY_BYTES", "24000000")])?;
    wait_until_serving(ground.installation, &mut server)?;
    ground.outbox.allow(ground.outbox.len());
    while !ground.outbox.is_over() {
        ask(ground.installation)?;
    }
    // Counting is for when there is memory again.
    ground.installation.wait_until_projected(PROJECTION_TIMEOUT)?;
    server.stop()
}

/// Asks for more than a total. There is an answer, or it is said why there is none.
fn ask(installation: &Installation) -> anyhow::Result<()> {
    let head = query_head(&installation.key, QUESTION.len());
    let answer = Connection::open(installation.address)?.exchange(&head, QUESTION.as_bytes())?;
    ensure!(
        matches!(answer.status, 200 | 503)
            || String::from_utf8_lossy(&answer.body).contains("query_too_large"),
        "{}: {}",
        answer.status,
        String::from_utf8_lossy(&answer.body)
    );
    Ok(())
}

pub(super) fn limited(ground: &Ground<'_>) -> anyhow::Result<()> {
    let group = match ControlGroup::create(LIMIT_BYTES) {
        Ok(group) => group,
        Err(error) => {
            ground.skip(format!("no control group can be made: {error:#}"));
            return Ok(());
        }
    };
    let entrance = group.entrance();
    let enter = format!("echo $$ > '{}'", entrance.display());
    let inside = ground
        .installation
        .with_binary(&ground.script("in-group", &enter)?);
    let mut server = start(&inside)?;
    ground.outbox.allow(ground.part(0.5));
    while ground.outbox.acknowledged() < ground.part(0.5) && !ground.outbox.is_over() {
        server = ask_or_restart(&inside, server)?;
        ensure!(group.kills()? <= KILLS_MAX, "killed {KILLS_MAX} times and again");
    }
    let kills = group.kills()?;
    ground.outbox.allow(ground.part(0.8));
    let began = Instant::now();
    while !server.has_ended()? {
        ensure!(
            began.elapsed() < SQUEEZE_TIMEOUT,
            "the kernel did not kill the server"
        );
        // Refused once nothing can be freed any more; then the next that is asked for is one too much.
        let _ = group.limit(group.usage()?.saturating_sub(SQUEEZE_BYTES));
        // Whether there is an answer is not the question here.
        let _ = ask(&inside);
        thread::sleep(SQUEEZE_PAUSE);
    }
    ensure!(group.kills()? > kills, "the server has ended and was not killed");
    group.limit(LIMIT_BYTES)?;
    drop(server);
    let mut server = start(&inside)?;
    ground.outbox.allow(ground.outbox.len());
    while !ground.outbox.is_over() {
        server = ask_or_restart(&inside, server)?;
        ensure!(
            group.kills()? <= kills + KILLS_MAX,
            "killed {KILLS_MAX} times and again"
        );
    }
    server.stop()
}

fn start(inside: &Installation) -> anyhow::Result<Server<'_>> {
    let mut server = inside.start_with(LIMITED)?;
    wait_until_serving(inside, &mut server)?;
    Ok(server)
}

/// Asks, or starts another server if this one has ended.
fn ask_or_restart<'a>(inside: &'a Installation, mut server: Server<'a>) -> anyhow::Result<Server<'a>> {
    let Err(error) = ask(inside) else {
        return Ok(server);
    };
    // Its connections end a moment before it does.
    wait_for("a server without an answer has ended", END_TIMEOUT, || {
        matches!(server.has_ended(), Ok(true))
    })
    .context(error)?;
    start(inside)
}
