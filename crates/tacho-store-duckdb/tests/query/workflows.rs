//! Workflows listed: those that are declared and those that have run, against a plain computation over the same runs.

use jiff::tz::TimeZone;
use tacho_core::Scope;
use tacho_query::workflows::wire::{ListedWorkflow, WorkflowListParams, Workflows};
use tacho_store::{Answered, Freshness, QueryContext, Question};

use crate::fixture::{Fixture, Run, Workflow, at, organization};

const NOW: &str = "2026-11-22T10:00:00Z";

fn workflow(id: &str, name: Option<&str>, owner: &str) -> Workflow {
    Workflow {
        id: id.to_owned(),
        name: name.map(str::to_owned),
        owner: Some(owner.to_owned()),
    }
}

fn workflows() -> [Workflow; 4] {
    [
        workflow("w-1", Some("reminders"), "ada"),
        workflow("w-2", Some("Invoices"), "bob"),
        workflow("w-3", None, "ada"),
        workflow("w-4", Some("never ran"), "ada"),
    ]
}

/// Runs of three declared workflows, of one that nobody has declared, and of none; several tries and several runs at the
/// same moment.
fn runs() -> Vec<Run> {
    (0..120)
        .map(|number: i64| Run {
            id: format!("run-{}", number / 2 % 37),
            attempt: u32::try_from(number % 2 + number / 74 * 2 + 1).unwrap(),
            at: at("2025-01-01T00:00:00Z") + number * 7_919 % 11 * 86_400_000_000,
            status: ["success", "failed", "running", "queued", "timeout"][number as usize * 3 % 5],
            workflow: [Some("w-1"), Some("w-2"), Some("w-3"), Some("undeclared")]
                .get(number as usize / 2 % 7)
                .copied()
                .flatten()
                .map(str::to_owned),
            user: Some("ada".to_owned()),
            ..Run::default()
        })
        .collect()
}

fn listed(fixture: &Fixture, scope: &Scope, params: WorkflowListParams) -> Workflows {
    let question = Question::Workflows(Box::new(params));
    let zone = TimeZone::UTC;
    let context = QueryContext::new(scope, &zone, NOW.parse().unwrap()).with_freshness(Freshness::Fresh);
    let answers = fixture.engine.answer_questions(context, vec![Ok(question)]);
    let answer = fixture.block_on(answers).unwrap().answers.remove(0).unwrap();
    match answer {
        Answered::Workflows(workflows) => *workflows,
        other => panic!("{other:?}"),
    }
}

/// What is checked of a workflow: how many run, and which started last, with its try and status.
fn told(workflow: &ListedWorkflow) -> (String, u64, Option<(String, u32, String)>) {
    let last = workflow.last_execution.clone();
    let last = last.map(|last| (last.id, last.attempt, last.status));
    (workflow.id.clone(), workflow.running, last)
}

fn expected(id: &str) -> (String, u64, Option<(String, u32, String)>) {
    let runs: Vec<Run> = runs()
        .into_iter()
        .filter(|run| run.workflow.as_deref() == Some(id))
        .collect();
    let running = runs.iter().filter(|run| run.status == "running").count() as u64;
    let started = runs.into_iter().filter(|run| run.status != "queued");
    let last = started.max_by_key(|run| (run.at, run.id.clone(), run.attempt));
    (
        id.to_owned(),
        running,
        last.map(|run| (run.id, run.attempt, run.status.to_owned())),
    )
}

fn filled() -> Fixture {
    let fixture = Fixture::new();
    fixture.fill(organization(1), &runs(), &workflows());
    fixture
}

#[test]
fn declared_and_running_workflows_are_listed_by_name_with_what_ran_last() {
    let fixture = filled();
    let everything = Scope::all(organization(1));
    let list = listed(&fixture, &everything, WorkflowListParams::default());
    let told: Vec<_> = list.workflows.iter().map(told).collect();
    // By name, and by id where there is none: Invoices, never ran, reminders, undeclared, w-3.
    assert_eq!(told, ["w-2", "w-4", "w-1", "undeclared", "w-3"].map(expected));
    assert!(
        told.iter()
            .filter(|(_, running, last)| *running > 0 && last.is_some())
            .count()
            > 2
    );
    assert_eq!(list.total, 5);
    assert_eq!(list.workflows[3].name, None);
    assert!(list.workflows[3].is_active);
}

#[test]
fn who_owns_workflows_sees_those_and_no_others() {
    let fixture = filled();
    let own = |subject: &str| {
        let scope = Scope::owned(organization(1), vec![subject.to_owned()]);
        let list = listed(&fixture, &scope, WorkflowListParams::default());
        let told: Vec<_> = list.workflows.iter().map(told).collect();
        (told, list.total)
    };
    assert_eq!(own("ada"), (["w-4", "w-1", "w-3"].map(expected).to_vec(), 3));
    assert_eq!(own("bob"), (vec![expected("w-2")], 1));
    assert_eq!(own("eve"), (Vec::new(), 0));
    let other = listed(
        &fixture,
        &Scope::all(organization(2)),
        WorkflowListParams::default(),
    );
    assert_eq!((other.workflows.len(), other.total), (0, 0));
}

#[test]
fn filters_narrow_the_list_and_the_limit_does_not_change_the_total() {
    let fixture = filled();
    let ids = |params: WorkflowListParams| {
        let list = listed(&fixture, &Scope::all(organization(1)), params);
        let ids: Vec<String> = list.workflows.into_iter().map(|workflow| workflow.id).collect();
        (ids.join(" "), list.total)
    };
    let none = WorkflowListParams::default;
    let searched = |text: &str| {
        ids(WorkflowListParams {
            search: Some(text.to_owned()),
            ..none()
        })
    };
    assert_eq!(searched("REM"), ("w-1".to_owned(), 1));
    assert_eq!(searched("W-"), ("w-2 w-4 w-1 w-3".to_owned(), 4));
    assert_eq!(searched("100%"), (String::new(), 0));
    let limited = WorkflowListParams {
        limit: Some(2),
        ..none()
    };
    assert_eq!(ids(limited), ("w-2 w-4".to_owned(), 5));
    let of_ada = WorkflowListParams {
        owner_id: Some("ada".to_owned()),
        ..none()
    };
    assert_eq!(ids(of_ada), ("w-4 w-1 w-3".to_owned(), 3));
}
