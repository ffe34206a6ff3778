/** Questions and answers. */
import type { Sources } from "./names.gen.ts";
import type { components } from "./wire.gen.ts";

type Schemas = components["schemas"];

/** A name that this version knows, or one that the server has learned since. */
type Open<Known extends string> = Known | (string & {});

/** What can be asked about. */
export type Source = keyof Sources;
/** The numbers of a source; `.share`, `.cumulative` and `.per_minute` may follow a count or a sum. */
export type Measure<Of extends Source = Source> = Open<Sources[Of]["measure"]>;
/** What a source can be grouped by. */
export type Dimension<Of extends Source = Source> = Open<Sources[Of]["dimension"]>;
/** What a source can be filtered by. */
export type Field<Of extends Source = Source> = Open<Sources[Of]["field"]>;

/** A condition on rows, or a combination of conditions. */
export type Filter<Of extends Source = Source> =
  | {
      readonly field: Field<Of>;
      readonly op: Schemas["FilterOp"];
      readonly value?: string | number | boolean;
      readonly values?: readonly (string | number | boolean)[];
    }
  | { readonly and: readonly Filter<Of>[] }
  | { readonly or: readonly Filter<Of>[] }
  | { readonly not: Filter<Of> };

type Replaced = "source" | "measures" | "dimensions" | "filters" | "having" | "order" | "time" | "baseline";

interface QueryOf<Of extends Source> extends Readonly<Omit<Schemas["Query"], Replaced>> {
  readonly source: Of;
  /** The numbers asked for, 1 to 20. */
  readonly measures: readonly Measure<Of>[];
  /** What to group by, at most 4. */
  readonly dimensions?: readonly Dimension<Of>[];
  /** A `period`, `from` (with or without `to`), or `last`, such as `24h`. */
  readonly time: Readonly<Schemas["TimeRange"]>;
  /** Which rows count; all must hold. */
  readonly filters?: readonly Filter<Of>[];
  /** Which groups are answered, by their measures. */
  readonly having?: readonly Readonly<Schemas["Having"]>[];
  /** Which groups come first. */
  readonly order?: readonly Readonly<Schemas["Order"]>[];
  /** The group with which all are compared: `"first"`, or its values of the dimensions. */
  readonly baseline?: "first" | readonly unknown[];
}

/** A question. */
export type Query = { [Of in Source]: QueryOf<Of> }[Source];

/** What stands in a cell. */
export type Cell = string | number | boolean | null;

/** A row by the names of its columns: `time` if there is a granularity, dimensions (with `workflow_name` beside `workflow`), measures. */
export type Row<Of extends Query> = { [Name in Of["measures"][number]]: number | null } & (Of extends {
  dimensions: readonly (infer Name extends string)[];
}
  ? { [Each in Name]: Cell }
  : unknown) &
  (Of extends { granularity: string } ? { time: string } : unknown) & { [column: string]: Cell };

/** The answer to a question: a table, its totals, and how it came about. */
export interface Answer<Of extends Query = Query> extends Omit<Schemas["Answer"], "rows" | "totals"> {
  /** The rows. Each is as long as `columns`. */
  rows: Cell[][];
  /** The measures over all rows and groups, those beyond the limit included; null for time and dimensions. */
  totals: Cell[];
  /** The question that it answers. */
  readonly asked?: Of;
}

/** Why a question of a batch was not answered. */
export type Problem = Schemas["Problem"];
/** What can be asked. */
export type Model = Schemas["Model"];

/** The answers to several questions, all as of one moment. Where one can't be answered, its problem stands. */
export interface BatchAnswer<Of extends readonly Query[]> {
  answers: { [Place in keyof Of]: Of[Place] extends Query ? Answer<Of[Place]> | Problem : never };
  as_of: string;
  as_of_lsn: number;
}

/** Whether a question of a batch was answered. */
export function isAnswer<Of extends Query>(one: Answer<Of> | Problem): one is Answer<Of> {
  return "columns" in one;
}

/** The rows of an answer as objects. */
export function rowsOf<Of extends Query>(answer: Answer<Of>): Row<Of>[] {
  const names = answer.columns.map(({ name }) => name);
  return answer.rows.map(
    (cells) => Object.fromEntries(names.map((name, place) => [name, cells[place] ?? null])) as Row<Of>,
  );
}

/** The totals of an answer as an object. */
export function totalsOf<Of extends Query>(answer: Answer<Of>): { [Name in Of["measures"][number]]: number | null } {
  const measures = answer.columns.map(({ name, role }, place) => ({ name, role, cell: answer.totals[place] ?? null }));
  return Object.fromEntries(
    measures.filter(({ role }) => role === "measure").map(({ name, cell }) => [name, cell]),
  ) as { [Name in Of["measures"][number]]: number | null };
}
