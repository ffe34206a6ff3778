//! The service under test, with two organizations, somebody in every role, and a clock that stands still.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Method, Request, StatusCode, header};
use http_body_util::BodyExt as _;
use metrics_exporter_prometheus::PrometheusHandle;
use serde_json::Value;
use tacho_api::{AppState, Clock, Config, Parts};
use tacho_core::{Role, Timestamp};
use tacho_ingest::journal::disk::RealDisk;
use tacho_ingest::{Ingest, IngestConfig};
use tacho_jobs::detection::{DetectionConfig, DetectionParts, Detections};
use tacho_jobs::exports::{Exports, ExportsConfig};
use tacho_live::Hub;
use tacho_metastore::{Metastore, NewApiKey, NewOrganization, NewUser, Organization, User};
use tacho_query::dialect::DuckDb;
use tacho_store::{EngineConfig, QueryEngine};
use tacho_store_duckdb::{DuckDbConfig, DuckDbStore};
use tempfile::TempDir;
use tower::ServiceExt as _;

use crate::gated_store::{Gate, GatedStore};

/// Bytes that the files of exports may have together.
pub(crate) const EXPORTS_BYTES_MAX: u64 = 1 << 30;

/// How long nothing is heard of an execution before it is closed.
pub(crate) const PATIENCE: Duration = Duration::from_secs(24 * 3600);

/// Of the whole process: figures of all its apps come together here.
static METRICS: LazyLock<PrometheusHandle> =
    LazyLock::new(|| tacho_api::prometheus().unwrap().install_recorder().unwrap());

pub(crate) const PASSWORD: &str = "correct horse battery";

/// The service and what is in it.
pub(crate) struct App {
    pub(crate) metastore: Metastore,
    pub(crate) organization: Organization,
    pub(crate) users: BTreeMap<Role, User>,
    /// Somebody else's organization, and its owner.
    pub(crate) stranger: (Organization, User),
    /// Holds exports midway.
    pub(crate) gate: Arc<Gate>,
    router: Router,
    parts: Parts,
    micros: Arc<AtomicI64>,
    folder: TempDir,
}

/// The service on a port.
pub(crate) struct Served {
    pub(crate) address: SocketAddr,
    stop: Option<tokio::sync::oneshot::Sender<()>>,
    task: tokio::task::JoinHandle<std::io::Result<()>>,
}

impl Served {
    /// Tells it to stop, and waits until it has.
    pub(crate) async fn stop(mut self) {
        drop(self.stop.take());
        self.task.await.unwrap().unwrap();
    }
}

/// How a request is signed in.
#[derive(Clone, Debug)]
pub(crate) enum Credential {
    None,
    Cookie(String),
    Key(String),
}

/// An answer, read to its end.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("no JSON: {self:?}"))
    }

    /// The status and the problem's code.
    pub(crate) fn refusal(&self) -> (u16, String) {
        assert_eq!(
            self.headers[header::CONTENT_TYPE],
            "application/problem+json",
            "{self:?}"
        );
        (
            self.status.as_u16(),
            self.json()["code"].as_str().unwrap().to_owned(),
        )
    }
}

impl App {
    /// An instance that nobody has set up.
    pub(crate) async fn empty() -> (Metastore, Router, TempDir) {
        let folder = tempfile::tempdir().unwrap();
        let metastore = Metastore::open(folder.path().join("meta.db")).await.unwrap();
        let now = start();
        let clock = Clock::new(move || now);
        let (parts, _) = parts(&folder, &metastore, Config::default(), clock).await;
        (metastore, tacho_api::router(AppState::new(parts)), folder)
    }

    /// With the default settings, but that one may ask as often as one likes.
    pub(crate) async fn new() -> Self {
        Self::with(Config {
            queries_per_minute: 0,
            ..Config::default()
        })
        .await
    }

    pub(crate) async fn with(config: Config) -> Self {
        Self::built(config, false).await
    }

    /// One that keeps answers, which may lack what was sent in the last five seconds. The others answer from the store.
    pub(crate) async fn keeping_answers() -> Self {
        let config = Config {
            queries_per_minute: 0,
            ..Config::default()
        };
        Self::built(config, true).await
    }

