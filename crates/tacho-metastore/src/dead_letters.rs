//! Dead letters: records that were refused, with the reason, to be read, mended and replayed. Bounded per organization,
//! so that a broken sender can't fill the disk; what falls out of the bound is counted.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use sqlx::sqlite::SqliteRow;
use tacho_core::{OrganizationId, Timestamp};

use crate::metastore::Connection;
use crate::{Error, Metastore, Result, column, id};

/// The most bytes of a payload that are kept.
pub const PAYLOAD_BYTES_MAX: usize = 64 * 1024;
const MESSAGE_BYTES_MAX: usize = 2000;
const PAGE_MAX: u32 = 200;

id::uuid_id! {
    /// A dead letter's id. Sorts by the time of arrival.
    DeadLetterId
}

/// What became of a dead letter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeadLetterState {
    /// Waits to be mended, replayed or discarded.
    Open,
    /// Its record was accepted later.
    Replayed,
    /// Somebody decided against it.
    Discarded,
}

impl DeadLetterState {
    /// The state's word, as stored and sent.
    pub const fn as_str(self) -> &'static str {
        match self {
            DeadLetterState::Open => "open",
            DeadLetterState::Replayed => "replayed",
            DeadLetterState::Discarded => "discarded",
        }
    }
}

impl fmt::Display for DeadLetterState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for DeadLetterState {
    type Err = Error;
    fn from_str(text: &str) -> Result<Self> {
        use DeadLetterState::*;
        [Open, Replayed, Discarded]
            .into_iter()
            .find(|state| state.as_str() == text)
            .ok_or_else(|| {
                Error::invalid(
                    "state",
                    format!("\"{text}\" is no state; choose open, replayed or discarded"),
                )
            })
    }
}

/// A refused record, to be kept.
#[derive(Clone, Debug)]
pub struct NewDeadLetter {
    /// Why it was refused: a stable word.
    pub code: String,
    /// Why, as a sentence. Cut at 2000 bytes.
    pub message: String,
    /// JSON pointer to the field at fault.
    pub pointer: Option<String>,
    /// The record type, if it could be told.
    pub record_type: Option<String>,
    /// How it came: "http", "import" and so on.
    pub source: String,
    /// The record as it arrived. Cut at [`PAYLOAD_BYTES_MAX`].
    pub payload: String,
    /// Whether it was cut before already.
    pub payload_truncated: bool,
}

/// A dead letter without its payload.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeadLetterSummary {
    /// Its id.
    pub id: DeadLetterId,
    /// When the record arrived.
    pub received_at: Timestamp,
    /// Why it was refused: a stable word.
    pub code: String,
    /// Why, as a sentence.
    pub message: String,
    /// JSON pointer to the field at fault.
    pub pointer: Option<String>,
    /// The record type, if it could be told.
    pub record_type: Option<String>,
    /// How it came.
    pub source: String,
    /// What became of it.
    pub state: DeadLetterState,
    /// Bytes of the payload as it was handed in, or as it was mended.
    pub payload_bytes: u64,
    /// Whether only the beginning of the payload was kept.
    pub is_truncated: bool,
}

/// A dead letter with its payload.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeadLetter {
    /// Everything else.
    pub summary: DeadLetterSummary,
    /// The record as it arrived, or as it was mended.
    pub payload: String,
}

/// One page of dead letters, newest first.
#[derive(Clone, Debug)]
pub struct DeadLetterPage {
    /// The letters.
    pub letters: Vec<DeadLetterSummary>,
    /// Where the next page begins; none on the last.
    pub next_cursor: Option<DeadLetterId>,
    /// How many there are in that state, on all pages.
    pub total: u64,
}

/// How many dead letters an organization has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DeadLetterTotals {
    /// Waiting.
    pub open: u64,
    /// Accepted later and still kept.
    pub replayed: u64,
    /// Decided against and still kept.
    pub discarded: u64,
    /// Thrown away while open, because the bound was reached, ever.
    pub dropped: u64,
}

impl DeadLetterTotals {
    fn of(&mut self, state: DeadLetterState) -> &mut u64 {
        match state {
            DeadLetterState::Open => &mut self.open,
            DeadLetterState::Replayed => &mut self.replayed,
            DeadLetterState::Discarded => &mut self.discarded,
        }
    }

    fn kept(&self) -> u64 {
        self.open + self.replayed + self.discarded
    }
}

