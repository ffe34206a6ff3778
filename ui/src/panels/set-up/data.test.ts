import { describe, expect, it } from "vitest";
import { ApiError } from "../../api/problem.ts";
import { checkSetUp, isLinkError, passwordStrength } from "./data.ts";

const good = { organization: "Example", email: "a@example.com", password: "correct horse battery", timezone: "UTC" };

it("accepts a complete form and names each thing that is missing", () => {
  expect(checkSetUp(good)).toEqual({});
  expect(Object.keys(checkSetUp({ organization: " ", email: "a", password: "short", timezone: "UTC" }))).toEqual([
    "organization",
    "email",
    "password",
  ]);
});

describe("passwordStrength", () => {
  it.each([
    ["", 0],
    ["elevenchars", 1],
    ["aaaaaaaaaaaaaa", 2],
    ["123456789012", 2],
    ["plaintextpass", 3],
    ["correct horse battery", 4],
  ])("%s is %d", (password, level) => expect(passwordStrength(password).level).toBe(level));
});

it("tells a spent link from a wrong field", () => {
  const error = (code: string, status: number, pointer?: string) => new ApiError({ code, status, title: "", pointer });
  expect(isLinkError(error("setup_link_expired", 401))).toBe(true);
  expect(isLinkError(error("invalid", 422, "/token"))).toBe(true);
  expect(isLinkError(error("gone", 410))).toBe(true);
  expect(isLinkError(error("password_too_short", 422, "/password"))).toBe(false);
});
