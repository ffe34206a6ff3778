import { expect, it } from "vitest";
import { makeUsers } from "../../../mock/data.ts";
import type { User } from "../../api/types.ts";
import { lockedBecause, rolesGivenBy } from "./data.ts";

const users = makeUsers(0);
const [owner, admin, member] = users as [User, User, User];

it("lets nobody give more than they have", () => {
  expect(rolesGivenBy("owner")).toContain("owner");
  expect(rolesGivenBy("admin")).not.toContain("owner");
  expect(rolesGivenBy("manager")).toEqual([]);
});

it("keeps the owner, and everybody's own role", () => {
  expect(lockedBecause(owner, { id: admin.id, role: "admin" }, users)).toContain("owner");
  expect(lockedBecause(admin, { id: admin.id, role: "admin" }, users)).toContain("own role");
  expect(lockedBecause(owner, { id: "other", role: "owner" }, users)).toContain("at least one");
  expect(lockedBecause(member, { id: owner.id, role: "owner" }, users)).toBeNull();
  expect(lockedBecause(member, { id: "x", role: "viewer" }, users)).not.toBeNull();
});
