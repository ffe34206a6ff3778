//! Exports: asked for here, written by and by, fetched here. Everybody has one running at a time and sees their own; those
//! who manage people see and may cancel all of the organization. Only who asked for an export may fetch its file.

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use tacho_core::{Permission, Timestamp};
use tacho_jobs::exports::{Compression, ExportFormat, ExportOf, ExportStatus, ExportTask};
use tacho_metastore::{ExportId, ExportMaker};
use tokio::fs::File;
use tokio::io::{AsyncReadExt as _, AsyncSeekExt as _, SeekFrom};
use tokio_util::io::ReaderStream;

use crate::AppState;
use crate::auth::Asker;
use crate::extract::{Allowed, Json, Path, need};
use crate::problem::{Problem, Result};
use crate::wire::exports::{CreateExportRequest, Export, ExportList};

const CHUNK_BYTES: usize = 64 * 1024;

/// Who asks, as exports have it.
fn maker(asker: &Asker) -> Result<ExportMaker> {
    match (&asker.user, &asker.key) {
        (Some(user), _) => Ok(ExportMaker::User(user.id)),
        (None, Some(key)) => Ok(ExportMaker::Key(key.id)),
        (None, None) => Err(Problem::unauthenticated()),
    }
}

/// Whose exports the asker may see; everybody's if nobody is named.
fn visible(asker: &Asker) -> Result<Option<ExportMaker>> {
    match asker.permissions.contains(&Permission::ManagePeople) {
        true => Ok(None),
        false => maker(asker).map(Some),
    }
}

/// Asks for a file of rows. It is written as soon as none of the asker's others is; what it holds is as of that moment, ranges
/// that end now end when it was asked for. At most 20 may wait.
#[utoipa::path(post, path = "/api/v1/exports", tag = "exports",
    request_body(content = CreateExportRequest, examples(
        ("executions" = (summary = "The failures of a month", value = json!(
            {"format": "csv", "of": {"executions": {"period": "month", "status": "failed,timeout",
             "columns": ["id", "workflow_name", "started_at", "duration_ms", "error_type", "error_message"]}}}))),
        ("query" = (summary = "Runs of each workflow and day", value = json!(
            {"format": "json", "compression": "gzip", "of": {"query": {"source": "executions", "measures": ["count"],
             "dimensions": ["workflow"], "time": {"period": "month"}, "granularity": "day"}}}))),
    )),
    responses((status = 202, description = "Accepted; it waits or runs", body = Export)))]
pub(crate) async fn create_export(
    State(state): State<AppState>,
    asker: Allowed<need::Read>,
    Json(request): Json<CreateExportRequest>,
) -> Result<(StatusCode, Json<Export>)> {
    let task = ExportTask::from(request);
    task.check(state.clock.now(), asker.zone()).map_err(|error| {
        Problem::from(error).within(match &task.of {
            ExportOf::Query(_) => "/of/query",
            ExportOf::Executions(_) => "/of/executions",
        })
    })?;
    let organization = asker.organization.id;
    let status = state.exports.submit(organization, maker(&asker)?, &task).await?;
    Ok((StatusCode::ACCEPTED, Json(status.into())))
}

/// The asker's exports, newest first; all of the organization for those who manage people.
#[utoipa::path(get, path = "/api/v1/exports", tag = "exports", responses((status = 200, body = ExportList)))]
pub(crate) async fn list_exports(
    State(state): State<AppState>,
    asker: Allowed<need::Read>,
) -> Result<Json<ExportList>> {
    let list = state
        .exports
        .list(asker.organization.id, visible(&asker)?)
        .await?;
    Ok(Json(ExportList {
        exports: list.into_iter().map(Export::from).collect(),
    }))
}

/// One export: how far it is.
#[utoipa::path(get, path = "/api/v1/exports/{id}", tag = "exports",
    params(("id" = String, Path, description = "The export's id")),
    responses((status = 200, body = Export)))]
pub(crate) async fn get_export(
    State(state): State<AppState>,
    asker: Allowed<need::Read>,
    Path(id): Path<ExportId>,
) -> Result<Json<Export>> {
    let status = state
        .exports
        .get(asker.organization.id, visible(&asker)?, id)
        .await?;
    Ok(Json(status.into()))
}

/// Cancels an export that waits or runs; it stays in the list. Forgets one that has ended, and removes its file.
#[utoipa::path(delete, path = "/api/v1/exports/{id}", tag = "exports",
    params(("id" = String, Path, description = "The export's id")),
    responses((status = 204, description = "Cancelled, or removed")))]
pub(crate) async fn delete_export(
    State(state): State<AppState>,
    asker: Allowed<need::Read>,
    Path(id): Path<ExportId>,
) -> Result<StatusCode> {
    state
        .exports
        .remove(asker.organization.id, visible(&asker)?, id)
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The file of an export that is done. A part of it can be asked for with `Range: bytes=…`, so that a broken download goes on
/// where it ended.
#[utoipa::path(get, path = "/api/v1/exports/{id}/download", tag = "exports",
    params(("id" = String, Path, description = "The export's id")),
    responses(
        (status = 200, description = "The file", content(
            (String = "text/csv", example = json!("id,status,duration_ms\r\nrun-1,success,4200\r\n")), (String = "application/json"), (String = "application/x-ndjson"),
            (Vec<u8> = "application/gzip"))),
        (status = 206, description = "A part of the file"),
        (status = 416, description = "The file has no such part"),
    ))]
