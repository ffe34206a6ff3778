import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import type { Execution, ExecutionDetail } from "../../api/types.ts";
import { useShortcuts } from "../../shell/shortcuts.tsx";
import { CopyButton } from "../../widgets/CopyButton.tsx";
import { Icon } from "../../widgets/Icon.tsx";
import { tip } from "../../widgets/tip.ts";
import classes from "./Execution.module.css";
import { type Neighbour, nextExecution, previousExecution } from "./neighbours.ts";

/** The id to copy, and the other tries. */
export function IdLine({ detail: { execution, attempts } }: { detail: ExecutionDetail }) {
  return (
    <p className={classes.id}>
      <code>{execution.id}</code>
      <CopyButton text={execution.id} label="Copy the execution id" />
      {attempts.length > 1 && (
        <span className={classes.attempts}>
          <Icon name="refresh" size={12} /> Attempt
          {attempts.map((each) => (
            <Link
              key={each}
              to="/executions/$id"
              params={{ id: execution.id }}
              search={{ attempt: each }}
              activeOptions={{ exact: true, explicitUndefined: true }}
              aria-current={each === execution.attempt ? "true" : undefined}
            >
              {each}
            </Link>
          ))}
          of {attempts.length}
        </span>
      )}
    </p>
  );
}

/** The executions of the same workflow before and after this one. */
export function Neighbours({ execution }: { execution: Execution }) {
  const navigate = useNavigate();
  const key = [execution.id, execution.attempt];
  const previous = useQuery({
    queryKey: ["neighbour", "previous", ...key],
    queryFn: ({ signal }) => previousExecution(execution, signal),
    staleTime: 60_000,
  });
  const next = useQuery({
    queryKey: ["neighbour", "next", ...key],
    queryFn: ({ signal }) => nextExecution(execution, new Date(), signal),
    staleTime: 15_000,
  });
  const go = (to: Neighbour | null | undefined) => {
    if (to) void navigate({ to: "/executions/$id", params: { id: to.id }, search: { attempt: to.attempt } });
  };
  useShortcuts([
    { keys: ",", label: "Previous execution of the workflow", group: "Page", run: () => go(previous.data) },
    { keys: ".", label: "Next execution of the workflow", group: "Page", run: () => go(next.data) },
  ]);
  if (!execution.workflow_id) return null;
  return (
    <nav aria-label="Executions of the same workflow" className={classes.neighbours}>
      <Step to={previous.data} label="Previous (,)" icon="left" />
      <Step to={next.data} label="Next (.)" icon="right" />
    </nav>
  );
}

function Step({ to, label, icon }: { to: Neighbour | null | undefined; label: string; icon: "left" | "right" }) {
  if (!to) {
    return (
      <span className={classes.step} aria-hidden="true" data-off>
        <Icon name={icon} />
      </span>
    );
  }
  return (
    <Link
      {...tip(label)}
      to="/executions/$id"
      params={{ id: to.id }}
      search={{ attempt: to.attempt }}
      className={classes.step}
      aria-label={label}
    >
      <Icon name={icon} />
    </Link>
  );
}