impl Metastore {
    /// Keeps the refused records of a batch, all or none, in their order. Past the bound the oldest go: settled ones
    /// first, then open ones, which are counted as dropped.
    pub async fn insert_dead_letters(
        &self,
        organization: OrganizationId,
        letters: &[NewDeadLetter],
        now: Timestamp,
    ) -> Result<()> {
        if letters.is_empty() {
            return Ok(());
        }
        let mut transaction = self.write().await?;
        for letter in letters {
            insert(&mut transaction, organization, letter, now).await?;
        }
        let mut totals = read_totals(&mut transaction, organization).await?;
        totals.open += letters.len() as u64;
        for state in [
            DeadLetterState::Discarded,
            DeadLetterState::Replayed,
            DeadLetterState::Open,
        ] {
            let excess = totals.kept().saturating_sub(self.options().dead_letters_max);
            if excess == 0 {
                break;
            }
            let dropped = drop_oldest(&mut transaction, organization, state, excess).await?;
            *totals.of(state) = totals.of(state).saturating_sub(dropped);
            if state == DeadLetterState::Open {
                totals.dropped += dropped;
            }
        }
        write_totals(&mut transaction, organization, totals).await?;
        transaction.commit().await?;
        Ok(())
    }

    /// One page, newest first, of those in that state or of all. `limit` is cut to 1..=200.
    pub async fn dead_letters(
        &self,
        organization: OrganizationId,
        state: Option<DeadLetterState>,
        limit: u32,
        cursor: Option<DeadLetterId>,
    ) -> Result<DeadLetterPage> {
        const FIELDS_OF_ALL: &str =
            "SELECT id, received_at, code, message, pointer, record_type, source, state,
                payload_bytes, is_truncated FROM dead_letters
             WHERE organization_id = $1 AND ($2 = '' OR id < $2) ORDER BY id DESC LIMIT $3";
        const FIELDS_OF_STATE: &str =
            "SELECT id, received_at, code, message, pointer, record_type, source, state,
                payload_bytes, is_truncated FROM dead_letters
             WHERE organization_id = $1 AND ($2 = '' OR id < $2) AND state = $4 ORDER BY id DESC LIMIT $3";
        let limit = limit.clamp(1, PAGE_MAX);
        let mut query = sqlx::query(if state.is_some() {
            FIELDS_OF_STATE
        } else {
            FIELDS_OF_ALL
        })
        .bind(organization.to_string())
        .bind(cursor.map_or_else(String::new, |id| id.to_string()))
        .bind(i64::from(limit) + 1);
        if let Some(state) = state {
            query = query.bind(state.as_str());
        }
        let rows = query.fetch_all(self.readers()).await?;
        let mut letters = rows.iter().map(read).collect::<Result<Vec<_>>>()?;
        let has_more = letters.len() > limit as usize;
        letters.truncate(limit as usize);
        let next_cursor = letters.last().filter(|_| has_more).map(|letter| letter.id);
        let mut totals = self.dead_letter_totals(organization).await?;
        let total = state.map_or(totals.kept(), |state| *totals.of(state));
        Ok(DeadLetterPage {
            letters,
            next_cursor,
            total,
        })
    }

    /// How many there are.
    pub async fn dead_letter_totals(&self, organization: OrganizationId) -> Result<DeadLetterTotals> {
        read_totals(&mut *self.readers().acquire().await?, organization).await
    }

    /// One of that organization, with its payload.
    pub async fn dead_letter(&self, organization: OrganizationId, id: DeadLetterId) -> Result<DeadLetter> {
        fetch(&mut *self.readers().acquire().await?, organization, id).await
    }

    /// Replaces the payload of an open one. Errors: `NotFound`, `Settled`, `Invalid` (longer than
    /// [`PAYLOAD_BYTES_MAX`]).
    pub async fn mend_dead_letter(
        &self,
        organization: OrganizationId,
        id: DeadLetterId,
        payload: &str,
    ) -> Result<DeadLetter> {
        if payload.len() > PAYLOAD_BYTES_MAX {
            return Err(Error::invalid(
                "payload",
                format!("send at most {PAYLOAD_BYTES_MAX} bytes; larger records go to POST /api/v1/records"),
            ));
        }
        let mut transaction = self.write().await?;
        let mut letter = fetch(&mut transaction, organization, id).await?;
        if letter.summary.state != DeadLetterState::Open {
            return Err(Error::Settled);
        }
        sqlx::query(
            "UPDATE dead_letters SET payload = $1, payload_bytes = $2, is_truncated = 0 WHERE id = $3",
        )
        .bind(payload)
        .bind(as_i64(payload.len()))
        .bind(id.to_string())
        .execute(&mut *transaction)
        .await?;
        transaction.commit().await?;
        letter.summary.payload_bytes = payload.len() as u64;
        letter.summary.is_truncated = false;
        letter.payload = payload.to_owned();
        Ok(letter)
    }

    /// Settles an open one as replayed or discarded. Errors: `NotFound`, `Settled`.
    pub async fn settle_dead_letter(
        &self,
        organization: OrganizationId,
        id: DeadLetterId,
        state: DeadLetterState,
    ) -> Result<()> {
        let mut transaction = self.write().await?;
        let letter = fetch(&mut transaction, organization, id).await?;
        if letter.summary.state != DeadLetterState::Open {
            return Err(Error::Settled);
        }
        sqlx::query("UPDATE dead_letters SET state = $1 WHERE id = $2")
            .bind(state.as_str())
            .bind(id.to_string())
            .execute(&mut *transaction)
            .await?;
        let mut totals = read_totals(&mut transaction, organization).await?;
        totals.open = totals.open.saturating_sub(1);
        *totals.of(state) += 1;
        write_totals(&mut transaction, organization, totals).await?;
        transaction.commit().await?;
        Ok(())
    }
}

