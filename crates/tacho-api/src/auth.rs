//! Who asks and what they may: the one place where a role or the scopes of a key become grants.

use jiff::tz::TimeZone;
use tacho_core::{Permission, Role, Scope};
use tacho_metastore::{ApiKey, KeyOwner, KeyScope, Organization, SignedIn, User};

use crate::problem::Problem;
use crate::query_limit::LimitedBy;

/// Something that a route needs of its asker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Grant {
    /// Being signed in is enough.
    SignedIn,
    /// Sending records.
    Ingest,
    /// Asking queries, within the asker's scope.
    Read,
    /// Reading and changing what is a person's own: for people, and keys that act as one and may read.
    Person,
    /// A permission of DESIGN section 7.
    Permission(Permission),
}

/// Who asks.
#[derive(Clone, Debug)]
pub(crate) struct Asker {
    /// The organization; everything that the asker touches lies in it.
    pub(crate) organization: Organization,
    /// The person, unless a key asks that acts as nobody.
    pub(crate) user: Option<User>,
    /// The key, if one asks.
    pub(crate) key: Option<ApiKey>,
    /// What the asker may do.
    pub(crate) permissions: Vec<Permission>,
    may_ingest: bool,
    may_read: bool,
    scope: Scope,
    zone: TimeZone,
}

impl Asker {
    /// A person in a browser: everything that the role allows. Sending records by hand is mending, so it takes the same
    /// permission.
    pub(crate) fn of_session(signed_in: SignedIn) -> Self {
        let SignedIn { user, organization } = signed_in;
        let permissions = user.role.permissions();
        let may_ingest = permissions.contains(&Permission::MendRecords);
        let (scope, zone) = (user.scope(), organization.zone_for(Some(&user)));
        Self {
            organization,
            user: Some(user),
            key: None,
            permissions,
            may_ingest,
            may_read: true,
            scope,
            zone,
        }
    }

    /// A program: what the key's scopes allow, and if it acts as a user, only what that user's role allows too. No key
    /// gets [`Permission::ManageOrganization`]: an admin could make one that acts as the owner.
    pub(crate) fn of_key(owner: KeyOwner) -> Self {
        let KeyOwner {
            key,
            organization,
            user,
        } = owner;
        let role_allows = |permission| user.as_ref().is_none_or(|user| user.role.allows(permission));
        let permissions = Permission::ALL
            .into_iter()
            .filter(|permission| scope_allows(&key, *permission) && role_allows(*permission))
            .collect();
        let is_viewer = user.as_ref().is_some_and(|user| user.role == Role::Viewer);
        let scope = user
            .as_ref()
            .map_or_else(|| Scope::all(organization.id), User::scope);
        let zone = organization.zone_for(user.as_ref());
        Self {
            may_ingest: key.scopes.has(KeyScope::Ingest) && !is_viewer,
            may_read: key.scopes.has(KeyScope::Read),
            organization,
            user,
            key: Some(key),
            permissions,
            scope,
            zone,
        }
    }

    /// Refuses with 403 what the asker may not do.
    pub(crate) fn require(&self, grant: Grant) -> Result<(), Problem> {
        let is_granted = match grant {
            Grant::SignedIn => true,
            Grant::Ingest => self.may_ingest,
            Grant::Read => self.may_read,
            Grant::Person => self.may_read && self.user.is_some(),
            Grant::Permission(permission) => self.permissions.contains(&permission),
        };
        if is_granted {
            Ok(())
        } else {
            Err(self.refusal(grant))
        }
    }

    /// The zone on whose calendar the asker's periods and days are counted: the user's own, else the organization's.
    pub(crate) fn zone(&self) -> &TimeZone {
        &self.zone
    }

    /// The rows that the asker may see.
    pub(crate) fn scope(&self) -> &Scope {
        &self.scope
    }

    /// Whose requests are counted together; none for nobody.
    pub(crate) fn limited_by(&self) -> Option<LimitedBy> {
        let user = self.user.as_ref().map(|user| LimitedBy::User(user.id));
        user.or_else(|| self.key.as_ref().map(|key| LimitedBy::Key(key.id)))
    }

