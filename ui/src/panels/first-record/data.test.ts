import { expect, it } from "vitest";
import { firstRecordCommand } from "./data.ts";

it("the first command is valid shell and valid JSON", () => {
  const now = new Date("2026-11-22T12:10:00Z");
  const command = firstRecordCommand("http://localhost:8080", "$KEY", now);
  const json: unknown = JSON.parse(/-d '([\s\S]*)'/.exec(command)?.[1] ?? "");
  expect(json).toMatchObject({ type: "execution", status: "success", started_at: "2026-11-22T12:09:55.800Z" });
  expect(command).toContain('"Authorization: Bearer $KEY"');
});