async fn insert(
    connection: &mut Connection,
    organization: OrganizationId,
    letter: &NewDeadLetter,
    now: Timestamp,
) -> Result<()> {
    let payload = cut(&letter.payload, PAYLOAD_BYTES_MAX);
    sqlx::query(
        "INSERT INTO dead_letters (id, organization_id, received_at, code, message, pointer, record_type, source,
                                   state, payload, payload_bytes, is_truncated)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 'open', $9, $10, $11)",
    )
    .bind(id::new_id(now).to_string())
    .bind(organization.to_string())
    .bind(now.as_micros())
    .bind(&letter.code)
    .bind(cut(&letter.message, MESSAGE_BYTES_MAX))
    .bind(letter.pointer.as_deref().map(|pointer| cut(pointer, MESSAGE_BYTES_MAX)))
    .bind(letter.record_type.as_deref().map(|word| cut(word, MESSAGE_BYTES_MAX)))
    .bind(&letter.source)
    .bind(payload)
    .bind(as_i64(letter.payload.len()))
    .bind(i64::from(letter.payload_truncated || payload.len() < letter.payload.len()))
    .execute(connection)
    .await?;
    Ok(())
}

/// Deletes up to `count` of the oldest in that state and tells how many there were.
async fn drop_oldest(
    connection: &mut Connection,
    organization: OrganizationId,
    state: DeadLetterState,
    count: u64,
) -> Result<u64> {
    let deleted = sqlx::query(
        "DELETE FROM dead_letters WHERE id IN
           (SELECT id FROM dead_letters WHERE organization_id = $1 AND state = $2 ORDER BY id LIMIT $3)",
    )
    .bind(organization.to_string())
    .bind(state.as_str())
    .bind(i64::try_from(count).unwrap_or(i64::MAX))
    .execute(connection)
    .await?;
    Ok(deleted.rows_affected())
}

async fn fetch(
    connection: &mut Connection,
    organization: OrganizationId,
    id: DeadLetterId,
) -> Result<DeadLetter> {
    let row = sqlx::query("SELECT * FROM dead_letters WHERE id = $1 AND organization_id = $2")
        .bind(id.to_string())
        .bind(organization.to_string())
        .fetch_optional(connection)
        .await?
        .ok_or(Error::NotFound("dead letter"))?;
    Ok(DeadLetter {
        summary: read(&row)?,
        payload: column::text(&row, "payload")?,
    })
}

async fn read_totals(connection: &mut Connection, organization: OrganizationId) -> Result<DeadLetterTotals> {
    let row = sqlx::query("SELECT * FROM dead_letter_totals WHERE organization_id = $1")
        .bind(organization.to_string())
        .fetch_optional(connection)
        .await?;
    let Some(row) = row else {
        return Ok(DeadLetterTotals::default());
    };
    Ok(DeadLetterTotals {
        open: column::count(&row, "open")?,
        replayed: column::count(&row, "replayed")?,
        discarded: column::count(&row, "discarded")?,
        dropped: column::count(&row, "dropped")?,
    })
}

async fn write_totals(
    connection: &mut Connection,
    organization: OrganizationId,
    totals: DeadLetterTotals,
) -> Result<()> {
    let number = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
    sqlx::query(
        "INSERT INTO dead_letter_totals (organization_id, open, replayed, discarded, dropped)
         VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (organization_id) DO UPDATE SET open = $2, replayed = $3, discarded = $4, dropped = $5",
    )
    .bind(organization.to_string())
    .bind(number(totals.open))
    .bind(number(totals.replayed))
    .bind(number(totals.discarded))
    .bind(number(totals.dropped))
    .execute(connection)
    .await?;
    Ok(())
}

fn read(row: &SqliteRow) -> Result<DeadLetterSummary> {
    Ok(DeadLetterSummary {
        id: column::parsed(row, "id")?,
        received_at: column::time(row, "received_at")?,
        code: column::text(row, "code")?,
        message: column::text(row, "message")?,
        pointer: column::text_or_null(row, "pointer")?,
        record_type: column::text_or_null(row, "record_type")?,
        source: column::text(row, "source")?,
        state: column::parsed(row, "state")?,
        payload_bytes: column::count(row, "payload_bytes")?,
        is_truncated: column::flag(row, "is_truncated")?,
    })
}

/// The beginning of the text, of at most that many bytes, cut between characters.
fn cut(text: &str, bytes_max: usize) -> &str {
    &text[..text.floor_char_boundary(bytes_max)]
}

fn as_i64(length: usize) -> i64 {
    i64::try_from(length).unwrap_or(i64::MAX)
}
