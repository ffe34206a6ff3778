import { describe, expect, it } from "vitest";
import { checkRates, examplesOf, fieldsOf, ratesOf } from "./data.ts";

describe("checkRates", () => {
  it("takes amounts, zero among them", () => {
    expect(checkRates({ perMinute: "0.008", sessionMinimum: "0" })).toEqual({});
  });
  it("says what is wrong beside the field", () => {
    expect(Object.keys(checkRates({ perMinute: "", sessionMinimum: "-1" }))).toEqual(["perMinute", "sessionMinimum"]);
    expect(checkRates({ perMinute: "ten", sessionMinimum: "0.01" }).perMinute).toContain("US dollars");
    expect(checkRates({ perMinute: "5000", sessionMinimum: "0.01" }).perMinute).toContain("at most");
  });
});

it("adds the part of a session to that of its minutes, as the server does", () => {
  const examples = examplesOf({ per_minute_usd: 0.5, session_minimum_usd: 1 });
  expect(examples.map(({ cost }) => cost)).toEqual(["$1.25", "$3.00", "$31.00"]);
});

it("comes back as it was", () => {
  const rates = { per_minute_usd: 0.0075, session_minimum_usd: 0.02 };
  expect(ratesOf(fieldsOf(rates))).toEqual(rates);
});
