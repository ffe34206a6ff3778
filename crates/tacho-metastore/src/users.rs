//! Users: people who can sign in. An organization that has an active owner keeps one.

use secrecy::SecretString;
use sqlx::Row as _;
use tacho_core::{OrganizationId, Permission, Role, Scope, Timestamp, UserId};

use crate::column::{self, Columns};
use crate::metastore::Connection;
use crate::organizations::{check_timezone, name};
use crate::{Error, Metastore, Result, id, sessions};

const EMAIL_BYTES_MAX: usize = 254;
const EXTERNAL_ID_BYTES_MAX: usize = 200;

/// A person who can sign in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    /// The id.
    pub id: UserId,
    /// The organization that the user belongs to.
    pub organization_id: OrganizationId,
    /// The e-mail address in lower case; unique over all organizations.
    pub email: String,
    /// The name to show.
    pub name: String,
    /// What the user may do.
    pub role: Role,
    /// The IANA zone chosen by the user; the organization's if none.
    pub timezone: Option<String>,
    /// The user's id in the systems that send records; unique in the organization.
    pub external_id: Option<String>,
    /// Whether the user may sign in, and keys that act as this user work.
    pub is_active: bool,
    /// Whether the user manages organizations. Set on the command line only.
    pub is_platform_admin: bool,
    /// When the user was made.
    pub created_at: Timestamp,
    /// When the user last signed in with a password.
    pub last_sign_in_at: Option<Timestamp>,
}

impl User {
    /// The names by which records refer to this person: id, e-mail address and the id in other systems.
    pub fn subjects(&self) -> Vec<String> {
        let mut subjects = vec![self.id.to_string(), self.email.clone()];
        subjects.extend(self.external_id.clone());
        subjects
    }

    /// The rows that this person may see: all of the organization, or what the person owns.
    pub fn scope(&self) -> Scope {
        match self.role.allows(Permission::SeeAll) {
            true => Scope::all(self.organization_id),
            false => Scope::owned(self.organization_id, self.subjects()),
        }
    }
}

/// What it takes to make a user.
#[derive(Clone, Debug)]
pub struct NewUser {
    /// An e-mail address; kept in lower case.
    pub email: String,
    /// The name to show; the part of the address before the @ if none.
    pub name: Option<String>,
    /// What the user may do.
    pub role: Role,
    /// At least [`crate::PASSWORD_CHARS_MIN`] characters.
    pub password: SecretString,
    /// An IANA zone name; the organization's zone counts if none.
    pub timezone: Option<String>,
    /// The user's id in the systems that send records.
    pub external_id: Option<String>,
}

/// What to change about a user. What is `None` stays.
#[derive(Clone, Debug, Default)]
pub struct UserChange {
    /// Another role.
    pub role: Option<Role>,
    /// Another name.
    pub name: Option<String>,
    /// Lets the user in or shuts the user out; shutting out ends the user's sessions.
    pub is_active: Option<bool>,
    /// Another zone; `Some(None)` goes back to the organization's.
    pub timezone: Option<Option<String>>,
    /// Another id in other systems; `Some(None)` takes it away.
    pub external_id: Option<Option<String>>,
}

impl Metastore {
    /// Makes a user. Errors: `NotFound` (organization), `Invalid` (email, name, password, timezone, external_id),
    /// `Taken` (email, external_id).
    pub async fn create_user(
        &self,
        organization: OrganizationId,
        new: NewUser,
        now: Timestamp,
    ) -> Result<User> {
        self.organization(organization).await?;
        let hash = self.hasher().hash(&new.password).await?;
        let mut transaction = self.write().await?;
        let user = insert(&mut transaction, organization, new, hash, now).await?;
        transaction.commit().await?;
        Ok(user)
    }

    /// The user with that id, in any organization.
    pub async fn user(&self, id: UserId) -> Result<User> {
        sqlx::query("SELECT * FROM users WHERE id = $1")
            .bind(id.to_string())
            .fetch_optional(self.readers())
            .await?
            .map_or(Err(Error::NotFound("user")), |row| read(&row))
    }

    /// The user with that e-mail address, in any case.
    pub async fn user_by_email(&self, email: &str) -> Result<User> {
        sqlx::query("SELECT * FROM users WHERE email = $1")
            .bind(email_key(email))
            .fetch_optional(self.readers())
            .await?
            .map_or(Err(Error::NotFound("user")), |row| read(&row))
    }

    /// The users of an organization, oldest first, inactive ones too.
    pub async fn users(&self, organization: OrganizationId) -> Result<Vec<User>> {
        sqlx::query("SELECT * FROM users WHERE organization_id = $1 ORDER BY id")
            .bind(organization.to_string())
            .fetch_all(self.readers())
            .await?
            .iter()
            .map(read)
            .collect()
    }

