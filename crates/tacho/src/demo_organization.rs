//! The demo organization of `tacho serve --demo`: a made-up company with three months of history, whose automations keep
//! running while the server does.

use std::time::Duration;

use anyhow::Context;
use serde::{Deserialize, Serialize};
use tacho_core::{OrganizationId, Role, Timestamp};
use tacho_demo::{Config, Generator, Player, Volume};
use tacho_ingest::{Ingest, SubmitError};
use tacho_metastore::{KeyScope, KeyScopes, Metastore, NewApiKey, NewOrganization, NewUser, Token};

use crate::data_dir::{DataDir, write_private};
use crate::parts::now;

const ORGANIZATION: &str = "Demo";
const EMAIL: &str = "owner@demo.example";
const ZONE: &str = "Europe/Berlin";
const SEED: u64 = 1;
const WORKFLOWS: usize = 24;
const EXECUTIONS_PER_DAY: f64 = 1_500.0;
const HISTORY_DAYS: i64 = 90;
const DAY_MICROS: i64 = 86_400_000_000;
/// How long the store may take to follow the history before the demo goes on without waiting.
const HISTORY_WAIT: Duration = Duration::from_secs(300);
const TICK: Duration = Duration::from_secs(1);
const BATCH_RECORDS: usize = 5_000;

/// What is kept about the demo between starts.
#[derive(Serialize, Deserialize)]
struct DemoFile {
    organization: OrganizationId,
    email: String,
    password: String,
    api_key: String,
    began_at: Timestamp,
    played_until: Timestamp,
}

/// Makes the demo organization if it is not there, says how to sign in, and lets its automations run.
pub(crate) async fn start(
    data: &DataDir,
    metastore: &Metastore,
    ingest: &Ingest,
    url: &str,
) -> anyhow::Result<()> {
    let demo = match std::fs::read(data.demo_file()) {
        Ok(text) => serde_json::from_slice(&text)
            .context("demo.json cannot be read; remove it to begin a new demo")?,
        Err(_) => create(data, metastore).await?,
    };
    introduce(&demo, url);
    let (data, ingest) = (data.clone(), ingest.clone());
    tokio::spawn(async move {
        if let Err(error) = play(&data, &ingest, demo).await {
            tracing::error!(%error, "the demo stopped");
        }
    });
    Ok(())
}

async fn create(data: &DataDir, metastore: &Metastore) -> anyhow::Result<DemoFile> {
    let now = now();
    let new = NewOrganization {
        name: ORGANIZATION.into(),
        timezone: ZONE.into(),
    };
    let organization = metastore
        .create_organization(new, now)
        .await
        .context("could not make the demo organization; start without --demo if this is no demo")?
        .id;
    let password = Token::generate("")?.expose()[..20].to_owned();
    let owner = NewUser {
        email: EMAIL.into(),
        name: Some("Demo Owner".into()),
        role: Role::Owner,
        password: password.clone().into(),
        timezone: None,
        external_id: None,
    };
    metastore.create_user(organization, owner, now).await?;
    let key = NewApiKey {
        name: "demo".into(),
        scopes: KeyScopes::new([KeyScope::Ingest, KeyScope::Read])?,
        user_id: None,
    };
    let (_, token) = metastore.create_api_key(organization, key, now).await?;
    let began_at = now.plus_micros(-HISTORY_DAYS * DAY_MICROS);
    let demo = DemoFile {
        organization,
        email: EMAIL.into(),
        password,
        api_key: token.expose().to_owned(),
        began_at,
        played_until: began_at,
    };
    keep(data, &demo)?;
    Ok(demo)
}

fn keep(data: &DataDir, demo: &DemoFile) -> anyhow::Result<()> {
    write_private(&data.demo_file(), &serde_json::to_vec_pretty(demo)?).context("could not write demo.json")
}

fn introduce(demo: &DemoFile, url: &str) {
    eprintln!(
        "\nTacho's demo is at {url}\n\n  e-mail    {}\n  password  {}\n\nSend a first record:\n\n  \
         curl {url}/api/v1/records -H 'Authorization: Bearer {}' \\\n    \
         -d '{{\"type\":\"execution\",\"id\":\"first-run\",\"workflow_id\":\"hello\",\"status\":\"success\",\"started_at\":\"{}\",\"duration_ms\":1500}}'\n",
        demo.email,
        demo.password,
        demo.api_key,
        now(),
    );
}

/// Tells the history once, then what happens, for as long as the server runs.
async fn play(data: &DataDir, ingest: &Ingest, mut demo: DemoFile) -> anyhow::Result<()> {
    let config = Config {
        executions: Volume::PerDay(EXECUTIONS_PER_DAY),
        zone: jiff::tz::TimeZone::get(ZONE)?,
        ..Config::new(SEED, demo.began_at, now(), WORKFLOWS, 0)
    };
    if demo.played_until == demo.began_at {
        let mut history = Generator::new(config.clone());
        loop {
            let batch: Vec<_> = history.by_ref().take(BATCH_RECORDS).collect();
            if batch.is_empty() {
                break;
            }
            send(ingest, demo.organization, batch).await?;
        }
        demo.played_until = config.end;
        keep(data, &demo)?;
        let (ingest, organization) = (ingest.clone(), demo.organization);
        let last = ingest.durable_lsn();
        tokio::task::spawn_blocking(move || ingest.wait_until_applied(organization, last, HISTORY_WAIT))
            .await?;
        tracing::info!("the demo's history is told");
    }
    let mut player = Player::new(&config, demo.played_until);
    let mut ticks = tokio::time::interval(TICK);
    let mut kept_at = now();
    loop {
        ticks.tick().await;
        let until = now();
        let mut records = player.tick(until);
        while !records.is_empty() {
            let rest = records.split_off(records.len().min(BATCH_RECORDS));
            send(ingest, demo.organization, records).await?;
            records = rest;
        }
        demo.played_until = until;
        // What is told again after a restart counts once: the same executions have the same ids.
        if until.micros_since(kept_at) > 10_000_000 {
            keep(data, &demo)?;
            kept_at = until;
        }
    }
}

async fn send(
    ingest: &Ingest,
    organization: OrganizationId,
    records: Vec<tacho_core::Record>,
) -> anyhow::Result<()> {
    loop {
        match ingest.accept(organization, records.clone(), now()).await {
            Ok(_) => return Ok(()),
            Err(SubmitError::Overloaded { retry_after, .. }) => tokio::time::sleep(retry_after).await,
            Err(SubmitError::DiskFull) => tokio::time::sleep(Duration::from_secs(30)).await,
            Err(error) => return Err(error.into()),
        }
    }
}
