//! The five roles and what each may do (DESIGN section 7). The only place where a role turns into a permission.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// What a user is in the organization.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Sees everything, changes nothing.
    Viewer,
    /// Sees the workflows owned and the own activity.
    Member,
    /// Sees everything, manages people of the own groups.
    Manager,
    /// Manages everything but the organization's existence.
    Admin,
    /// May also delete the organization and hand it over.
    Owner,
}

/// One thing that a role allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Permission {
    /// Sees every record of the organization, not only the owned ones.
    SeeAll,
    /// Creates users, changes roles.
    ManagePeople,
    /// Creates and revokes API keys of the organization.
    ManageKeys,
    /// Sees the System page: journal, store, ingest, conflicts.
    SeeSystem,
    /// Reads, mends, replays and discards dead letters.
    MendRecords,
    /// Sets what the organization pays for the sessions of its automations.
    ManageCosts,
    /// Sees who asked for which data.
    SeeAudit,
    /// Deletes the organization, changes its owner.
    ManageOrganization,
}

impl Permission {
    /// Every permission, in the order in which they are listed to clients.
    pub const ALL: [Permission; 8] = [
        Permission::SeeAll,
        Permission::ManagePeople,
        Permission::ManageKeys,
        Permission::SeeSystem,
        Permission::MendRecords,
        Permission::ManageCosts,
        Permission::SeeAudit,
        Permission::ManageOrganization,
    ];
}

impl Role {
    /// Every role, least first.
    pub const ALL: [Role; 5] = [
        Role::Viewer,
        Role::Member,
        Role::Manager,
        Role::Admin,
        Role::Owner,
    ];

    /// Whether the role allows it.
    pub const fn allows(self, permission: Permission) -> bool {
        use Permission::*;
        match permission {
            SeeAll => !matches!(self, Role::Member),
            SeeSystem => matches!(self, Role::Manager | Role::Admin | Role::Owner),
            ManagePeople | ManageKeys | MendRecords | ManageCosts | SeeAudit => {
                matches!(self, Role::Admin | Role::Owner)
            }
            ManageOrganization => matches!(self, Role::Owner),
        }
    }

    /// The permissions of the role.
    pub fn permissions(self) -> Vec<Permission> {
        Permission::ALL
            .into_iter()
            .filter(|permission| self.allows(*permission))
            .collect()
    }

    /// The role's word, as stored and sent.
    pub const fn as_str(self) -> &'static str {
        match self {
            Role::Viewer => "viewer",
            Role::Member => "member",
            Role::Manager => "manager",
            Role::Admin => "admin",
            Role::Owner => "owner",
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The text names no role.
#[derive(Debug, thiserror::Error)]
#[error("\"{0}\" is no role; choose owner, admin, manager, member or viewer")]
pub struct UnknownRole(pub String);

impl FromStr for Role {
    type Err = UnknownRole;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Role::ALL
            .into_iter()
            .find(|role| role.as_str() == text)
            .ok_or_else(|| UnknownRole(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_members_are_limited_to_what_they_own() {
        let limited: Vec<_> = Role::ALL
            .into_iter()
            .filter(|role| !role.allows(Permission::SeeAll))
            .collect();
        assert_eq!(limited, [Role::Member]);
    }

    #[test]
    fn a_role_is_read_back_from_its_word() {
        for role in Role::ALL {
            assert_eq!(role.as_str().parse::<Role>().unwrap(), role);
        }
        assert!("root".parse::<Role>().is_err());
    }
}