    /// Whether anybody has been made yet, in any organization.
    pub async fn has_users(&self) -> Result<bool> {
        Ok(sqlx::query("SELECT 1 FROM users LIMIT 1")
            .fetch_optional(self.readers())
            .await?
            .is_some())
    }

    /// Changes a user of that organization. Errors: `NotFound`, `Invalid`, `Taken` (external_id), `LastOwner`.
    pub async fn change_user(
        &self,
        organization: OrganizationId,
        id: UserId,
        change: UserChange,
    ) -> Result<User> {
        let mut transaction = self.write().await?;
        let before = sqlx::query("SELECT * FROM users WHERE id = $1 AND organization_id = $2")
            .bind(id.to_string())
            .bind(organization.to_string())
            .fetch_optional(&mut *transaction)
            .await?
            .map_or(Err(Error::NotFound("user")), |row| read(&row))?;
        let mut user = before.clone();
        user.role = change.role.unwrap_or(user.role);
        user.is_active = change.is_active.unwrap_or(user.is_active);
        if let Some(text) = &change.name {
            user.name = name("name", text)?;
        }
        if let Some(timezone) = change.timezone {
            timezone.as_deref().map_or(Ok(()), check_timezone)?;
            user.timezone = timezone;
        }
        if let Some(external_id) = change.external_id {
            user.external_id = external_id.map(check_external_id).transpose()?;
        }
        let is_owner = |user: &User| user.role == Role::Owner && user.is_active;
        if is_owner(&before) && !is_owner(&user) && active_owners(&mut transaction, organization).await? <= 1
        {
            return Err(Error::LastOwner);
        }
        sqlx::query(
            "UPDATE users SET role = $1, name = $2, is_active = $3, timezone = $4, external_id = $5 WHERE id = $6",
        )
        .bind(user.role.as_str())
        .bind(&user.name)
        .bind(i64::from(user.is_active))
        .bind(&user.timezone)
        .bind(&user.external_id)
        .bind(id.to_string())
        .execute(&mut *transaction)
        .await
        .map_err(Error::taken("external_id"))?;
        if !user.is_active {
            sessions::delete_all_of(&mut transaction, id).await?;
        }
        transaction.commit().await?;
        Ok(user)
    }

    /// Gives a user of that organization another password and ends the user's sessions. Errors: `NotFound`, `Invalid`.
    pub async fn set_password(
        &self,
        organization: OrganizationId,
        id: UserId,
        password: &SecretString,
    ) -> Result<()> {
        let hash = self.hasher().hash(password).await?;
        let mut transaction = self.write().await?;
        let changed =
            sqlx::query("UPDATE users SET password_hash = $1 WHERE id = $2 AND organization_id = $3")
                .bind(hash)
                .bind(id.to_string())
                .bind(organization.to_string())
                .execute(&mut *transaction)
                .await?;
        if changed.rows_affected() == 0 {
            return Err(Error::NotFound("user"));
        }
        sessions::delete_all_of(&mut transaction, id).await?;
        transaction.commit().await?;
        Ok(())
    }

    /// Makes a user a platform admin or takes it away. For the command line only: no route calls this.
    pub async fn set_platform_admin(&self, id: UserId, is_platform_admin: bool) -> Result<()> {
        let mut transaction = self.write().await?;
        let changed = sqlx::query("UPDATE users SET is_platform_admin = $1 WHERE id = $2")
            .bind(i64::from(is_platform_admin))
            .bind(id.to_string())
            .execute(&mut *transaction)
            .await?;
        if changed.rows_affected() == 0 {
            return Err(Error::NotFound("user"));
        }
        transaction.commit().await?;
        Ok(())
    }

    /// The active user with that address and password, or none. An unknown address, a wrong password and a user shut
    /// out take the same time and give the same answer. A match is noted as the last sign-in.
    pub async fn authenticate(
        &self,
        email: &str,
        password: &SecretString,
        now: Timestamp,
    ) -> Result<Option<User>> {
        let row = sqlx::query("SELECT * FROM users WHERE email = $1 AND is_active = 1")
            .bind(email_key(email))
            .fetch_optional(self.readers())
            .await?;
        let hash = row
            .as_ref()
            .map(|row| column::text(row, "password_hash"))
            .transpose()?;
        if !self.hasher().verify(password, hash.clone()).await? {
            return Ok(None);
        }
        let Some(mut user) = row.as_ref().map(read).transpose()? else {
            return Ok(None);
        };
        // Only if still so: the password may have been changed, or the user shut out, while the hash was computed.
        let mut transaction = self.write().await?;
        let changed = sqlx::query(
            "UPDATE users SET last_sign_in_at = $1 WHERE id = $2 AND is_active = 1 AND password_hash = $3",
        )
        .bind(now.as_micros())
        .bind(user.id.to_string())
        .bind(hash)
        .execute(&mut *transaction)
        .await?;
        transaction.commit().await?;
        if changed.rows_affected() == 0 {
            return Ok(None);
        }
        user.last_sign_in_at = Some(now);
        Ok(Some(user))
    }
}

