//! Parameters behind the `?` of an address.

use std::fmt::Debug;

use axum::extract::Query as UrlQuery;
use axum::http::Uri;
use serde::Serialize;
use serde::de::DeserializeOwned;
use tacho_core::Scope;
use tacho_query::dialect::DuckDb;
use tacho_query::executions::wire::ExecutionListParams;
use tacho_query::executions::{Cursor, ExecutionListQuery, compile_list};
use tacho_query::failures::wire::{FailureListParams, FailureParams};
use tacho_query::failures::{FailureListQuery, FailureQuery, compile_failure, compile_failures};
use tacho_query::workflows::{WorkflowListQuery, compile_workflows};
use tacho_query::{QueryError, Statement, scoped};

use crate::records::NOW;
use crate::statement::{ZONE, check_refusal, check_statement, scopes};

/// What stands behind the `?`. The first byte says of which list: executions, failures, a failure, workflows.
///
/// Laws: parameters that are understood read back as they were written; they become statements that meet
/// [their laws](check_statement); what is refused says where and why; and a cursor is the only text for its place.
pub fn url_params(input: &[u8]) {
    let Some((list, text)) = input.split_first() else {
        return;
    };
    let Some(uri) = std::str::from_utf8(text)
        .ok()
        .and_then(|text| format!("/?{text}").parse::<Uri>().ok())
    else {
        return;
    };
    match list % 4 {
        0 => executions(&uri),
        1 => {
            let validate = |params: &FailureListParams| FailureListQuery::validate(params, NOW, &ZONE);
            check(&uri, validate, |query, scope| {
                compile_failures(&scoped(query, scope), &DuckDb)
            });
        }
        2 => {
            let fingerprint = "41c4ce2678a7bf71";
            let validate = |params: &FailureParams| FailureQuery::validate(fingerprint, params, NOW, &ZONE);
            check(&uri, validate, |query, scope| {
                let query = query.expect("the fingerprint is one");
                vec![compile_failure(&scoped(query, scope), &DuckDb)]
            });
        }
        _ => check(&uri, WorkflowListQuery::validate, |query, scope| {
            compile_workflows(&scoped(query, scope), &DuckDb)
        }),
    }
}

fn executions(uri: &Uri) {
    let validate = |params: &ExecutionListParams| {
        let cursor = params.cursor.as_deref();
        if let Some((text, cursor)) = cursor.and_then(|text| Some((text, Cursor::decode(text)?))) {
            assert_eq!(cursor.encode(), text);
        }
        ExecutionListQuery::validate(params, NOW, &ZONE)
    };
    check(uri, validate, |query, scope| {
        compile_list(&scoped(query, scope), &DuckDb)
    });
}

fn check<P, Q>(
    uri: &Uri,
    validate: impl Fn(&P) -> Result<Q, QueryError>,
    compile: impl Fn(Q, &Scope) -> Vec<Statement>,
) where
    P: Serialize + DeserializeOwned + PartialEq + Debug,
    Q: Clone,
{
    let Ok(UrlQuery(params)) = UrlQuery::<P>::try_from_uri(uri) else {
        return;
    };
    let written = serde_json::to_value(&params).unwrap();
    assert_eq!(serde_json::from_value::<P>(written).unwrap(), params);
    let bytes = uri.query().map_or(0, str::len);
    match validate(&params) {
        Ok(query) => {
            for scope in scopes() {
                for statement in compile(query.clone(), &scope) {
                    check_statement(&statement, bytes);
                }
            }
        }
        Err(error) => check_refusal(&error, bytes),
    }
}
