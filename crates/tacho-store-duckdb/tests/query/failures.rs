//! Failures of random histories against a plain computation over the same runs.

use std::collections::{BTreeMap, BTreeSet};

use jiff::tz::TimeZone;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use tacho_core::Scope;
use tacho_core::fault::Fault;
use tacho_core::time::{TimeRange, Timestamp};
use tacho_query::executions::wire::ExecutionListParams;
use tacho_query::failures::wire::{
    AffectedWorkflow, Failure, FailureList, FailureListParams, FailureParams, FailureState, FailureStates,
    FailureTotals, FailuresOfType,
};
use tacho_store::{Answered, Freshness, QueryContext, Question};

use crate::fixture::{Fixture, Run, Workflow, at, organization};
use crate::plain::{in_range, is_visible};

static UTC: TimeZone = TimeZone::UTC;
const DAY_US: i64 = 86_400_000_000;
const NOW: &str = "2026-11-22T10:00:00Z";
const WORKFLOWS: [&str; 7] = ["invoices", "payroll", "Mahnung-ü", "d", "e", "f", "g"];

fn run() -> impl Strategy<Value = Run> {
    let start = at(NOW) - 70 * DAY_US;
    // Whole hours, so that runs begin at one moment, and where ranges begin and end.
    let moment = (0i64..70 * 24 + 48).prop_map(move |hour| start + hour * 3_600_000_000);
    let status = select(vec![
        "failed",
        "failed",
        "failed",
        "timeout",
        "success",
        "cancelled",
        "running",
    ]);
    let names = (
        prop::option::weighted(0.9, select(WORKFLOWS.to_vec())),
        prop::option::weighted(0.7, select(vec!["ada", "bob"])),
    );
    let error = (
        prop::option::weighted(0.8, select(vec!["http", "Timeout", ""])),
        prop::option::weighted(
            0.8,
            (
                select(vec!["Could not reach %: STRASSE ", "row ", "", "\"x\" is no "]),
                prop::option::of(0u32..100),
            ),
        ),
        prop::option::of(-5_000_000i64..50_000_000),
    );
    (moment, status, names, error).prop_map(|(at, status, (workflow, user), (error_type, message, cost))| {
        Run {
            attempt: 1,
            at,
            status,
            workflow: workflow.map(str::to_owned),
            user: user.map(str::to_owned),
            error_type: error_type.map(str::to_owned),
            error_message: message.map(|(text, number)| {
                text.to_owned() + &number.map_or(String::new(), |number| number.to_string())
            }),
            cost_micros: cost,
            ..Run::default()
        }
    })
}

fn history() -> impl Strategy<Value = (Vec<Run>, Vec<Workflow>)> {
    let owners = prop::collection::vec(prop::option::of(select(vec!["ada", "bob"])), 4);
    (prop::collection::vec(run(), 0..120), owners).prop_map(|(mut runs, owners)| {
        for (number, run) in runs.iter_mut().enumerate() {
            run.id = format!("run-{}", number / 2);
            run.attempt = 1 + number as u32 % 2;
        }
        let workflows = WORKFLOWS.iter().zip(owners).map(|(id, owner)| Workflow {
            id: (*id).to_owned(),
            name: owner.map(|owner| format!("{id} of {owner}")),
            owner: owner.map(str::to_owned),
        });
        (runs, workflows.collect())
    })
}

fn question() -> impl Strategy<Value = FailureListParams> {
    let hours = (0i64..90 * 24, 1i64..30 * 24);
    let range = prop_oneof![
        1 => Just((None, None)),
        3 => hours.prop_map(|(back, length)| {
            let from = at(NOW) - back * 3_600_000_000;
            let to = from + length * 3_600_000_000;
            (Some(Timestamp::from_micros(from)), Some(Timestamp::from_micros(to)))
        }),
    ];
    let text = |texts: &[&str]| {
        let texts: Vec<String> = texts.iter().map(|&text| text.to_owned()).collect();
        prop::option::weighted(0.4, select(texts))
    };
    let filters = (
        text(&["invoices", "Mahnung-ü", "unknown"]),
        text(&["http", "Timeout", "h"]),
        text(&[
            "new",
            "regressed,ongoing",
            "resolved",
            "new, ongoing,resolved,regressed",
        ]),
        text(&["strasse", "%", "7", "TIME", "no such"]),
        text(&["count", "last_seen", "first_seen", "cost"]),
    );
    let page = (prop::option::of(1u32..4), prop::option::of(0u32..3));
    (range, filters, page).prop_map(|((from, to), filters, (limit, offset))| FailureListParams {
        from,
        to,
        workflow_id: filters.0,
        error_type: filters.1,
        state: filters.2,
        search: filters.3,
        order: filters.4,
        limit,
        offset,
        ..FailureListParams::default()
    })
}

