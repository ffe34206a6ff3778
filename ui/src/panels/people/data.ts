/** Roles, and who may give which. Pure. */
import type { Role, User } from "../../api/types.ts";

export const ROLES: readonly Role[] = ["owner", "admin", "manager", "member", "viewer"];

export const ROLE_SAYS: Record<Role, string> = {
  owner: "everything, and may delete the organization",
  admin: "everything but the owner’s own",
  manager: "sees all, manages own groups",
  member: "owned workflows and own activity",
  viewer: "sees all, changes nothing",
};

/** The roles that somebody may give: an owner any, an admin any but owner. */
export function rolesGivenBy(role: Role): Role[] {
  if (role === "owner") return [...ROLES];
  return role === "admin" ? ROLES.filter((each) => each !== "owner") : [];
}

/** Why a person's role or access may not be changed here; null when it may. */
export function lockedBecause(user: User, self: { id: string; role: Role }, everybody: readonly User[]): string | null {
  if (user.id === self.id) return "Your own role is changed by somebody else.";
  if (user.role === "owner" && self.role !== "owner") return "Only an owner changes an owner.";
  const owners = everybody.filter((each) => each.role === "owner" && each.is_active);
  if (user.role === "owner" && owners.length === 1 && owners[0]?.id === user.id)
    return "An organization keeps at least one owner.";
  return rolesGivenBy(self.role).length === 0 ? "Only owners and admins change roles." : null;
}
