//! Writing the audit log: counting what is the same for one entry, and removing what is too much or too old.

use std::collections::HashMap;

use tacho_core::{OrganizationId, Timestamp};

use super::{DataAccess, first_id_at, span_micros};
use crate::metastore::Connection;
use crate::{Metastore, Result, column, id};

/// Entries that one transaction removes at most.
const REMOVED_AT_ONCE_MAX: u64 = 10_000;

/// Requests of a batch that one entry counts.
struct Group<'a> {
    first: &'a DataAccess,
    digest: String,
    last_at: Timestamp,
    requests: u64,
}

impl Metastore {
    /// Adds requests to the log, all or none, in the order of their times. Where an organization then has more than
    /// `entries_max` entries, the oldest go, 10,000 at a time. An organization that is gone is passed over.
    pub async fn record_accesses(&self, accesses: &[DataAccess], entries_max: u64) -> Result<()> {
        if accesses.is_empty() {
            return Ok(());
        }
        let mut transaction = self.write().await?;
        let mut added: HashMap<OrganizationId, u64> = HashMap::new();
        for group in grouped(accesses) {
            if !count_up(&mut transaction, &group).await? {
                let inserted = insert(&mut transaction, &group).await?;
                *added.entry(group.first.organization).or_default() += inserted;
            }
        }
        for (organization, added) in added {
            if added == 0 {
                continue;
            }
            let entries = entries(&mut transaction, organization).await? + added;
            let excess = entries.saturating_sub(entries_max).min(REMOVED_AT_ONCE_MAX);
            let removed = match excess {
                0 => 0,
                _ => remove_oldest(&mut transaction, organization, None, excess).await?,
            };
            set_entries(&mut transaction, organization, entries - removed).await?;
        }
        transaction.commit().await?;
        Ok(())
    }

    /// Removes the organization's entries whose first request was before that, at most 10,000. Answers how many.
    pub async fn remove_accesses_before(
        &self,
        organization: OrganizationId,
        before: Timestamp,
    ) -> Result<u64> {
        let mut transaction = self.write().await?;
        let removed =
            remove_oldest(&mut transaction, organization, Some(before), REMOVED_AT_ONCE_MAX).await?;
        if removed == 0 {
            return Ok(0);
        }
        let left = entries(&mut transaction, organization)
            .await?
            .saturating_sub(removed);
        set_entries(&mut transaction, organization, left).await?;
        transaction.commit().await?;
        Ok(removed)
    }
}

/// Puts the same requests together, in the order of the first of each.
fn grouped(accesses: &[DataAccess]) -> Vec<Group<'_>> {
    let mut ordered: Vec<&DataAccess> = accesses.iter().collect();
    ordered.sort_by_key(|access| access.at);
    let mut groups: Vec<Group<'_>> = Vec::new();
    let mut places: HashMap<(OrganizationId, String), usize> = HashMap::new();
    for access in ordered {
        let digest = access.digest();
        let place = places.get(&(access.organization, digest.clone()));
        if let Some(group) = place.map(|place| &mut groups[*place])
            && access.at.micros_since(group.first.at) < span_micros()
        {
            group.requests += 1;
            group.last_at = access.at;
            continue;
        }
        places.insert((access.organization, digest.clone()), groups.len());
        groups.push(Group {
            first: access,
            digest,
            last_at: access.at,
            requests: 1,
        });
    }
    groups
}

/// Counts the requests for an entry that there is; answers whether there is one.
async fn count_up(connection: &mut Connection, group: &Group<'_>) -> Result<bool> {
    let organization = group.first.organization.to_string();
    let changed = sqlx::query(
        "UPDATE audit_entries
         SET requests = requests + $1, last_at = CASE WHEN last_at > $2 THEN last_at ELSE $2 END
         WHERE id = (SELECT id FROM audit_entries WHERE organization_id = $3 AND digest = $4
                     ORDER BY id DESC LIMIT 1)
           AND first_at > $5 AND first_at <= $6",
    )
    .bind(as_i64(group.requests))
    .bind(group.last_at.as_micros())
    .bind(organization)
    .bind(&group.digest)
    .bind(group.last_at.as_micros() - span_micros())
    .bind(group.first.at.as_micros())
    .execute(connection)
    .await?;
    Ok(changed.rows_affected() > 0)
}

/// Makes an entry; answers how many were made, which is none if the organization is gone.
async fn insert(connection: &mut Connection, group: &Group<'_>) -> Result<u64> {
    let access = group.first;
    let (user_id, user_name) = access
        .user
        .as_ref()
        .map(|(id, name)| (id.to_string(), name))
        .unzip();
    let (key_id, key_name) = access
        .key
        .as_ref()
        .map(|(id, name)| (id.to_string(), name))
        .unzip();
    let inserted = sqlx::query(
        "INSERT INTO audit_entries (id, organization_id, digest, user_id, user_name, key_id, key_name, operation,
                                    question, scope, address, status, request_id, requests, first_at, last_at)
         SELECT $1, id, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16
         FROM organizations WHERE id = $2",
    )
    .bind(id::new_id(access.at).to_string())
    .bind(access.organization.to_string())
    .bind(&group.digest)
    .bind(user_id)
    .bind(user_name)
    .bind(key_id)
    .bind(key_name)
    .bind(&access.operation)
    .bind(&access.question.text)
    .bind(access.scope)
    .bind(&access.address)
    .bind(i64::from(access.status))
    .bind(&access.request_id)
    .bind(as_i64(group.requests))
    .bind(access.at.as_micros())
    .bind(group.last_at.as_micros())
    .execute(connection)
    .await?;
    Ok(inserted.rows_affected())
}

/// Removes the oldest entries, at most so many; of those only before an instant if one is given.
async fn remove_oldest(
    connection: &mut Connection,
    organization: OrganizationId,
    before: Option<Timestamp>,
    count_max: u64,
) -> Result<u64> {
    // Greater than every id; no id begins with a letter beyond f.
    let end = before.map_or_else(|| "g".to_owned(), first_id_at);
    let removed = sqlx::query(
        "DELETE FROM audit_entries WHERE id IN
             (SELECT id FROM audit_entries WHERE organization_id = $1 AND id < $2 ORDER BY id LIMIT $3)",
    )
    .bind(organization.to_string())
    .bind(end)
    .bind(as_i64(count_max))
    .execute(connection)
    .await?;
    Ok(removed.rows_affected())
}

async fn entries(connection: &mut Connection, organization: OrganizationId) -> Result<u64> {
    sqlx::query("SELECT entries FROM audit_totals WHERE organization_id = $1")
        .bind(organization.to_string())
        .fetch_optional(connection)
        .await?
        .map_or(Ok(0), |row| column::count(&row, "entries"))
}

async fn set_entries(connection: &mut Connection, organization: OrganizationId, entries: u64) -> Result<()> {
    sqlx::query(
        "INSERT INTO audit_totals (organization_id, entries) VALUES ($1, $2)
         ON CONFLICT (organization_id) DO UPDATE SET entries = excluded.entries",
    )
    .bind(organization.to_string())
    .bind(as_i64(entries))
    .execute(connection)
    .await?;
    Ok(())
}

fn as_i64(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