fn fault_of(run: &Run) -> Option<Fault> {
    let has_failed = matches!(run.status, "failed" | "timeout");
    has_failed
        .then(|| Fault::of(run.error_type.as_deref(), run.error_message.as_deref()))
        .flatten()
}

/// The range asked about and the one before.
fn ranges(params: &FailureListParams) -> (TimeRange, TimeRange) {
    let end = params.to.unwrap_or_else(|| NOW.parse().unwrap());
    let start = params.from.unwrap_or_else(|| end.plus_micros(-7 * DAY_US));
    let before = start.plus_micros(-(end.as_micros() - start.as_micros()));
    (
        TimeRange { start, end },
        TimeRange {
            start: before,
            end: start,
        },
    )
}

/// What the rules say of a fault, of whose runs these are all.
fn failure(
    fault: &Fault,
    runs: &[&Run],
    workflows: &[Workflow],
    (range, before): (TimeRange, TimeRange),
    workflows_max: usize,
) -> Failure {
    let of =
        |range: TimeRange| -> Vec<&Run> { runs.iter().copied().filter(|run| in_range(run, range)).collect() };
    let (now, earlier) = (of(range), of(before));
    let last_before = runs
        .iter()
        .map(|run| run.at)
        .filter(|at| *at < range.start.as_micros())
        .max();
    let quiet = range.micros().max(7 * DAY_US);
    let state = match (now.iter().map(|run| run.at).min(), last_before) {
        (None, _) => FailureState::Resolved,
        (Some(_), None) => FailureState::New,
        (Some(first), Some(last)) if first - last >= quiet => FailureState::Regressed,
        _ => FailureState::Ongoing,
    };
    let affected = if now.is_empty() { &earlier } else { &now };
    let mut counts: BTreeMap<&str, u64> = BTreeMap::new();
    for run in affected {
        if let Some(workflow) = &run.workflow {
            *counts.entry(workflow).or_default() += 1;
        }
    }
    let mut most: Vec<(&str, u64)> = counts.iter().map(|(id, count)| (*id, *count)).collect();
    most.sort_by_key(|(id, count)| (std::cmp::Reverse(*count), *id));
    let shown: Vec<&Run> = now.iter().chain(&earlier).copied().collect();
    let shown = if shown.is_empty() { runs.to_vec() } else { shown };
    let latest = shown
        .into_iter()
        .max_by_key(|run| (run.at, &run.id, run.attempt))
        .unwrap();
    Failure {
        fingerprint: fault.fingerprint.clone(),
        // All the same, but for those that say nothing.
        error_type: runs
            .iter()
            .filter_map(|run| run.error_type.clone())
            .find(|error_type| !error_type.is_empty()),
        pattern: fault.pattern.clone(),
        sample_message: latest.error_message.clone(),
        state,
        count: now.len() as u64,
        count_before: earlier.len() as u64,
        cost_usd: now.iter().filter_map(|run| run.cost_micros).sum::<i64>() as f64 / 1e6,
        workflow_count: counts.len() as u64,
        workflows: most
            .into_iter()
            .take(workflows_max)
            .map(|(id, count)| AffectedWorkflow {
                workflow_id: id.to_owned(),
                workflow_name: workflows
                    .iter()
                    .find(|one| one.id == id)
                    .and_then(|one| one.name.clone()),
                count,
            })
            .collect(),
        first_seen: Timestamp::from_micros(runs.iter().map(|run| run.at).min().unwrap()),
        last_seen: Timestamp::from_micros(runs.iter().map(|run| run.at).max().unwrap()),
        last_execution_id: latest.id.clone(),
        last_execution_attempt: latest.attempt,
    }
}

/// All runs of each fault.
fn by_fault<'a>(runs: &[&'a Run]) -> Vec<(Fault, Vec<&'a Run>)> {
    let mut faults: BTreeMap<String, (Fault, Vec<&Run>)> = BTreeMap::new();
    for run in runs {
        if let Some(fault) = fault_of(run) {
            let known = faults.entry(fault.fingerprint.clone());
            known.or_insert_with(|| (fault, Vec::new())).1.push(run);
        }
    }
    faults.into_values().collect()
}

