//! Who has a page open: people of all roles, and whose workflows they look at.

use std::collections::BTreeMap;

use anyhow::{Context, ensure};
use tacho_core::{RecordType, Role};

use crate::history::History;
use crate::server::{Installation, ORGANIZATION};

/// How many there are of each role that sees everything.
const SEE_ALL: [(Role, usize); 4] = [
    (Role::Owner, 1),
    (Role::Admin, 2),
    (Role::Manager, 3),
    (Role::Viewer, 4),
];
/// Those who see their own workflows; and as many more viewers to take their place.
const MEMBERS: usize = 10;
const PASSWORD: &str = "a password for the bench";

/// Somebody with a page open.
#[derive(Clone, Debug)]
pub(super) struct Person {
    /// Acts as that user.
    pub(super) key: String,
    /// The same for all who see the same rows: 0 for everything.
    pub(super) view: usize,
    /// A workflow that the person sees, and whose runs the person completes.
    pub(super) workflow: String,
}

/// Twenty people each.
pub(super) struct People {
    /// Half of them see everything, the others what is theirs.
    pub(super) mixed: Vec<Person>,
    /// All of them see everything.
    pub(super) all_seeing: Vec<Person>,
}

/// Makes the people. No server may be running.
///
/// # Errors
/// If the binary does not, or the history has too few owners.
pub(super) fn people(installation: &Installation, history: &History) -> anyhow::Result<People> {
    let mut owned: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut workflows = Vec::new();
    for record in history.records().take(history.workflows().len()) {
        ensure!(record.record_type == RecordType::Workflow, "workflows come first");
        let owner = record.get("owner_id").and_then(|owner| owner.as_text());
        let owner = owner.context("a workflow without an owner")?;
        owned
            .entry(owner.to_owned())
            .or_default()
            .push(record.id.to_string());
        workflows.push(record.id.to_string());
    }
    let mut owners: Vec<(String, Vec<String>)> = owned.into_iter().collect();
    owners.sort_by_key(|(email, workflows)| (std::cmp::Reverse(workflows.len()), email.clone()));
    ensure!(owners.len() >= MEMBERS, "only {} owners", owners.len());

    let mut all_seeing = Vec::new();
    for (role, count) in SEE_ALL.into_iter().chain([(Role::Viewer, MEMBERS)]) {
        for _ in 0..count {
            let number = all_seeing.len();
            all_seeing.push(Person {
                key: user(installation, &format!("{role}{number}@bench.example"), role)?,
                view: 0,
                // Each looks at another one.
                workflow: workflows[number * 7 % workflows.len()].clone(),
            });
        }
    }
    let mut mixed = all_seeing[..all_seeing.len() - MEMBERS].to_vec();
    for (view, (email, workflows)) in (1..).zip(owners.into_iter().take(MEMBERS)) {
        mixed.push(Person {
            key: user(installation, &email, Role::Member)?,
            view,
            workflow: workflows[0].clone(),
        });
    }
    Ok(People { mixed, all_seeing })
}

/// Makes a user. Returns a key that acts as the user.
fn user(installation: &Installation, email: &str, role: Role) -> anyhow::Result<String> {
    let organization = ["--org", ORGANIZATION];
    let create = [
        "user",
        "create",
        "--role",
        role.as_str(),
        "--password-stdin",
        email,
    ];
    installation.command_with_input(&[&create[..], &organization[..]].concat(), PASSWORD)?;
    let create = ["key", "create", "--scope", "read", "--user", email];
    installation.command(&[&create[..], &organization[..]].concat())
}

/// Keys that act as nobody, each with a limit of its own.
///
/// # Errors
/// If the binary does not make them.
pub(super) fn keys(installation: &Installation, count: usize) -> anyhow::Result<Vec<String>> {
    let create = ["key", "create", "--scope", "read", "--org", ORGANIZATION];
    (0..count).map(|_| installation.command(&create)).collect()
}
