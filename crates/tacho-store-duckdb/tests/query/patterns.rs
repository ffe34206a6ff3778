//! Regular expressions: every one that a filter takes finds in DuckDB what it means, which the `regex` crate knows of the
//! same expression written for it.

use std::collections::BTreeSet;
use std::time::Duration;

use jiff::tz::TimeZone;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::{Config, TestRunner};
use regex::Regex;
use serde_json::json;
use tacho_core::Scope;
use tacho_core::time::Timestamp;
use tacho_query::query::Query;
use tacho_query::{Param, QueryParams, Statement};
use tacho_store::{Store, StoreError};

use crate::fixture::{Fixture, Run, at, organization};

/// All different, and each on what one of the expressions turns.
const TEXTS: [&str; 44] = [
    "", "a", "b", "k", "A", "K", "S", "_", "-", ".", "1", "aa", "ab", "aab", "aaa", "a b", "a.b", "a-b",
    "ab1", "a1b2", "\n", "a\n", "\nb", "a\nb", "a\r\nb", "a\tb", "\u{b}", "a\u{b}b", "ä", "Ä", "aäa",
    "ärger", "ß", "ẞ", "ſ", "\u{212a}", "σ", "Σ", "ς", "İ", "ı", "漢", "😀a", "<^]",
];

/// Expressions as a filter takes them, and as the `regex` crate writes the same.
const WORDS: [(&str, &str); 30] = [
    ("a", "a"),
    ("b", "b"),
    ("K", "K"),
    ("s", "s"),
    ("ä", "ä"),
    ("ß", "ß"),
    ("σ", "σ"),
    ("", ""),
    (".", "."),
    (r"\.", r"\."),
    (r"\n", r"\n"),
    (r"\x{1F600}", r"\x{1F600}"),
    (r"\d", "[0-9]"),
    (r"\D", "[^0-9]"),
    (r"\w", "[0-9A-Za-z_]"),
    (r"\W", "[^0-9A-Za-z_]"),
    (r"\s", r"[\t\n\f\r ]"),
    (r"\S", r"[^\t\n\f\r ]"),
    (r"\b", r"(?-u:\b)"),
    ("^", "^"),
    ("$", "$"),
    (r"\A", r"\A"),
    (r"\z", r"\z"),
    (r"\PL", r"\PL"),
    (r"[\p{Lu}\p{Greek}-]", r"[\p{Lu}\p{Greek}-]"),
    ("[^[:alpha:]]", "[^[:alpha:]]"),
    ("[a-k]", "[a-k]"),
    (r"[^\Sa]", r"[\t\n\f\r ]"),
    (r"[]^\-]", r"[]^\-]"),
    (r"[^\x00-\x{10FFFF}]", r"[^\x00-\x{10FFFF}]"),
];

/// What a filter takes, and the same for the `regex` crate.
type Pair = (String, String);

fn pattern() -> impl Strategy<Value = Pair> {
    let word = select(WORDS.to_vec()).prop_map(|(one, other)| (one.to_owned(), other.to_owned()));
    let joined = |parts: Vec<Pair>, between: &str| {
        let (ones, others): (Vec<_>, Vec<_>) = parts.into_iter().unzip();
        (ones.join(between), others.join(between))
    };
    let within = |before: &str, (one, other): Pair, after: &str| {
        (format!("{before}{one}{after}"), format!("{before}{other}{after}"))
    };
    word.prop_recursive(4, 16, 4, move |inner| {
        let several = prop::collection::vec(inner.clone(), 1..4);
        prop_oneof![
            4 => several.clone().prop_map(move |parts| joined(parts, "")),
            1 => several.prop_map(move |parts| joined(parts, "|")),
            2 => (select(vec!["*", "+", "?", "{2}", "{0,2}", "{1,}", "*?", "{0}"]), inner.clone())
                .prop_map(move |(sign, pair)| within("(?:", pair, &format!("){sign}"))),
            2 => (select(vec!["(", "(?P<n>", "(?i:", "(?s:", "(?m:", "(?-i:", "(?im-s:", "((?i)", "(?U:"]), inner)
                .prop_map(move |(open, pair)| within(open, pair, ")")),
        ]
    })
}

fn filled() -> Fixture {
    let fixture = Fixture::new();
    let run = |(number, user): (usize, Option<&str>)| Run {
        id: format!("run-{number}"),
        attempt: 1,
        at: at("2026-11-22T08:00:00Z"),
        status: "success",
        user: user.map(str::to_owned),
        ..Run::default()
    };
    let users = TEXTS.into_iter().map(Some).chain([None]);
    let runs: Vec<Run> = users.enumerate().map(run).collect();
    fixture.fill(organization(1), &runs, &[]);
    fixture
}

fn question(filter: serde_json::Value) -> serde_json::Value {
    json!({
        "source": "executions",
        "measures": ["count"],
        "dimensions": ["user"],
        "time": { "period": "all" },
        "filters": [filter]
    })
}

fn matching(pattern: &str) -> serde_json::Value {
    json!({ "field": "user", "op": "matches", "value": pattern })
}

