//! Settings: flags over environment over `tacho.toml` over defaults. Unknown keys are errors.
//!
//! Each setting is declared once below, with its default and what it does; `docs/CONFIG.md` is made from that.

use std::collections::HashMap;
use std::fmt;
use std::path::{Path, PathBuf};

use anyhow::Context;
use config::{Config, Environment, File, FileFormat};
use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, Serialize, Serializer};
use tacho_metastore::CostRates;

/// Arms fail points, for tests ([`tacho_fail`]).
pub(crate) const FAIL_POINT_VARIABLE: &str = "TACHO_FAIL_POINT";

/// Variables that begin with `TACHO_` but set nothing of the server.
const OTHER_VARIABLES: [&str; 6] = [
    "TACHO_CONFIG",
    "TACHO_API_KEY",
    "TACHO_URL",
    "TACHO_SPOOL_DIR",
    "TACHO_EXECUTION_ID",
    FAIL_POINT_VARIABLE,
];

/// Variables of other names under which a setting is known, and the setting. Everything that bears Tacho's own name wins
/// over them: these are read first.
const ALIASES: [(&str, &str); 4] = [
    ("BROWSERBASE_COST_PER_MINUTE", "costs.per_minute_usd"),
    ("BROWSERBASE_MIN_SESSION_COST", "costs.session_minimum_usd"),
    ("CACHE_TTL_MEDIUM", "cache.ttl_seconds"),
    ("REDIS_URL", "cache.redis_url"),
];

/// The longest that an answer may be kept.
const TTL_SECONDS_MAX: u64 = 86_400;
/// The longest between two looks.
const INTERVAL_SECONDS_MAX: u64 = 300;
/// The longest that an execution may be silent.
const PATIENCE_HOURS_MAX: u64 = 8_760;

