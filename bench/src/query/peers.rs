//! The questions of PRD-010, asked of Tacho and then of each peer, one at a time on the whole machine, with the answers compared.

use super::filling::Filled;
use super::prd::{Question, questions};
use super::{Case, agreement, ask, busiest_workflow, served_by, time};
use crate::http::Connection;
use crate::latency::Latencies;
use crate::peers::rows::Tasks;
use crate::peers::{Kind, Peer, Place};

/// What came out.
#[derive(Debug)]
pub struct Comparison {
    /// The peers, in the order of [`Compared::peers`].
    pub kinds: Vec<Kind>,
    /// Each question.
    pub questions: Vec<Compared>,
    /// By how much the percentiles of a peer differ from Tacho's at most, relative to themselves.
    pub quantiles_off: Vec<f64>,
    /// Where a peer gave another answer than Tacho.
    pub disagreements: Vec<String>,
}

/// How long everyone took for a question.
#[derive(Debug)]
pub struct Compared {
    /// What it asks.
    pub name: String,
    /// What Tacho says it was answered from.
    pub served_by: String,
    /// Over HTTP, past the cache of answers.
    pub tacho: Latencies,
    /// Each peer.
    pub peers: Vec<Latencies>,
}

/// Asks Tacho and the case's peers.
///
/// # Errors
/// If one fails.
pub(super) fn compare(case: &Case, filled: &Filled, place: &Place) -> anyhow::Result<Comparison> {
    let installation = &filled.installation;
    let tasks = Tasks::of(&filled.history);
    place.load(&case.peers, &filled.history, &tasks)?;

    let mut server = installation.start()?;
    server.wait_until_ready()?;
    let workflow = busiest_workflow(installation)?;
    let questions = questions(&filled.history, &tasks, &workflow);
    let mut connection = Connection::open(installation.address)?;
    let (mut compared, mut answers) = (Vec::new(), Vec::new());
    eprintln!("  questions of PRD-010: Tacho");
    for question in &questions {
        let body = question.body();
        let (tacho, answer) = time(case.rounds, || ask(&mut connection, installation, &body))?;
        answers.push(question.of_tacho(&answer)?);
        compared.push(Compared {
            name: question.name(),
            served_by: served_by(&answer),
            tacho,
            peers: Vec::new(),
        });
    }
    server.stop()?;

    let (mut quantiles_off, mut disagreements) = (Vec::new(), Vec::new());
    for kind in &case.peers {
        eprintln!("  questions of PRD-010: {}", kind.label());
        let mut peer = place.open(*kind)?;
        let mut farthest: f64 = 0.0;
        for ((question, answer), compared) in questions.iter().zip(&answers).zip(&mut compared) {
            let (latencies, theirs) = ask_peer(peer.as_mut(), *kind, question, case.rounds)?;
            match agreement::compare(question.figures(), answer, &theirs, kind.has_exact_quantiles()) {
                Ok(off) => farthest = farthest.max(off),
                Err(error) => disagreements.push(format!(
                    "Tacho and {} on {}: {error:#}",
                    kind.label(),
                    question.name()
                )),
            }
            compared.peers.push(latencies);
        }
        quantiles_off.push(farthest);
    }
    Ok(Comparison {
        kinds: case.peers.clone(),
        questions: compared,
        quantiles_off,
        disagreements,
    })
}

fn ask_peer(
    peer: &mut dyn Peer,
    kind: Kind,
    question: &Question<'_>,
    rounds: usize,
) -> anyhow::Result<(Latencies, agreement::Answer)> {
    let sql = question.sql(kind)?;
    let (latencies, rows) = time(rounds, || peer.ask(&sql))?;
    Ok((latencies, question.of_peer(&rows)?))
}