fn refusal(pattern: &str) -> Option<String> {
    let params = QueryParams::from_json(&question(matching(pattern))).unwrap();
    let now = Timestamp::from_micros(at("2026-11-23T00:00:00Z"));
    let error = Query::validate(&params, now, &TimeZone::UTC).err()?;
    Some(error.to_string())
}

/// The users of the runs that a filter leaves. `None` is the run without one.
fn found(fixture: &Fixture, filter: serde_json::Value) -> BTreeSet<Option<String>> {
    let now = Timestamp::from_micros(at("2026-11-23T00:00:00Z"));
    let answer = fixture.answer(&Scope::all(organization(1)), question(filter), now);
    let user = |row: &Vec<serde_json::Value>| row[0].as_str().map(str::to_owned);
    answer.rows.iter().map(user).collect()
}

/// Whether a filter finds what the other expression means, and its opposite the rest.
fn is_found(fixture: &Fixture, one: &str, other: &str) -> bool {
    let meant = Regex::new(other).unwrap();
    let (holds, mut does_not): (BTreeSet<_>, BTreeSet<_>) = TEXTS
        .iter()
        .map(|text| Some((*text).to_owned()))
        .partition(|text| text.as_ref().is_some_and(|text| meant.is_match(text)));
    // A run without a user does not match.
    does_not.insert(None);
    found(fixture, matching(one)) == holds && found(fixture, json!({ "not": matching(one) })) == does_not
}

#[test]
fn a_pattern_finds_what_it_means() {
    let fixture = filled();
    for (one, other) in WORDS {
        assert!(is_found(&fixture, one, other), "{one:?}");
        let (one, other) = (format!("(?i){one}"), format!("(?i){other}"));
        assert!(is_found(&fixture, &one, &other), "{one:?}");
    }
    // Those that DuckDB would turn into something quicker, and signs that stand where they mean themselves.
    for pattern in [
        "^a",
        "^a.*",
        ".*b",
        "^.*b$",
        "a.*b",
        "(?s)a.*b",
        "(?s).*b",
        "^ab$",
        "^(a|ä)",
        "ä$",
        "a|b|k",
        "(?i)^A",
        "a^",
        "a^b",
        "b$a",
        "}",
        "a]",
        "[.]",
        "[-.]",
        "[.-]",
        "[^^]",
        r"\^\]",
        "a(?i)B|K",
        "(?:a(?i)B)|K",
        "^*a",
        "a{0}",
        "(|a)*b",
        "(a+)+$",
    ] {
        assert!(is_found(&fixture, pattern, pattern), "{pattern:?}");
    }
}

#[test]
fn random_patterns_find_what_they_mean() {
    let fixture = filled();
    let mut runner = TestRunner::new(Config {
        cases: 300,
        failure_persistence: None,
        ..Config::default()
    });
    let result = runner.run(&pattern(), |(one, other)| {
        prop_assume!(refusal(&one).is_none());
        prop_assert!(is_found(&fixture, &one, &other), "{one:?}");
        Ok(())
    });
    if let Err(error) = result {
        panic!("{error}");
    }
}

/// The most of everything that a filter takes is not too much for DuckDB.
#[test]
fn the_store_takes_whatever_a_filter_takes() {
    let fixture = filled();
    let refused = refusal(r"\p{Nothing}").unwrap();
    let (_, names) = refused.split_once("exactly so: ").unwrap();
    let names: Vec<&str> = names.split_whitespace().collect();
    assert!(names.contains(&"Lu") && names.contains(&"Greek"));
    for name in &names {
        let pattern = format!(r"\p{{{name}}}");
        assert!(is_found(&fixture, &pattern, &pattern), "{pattern}");
    }
    let scattered: String = (0..150)
        .map(|number| char::from_u32(0x4e00 + number * 130).unwrap())
        .collect();
    let heavy = [
        "a".to_owned(),
        ".".to_owned(),
        "[^a]".to_owned(),
        r"\PL".to_owned(),
        r"(?i:\PL)".to_owned(),
        r"(?i:[^\p{Lu}\p{Mn}\p{No}\p{So}])".to_owned(),
        r"[\p{L}\p{So}\p{Mn}]*".to_owned(),
        r"(\w|\PN?)".to_owned(),
        format!("[{scattered}]"),
        format!("(?i:[^{scattered}])"),
    ];
    for part in heavy {
        let largest = (1..=250)
            .rev()
            .map(|count| format!("(?:{part}){{{count}}}"))
            .find(|pattern| refusal(pattern).is_none())
            .unwrap();
        found(&fixture, matching(&largest));
    }
}

/// Should a pattern come through that DuckDB does not take, that statement fails and nothing else.
#[test]
fn a_pattern_that_the_store_refuses_is_a_failed_statement() {
    let fixture = filled();
    let statement = Statement {
        sql: "SELECT count(*) FROM execution WHERE regexp_matches(user_id, ?)".to_owned(),
        params: vec![Param::Text("(?=a)".to_owned())],
    };
    let read = fixture
        .store
        .read(organization(1), &[statement], Duration::from_secs(10));
    let error = read.unwrap_err();
    assert!(
        matches!(&error, StoreError::Engine(text) if text.contains("invalid perl operator")),
        "{error:?}"
    );
    assert_eq!(found(&fixture, matching("^a$")), [Some("a".to_owned())].into());
}
