// The steps of an execution as the table of its timeline must have them.
const STATE = { completed: "Completed", failed: "Failed", skipped: "Skipped" };
const SPENT = {
  queue: "Waits in a queue",
  external: "Waits for another system",
  human: "Waits for a person",
  retry_backoff: "Waits before a retry",
};
/** With fewer runs nothing is usual. */
const USUAL_RUNS_MIN = 20;

/** The step names of which the workflow's other runs tell how long they usually take. */
function usualSteps(seen) {
  const answer = seen.find({ source: "steps", measures: ["count", "duration_median"], dimensions: ["step_name"] });
  const [name, count, median] = ["step_name", "count", "duration_median"].map((each) =>
    answer.columns.findIndex((column) => column.name === each),
  );
  const often = answer.rows.filter((row) => row[count] >= USUAL_RUNS_MIN && row[median] !== null);
  return new Map(often.map((row) => [row[name], row[median]]));
}

export function timeline(seen) {
  const { execution, attempts, steps } = seen.got(/\/executions\/[^/?]+(\?[^/]*)?$/);
  const usual = usualSteps(seen);
  const own = steps.filter(({ attempt }) => attempts.length < 2 || attempt === execution.attempt);
  const shown = (own.length > 0 ? own : steps).toSorted((a, b) => a.started_at.localeCompare(b.started_at));
  const begin = Math.min(...[execution, ...shown].flatMap(({ started_at: at }) => (at ? [Date.parse(at)] : [])));
  const named = (step) => step.step_name || step.step_id;
  const triesOf = ({ step_id: id }) => shown.filter((step) => step.step_id === id).map(({ attempt }) => attempt);
  const error = (step) => [step.error_type, step.error_message].filter(Boolean).join(": ") || null;
  const columns = [
    { label: "Status", unit: null, of: ({ status }) => STATE[status] ?? "Running" },
    { label: "Started after", unit: "ms", of: (step) => Date.parse(step.started_at) - begin },
    {
      label: "Duration",
      unit: "ms",
      of: (step) => step.duration_ms ?? Date.parse(step.ended_at) - Date.parse(step.started_at),
    },
    { label: "Usual duration", unit: "ms", of: (step) => usual.get(named(step)) ?? null },
    { label: "Time spent", unit: null, of: (step) => SPENT[step.wait_kind] ?? "Works" },
    { label: "Type", unit: null, of: (step) => step.step_type },
    { label: "Target", unit: null, of: (step) => step.target },
    { label: "Data in", unit: "bytes", of: (step) => step.input_bytes },
    { label: "Data out", unit: "bytes", of: (step) => step.output_bytes },
    { label: "Error", unit: null, of: error },
  ].map(({ of, ...column }) => ({ ...column, values: shown.map(of) }));
  return {
    kind: "timeline",
    rowTitle: "Step",
    keyTitles: ["Step", "Try"],
    rows: shown.map((step) => {
      const tries = triesOf(step);
      const note = tries.length > 1 ? `try ${step.attempt} of ${Math.max(...tries)}` : "";
      return { name: named(step), note, keys: [named(step), step.attempt] };
    }),
    columns: columns.filter(({ values }) => values.some((value) => value !== null)),
  };
}