macro_rules! settings {
    ($($(#[doc = $area_doc:literal])* $area:ident: $Area:ident { $($(#[doc = $doc:literal])* $name:ident: $kind:ty = $default:expr;)* })*) => {
        $(
            $(#[doc = $area_doc])*
            #[derive(Clone, Debug, Deserialize)]
            #[serde(deny_unknown_fields, default)]
            pub(crate) struct $Area {
                $($(#[doc = $doc])* pub(crate) $name: $kind,)*
            }

            impl Default for $Area {
                fn default() -> Self {
                    Self { $($name: $default,)* }
                }
            }
        )*

        /// All areas but the top level: name, description, and per setting name, default and description.
        fn areas() -> Vec<(&'static str, String, Vec<(&'static str, String, String)>)> {
            vec![$((
                stringify!($area),
                concat!($($area_doc, "\n"),*).trim().to_owned(),
                vec![$((
                    stringify!($name),
                    serde_json::to_string(&$Area::default().$name).unwrap_or_default(),
                    concat!($($doc, "\n"),*).trim().to_owned(),
                )),*],
            )),*]
        }
    };
}

settings! {
    /// How the HTTP server listens and what it takes.
    http: HttpSettings {
        /// Address and port to listen on.
        listen: String = "127.0.0.1:8080".into();
        /// The address under which people reach Tacho, such as "https://tacho.example.com", if it is not the request's
        /// Host. With https, cookies are sent over https only.
        public_url: Option<String> = None;
        /// Whether a proxy in front sets X-Forwarded-For. Without one, clients could make it up.
        trust_forwarded: bool = false;
        /// Bytes of a body of records as sent (compressed). Larger ones are answered 413.
        records_bytes_max: usize = 16 * 1024 * 1024;
        /// Bytes of a body of records once decompressed. Larger ones are answered 413.
        records_decoded_bytes_max: usize = 64 * 1024 * 1024;
    }
    /// The journal, to which every accepted record is written first.
    journal: JournalSettings {
        /// Bytes after which a segment is full and gets sealed: split per organization and compressed.
        segment_bytes: u64 = 64 * 1024 * 1024;
        /// Bytes that may wait to be written. Beyond, senders are answered 503.
        queue_bytes_max: u64 = 128 * 1024 * 1024;
    }
    /// The way from the journal to the store.
    ingest: IngestSettings {
        /// Free bytes of the disk below which nothing more is accepted (507), so that what runs can go on.
        disk_reserve_bytes: u64 = 512 * 1024 * 1024;
        /// Records of one organization that may be durable but not in the store yet. Beyond, its senders are answered 503.
        lag_records_max: u64 = 20_000_000;
        /// Threads that bring stores up to the journal.
        projector_threads: usize = 2;
    }
    /// The embedded store.
    store: StoreSettings {
        /// Memory for all open store files together, in bytes. A query that needs more fails; it never takes the server
        /// down.
        memory_bytes: u64 = 4 * 1024 * 1024 * 1024;
        /// Threads of one store.
        threads: usize = 2;
        /// Store files (one an organization) open at a time. The least recently used one closes for the next.
        open_files_max: usize = 64;
        /// Days for which rollups by the quarter of an hour are kept; 0 keeps them for ever. Answers about earlier times
        /// come from rollups by the day, or from rows where days do not fit: the same, but slower.
        quarter_hours_days: u32 = 800;
        /// Bytes of a store's write-ahead log after which it is moved into its file. Writing stands still meanwhile, less often
        /// but longer the more it is; and what it holds is read again at a start.
        checkpoint_bytes: u64 = 64 * 1024 * 1024;
    }
    /// Questions.
    query: QuerySettings {
        /// Questions answered at a time; others wait their turn. While several organizations ask, none has more than half.
        concurrency_max: usize = 4;
        /// Seconds after which a question is stopped.
        timeout_seconds: u64 = 30;
        /// Whether answers come from sums kept beside the rows where they can. Without, all come from the rows, slower and
        /// the same: to find out whether a number that looks wrong is.
        uses_rollups: bool = true;
        /// Rows up to which answers come from the rows themselves. Of more, they come from rollups where they can: the same,
        /// but percentiles may be off by a hundredth, which the answer says.
        exact_rows_max: u64 = 250_000;
        /// Bytes, about, of answers that are kept for those who ask the same; 0 keeps none.
        cache_bytes_max: u64 = 64 * 1024 * 1024;
        /// Requests for data that one user may make a minute, over all sessions and keys that act as the user; 0 is no limit.
        /// More are answered 429. A key that acts as nobody counts by itself.
        requests_per_minute: u32 = 100;
        /// Requests for data of one user that may be under way at once; 0 is no limit. More are answered 429.
        requests_at_once_max: usize = 16;
        /// Values (rows times columns) that one answer may have. Larger ones are answered 422.
        answer_cells_max: usize = 2_000_000;
    }
    /// What sessions cost in organizations that have not set it themselves.
    costs: CostSettings {
        /// US dollars for each minute that a session lasts, from 0 to 1000. Also read from BROWSERBASE_COST_PER_MINUTE.
        per_minute_usd: f64 = 0.005;
        /// US dollars for each session, however short, from 0 to 1000. Also read from BROWSERBASE_MIN_SESSION_COST.
        session_minimum_usd: f64 = 0.01;
    }
    /// Answers that are kept for those who ask the same.
    cache: CacheSettings {
        /// Seconds for which an answer is kept at most, up to 86400; 0 keeps none. One on which a new record bears goes
        /// earlier. Also read from CACHE_TTL_MEDIUM.
        ttl_seconds: u64 = 300;
        /// The Redis in which answers are kept too, such as "redis://:password@localhost:6379" (rediss with TLS). Also read from
        /// REDIS_URL. While it does not answer, nobody waits for it: answers come from memory or are worked out.
        redis_url: Option<Secret> = None;
    }
    /// Files of rows that people ask for.
    exports: ExportSettings {
        /// Hours for which a file is kept once it is done.
        keep_hours: u64 = 48;
        /// Exports written at a time, each by a reader of its own beside those of questions. Everybody has one at a time.
        running_max: usize = 2;
        /// Bytes of all files together. An export that would take up more fails.
        bytes_max: u64 = 10 * 1024 * 1024 * 1024;
    }
    /// The log of who asked for which data. The same question by the same asker from the same address is one entry for an
    /// hour.
    audit: AuditSettings {
        /// Days for which entries are kept.
        keep_days: u32 = 400;
        /// Entries of one organization that are kept at most; past it, the oldest go.
        entries_max: u64 = 5_000_000;
    }
    /// Live connections: WebSockets and Server-Sent Events. 0 is no limit.
    live: LiveSettings {
        /// Connections of all together. More are refused.
        connections_max: usize = 20_000;
        /// Connections of one user, over all sessions and keys that act as the user. A key that acts as nobody counts by itself.
        user_connections_max: usize = 100;
        /// Subscriptions of one connection.
        subscriptions_max: usize = 50;
        /// Bytes of a message that a client sends. Whoever sends a larger one is disconnected.
        message_bytes_max: usize = 64 * 1024;
        /// Messages that a client may send in ten seconds. Whoever sends more is disconnected.
        messages_max: u32 = 200;
    }
    /// What goes wrong while it runs: executions that hang or are silent, schedules that did not come, failures in a row,
    /// queues that grow.
    detection: DetectionSettings {
        /// Whether anything is looked for, and executions that never say that they have ended are closed.
        is_enabled: bool = true;
        /// Seconds after one look until the next, 1 to 300.
        interval_seconds: u64 = 10;
        /// Hours without news after which an execution is closed as timed out whose workflow declares no `timeout_ms`, 1 to 8760.
        patience_hours: u64 = 24;
    }
    /// What the server writes to its standard error.
    log: LogSettings {
        /// What is written: error, warn, info, debug, trace, or a list such as "info,tacho_api=debug".
        level: String = "info".into();
        /// "text" for people, "json" for programs.
        format: String = "text".into();
    }
}

/// A text that is never shown.
#[derive(Clone, Deserialize)]
#[serde(transparent)]
pub(crate) struct Secret(SecretString);

impl Secret {
    /// The text, for whom it is meant.
    pub(crate) fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Serialize for Secret {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str("[REDACTED]")
    }
}

/// All settings.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Settings {
    /// The folder with everything that Tacho keeps.
    pub(crate) data_dir: PathBuf,
    pub(crate) http: HttpSettings,
    pub(crate) journal: JournalSettings,
    pub(crate) ingest: IngestSettings,
    pub(crate) store: StoreSettings,
    pub(crate) query: QuerySettings,
    pub(crate) costs: CostSettings,
    pub(crate) cache: CacheSettings,
    pub(crate) exports: ExportSettings,
    pub(crate) audit: AuditSettings,
    pub(crate) live: LiveSettings,
    pub(crate) detection: DetectionSettings,
    pub(crate) log: LogSettings,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            data_dir: "data".into(),
            http: HttpSettings::default(),
            journal: JournalSettings::default(),
            ingest: IngestSettings::default(),
            store: StoreSettings::default(),
            query: QuerySettings::default(),
            costs: CostSettings::default(),
            cache: CacheSettings::default(),
            exports: ExportSettings::default(),
            audit: AuditSettings::default(),
            live: LiveSettings::default(),
            detection: DetectionSettings::default(),
            log: LogSettings::default(),
        }
    }
}

impl Settings {
    /// Reads settings from the file (or `tacho.toml`, if there), the environment and the flag.
    pub(crate) fn load(file: Option<&Path>, data_dir: Option<PathBuf>) -> anyhow::Result<Self> {
        Self::from(file, data_dir, std::env::vars().collect())
    }

    fn from(
        file: Option<&Path>,
        data_dir: Option<PathBuf>,
        mut variables: HashMap<String, String>,
    ) -> anyhow::Result<Self> {
        let aliases = aliases(&variables)?;
        variables.retain(|name, _| !OTHER_VARIABLES.contains(&name.as_str()));
        let file = match file {
            Some(path) => File::from(path).format(FileFormat::Toml).required(true),
            None => File::new("tacho.toml", FileFormat::Toml).required(false),
        };
        let environment = Environment::with_prefix("TACHO")
            .prefix_separator("_")
            .separator("__")
            .try_parsing(true)
            .source(Some(variables));
        let mut settings: Settings = Config::builder()
            .add_source(aliases)
            .add_source(file)
            .add_source(environment)
            .build()
            .and_then(Config::try_deserialize)
            .context("the settings cannot be read (docs/CONFIG.md lists them)")?;
        if let Some(data_dir) = data_dir {
            settings.data_dir = data_dir;
        }
        settings.check()?;
        Ok(settings)
    }

    /// Refuses values that break a rule of their setting.
    fn check(&self) -> anyhow::Result<()> {
        self.cost_rates()?;
        anyhow::ensure!(
            self.cache.ttl_seconds <= TTL_SECONDS_MAX,
            "[cache] ttl_seconds is at most {TTL_SECONDS_MAX}"
        );
        anyhow::ensure!(
            (1..=INTERVAL_SECONDS_MAX).contains(&self.detection.interval_seconds),
            "[detection] interval_seconds is from 1 to {INTERVAL_SECONDS_MAX}"
        );
        anyhow::ensure!(
            (1..=PATIENCE_HOURS_MAX).contains(&self.detection.patience_hours),
            "[detection] patience_hours is from 1 to {PATIENCE_HOURS_MAX}"
        );
        Ok(())
    }

    /// What sessions cost by default.
    pub(crate) fn cost_rates(&self) -> anyhow::Result<CostRates> {
        CostRates::from_usd(self.costs.per_minute_usd, self.costs.session_minimum_usd).map_err(|error| {
            match error {
                tacho_metastore::Error::Invalid { field, message } => {
                    anyhow::anyhow!("[costs] {field}: {message}")
                }
                other => other.into(),
            }
        })
    }
}

/// The settings that come under other names. An empty variable sets nothing.
fn aliases(variables: &HashMap<String, String>) -> anyhow::Result<Config> {
    let mut builder = Config::builder();
    for (name, setting) in ALIASES {
        if let Some(value) = variables.get(name).filter(|value| !value.is_empty()) {
            builder = builder.set_override(setting, value.as_str())?;
        }
    }
    Ok(builder.build()?)
}

/// The reference of all settings, in Markdown.
pub(crate) fn reference() -> String {
    let mut text = String::from(
        "# Settings\n\n\
         Made by `tacho settings`; a test fails when it is stale.\n\n\
         Flags win over the environment, the environment over `tacho.toml` (or the file that `--config` names), that over the\n\
         defaults. A key that does not exist is an error. In the environment a setting is `TACHO_`, its area, two underscores\n\
         and its name in capitals: `[http] listen` is `TACHO_HTTP__LISTEN`.\n\n\
         | setting | default | what it does |\n|---|---|---|\n\
         | `data_dir` (flag `--data-dir`, `TACHO_DATA_DIR`) | `\"data\"` | The folder with everything that Tacho keeps. |\n",
    );
    for (area, description, settings) in areas() {
        text += &format!(
            "\n## [{area}]\n\n{description}\n\n| setting | default | what it does |\n|---|---|---|\n"
        );
        for (name, default, description) in settings {
            let default = if default == "null" {
                "none".to_owned()
            } else {
                format!("`{default}`")
            };
            let description = description.lines().map(str::trim).collect::<Vec<_>>().join(" ");
            text += &format!("| `{name}` | {default} | {description} |\n");
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn variables(pairs: &[(&str, &str)]) -> HashMap<String, String> {
        pairs
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect()
    }

    #[test]
    fn a_flag_wins_over_the_environment_and_that_over_the_file() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("t.toml");
        std::fs::write(
            &file,
            "data_dir = 'a'\n[http]\nlisten = '1.2.3.4:5'\nrecords_bytes_max = 7\n",
        )
        .unwrap();
        let environment = variables(&[
            ("TACHO_HTTP__LISTEN", "0.0.0.0:1"),
            ("TACHO_DATA_DIR", "b"),
            ("TACHO_API_KEY", "secret"),
        ]);
        let settings = Settings::from(Some(&file), None, environment.clone()).unwrap();
        assert_eq!(
            (settings.http.listen.as_str(), settings.http.records_bytes_max),
            ("0.0.0.0:1", 7)
        );
        assert_eq!(settings.data_dir, PathBuf::from("b"));
        let settings = Settings::from(Some(&file), Some("c".into()), environment).unwrap();
        assert_eq!(settings.data_dir, PathBuf::from("c"));
    }

    #[test]
    fn unknown_keys_are_errors() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("t.toml");
        std::fs::write(&file, "[http]\nlissten = 'x'\n").unwrap();
        assert!(Settings::from(Some(&file), None, HashMap::new()).is_err());
        assert!(Settings::from(Some(Path::new("/nowhere.toml")), None, HashMap::new()).is_err());
        std::fs::write(&file, "").unwrap();
        assert!(Settings::from(Some(&file), None, variables(&[("TACHO_HTTP__LISSTEN", "x")])).is_err());
    }

    #[test]
    fn other_names_of_a_setting_count_unless_its_own_is_used() {
        let others = [
            ("BROWSERBASE_COST_PER_MINUTE", "0.25"),
            ("BROWSERBASE_MIN_SESSION_COST", "1"),
            ("CACHE_TTL_MEDIUM", "60"),
            ("REDIS_URL", "redis://:hunter2@cache:6379"),
        ];
        let settings = Settings::from(None, None, variables(&others)).unwrap();
        assert_eq!(
            settings.cost_rates().unwrap(),
            CostRates::from_usd(0.25, 1.0).unwrap()
        );
        assert_eq!(settings.cache.ttl_seconds, 60);
        assert!(settings.cache.redis_url.is_some());
        assert!(!format!("{settings:?}").contains("hunter2"));

        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("t.toml");
        std::fs::write(&file, "[costs]\nper_minute_usd = 0.5\n").unwrap();
        let mut own = others.to_vec();
        own.push(("TACHO_CACHE__TTL_SECONDS", "30"));
        let settings = Settings::from(Some(&file), None, variables(&own)).unwrap();
        assert_eq!(
            (settings.costs.per_minute_usd, settings.cache.ttl_seconds),
            (0.5, 30)
        );
        let settings = Settings::from(None, None, variables(&[("CACHE_TTL_MEDIUM", "")])).unwrap();
        assert_eq!(settings.cache.ttl_seconds, 300);
    }

    #[test]
    fn values_out_of_range_are_errors() {
        for (name, value) in [
            ("TACHO_COSTS__PER_MINUTE_USD", "-1"),
            ("TACHO_COSTS__SESSION_MINIMUM_USD", "1001"),
            ("BROWSERBASE_COST_PER_MINUTE", "nan"),
            ("BROWSERBASE_COST_PER_MINUTE", "a lot"),
            ("TACHO_CACHE__TTL_SECONDS", "86401"),
            ("TACHO_DETECTION__INTERVAL_SECONDS", "0"),
            ("TACHO_DETECTION__PATIENCE_HOURS", "8761"),
        ] {
            let settings = Settings::from(None, None, variables(&[(name, value)]));
            assert!(settings.is_err(), "{name}={value}");
        }
    }

    #[test]
    fn the_reference_in_docs_is_current() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/CONFIG.md");
        let committed = std::fs::read_to_string(path).unwrap_or_default();
        assert!(
            committed == reference(),
            "docs/CONFIG.md is stale; run `tacho settings > docs/CONFIG.md`"
        );
    }
}
