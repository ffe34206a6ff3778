//! `tacho import`: records from a file.
//!
//! Records without an id get one from their content and how often that content has come up in the file, so that a file can
//! be imported again, whole or grown, and nothing counts twice. When a server uses the data directory, the records go
//! through it; else straight into the journal.

use std::fs::File;
use std::io::{BufReader, Read};
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, bail};
use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};
use tacho_core::record::wire::write_json_line;
use tacho_core::record::{Record, RecordType};
use tacho_ingest::decode::{DecodeOptions, csv, ndjson_stream};
use tacho_ingest::{Ingest, Rejection, SubmitError};
use tacho_metastore::{KeyScope, Metastore, NewDeadLetter, Organization};

use crate::data_dir::DataDir;
use crate::parts::{now, open_ingest, open_metastore, organization};
use crate::server_file::{TemporaryKey, running_server};
use crate::settings::Settings;

const BATCH_RECORDS: usize = 5_000;
/// Refused records that are shown one by one.
const SHOWN_MAX: u64 = 20;
const REQUEST_TIMEOUT: Duration = Duration::from_secs(60);
/// How long the store may take to follow before the command ends without it; it goes on by itself then.
const STORE_WAIT: Duration = Duration::from_secs(600);

/// Flags of `tacho import`.
#[derive(Args)]
pub(crate) struct ImportArgs {
    /// The file: .ndjson or .jsonl with a record a line, or .csv with a header
    file: PathBuf,
    /// The organization that the records belong to
    #[arg(long, value_name = "NAME")]
    org: String,
    /// The type of records that do not say theirs; needed for CSV
    #[arg(long = "type", value_name = "TYPE", value_parser = record_type)]
    record_type: Option<RecordType>,
    /// For CSV: the column that holds a field, where their names differ
    #[arg(long, value_name = "FIELD=COLUMN", num_args = 1.., value_parser = mapping)]
    map: Vec<(String, String)>,
    /// For CSV: what stands between cells
    #[arg(long, default_value = ",", value_name = "CHAR")]
    delimiter: char,
    /// For CSV: take times without an offset as UTC
    #[arg(long)]
    times_are_utc: bool,
    /// Refuse records with unknown fields instead of keeping those in their metadata
    #[arg(long)]
    strict: bool,
}

fn record_type(word: &str) -> Result<RecordType, String> {
    RecordType::from_word(word).ok_or_else(|| {
        let words: Vec<&str> = RecordType::ALL.into_iter().map(RecordType::as_str).collect();
        format!("choose one of {}", words.join(", "))
    })
}

fn mapping(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((field, column)) if !field.is_empty() && !column.is_empty() => Ok((field.into(), column.into())),
        _ => Err("write FIELD=COLUMN".into()),
    }
}

/// Where the records go.
enum Destination {
    /// Into the journal, by this process.
    Journal(Box<Ingest>),
    /// To the server that uses the data directory.
    Server {
        client: reqwest::Client,
        url: String,
        key: TemporaryKey,
    },
}

/// What became of a file.
#[derive(Default)]
struct Report {
    accepted: u64,
    rejected: u64,
}

/// `tacho import`
pub(crate) async fn import(settings: &Settings, args: ImportArgs) -> anyhow::Result<()> {
    let (data, metastore) = open_metastore(settings).await?;
    let organization = organization(&metastore, &args.org).await?;
    let file = File::open(&args.file).with_context(|| format!("could not open {}", args.file.display()))?;
    let mut destination = Destination::open(settings, &data, &metastore, &organization).await?;
    let result = read_file(&args, file, &mut destination, &metastore, &organization).await;
    destination.close(&organization, result.is_ok()).await?;
    let report = result?;
    println!(
        "{} records imported, {} refused",
        report.accepted, report.rejected
    );
    if report.rejected > 0 {
        println!("The refused ones are kept as dead letters: mend and replay them on the System page.");
    }
    Ok(())
}

async fn read_file(
    args: &ImportArgs,
    file: File,
    destination: &mut Destination,
    metastore: &Metastore,
    organization: &Organization,
) -> anyhow::Result<Report> {
    let progress = ProgressBar::new(file.metadata()?.len()).with_style(ProgressStyle::with_template(
        "{bar:40} {bytes}/{total_bytes} · {binary_bytes_per_sec} · {eta} left",
    )?);
    let source = BufReader::with_capacity(1024 * 1024, progress.wrap_read(file));
    let options = DecodeOptions {
        strict: args.strict,
        default_type: args.record_type,
        ..DecodeOptions::new(now())
    };
    let mut records = open_records(args, source, &options)?;
    let mut report = Report::default();
    loop {
        let mut batch = Vec::with_capacity(BATCH_RECORDS);
        let mut refused = Vec::new();
        for line in records.by_ref() {
            let (line, record) = line.context("the file cannot be read on")?;
            match record {
                Ok(record) => batch.push(record),
                Err(rejection) => {
                    if report.rejected + (refused.len() as u64) < SHOWN_MAX {
                        progress.suspend(|| eprintln!("line {line}: {}", rejection.message));
                    }
                    refused.push(rejection);
                }
            }
            if batch.len() + refused.len() >= BATCH_RECORDS {
                break;
            }
        }
        if batch.is_empty() && refused.is_empty() {
            break;
        }
        report.accepted += batch.len() as u64;
        report.rejected += refused.len() as u64;
        destination.send(organization, batch).await?;
        keep(metastore, organization, &refused).await?;
    }
    progress.finish_and_clear();
    Ok(report)
}

