//! Organizations: the tenants. Every user, key, record and file belongs to exactly one.

use jiff::tz::TimeZone;
use tacho_core::{OrganizationId, Timestamp};

use crate::column::{self, Columns};
use crate::metastore::Connection;
use crate::{Error, Metastore, Result, User, id};

const NAME_CHARS_MAX: usize = 200;

/// A tenant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Organization {
    /// Its id.
    pub id: OrganizationId,
    /// Its name; unique without regard to case.
    pub name: String,
    /// The IANA name of the zone in which its days begin.
    pub timezone: String,
    /// When it was made.
    pub created_at: Timestamp,
}

/// What it takes to make an organization.
#[derive(Clone, Debug)]
pub struct NewOrganization {
    /// 1 to 200 characters; unique without regard to case.
    pub name: String,
    /// An IANA zone name such as "Europe/Berlin".
    pub timezone: String,
}

impl Organization {
    /// The zone on whose calendar somebody's periods and days are counted: the user's own, else the organization's. Both were
    /// checked when they were set; UTC if the zone has left the database since.
    pub fn zone_for(&self, user: Option<&User>) -> TimeZone {
        let name = user
            .and_then(|user| user.timezone.as_deref())
            .unwrap_or(&self.timezone);
        TimeZone::get(name).unwrap_or(TimeZone::UTC)
    }
}

impl Metastore {
    /// Makes an organization. Errors: `Invalid` (name, timezone), `Taken` (name).
    pub async fn create_organization(&self, new: NewOrganization, now: Timestamp) -> Result<Organization> {
        let mut transaction = self.write().await?;
        let organization = insert(&mut transaction, new, now).await?;
        transaction.commit().await?;
        Ok(organization)
    }

    /// The organization with that id.
    pub async fn organization(&self, id: OrganizationId) -> Result<Organization> {
        sqlx::query("SELECT * FROM organizations WHERE id = $1")
            .bind(id.to_string())
            .fetch_optional(self.readers())
            .await?
            .map_or(Err(Error::NotFound("organization")), |row| read(&row))
    }

    /// The organization with that name, in any case.
    pub async fn organization_by_name(&self, name: &str) -> Result<Organization> {
        sqlx::query("SELECT * FROM organizations WHERE name_key = $1")
            .bind(name_key(name))
            .fetch_optional(self.readers())
            .await?
            .map_or(Err(Error::NotFound("organization")), |row| read(&row))
    }

    /// Every organization, oldest first.
    pub async fn organizations(&self) -> Result<Vec<Organization>> {
        sqlx::query("SELECT * FROM organizations ORDER BY id")
            .fetch_all(self.readers())
            .await?
            .iter()
            .map(read)
            .collect()
    }
}

pub(crate) async fn insert(
    connection: &mut Connection,
    new: NewOrganization,
    now: Timestamp,
) -> Result<Organization> {
    let name = name("name", &new.name)?;
    check_timezone(&new.timezone)?;
    let organization = Organization {
        id: OrganizationId(id::new_id(now)),
        name,
        timezone: new.timezone,
        created_at: now,
    };
    sqlx::query(
        "INSERT INTO organizations (id, name, name_key, timezone, created_at) VALUES ($1, $2, $3, $4, $5)",
    )
    .bind(organization.id.to_string())
    .bind(&organization.name)
    .bind(name_key(&organization.name))
    .bind(&organization.timezone)
    .bind(now.as_micros())
    .execute(connection)
    .await
    .map_err(Error::taken("name"))?;
    Ok(organization)
}

/// The columns of [`read`] in a statement that joins tables.
macro_rules! organization_columns {
    () => {
        r#"organizations.id AS "organizations.id", organizations.name AS "organizations.name",
           organizations.timezone AS "organizations.timezone", organizations.created_at AS "organizations.created_at""#
    };
}
pub(crate) use organization_columns;

pub(crate) fn read(row: &impl Columns) -> Result<Organization> {
    Ok(Organization {
        id: column::parsed(row, "id")?,
        name: column::text(row, "name")?,
        timezone: column::text(row, "timezone")?,
        created_at: column::time(row, "created_at")?,
    })
}

fn name_key(name: &str) -> String {
    name.trim().to_lowercase()
}

/// A name without the blanks around it; 1 to 200 characters, none of them a control character.
pub(crate) fn name(field: &'static str, text: &str) -> Result<String> {
    let text = text.trim();
    if text.is_empty() || text.chars().count() > NAME_CHARS_MAX || text.chars().any(char::is_control) {
        return Err(Error::invalid(
            field,
            format!("give a {field} of 1 to {NAME_CHARS_MAX} printable characters"),
        ));
    }
    Ok(text.to_owned())
}

/// Refuses what is no IANA zone name.
pub(crate) fn check_timezone(name: &str) -> Result<()> {
    match jiff::tz::TimeZone::get(name) {
        Ok(_) => Ok(()),
        Err(_) => Err(Error::invalid(
            "timezone",
            "give an IANA time zone such as Europe/Berlin or UTC",
        )),
    }
}
