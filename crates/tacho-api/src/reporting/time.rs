//! Over which time a report is.

use serde::{Deserialize, Serialize};
use tacho_core::Timestamp;
use tacho_core::period::Period;
use tacho_query::answer::Meta;
use tacho_query::params::{QueryParams, TimeParams};
use utoipa::ToSchema;

/// Declares the parameters of a report: those that say over which time it is, which all have, and its own.
macro_rules! report_params {
    ($(#[$meta:meta])* pub(crate) struct $Name:ident { $($own:tt)* }) => {
        $(#[$meta])*
        #[derive(Clone, Debug, Default, serde::Deserialize, utoipa::IntoParams)]
        #[serde(deny_unknown_fields)]
        #[into_params(parameter_in = Query)]
        pub(crate) struct $Name {
            /// The first instant inside.
            #[param(value_type = Option<String>, format = DateTime)]
            from: Option<tacho_core::Timestamp>,
            /// The first instant after it; now if left out.
            #[param(value_type = Option<String>, format = DateTime)]
            to: Option<tacho_core::Timestamp>,
            /// A named length of time that ends now, instead of `from` and `to`; a month if all are left out.
            #[param(value_type = Option<tacho_query::params::PeriodWord>, inline)]
            period: Option<tacho_core::period::Period>,
            /// The IANA time zone of periods and buckets; the asker's own if left out.
            timezone: Option<String>,
            $($own)*
        }

        impl $Name {
            fn time(&self) -> $crate::reporting::time::ReportTime {
                $crate::reporting::time::ReportTime {
                    from: self.from,
                    to: self.to,
                    period: self.period,
                    timezone: self.timezone.clone(),
                }
            }
        }
    };
}

/// The range that a report's parameters give. Without any: the last month.
#[derive(Clone, Debug, Default)]
pub(crate) struct ReportTime {
    pub(crate) from: Option<Timestamp>,
    pub(crate) to: Option<Timestamp>,
    pub(crate) period: Option<Period>,
    pub(crate) timezone: Option<String>,
}

impl ReportTime {
    /// A question for measures of a source over that time, of one workflow or of all.
    pub(crate) fn question(&self, source: &str, measures: &[&str], workflow: Option<&str>) -> QueryParams {
        let period = match (self.period, self.from, self.to) {
            (None, None, None) => Some(Period::Month),
            (period, ..) => period,
        };
        QueryParams {
            source: source.to_owned(),
            measures: measures.iter().map(|&measure| measure.to_owned()).collect(),
            time: TimeParams {
                period,
                from: self.from,
                to: self.to,
                last: None,
            },
            timezone: self.timezone.clone().filter(|zone| !zone.is_empty()),
            filters: workflow
                .map(|id| crate::asking::is_one_of("workflow", &[id]))
                .into_iter()
                .collect(),
            ..QueryParams::default()
        }
    }
}

/// How a report came about.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub(crate) struct ReportMeta {
    /// The first instant of the range.
    #[schema(value_type = String, format = DateTime)]
    from: Timestamp,
    /// The first instant after it.
    #[schema(value_type = String, format = DateTime)]
    to: Timestamp,
    /// The time zone of periods and buckets.
    #[schema(example = "Europe/Berlin")]
    timezone: String,
    /// Records accepted up to about then are counted.
    #[schema(value_type = String, format = DateTime)]
    as_of: Timestamp,
    /// Exactly: records up to this position of the journal are counted.
    as_of_lsn: u64,
    /// Whether the numbers are exact; if not, percentiles may be off by a hundredth of them.
    exact: bool,
    /// Whether they were worked out for an earlier question.
    from_cache: bool,
    /// What else to know, in sentences.
    notes: Vec<String>,
}

impl From<&Meta> for ReportMeta {
    fn from(meta: &Meta) -> Self {
        Self {
            from: meta.from,
            to: meta.to,
            timezone: meta.timezone.clone(),
            as_of: meta.as_of,
            as_of_lsn: meta.as_of_lsn,
            exact: meta.exact,
            from_cache: meta.from_cache,
            notes: meta.notes.clone(),
        }
    }
}

/// The length of a bucket as a parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ReportGranularity {
    Minute,
    Hour,
    Day,
    Week,
    Month,
}

impl From<ReportGranularity> for tacho_query::Granularity {
    fn from(granularity: ReportGranularity) -> Self {
        match granularity {
            ReportGranularity::Minute => Self::Minute,
            ReportGranularity::Hour => Self::Hour,
            ReportGranularity::Day => Self::Day,
            ReportGranularity::Week => Self::Week,
            ReportGranularity::Month => Self::Month,
        }
    }
}

/// A limit that lies between 1 and the most that it may be.
pub(crate) fn limit(asked: Option<u32>, default: u32, max: u32) -> crate::problem::Result<u32> {
    match asked.unwrap_or(default) {
        limit if (1..=max).contains(&limit) => Ok(limit),
        _ => Err(crate::problem::Problem::invalid(
            "/limit",
            format!("\"limit\" is from 1 to {max}."),
        )),
    }
}