fn totals(failures: &[Failure], unexplained: u64) -> FailureTotals {
    let mut by_state = FailureStates::default();
    let mut by_type: BTreeMap<Option<String>, [u64; 3]> = BTreeMap::new();
    for failure in failures {
        *match failure.state {
            FailureState::New => &mut by_state.new,
            FailureState::Regressed => &mut by_state.regressed,
            FailureState::Ongoing => &mut by_state.ongoing,
            FailureState::Resolved => &mut by_state.resolved,
        } += 1;
        let of_type = by_type.entry(failure.error_type.clone()).or_default();
        of_type[0] += failure.count;
        of_type[1] += failure.count_before;
        of_type[2] += u64::from(failure.count > 0);
    }
    let mut by_error_type: Vec<FailuresOfType> = by_type
        .into_iter()
        .map(
            |(error_type, [count, count_before, fingerprints])| FailuresOfType {
                error_type,
                count,
                count_before,
                fingerprints,
            },
        )
        .collect();
    by_error_type.sort_by_key(|of_type| {
        let counts = (of_type.count, of_type.count_before);
        (
            std::cmp::Reverse(counts),
            of_type.error_type.is_none(),
            of_type.error_type.clone(),
        )
    });
    FailureTotals {
        failures: failures.iter().map(|failure| failure.count).sum(),
        failures_before: failures.iter().map(|failure| failure.count_before).sum(),
        fingerprints: by_state.new + by_state.regressed + by_state.ongoing,
        by_state,
        by_error_type,
        unexplained,
    }
}

/// The page and the totals that the rules give, of what the asker may see.
fn expected(
    params: &FailureListParams,
    visible: &[&Run],
    workflows: &[Workflow],
) -> (Vec<Failure>, Option<u32>, FailureTotals) {
    let ranges = ranges(params);
    let is_kept = |run: &&Run| {
        let has = |filter: &Option<String>, value: &Option<String>| filter.is_none() || filter == value;
        has(&params.workflow_id, &run.workflow) && has(&params.error_type, &run.error_type)
    };
    let kept: Vec<&Run> = visible.iter().copied().filter(is_kept).collect();
    let is_found = |runs: &[&Run]| {
        let Some(search) = &params.search else { return true };
        let has_text = |text: &Option<String>| {
            let text = text.as_ref().map(|text| text.to_lowercase());
            text.is_some_and(|text| text.contains(&search.to_lowercase()))
        };
        let mut recent = runs
            .iter()
            .filter(|run| in_range(run, ranges.0) || in_range(run, ranges.1));
        recent.any(|run| has_text(&run.error_type) || has_text(&run.error_message))
    };
    let mut failures: Vec<Failure> = by_fault(&kept)
        .into_iter()
        .filter(|(_, runs)| is_found(runs))
        .map(|(fault, runs)| failure(&fault, &runs, workflows, ranges, 5))
        .filter(|failure| failure.count + failure.count_before > 0)
        .collect();
    let is_unexplained = |run: &&&Run| {
        let has_failed = matches!(run.status, "failed" | "timeout");
        has_failed && fault_of(run).is_none() && in_range(run, ranges.0)
    };
    let unexplained = match params.search.is_some() || params.error_type.is_some() {
        true => 0,
        false => kept.iter().filter(is_unexplained).count(),
    };
    let totals = totals(&failures, unexplained as u64);
    if let Some(states) = &params.state {
        let states: BTreeSet<&str> = states.split(',').map(str::trim).collect();
        failures.retain(|failure| states.contains(failure.state.as_str()));
    }
    let greatest_first = |failure: &Failure| match params.order.as_deref() {
        None | Some("count") => (failure.count as i64, failure.count_before as i64),
        Some("last_seen") => (failure.last_seen.as_micros(), 0),
        Some("first_seen") => (failure.first_seen.as_micros(), 0),
        _ => ((failure.cost_usd * 1e6).round() as i64, failure.count as i64),
    };
    failures.sort_by_key(|failure| {
        (
            std::cmp::Reverse(greatest_first(failure)),
            failure.fingerprint.clone(),
        )
    });
    let (offset, limit) = (params.offset.unwrap_or(0), params.limit.unwrap_or(50));
    let end = offset + limit;
    let has_more = failures.len() > end as usize;
    let page = failures.into_iter().skip(offset as usize).take(limit as usize);
    (page.collect(), has_more.then_some(end), totals)
}