pub(crate) async fn insert(
    connection: &mut Connection,
    organization: OrganizationId,
    new: NewUser,
    password_hash: String,
    now: Timestamp,
) -> Result<User> {
    let email = check_email(&new.email)?;
    new.timezone.as_deref().map_or(Ok(()), check_timezone)?;
    let shown = match new.name.as_deref().map(str::trim) {
        Some(text) if !text.is_empty() => name("name", text)?,
        _ => email.split('@').next().unwrap_or(&email).to_owned(),
    };
    let external_id = new.external_id.map(check_external_id).transpose()?;
    let user = User {
        id: UserId(id::new_id(now)),
        organization_id: organization,
        email,
        name: shown,
        role: new.role,
        timezone: new.timezone,
        external_id,
        is_active: true,
        is_platform_admin: false,
        created_at: now,
        last_sign_in_at: None,
    };
    if sqlx::query("SELECT 1 FROM users WHERE email = $1")
        .bind(&user.email)
        .fetch_optional(&mut *connection)
        .await?
        .is_some()
    {
        return Err(Error::Taken { what: "email" });
    }
    sqlx::query(
        "INSERT INTO users (id, organization_id, email, name, role, timezone, external_id, is_active,
                            is_platform_admin, password_hash, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, 1, 0, $8, $9)",
    )
    .bind(user.id.to_string())
    .bind(organization.to_string())
    .bind(&user.email)
    .bind(&user.name)
    .bind(user.role.as_str())
    .bind(&user.timezone)
    .bind(&user.external_id)
    .bind(password_hash)
    .bind(now.as_micros())
    .execute(connection)
    .await
    .map_err(Error::taken("external_id"))?;
    Ok(user)
}

/// Reads a row of `users`.
/// The columns of [`read`] in a statement that joins tables.
macro_rules! user_columns {
    () => {
        r#"users.id AS "users.id", users.organization_id AS "users.organization_id", users.email AS "users.email",
           users.name AS "users.name", users.role AS "users.role", users.timezone AS "users.timezone",
           users.external_id AS "users.external_id", users.is_active AS "users.is_active",
           users.is_platform_admin AS "users.is_platform_admin", users.created_at AS "users.created_at",
           users.last_sign_in_at AS "users.last_sign_in_at""#
    };
}
pub(crate) use user_columns;

pub(crate) fn read(row: &impl Columns) -> Result<User> {
    Ok(User {
        id: column::parsed(row, "id")?,
        organization_id: column::parsed(row, "organization_id")?,
        email: column::text(row, "email")?,
        name: column::text(row, "name")?,
        role: column::parsed(row, "role")?,
        timezone: column::text_or_null(row, "timezone")?,
        external_id: column::text_or_null(row, "external_id")?,
        is_active: column::flag(row, "is_active")?,
        is_platform_admin: column::flag(row, "is_platform_admin")?,
        created_at: column::time(row, "created_at")?,
        last_sign_in_at: column::time_or_null(row, "last_sign_in_at")?,
    })
}

async fn active_owners(connection: &mut Connection, organization: OrganizationId) -> Result<i64> {
    let row = sqlx::query(
        "SELECT COUNT(*) AS owners FROM users WHERE organization_id = $1 AND role = 'owner' AND is_active = 1",
    )
    .bind(organization.to_string())
    .fetch_one(connection)
    .await?;
    Ok(row.try_get("owners")?)
}

fn email_key(email: &str) -> String {
    email.trim().to_lowercase()
}

/// Not a full check of the grammar: whether mail arrives shows only by sending some.
fn check_email(text: &str) -> Result<String> {
    let email = email_key(text);
    let plausible = email.len() <= EMAIL_BYTES_MAX
        && !email.chars().any(|c| c.is_whitespace() || c.is_control())
        && email
            .split_once('@')
            .is_some_and(|(local, domain)| !local.is_empty() && !domain.is_empty() && !domain.contains('@'));
    if plausible {
        Ok(email)
    } else {
        Err(Error::invalid(
            "email",
            "give an e-mail address such as ada@example.com",
        ))
    }
}

fn check_external_id(text: String) -> Result<String> {
    let text = text.trim().to_owned();
    if text.is_empty() || text.len() > EXTERNAL_ID_BYTES_MAX {
        return Err(Error::invalid(
            "external_id",
            format!("give an external_id of 1 to {EXTERNAL_ID_BYTES_MAX} bytes"),
        ));
    }
    Ok(text)
}