pub(crate) async fn download_export(
    State(state): State<AppState>,
    asker: Allowed<need::Read>,
    Path(id): Path<ExportId>,
    headers: HeaderMap,
) -> Result<Response> {
    let (path, status) = state
        .exports
        .file(asker.organization.id, maker(&asker)?, id)
        .await?;
    let mut file = File::open(path).await.map_err(Problem::internal)?;
    let bytes = file.metadata().await.map_err(Problem::internal)?.len();
    let part = match headers.get(header::RANGE).and_then(|range| range.to_str().ok()) {
        Some(range) => part(range, bytes),
        None => Part::Whole,
    };
    let (code, first, length) = match part {
        Part::Whole => (StatusCode::OK, 0, bytes),
        Part::From(first, length) => (StatusCode::PARTIAL_CONTENT, first, length),
        Part::None => {
            let range = [(header::CONTENT_RANGE, format!("bytes */{bytes}"))];
            let problem = Problem::new(
                StatusCode::RANGE_NOT_SATISFIABLE,
                "no_such_part",
                format!("The file has {bytes} bytes. Ask for a part of them."),
            );
            return Ok((range, problem).into_response());
        }
    };
    file.seek(SeekFrom::Start(first))
        .await
        .map_err(Problem::internal)?;
    let body = Body::from_stream(ReaderStream::with_capacity(file.take(length), CHUNK_BYTES));
    let mut response = (code, body).into_response();
    let answer = response.headers_mut();
    answer.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static(media_type(&status.task)),
    );
    answer.insert(header::CONTENT_LENGTH, length.into());
    answer.insert(header::ACCEPT_RANGES, HeaderValue::from_static("bytes"));
    let disposition = format!("attachment; filename=\"{}\"", file_name(&status));
    answer.insert(header::CONTENT_DISPOSITION, header_value(&disposition)?);
    if code == StatusCode::PARTIAL_CONTENT {
        let range = format!("bytes {first}-{}/{bytes}", first + length - 1);
        answer.insert(header::CONTENT_RANGE, header_value(&range)?);
    }
    Ok(response)
}

fn header_value(text: &str) -> Result<HeaderValue> {
    HeaderValue::try_from(text).map_err(Problem::internal)
}

fn media_type(task: &ExportTask) -> &'static str {
    match (task.compression, task.format) {
        (Compression::Gzip, _) => "application/gzip",
        (Compression::None, ExportFormat::Csv) => "text/csv; charset=utf-8",
        (Compression::None, ExportFormat::Json) => "application/json",
        (Compression::None, ExportFormat::Ndjson) => "application/x-ndjson",
    }
}

/// What is in it and when it was asked for.
fn file_name(status: &ExportStatus) -> String {
    let what = match &status.task.of {
        ExportOf::Query(params) => params.source.as_str(),
        ExportOf::Executions(_) => "executions",
    };
    let harmless = what
        .chars()
        .filter(|character| character.is_ascii_alphanumeric() || *character == '_');
    let at = seconds(status.export.created_at);
    format!(
        "{}-{at}.{}",
        harmless.collect::<String>(),
        status.task.extension()
    )
}

/// `2026-11-22T09-30-00`, which every file system takes.
fn seconds(time: Timestamp) -> String {
    let text = time.to_string().replace(':', "-");
    text.chars().take("2026-11-22T09-30-00".len()).collect()
}

/// A part of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    Whole,
    /// From there, so many bytes.
    From(u64, u64),
    /// There is none such.
    None,
}

/// The part that a `Range` asks for. Of what is not understood, and of several at once, the whole is sent (RFC 9110, 14.2).
fn part(range: &str, bytes: u64) -> Part {
    let Some((first, last)) = range
        .strip_prefix("bytes=")
        .and_then(|range| range.split_once('-'))
    else {
        return Part::Whole;
    };
    let number = |text: &str| text.trim().parse::<u64>().ok();
    let (first, last) = match (
        first.trim().is_empty(),
        number(first),
        last.trim().is_empty(),
        number(last),
    ) {
        (true, _, false, Some(count)) => (bytes.saturating_sub(count), bytes.saturating_sub(1)),
        (false, Some(first), true, _) => (first, bytes.saturating_sub(1)),
        (false, Some(first), false, Some(last)) if first <= last => {
            (first, last.min(bytes.saturating_sub(1)))
        }
        _ => return Part::Whole,
    };
    match first < bytes && last >= first {
        true => Part::From(first, last - first + 1),
        false => Part::None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_lie_in_the_file() {
        let cases = [
            ("bytes=0-9", 100, Part::From(0, 10)),
            ("bytes=90-", 100, Part::From(90, 10)),
            ("bytes=90-1000", 100, Part::From(90, 10)),
            ("bytes=-5", 100, Part::From(95, 5)),
            ("bytes=-500", 100, Part::From(0, 100)),
            ("bytes=100-", 100, Part::None),
            ("bytes=-0", 100, Part::None),
            ("bytes=0-", 0, Part::None),
            ("bytes=9-3", 100, Part::Whole),
            ("bytes=0-1,5-6", 100, Part::Whole),
            ("lines=0-1", 100, Part::Whole),
            ("bytes=", 100, Part::Whole),
            ("bytes=a-b", 100, Part::Whole),
        ];
        for (range, bytes, expected) in cases {
            assert_eq!(part(range, bytes), expected, "{range} of {bytes}");
        }
    }
}
