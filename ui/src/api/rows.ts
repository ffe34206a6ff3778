/** Reading answers by the names of their columns. Pure. */
import type { Answer, Cell, Column } from "./types.ts";

function numberOf(cell: Cell | undefined): number | null {
  return typeof cell === "number" ? cell : null;
}

export function columnOf(answer: Answer, name: string): Column | undefined {
  return answer.columns.find((column) => column.name === name);
}

function indexOf(answer: Answer, name: string): number {
  return answer.columns.findIndex((column) => column.name === name);
}

/** A measure over all groups, those beyond the limit included; null where it is not known. */
export function totalOf(answer: Answer, name: string): number | null {
  return numberOf(answer.totals[indexOf(answer, name)]);
}

/** The same in the range compared with. */
export function totalBeforeOf(answer: Answer, name: string): number | null {
  return numberOf(answer.comparison?.totals[indexOf(answer, name)]);
}

/** One row, by column. */
export interface Group {
  text: (name: string) => string | null;
  number: (name: string) => number | null;
  /** The same group's in the range compared with. */
  before: (name: string) => number | null;
}

/** The rows of an answer without buckets of time. */
export function groupsOf(answer: Answer): Group[] {
  const compared = answer.comparison?.by_row?.rows;
  return answer.rows.map((row, index) => ({
    text: (name) => {
      const cell = row[indexOf(answer, name)];
      return cell === null || cell === undefined ? null : String(cell);
    },
    number: (name) => numberOf(row[indexOf(answer, name)]),
    before: (name) => numberOf(compared?.[index]?.[indexOf(answer, name)]),
  }));
}

/** A measure over the groups beyond the limit together; null if there are none. */
export function otherOf(answer: Answer, name: string): number | null {
  return numberOf(answer.other?.[0]?.[indexOf(answer, name)] as Cell | undefined);
}

/** A measure, bucket by bucket; of an answer with a granularity and without dimensions. */
export function valuesOf(answer: Answer, name: string): (number | null)[] {
  const index = indexOf(answer, name);
  return answer.rows.map((row) => numberOf(row[index]));
}