/// Records with the numbers of their lines.
type Records<'a> = Box<dyn Iterator<Item = std::io::Result<(u64, Result<Record, Rejection>)>> + 'a>;

fn open_records<'a, R: Read + 'a>(
    args: &'a ImportArgs,
    source: BufReader<R>,
    options: &'a DecodeOptions<'a>,
) -> anyhow::Result<Records<'a>> {
    let extension = args
        .file
        .extension()
        .and_then(|extension| extension.to_str())
        .unwrap_or_default();
    match extension.to_ascii_lowercase().as_str() {
        "ndjson" | "jsonl" => Ok(Box::new(ndjson_stream::read(source, options))),
        "csv" | "tsv" => {
            let Some(record_type) = args.record_type else {
                bail!("say of what type the table's records are: --type execution");
            };
            let delimiter =
                u8::try_from(args.delimiter).context("the delimiter must be one ASCII character")?;
            let table = csv::TableOptions {
                columns: &args.map,
                delimiter: if extension.eq_ignore_ascii_case("tsv") {
                    b'\t'
                } else {
                    delimiter
                },
                times_are_utc: args.times_are_utc,
                ..csv::TableOptions::new(record_type)
            };
            Ok(Box::new(csv::read(source, table, options)?))
        }
        _ => bail!("{} is neither .ndjson, .jsonl nor .csv", args.file.display()),
    }
}

async fn keep(
    metastore: &Metastore,
    organization: &Organization,
    refused: &[Rejection],
) -> anyhow::Result<()> {
    let letters: Vec<NewDeadLetter> = refused
        .iter()
        .map(|rejection| tacho_ingest::ingest::dead_letter(rejection, "import"))
        .collect();
    metastore
        .insert_dead_letters(organization.id, &letters, now())
        .await
        .context("could not keep the refused records")
}

impl Destination {
    async fn open(
        settings: &Settings,
        data: &DataDir,
        metastore: &Metastore,
        organization: &Organization,
    ) -> anyhow::Result<Self> {
        match running_server(data)? {
            None => Ok(Self::Journal(Box::new(
                open_ingest(settings, data, metastore).await?.0,
            ))),
            Some(url) => {
                let client = reqwest::Client::builder()
                    .timeout(REQUEST_TIMEOUT)
                    .no_proxy()
                    .build()?;
                let key = TemporaryKey::create(metastore, organization.id, KeyScope::Ingest, "tacho import")
                    .await?;
                Ok(Self::Server { client, url, key })
            }
        }
    }

    /// Sends records until they are accepted, however long the other side is busy.
    async fn send(&self, organization: &Organization, records: Vec<Record>) -> anyhow::Result<()> {
        if records.is_empty() {
            return Ok(());
        }
        match self {
            Self::Journal(ingest) => loop {
                match ingest.accept(organization.id, records.clone(), now()).await {
                    Ok(_) => return Ok(()),
                    Err(SubmitError::Overloaded { retry_after, .. }) => tokio::time::sleep(retry_after).await,
                    Err(error) => return Err(error.into()),
                }
            },
            Self::Server { client, url, key } => {
                let mut body = Vec::with_capacity(records.len() * 300);
                records
                    .iter()
                    .for_each(|record| write_json_line(record, &mut body));
                post(client, url, &key.text, body).await
            }
        }
    }

    async fn close(self, organization: &Organization, is_whole: bool) -> anyhow::Result<()> {
        match self {
            Self::Server { key, .. } => key.revoke().await,
            Self::Journal(ingest) => {
                let organization = organization.id;
                tokio::task::spawn_blocking(move || {
                    if is_whole && !ingest.wait_until_applied(organization, ingest.durable_lsn(), STORE_WAIT)
                    {
                        eprintln!(
                            "The records are safe in the journal; the store follows when the server starts."
                        );
                    }
                })
                .await?;
                Ok(())
            }
        }
    }
}

async fn post(client: &reqwest::Client, url: &str, key: &str, body: Vec<u8>) -> anyhow::Result<()> {
    loop {
        let response = client
            .post(format!("{url}/api/v1/records"))
            .bearer_auth(key)
            .header("content-type", "application/x-ndjson")
            .body(body.clone())
            .send()
            .await
            .context("the server does not answer")?;
        let status = response.status();
        if status == reqwest::StatusCode::SERVICE_UNAVAILABLE
            || status == reqwest::StatusCode::TOO_MANY_REQUESTS
        {
            let seconds = response
                .headers()
                .get("retry-after")
                .and_then(|value| value.to_str().ok()?.parse().ok());
            tokio::time::sleep(Duration::from_secs(seconds.unwrap_or(1))).await;
            continue;
        }
        let text = response.text().await.unwrap_or_default();
        if !status.is_success() {
            bail!("the server answered {status}: {text}");
        }
        let answer: serde_json::Value =
            serde_json::from_str(&text).context("the server's answer cannot be read")?;
        // They were checked before they were sent, by the same decoder.
        if answer["rejected"]
            .as_array()
            .is_some_and(|rejected| !rejected.is_empty())
        {
            bail!(
                "the server refused records that this command accepted; are both of the same version? {}",
                answer["rejected"]
            );
        }
        return Ok(());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mappings_name_field_and_column() {
        assert_eq!(
            mapping("workflow_id=Task"),
            Ok(("workflow_id".into(), "Task".into()))
        );
        assert!(mapping("workflow_id").is_err());
        assert!(mapping("=x").is_err());
        assert!(record_type("executions").is_err());
    }
}