    async fn built(config: Config, keeps_answers: bool) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let metastore = Metastore::open(folder.path().join("meta.db")).await.unwrap();
        let (organization, owner) = organization(&metastore, "Acme", "owner@example.com").await;
        let mut users = BTreeMap::from([(Role::Owner, owner)]);
        for role in [Role::Admin, Role::Manager, Role::Member, Role::Viewer] {
            let new = new_user(&format!("{role}@example.com"), role);
            users.insert(
                role,
                metastore
                    .create_user(organization.id, new, start())
                    .await
                    .unwrap(),
            );
        }
        let stranger = organization_of_stranger(&metastore).await;
        let micros = Arc::new(AtomicI64::new(start().as_micros()));
        let clock = {
            let micros = Arc::clone(&micros);
            Clock::new(move || Timestamp::from_micros(micros.load(Ordering::Relaxed)))
        };
        let (mut parts, gate) = parts(&folder, &metastore, config, clock).await;
        if keeps_answers {
            let (ingest, engine) = (parts.ingest.clone(), parts.engine.clone());
            let epochs = ingest.epochs();
            parts.engine = engine.following(move |organization| ingest.committed_lsn(organization), epochs);
        }
        let router = tacho_api::router(AppState::new(parts.clone()));
        Self {
            gate,
            parts,
            metastore,
            organization,
            users,
            stranger,
            router,
            micros,
            folder,
        }
    }

    /// Serves on a port of its own until the sender says that it is over.
    pub(crate) async fn served(&self) -> Served {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
        let serving = tacho_api::serve(listener, AppState::new(self.parts.clone()), async {
            let _ = stopped.await;
        });
        Served {
            address,
            stop: Some(stop),
            task: tokio::spawn(serving),
        }
    }

    /// Waits until the organization's store has that position.
    pub(crate) async fn settle(&self, lsn: u64) {
        let (ingest, id) = (self.parts.ingest.clone(), self.organization.id);
        let wait = move || ingest.wait_until_applied(id, lsn, Duration::from_secs(20));
        assert!(
            tokio::task::spawn_blocking(wait).await.unwrap(),
            "not applied in time"
        );
    }

    /// Ends the work on exports and begins it anew, as another process would, with room for so many bytes.
    pub(crate) async fn restart_exports(&mut self, bytes_max: u64) {
        self.parts.exports.stop().await;
        let parts = &self.parts;
        let exports = start_exports(
            &self.folder,
            &parts.metastore,
            &parts.engine,
            parts.clock.clone(),
            bytes_max,
        );
        self.parts.exports = exports.await;
        self.router = tacho_api::router(AppState::new(self.parts.clone()));
    }

    /// Begins to look for what goes wrong, every 20 ms.
    pub(crate) async fn start_detection(&mut self) {
        let parts = &self.parts;
        let detection_parts = DetectionParts {
            metastore: parts.metastore.clone(),
            ingest: parts.ingest.clone(),
            engine: parts.engine.clone(),
            hub: parts.hub.clone(),
        };
        self.parts.detections = detect(detection_parts, parts.clock.clone(), true).await;
        self.router = tacho_api::router(AppState::new(self.parts.clone()));
    }

    /// Looks no more, and forgets what it knew.
    pub(crate) async fn stop_detection(&self) {
        self.parts.detections.stop().await;
    }

    /// The folder of the organization's exports.
    pub(crate) fn exports_folder(&self) -> PathBuf {
        self.folder
            .path()
            .join("exports")
            .join(self.organization.id.to_string())
    }

    pub(crate) fn now(&self) -> Timestamp {
        Timestamp::from_micros(self.micros.load(Ordering::Relaxed))
    }

    pub(crate) fn advance(&self, seconds: i64) {
        self.micros.fetch_add(seconds * 1_000_000, Ordering::Relaxed);
    }

    /// A new session of somebody with that role.
    pub(crate) async fn session(&self, role: Role) -> Credential {
        self.session_of(&self.users[&role]).await
    }

    pub(crate) async fn session_of(&self, user: &User) -> Credential {
        let token = self.metastore.create_session(user.id, self.now()).await.unwrap();
        Credential::Cookie(token.expose().to_owned())
    }

    /// A new key with those scopes, acting as somebody with that role or as nobody.
    pub(crate) async fn key(&self, scopes: &str, role: Option<Role>) -> Credential {
        let new = NewApiKey {
            name: "test".to_owned(),
            scopes: scopes.parse().unwrap(),
            user_id: role.map(|role| self.users[&role].id),
        };
        let (_, text) = self
            .metastore
            .create_api_key(self.organization.id, new, self.now())
            .await
            .unwrap();
        Credential::Key(text.expose().to_owned())
    }

    pub(crate) async fn get(&self, path: &str, credential: &Credential) -> Answer {
        self.send(Method::GET, path, credential, None).await
    }

    pub(crate) async fn send(
        &self,
        method: Method,
        path: &str,
        credential: &Credential,
        body: Option<Value>,
    ) -> Answer {
        call(&self.router, request(method, path, credential, body)).await
    }

    /// The answer of a request, not read yet.
    pub(crate) async fn open(&self, request: Request<Body>) -> axum::response::Response {
        self.router.clone().oneshot(request).await.unwrap()
    }

    pub(crate) async fn call(&self, request: Request<Body>) -> Answer {
        call(&self.router, request).await
    }
}