    fn refusal(&self, grant: Grant) -> Problem {
        let detail = match (&self.key, grant) {
            (Some(_), Grant::Ingest) => "This key may not send records. Use one with the scope \"ingest\".",
            (Some(_), Grant::Person) if self.user.is_none() => {
                "This key acts as no user. Use one that acts as a user, or sign in."
            }
            (Some(_), Grant::Read | Grant::Person) => {
                "This key may not read. Use one with the scope \"read\"."
            }
            (Some(_), _) => {
                "This key may not do this. Use one with the scope \"admin\" that acts as no user, or as an admin."
            }
            (None, _) => "Your role does not allow this. Ask an owner or admin of your organization.",
        };
        Problem::forbidden(detail)
    }
}

fn scope_allows(key: &ApiKey, permission: Permission) -> bool {
    match permission {
        Permission::SeeAll => key.scopes.has(KeyScope::Read),
        Permission::ManagePeople
        | Permission::ManageKeys
        | Permission::SeeSystem
        | Permission::MendRecords
        | Permission::ManageCosts
        | Permission::SeeAudit => key.scopes.has(KeyScope::Admin),
        Permission::ManageOrganization => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tacho_core::scope::Rows;
    use tacho_core::{OrganizationId, Timestamp, UserId};
    use tacho_metastore::ApiKeyId;

    fn organization() -> Organization {
        Organization {
            id: OrganizationId::from_bytes([1; 16]),
            name: "Acme".to_owned(),
            timezone: "UTC".to_owned(),
            created_at: Timestamp::MIN,
        }
    }

    fn user(role: Role) -> User {
        User {
            id: UserId::from_bytes([2; 16]),
            organization_id: organization().id,
            email: "ada@example.com".to_owned(),
            name: "Ada".to_owned(),
            role,
            timezone: None,
            external_id: Some("u-1".to_owned()),
            is_active: true,
            is_platform_admin: false,
            created_at: Timestamp::MIN,
            last_sign_in_at: None,
        }
    }

    fn key(scopes: &str, role: Option<Role>) -> Asker {
        let key = ApiKey {
            id: ApiKeyId(uuid::Uuid::nil()),
            organization_id: organization().id,
            user_id: role.map(|role| user(role).id),
            name: "CI".to_owned(),
            prefix: "tacho_abcdef".to_owned(),
            scopes: scopes.parse().unwrap(),
            created_at: Timestamp::MIN,
            last_used_at: None,
        };
        Asker::of_key(KeyOwner {
            key,
            organization: organization(),
            user: role.map(user),
        })
    }

    fn may(asker: &Asker) -> (bool, bool) {
        (
            asker.require(Grant::Ingest).is_ok(),
            asker.require(Grant::Read).is_ok(),
        )
    }

    #[test]
    fn a_session_may_what_the_role_may() {
        for role in Role::ALL {
            let asker = Asker::of_session(SignedIn {
                user: user(role),
                organization: organization(),
            });
            assert_eq!(asker.permissions, role.permissions());
            assert_eq!(may(&asker), (role >= Role::Admin, true), "{role}");
            assert_eq!(asker.scope().rows() == &Rows::All, role != Role::Member);
        }
    }

    #[test]
    fn each_scope_of_a_key_opens_its_own_door_only() {
        let ingest = key("ingest", None);
        assert_eq!((may(&ingest), ingest.permissions.len()), ((true, false), 0));
        let read = key("read", None);
        assert_eq!(
            (may(&read), read.permissions.as_slice()),
            ((false, true), &[Permission::SeeAll][..])
        );
        let admin = key("admin", None);
        assert_eq!(may(&admin), (false, false));
        assert_eq!(admin.permissions.len(), 6);
    }

    #[test]
    fn a_key_that_acts_as_a_user_may_no_more_than_the_user() {
        let member = key("ingest,read,admin", Some(Role::Member));
        assert_eq!((may(&member), member.permissions.len()), ((true, true), 0));
        assert!(matches!(member.scope().rows(), Rows::Owned { subjects } if subjects.len() == 3));
        let viewer = key("ingest,read,admin", Some(Role::Viewer));
        assert_eq!(may(&viewer), (false, true));
        let owner = key("ingest,read,admin", Some(Role::Owner));
        assert!(!owner.permissions.contains(&Permission::ManageOrganization));
    }
}
