/** What was spent on work that came to nothing. Pure. */
import { totalOf } from "../../api/rows.ts";
import type { Answer, CompareWith, Query } from "../../api/types.ts";
import { money, percent, share } from "../../format/format.ts";
import type { Frame } from "../../view/current.ts";

export function failedWorkQuery({ filters, ...frame }: Frame, compare: CompareWith | undefined): Query {
  return {
    source: "costs",
    measures: ["amount"],
    ...frame,
    filters: [...(filters ?? []), { field: "execution_status", op: "in", values: ["failed", "timeout"] }],
    ...(compare ? { compare } : {}),
  };
}

/** "$1.44 went to executions that failed or timed out: 2.1 % of all costs." */
export function failedWorkText(failed: Answer, all: Answer): string | null {
  const [amount, total] = [totalOf(failed, "amount"), totalOf(all, "amount")];
  if (amount === null || total === null) return null;
  if (amount === 0) return "Nothing was spent on executions that failed or timed out.";
  const part = share(amount, total);
  return `${money(amount)} went to executions that failed or timed out${part === null ? "" : `: ${percent(part)} of all costs`}.`;
}