/// A request as the web application or a program sends it.
pub(crate) fn request(
    method: Method,
    path: &str,
    credential: &Credential,
    body: Option<Value>,
) -> Request<Body> {
    let mut request = Request::builder()
        .method(method)
        .uri(path)
        .header(header::HOST, "tacho.local");
    match credential {
        Credential::None => {}
        Credential::Cookie(token) => {
            request = request
                .header(header::COOKIE, format!("tacho_session={token}"))
                .header("x-tacho-csrf", "1");
        }
        Credential::Key(text) => request = request.header(header::AUTHORIZATION, format!("Bearer {text}")),
    }
    match body {
        Some(body) => request
            .header(header::CONTENT_TYPE, "application/json")
            .body(body.to_string().into())
            .unwrap(),
        None => request.body(Body::empty()).unwrap(),
    }
}

pub(crate) async fn call(router: &Router, request: Request<Body>) -> Answer {
    let (parts, body) = router.clone().oneshot(request).await.unwrap().into_parts();
    let bytes = body.collect().await.unwrap().to_bytes();
    Answer {
        status: parts.status,
        headers: parts.headers,
        text: String::from_utf8_lossy(&bytes).into_owned(),
    }
}

pub(crate) fn start() -> Timestamp {
    "2026-11-22T09:30:00Z".parse().unwrap()
}

/// The service's parts over a data directory of their own.
async fn parts(folder: &TempDir, metastore: &Metastore, config: Config, clock: Clock) -> (Parts, Arc<Gate>) {
    let store = DuckDbStore::open(DuckDbConfig {
        directory: folder.path().join("store"),
        memory_bytes: 256 * 1024 * 1024,
        threads: 1,
        open_files_max: 4,
        cells_after: DuckDbConfig::CELLS_AFTER,
        tidy_min: DuckDbConfig::TIDY_MIN,
        quarter_hours_days: 0,
        compact_cells_min: DuckDbConfig::COMPACT_CELLS_MIN,
        checkpoint_bytes: DuckDbConfig::CHECKPOINT_BYTES,
    });
    let (store, gate) = GatedStore::with_gate(Arc::new(store.unwrap()));
    let mut ingest_config = IngestConfig {
        disk_reserve_bytes: 0,
        ..IngestConfig::in_directory(folder.path())
    };
    let hub = {
        let clock = clock.clone();
        Hub::new(move || clock.now())
    };
    ingest_config.projector.watcher = Some(Arc::new(hub.clone()));
    let ingest = Ingest::open(
        ingest_config,
        Arc::new(RealDisk),
        Arc::clone(&store),
        metastore.clone(),
    )
    .unwrap();
    let engine = QueryEngine::new(Arc::clone(&store), &DuckDb, EngineConfig::default());
    let exports = start_exports(folder, metastore, &engine, clock.clone(), EXPORTS_BYTES_MAX).await;
    let detection_parts = DetectionParts {
        metastore: metastore.clone(),
        ingest: ingest.clone(),
        engine: engine.clone(),
        hub: hub.clone(),
    };
    // Tests that want something to be found begin with it themselves.
    let detections = detect(detection_parts, clock.clone(), false).await;
    let parts = Parts {
        metastore: metastore.clone(),
        ingest,
        engine,
        store,
        exports,
        detections,
        hub,
        config,
        clock,
        metrics: Some(METRICS.clone()),
    };
    (parts, gate)
}

async fn detect(parts: DetectionParts, clock: Clock, is_enabled: bool) -> Detections {
    let config = DetectionConfig {
        is_enabled,
        interval: Duration::from_millis(20),
        patience: PATIENCE,
    };
    Detections::start(config, parts, move || clock.now())
        .await
        .unwrap()
}

async fn start_exports(
    folder: &TempDir,
    metastore: &Metastore,
    engine: &QueryEngine,
    clock: Clock,
    bytes_max: u64,
) -> Exports {
    let config = ExportsConfig {
        directory: folder.path().join("exports"),
        keep: Duration::from_secs(48 * 3600),
        running_max: 4,
        bytes_max,
        disk_reserve_bytes: 0,
    };
    Exports::start(config, metastore.clone(), engine.clone(), move || clock.now())
        .await
        .unwrap()
}

async fn organization(metastore: &Metastore, name: &str, owner: &str) -> (Organization, User) {
    let new = NewOrganization {
        name: name.to_owned(),
        timezone: "Europe/Berlin".to_owned(),
    };
    let organization = metastore.create_organization(new, start()).await.unwrap();
    let owner = metastore
        .create_user(organization.id, new_user(owner, Role::Owner), start())
        .await
        .unwrap();
    (organization, owner)
}

async fn organization_of_stranger(metastore: &Metastore) -> (Organization, User) {
    organization(metastore, "Stranger", "stranger@example.org").await
}

fn new_user(email: &str, role: Role) -> NewUser {
    NewUser {
        email: email.to_owned(),
        name: None,
        role,
        password: PASSWORD.into(),
        timezone: None,
        external_id: None,
    }
}
