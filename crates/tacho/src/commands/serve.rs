//! `tacho serve`: the server.

use std::io::IsTerminal;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use clap::Args;
use metrics_exporter_prometheus::PrometheusHandle;
use tacho_api::{AppState, AuditRules, Clock, Config, LiveRules, Parts};
use tacho_jobs::detection::DetectionParts;
use tacho_live::Hub;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tracing_subscriber::EnvFilter;

use crate::parts::{
    now, open_metastore, open_watched_ingest, query_engine, shared_cache, start_detection, start_exports,
};
use crate::settings::{LogSettings, Settings};
use crate::{demo_organization, open_files, server_file};

/// How often recorded durations are put into buckets.
const METRICS_UPKEEP_EVERY: Duration = Duration::from_secs(5);

/// Flags of `tacho serve`.
#[derive(Args)]
pub(crate) struct ServeArgs {
    /// Address and port to listen on [default: 127.0.0.1:8080; environment: TACHO_HTTP__LISTEN]
    #[arg(long, value_name = "ADDR")]
    listen: Option<String>,
    /// Keep a demo organization whose automations keep running
    #[arg(long)]
    demo: bool,
}

/// Serves until it is told to stop.
pub(crate) async fn serve(mut settings: Settings, args: ServeArgs) -> anyhow::Result<()> {
    if let Some(listen) = args.listen {
        settings.http.listen = listen;
    }
    start_logging(&settings.log)?;
    if let Err(error) = open_files::raise_limit() {
        tracing::warn!(%error, "the limit of open files stays as it was; there may be fewer connections than are allowed");
    }
    let (data, metastore) = open_metastore(&settings).await?;
    let hub = Hub::new(now);
    let (ingest, store) =
        open_watched_ingest(&settings, &data, &metastore, Some(Arc::new(hub.clone()))).await?;
    let following = ingest.clone();
    let mut engine = query_engine(&settings, store.clone()).following(
        move |organization| following.committed_lsn(organization),
        ingest.epochs(),
    );
    if let Some(redis) = shared_cache(&settings)? {
        engine = engine.sharing(redis);
    }
    let listener = TcpListener::bind(&settings.http.listen)
        .await
        .with_context(|| format!("could not listen on {}", settings.http.listen))?;
    let address = listener.local_addr()?;
    server_file::announce(&data, address)?;

    let exports = start_exports(&settings, &data, &metastore, &engine).await?;
    let detection = DetectionParts {
        metastore: metastore.clone(),
        ingest: ingest.clone(),
        engine: engine.clone(),
        hub: hub.clone(),
    };
    let detections = start_detection(&settings, detection).await?;
    let state = AppState::new(Parts {
        metastore: metastore.clone(),
        ingest: ingest.clone(),
        engine,
        store,
        exports: exports.clone(),
        detections: detections.clone(),
        hub,
        config: Config {
            public_url: settings.http.public_url.clone(),
            trust_forwarded: settings.http.trust_forwarded,
            records_bytes_max: settings.http.records_bytes_max,
            records_decoded_bytes_max: settings.http.records_decoded_bytes_max,
            cost_rates: settings.cost_rates()?,
            queries_per_minute: settings.query.requests_per_minute,
            queries_at_once_max: settings.query.requests_at_once_max,
            audit: AuditRules {
                keep_days: settings.audit.keep_days,
                entries_max: settings.audit.entries_max,
            },
            live: LiveRules {
                connections_max: settings.live.connections_max,
                user_connections_max: settings.live.user_connections_max,
                subscriptions_max: settings.live.subscriptions_max,
                message_bytes_max: settings.live.message_bytes_max,
                messages_max: settings.live.messages_max,
                ..LiveRules::default()
            },
            ..Config::default()
        },
        clock: Clock::system(),
        metrics: Some(start_metrics()?),
    });
    let url = settings
        .http
        .public_url
        .clone()
        .unwrap_or_else(|| url_of(address));
    if args.demo {
        demo_organization::start(&data, &metastore, &ingest, &url).await?;
    } else if let Some(token) = metastore.issue_setup_token(now()).await? {
        eprintln!(
            "\nNobody can sign in yet. Open this link within 24 hours to make an organization and its owner:\n"
        );
        eprintln!("  {url}/setup?token={}\n", token.expose());
    }
    tracing::info!(%address, data_dir = %data.0.display(), "serving");
    let result = tacho_api::serve(listener, state, stopped()).await;
    server_file::withdraw(&data);
    exports.stop().await;
    detections.stop().await;
    metastore.close().await;
    // Dropping the last handle writes what waits and closes the journal; that blocks.
    tokio::task::spawn_blocking(move || drop(ingest)).await?;
    tracing::info!("stopped");
    Ok(result?)
}

fn url_of(address: SocketAddr) -> String {
    match address.ip().is_unspecified() {
        true => format!("http://localhost:{}", address.port()),
        false => format!("http://{address}"),
    }
}

/// Collects figures. Durations that were recorded are put into their buckets now and then, so that they do not pile up
/// where nobody asks for them.
fn start_metrics() -> anyhow::Result<PrometheusHandle> {
    let recorder = tacho_api::prometheus().context("could not set the metrics up")?;
    let handle = recorder
        .install_recorder()
        .context("could not start the metrics")?;
    let upkeep = handle.clone();
    tokio::spawn(async move {
        let mut due = tokio::time::interval(METRICS_UPKEEP_EVERY);
        loop {
            due.tick().await;
            upkeep.run_upkeep();
        }
    });
    Ok(handle)
}

/// Ready when the process is told to stop.
async fn stopped() {
    let (Ok(mut interrupt), Ok(mut terminate)) =
        (signal(SignalKind::interrupt()), signal(SignalKind::terminate()))
    else {
        // Without handlers the signals end the process as ever; what was acknowledged is durable.
        return std::future::pending().await;
    };
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
    tracing::info!("stopping: finishing what is under way");
}

fn start_logging(settings: &LogSettings) -> anyhow::Result<()> {
    let filter = EnvFilter::try_new(&settings.level).context("[log] level cannot be read")?;
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(std::io::stderr().is_terminal())
        .with_writer(std::io::stderr);
    match settings.format.as_str() {
        "json" => builder.json().init(),
        "text" => builder.init(),
        other => anyhow::bail!("[log] format is \"{other}\"; choose text or json"),
    }
    Ok(())
}
