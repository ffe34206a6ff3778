import { Link } from "@tanstack/react-router";
import type { ApiError } from "../../api/problem.ts";
import type { Failure, FailureList } from "../../api/types.ts";
import { change, exactCount } from "../../format/format.ts";
import type { Where } from "../../view/view.ts";
import { EmptyState } from "../../widgets/EmptyState.tsx";
import { ErrorState } from "../../widgets/ErrorState.tsx";
import { Panel } from "../../widgets/Panel.tsx";
import { Bone, Skeleton } from "../../widgets/Skeleton.tsx";
import { Time } from "../../widgets/Time.tsx";
import { isWider, STATE_WORD, workflowsOf } from "./data.ts";
import classes from "./Panel.module.css";

interface Props {
  list: FailureList | undefined;
  error: ApiError | null;
  where: Where | undefined;
  onRetry: () => void;
}

export function RecentFailuresPanel({ list, error, where, onRetry }: Props) {
  return (
    <Panel
      title="Recent failures"
      subtitle={`By fault, last seen first${isWider(where) ? " · faults can be narrowed to one workflow only" : ""}`}
      actions={<Link to="/failures">All failures</Link>}
    >
      {error ? (
        <ErrorState what="The failures could not be loaded" error={error} onRetry={onRetry} />
      ) : !list ? (
        <Skeleton label="the failures">
          <div className={classes.list}>
            {[1, 2, 3, 4, 5].map((row) => (
              <Bone key={row} height="2.5rem" />
            ))}
          </div>
        </Skeleton>
      ) : list.failures.length === 0 ? (
        <EmptyState title="No execution failed in this range." />
      ) : (
        <ul className={classes.list}>
          {list.failures.map((failure) => (
            <li key={failure.fingerprint}>
              <FailureRow failure={failure} />
            </li>
          ))}
        </ul>
      )}
    </Panel>
  );
}

function FailureRow({ failure }: { failure: Failure }) {
  const { fingerprint, error_type, pattern, sample_message, state, count, count_before, last_seen } = failure;
  const moved = change(count, count_before, "count", "lower");
  return (
    <Link to="/failures/$fingerprint" params={{ fingerprint }} className={classes.row}>
      <span className={classes.state} data-state={state}>
        {STATE_WORD[state]}
      </span>
      <span className={classes.message} title={sample_message ?? undefined}>
        {error_type && <b>{error_type}</b>} {pattern ?? sample_message}
      </span>
      <span className={classes.count}>
        {exactCount(count)} <span className="muted">×</span>
      </span>
      <span className={classes.where}>{workflowsOf(failure)}</span>
      <span className={classes.change} data-verdict={moved?.verdict}>
        {moved?.text}
      </span>
      <span className={classes.seen}>
        <Time at={last_seen} />
      </span>
    </Link>
  );
}