/// Law: whatever the history and the question, a list of failures is what a plain computation gives of the runs that the
/// asker may see; and so is each failure by itself, whose timeline and executions add up to its count.
#[test]
fn failures_are_those_of_the_runs() {
    let fixture = Fixture::new();
    let cases = std::env::var("PROPTEST_CASES")
        .ok()
        .and_then(|cases| cases.parse().ok());
    let config = Config {
        cases: cases.unwrap_or(24),
        max_shrink_iters: 30,
        failure_persistence: None,
        ..Config::default()
    };
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &[7; 32]);
    let strategy = (history(), prop::collection::vec(question(), 8), 1usize..30);
    let number = std::cell::Cell::new(20_000);
    let law = |((runs, workflows), questions, batch_len): (
        (Vec<Run>, Vec<Workflow>),
        Vec<FailureListParams>,
        usize,
    )| {
        number.set(number.get() + 1);
        let organization = organization(number.get());
        fixture.fill_in_parts(organization, &runs, &workflows, batch_len);
        let members = [None, Some("ada"), Some("bob"), Some("nobody")];
        for (params, member) in questions.iter().zip(members.iter().cycle()) {
            let subjects = member.map(|member| vec![member.to_owned()]);
            let scope = match &subjects {
                None => Scope::all(organization),
                Some(subjects) => Scope::owned(organization, subjects.clone()),
            };
            let visible: Vec<&Run> = runs
                .iter()
                .filter(|run| is_visible(run, &workflows, subjects.as_deref()))
                .collect();
            let answer = listed(&fixture, &scope, params);
            let (page, next_offset, totals) = expected(params, &visible, &workflows);
            prop_assert_eq!(&answer.failures, &page, "{:?}", params);
            prop_assert_eq!(answer.next_offset, next_offset);
            prop_assert_eq!(answer.totals, totals);
            check_each(&fixture, &scope, params, &runs, &visible, &workflows)?;
        }
        Ok(())
    };
    if let Err(error) = TestRunner::new_with_rng(config, rng).run(&strategy, law) {
        panic!("{error}");
    }
}

fn answered(fixture: &Fixture, scope: &Scope, question: Question) -> Answered {
    let context = QueryContext::new(scope, &UTC, NOW.parse().unwrap()).with_freshness(Freshness::Fresh);
    let answers = fixture.engine.answer_questions(context, vec![Ok(question)]);
    fixture.block_on(answers).unwrap().answers.remove(0).unwrap()
}

fn listed(fixture: &Fixture, scope: &Scope, params: &FailureListParams) -> FailureList {
    match answered(fixture, scope, Question::Failures(Box::new(params.clone()))) {
        Answered::Failures(list) => *list,
        other => panic!("{other:?}"),
    }
}

/// One fault of the history, whether the asker sees it or not.
fn check_each(
    fixture: &Fixture,
    scope: &Scope,
    params: &FailureListParams,
    runs: &[Run],
    visible: &[&Run],
    workflows: &[Workflow],
) -> Result<(), TestCaseError> {
    let range = ranges(params);
    let all: Vec<&Run> = runs.iter().collect();
    let seen = by_fault(visible);
    let Some((fault, _)) = by_fault(&all).into_iter().nth(params.limit.unwrap_or(0) as usize) else {
        return Ok(());
    };
    let of_range = FailureParams {
        from: params.from,
        to: params.to,
        ..FailureParams::default()
    };
    let question = Question::Failure(fault.fingerprint.clone(), Box::new(of_range));
    let detail = match answered(fixture, scope, question) {
        Answered::Failure(detail) => detail,
        other => panic!("{other:?}"),
    };
    let expected = seen
        .iter()
        .find(|(known, _)| *known == fault)
        .map(|(fault, runs)| failure(fault, runs, workflows, range, 100));
    let timeline = detail.as_ref().map(|detail| {
        let counts = detail
            .timeline
            .rows
            .iter()
            .map(|row| row[1].as_u64().unwrap_or(0));
        counts.sum::<u64>()
    });
    prop_assert_eq!(detail.map(|detail| detail.failure), expected.clone());
    prop_assert_eq!(timeline, expected.as_ref().map(|failure| failure.count));
    let executions = ExecutionListParams {
        error_fingerprint: Some(fault.fingerprint.clone()),
        from: Some(range.0.start),
        to: Some(range.0.end),
        limit: Some(200),
        ..ExecutionListParams::default()
    };
    let now = NOW.parse().unwrap();
    let executions = fixture.engine.list_executions(scope, &executions, now, &UTC);
    let executions = fixture.block_on(executions).unwrap().executions;
    prop_assert_eq!(
        executions.len() as u64,
        expected.map_or(0, |failure| failure.count)
    );
    let is_its = |fingerprint: &Option<String>| fingerprint.as_ref() == Some(&fault.fingerprint);
    prop_assert!(
        executions
            .iter()
            .all(|execution| is_its(&execution.error_fingerprint))
    );
    Ok(())
}
