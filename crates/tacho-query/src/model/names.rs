//! Looking names up, and what to suggest for those that do not exist.

use super::derived::{AskedMeasure, Derived};
use super::{Calendar, SOURCES, Source, Term};
use crate::error::QueryError;

/// Names of a list that an error spells out.
const KNOWN_MAX: usize = 30;
/// Characters of an unknown name that an error repeats.
const NAME_SHOWN_MAX: usize = 64;
/// How alike two names must be for one to be suggested for the other, from 0 to 1.
const SIMILARITY_MIN: f64 = 0.7;

/// A source by its name.
///
/// # Errors
/// [`QueryError::UnknownName`] with the nearest.
pub fn source(name: &str, pointer: &str) -> Result<&'static Source, QueryError> {
    SOURCES
        .iter()
        .copied()
        .find(|source| source.name == name)
        .ok_or_else(|| unknown("source", name, pointer, SOURCES.iter().map(|source| source.name)))
}

/// A measure of a source by its name, behind which may stand what to make of it: `count.share`.
///
/// # Errors
/// [`QueryError::UnknownName`] with the nearest, and [`QueryError::InvalidValue`] if that cannot be made of it.
pub fn measure(source: &'static Source, name: &str, pointer: &str) -> Result<AskedMeasure, QueryError> {
    let known = || source.measures.iter().map(|measure| measure.name);
    let (stem, derived) = match name.split_once('.') {
        None => (name, None),
        Some((stem, derived)) => (stem, Some(derived)),
    };
    let measure = source
        .measure(stem)
        .ok_or_else(|| unknown("measure", stem, pointer, known()))?;
    let Some(derived) = derived else {
        return Ok(AskedMeasure {
            measure,
            derived: None,
        });
    };
    let found = Derived::ALL.into_iter().find(|known| known.as_str() == derived);
    let derived = found.ok_or_else(|| {
        let known = Derived::ALL.iter().map(|known| known.as_str());
        unknown("form of a measure", derived, pointer, known)
    })?;
    if !derived.is_of(measure) {
        let of = match derived {
            Derived::Share | Derived::Cumulative => "counts and sums",
            Derived::PerMinute => "counts",
        };
        return Err(QueryError::InvalidValue {
            pointer: pointer.to_owned(),
            reason: format!("\"{stem}\" has no \"{}\"; only {of} have", derived.as_str()),
        });
    }
    Ok(AskedMeasure {
        measure,
        derived: Some(derived),
    })
}

/// A dimension of a source by its name. `calendar` is that of the asker.
///
/// # Errors
/// [`QueryError::UnknownName`] with the nearest.
pub fn dimension(
    source: &'static Source,
    name: &str,
    pointer: &str,
    calendar: &Calendar,
) -> Result<Term, QueryError> {
    source.dimension(name, calendar).ok_or_else(|| {
        let known = source.dimension_names().chain(["tags.<key>"]);
        unknown("dimension", name, pointer, known)
    })
}

/// A field of a source that can be filtered, by its name. `calendar` is that of the asker.
///
/// # Errors
/// [`QueryError::UnknownName`] with the nearest.
pub fn field(
    source: &'static Source,
    name: &str,
    pointer: &str,
    calendar: &Calendar,
) -> Result<Term, QueryError> {
    source.field(name, calendar).ok_or_else(|| {
        let fields = source.fields.iter().map(|field| field.name);
        let known = source.dimension_names().chain(fields).chain(["tags.<key>"]);
        unknown("field", name, pointer, known)
    })
}

/// The error for a name that is none of those known.
pub fn unknown<'a>(
    what: &'static str,
    name: &str,
    pointer: &str,
    known: impl Iterator<Item = &'a str>,
) -> QueryError {
    let known: Vec<&str> = known.collect();
    // Comparing takes the product of the lengths: a name of megabytes is like none.
    let nearest = (name.len() <= 256).then(|| nearest(name, &known)).flatten();
    let mut listed = known
        .iter()
        .take(KNOWN_MAX)
        .copied()
        .collect::<Vec<_>>()
        .join(", ");
    if known.len() > KNOWN_MAX {
        listed.push_str(", …");
    }
    QueryError::UnknownName {
        pointer: pointer.to_owned(),
        what,
        name: name.chars().take(NAME_SHOWN_MAX).collect(),
        nearest,
        known: listed,
    }
}

fn nearest(name: &str, known: &[&str]) -> Option<String> {
    let name = name.to_lowercase();
    known
        .iter()
        .map(|known| (strsim::jaro_winkler(&name, &known.to_lowercase()), known))
        .filter(|(similarity, _)| *similarity >= SIMILARITY_MIN)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, known)| (*known).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn suggestion(error: QueryError) -> Option<String> {
        match error {
            QueryError::UnknownName { nearest, .. } => nearest,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn the_nearest_name_is_suggested() {
        let source = source("executions", "/source").unwrap();
        let of = |name: &str| suggestion(measure(source, name, "/measures/0").unwrap_err());
        assert_eq!(of("sucess_rate").as_deref(), Some("success_rate"));
        assert_eq!(of("duration_p59").as_deref(), Some("duration_p95"));
        assert_eq!(of("Count").as_deref(), Some("count"));
        assert_eq!(of("zzz"), None);
        assert_eq!(of("cuont.share").as_deref(), Some("count"));
        assert_eq!(of("count.cumulated").as_deref(), Some("cumulative"));
        let error = measure(source, "duration_avg.share", "/measures/0").unwrap_err();
        assert!(error.to_string().contains("only counts and sums have"), "{error}");
        assert_eq!(
            suggestion(super::source("execution", "/source").unwrap_err()).as_deref(),
            Some("executions")
        );
        let calendar = Calendar::default();
        assert_eq!(
            field(source, "workflow_id", "", &calendar).unwrap().name,
            "workflow"
        );
    }

    #[test]
    fn a_message_says_what_to_do() {
        let source = source("executions", "/source").unwrap();
        let error = dimension(source, "trigger", "/dimensions/1", &Calendar::default()).unwrap_err();
        assert_eq!(
            error.to_string(),
            "there is no dimension \"trigger\"; did you mean \"trigger_type\"?; choose from workflow, version, \
             trigger_type, status, user, error_type, error_fingerprint, error_pattern, hour_of_day, weekday, workflow_kind, workflow_group, \
             workflow_owner, duration_bucket, tags.<key>"
        );
        assert_eq!(error.pointer(), "/dimensions/1");
        let long = measure(source, &"x".repeat(1_000_000), "/measures/0").unwrap_err();
        assert!(long.to_string().len() < 1_000);
    }
}
