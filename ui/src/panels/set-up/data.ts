/** The rules of the set-up form. Pure. */
import type { ApiError } from "../../api/problem.ts";

export const PASSWORD_LENGTH_MIN = 12;

export interface SetUpFields {
  organization: string;
  email: string;
  password: string;
  timezone: string;
}

export function checkEmail(email: string): string | undefined {
  return /^[^\s@]+@[^\s@]+\.?[^\s@]*$/.test(email.trim())
    ? undefined
    : "Write an e-mail address, like name@example.com.";
}

export function checkPassword(password: string): string | undefined {
  const length = [...password].length;
  if (length >= PASSWORD_LENGTH_MIN) return undefined;
  return `Use at least ${PASSWORD_LENGTH_MIN} characters; ${length === 0 ? "a few random words are good" : `this has ${length}`}.`;
}

export function checkSetUp(fields: SetUpFields): Partial<Record<keyof SetUpFields, string>> {
  const problems: Partial<Record<keyof SetUpFields, string>> = {};
  if (fields.organization.trim() === "") problems.organization = "Give your organization a name.";
  const email = checkEmail(fields.email);
  if (email) problems.email = email;
  const password = checkPassword(fields.password);
  if (password) problems.password = password;
  return problems;
}

export interface Strength {
  /** 0 nothing typed, 1 too short, 2 fair, 3 good, 4 strong */
  level: 0 | 1 | 2 | 3 | 4;
  word: string;
}

/** Length counts most; a single repeated character or a plain row of digits is worth nothing however long. */
export function passwordStrength(password: string): Strength {
  const length = [...password].length;
  if (length === 0) return { level: 0, word: `At least ${PASSWORD_LENGTH_MIN} characters` };
  if (length < PASSWORD_LENGTH_MIN)
    return { level: 1, word: `Too short: ${length} of ${PASSWORD_LENGTH_MIN} characters` };
  const distinct = new Set(password.toLowerCase()).size;
  if (distinct < 5 || /^\d+$/.test(password))
    return { level: 2, word: "Easy to guess: mix in other characters or words" };
  const kinds = [/[a-z]/, /[A-Z]/, /\d/, /[^A-Za-z0-9]/].filter((kind) => kind.test(password)).length;
  const score = length + distinct / 2 + kinds * 2;
  return score >= 28 ? { level: 4, word: "Strong" } : { level: 3, word: "Good" };
}

/** Whether the link itself is refused, so that filling in the form again would not help. */
export function isLinkError(error: ApiError): boolean {
  if (error.pointer === "/token") return true;
  return /token|link|setup|set_up/.test(error.code) || error.status === 410;
}
