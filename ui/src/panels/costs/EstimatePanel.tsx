import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useErrorWithoutData } from "../../api/last-error.ts";
import { toApiError } from "../../api/problem.ts";
import { getCostAnalysis } from "../../api/requests.ts";
import { exact } from "../../format/format.ts";
import { useRefreshInterval } from "../../session/preferences.ts";
import { useView } from "../../view/useView.ts";
import type { Where } from "../../view/view.ts";
import { EmptyState } from "../../widgets/EmptyState.tsx";
import { ErrorState } from "../../widgets/ErrorState.tsx";
import { Panel } from "../../widgets/Panel.tsx";
import { Bone, Skeleton } from "../../widgets/Skeleton.tsx";
import { reportScope } from "../page-controls/reportScope.ts";
import classes from "./EstimatePanel.module.css";
import { shapeEstimate } from "./estimate.ts";

/** What was to be expected by the organization's rates, beside what was recorded, and how either is worked out. */
export function EstimatePanel({ where }: { where: Where | undefined }) {
  const { view, period } = useView();
  const [interval] = useRefreshInterval();
  const scope = reportScope(view, period, where);
  const isPossible = "period" in scope;
  const analysis = useQuery({
    queryKey: ["cost-analysis", scope],
    queryFn: ({ signal }) => getCostAnalysis(isPossible ? scope : {}, signal),
    enabled: isPossible,
    refetchInterval: interval || false,
  });
  const error = useErrorWithoutData(analysis);
  const estimate = isPossible && analysis.data ? shapeEstimate(analysis.data) : null;
  return (
    <Panel
      title="Estimate beside actual costs"
      subtitle={estimate?.difference ?? "What sessions should cost at your rates"}
      actions={<Link to="/settings">Cost rates</Link>}
    >
      {!isPossible ? (
        <EmptyState title="No estimate for this view.">{scope.reason}</EmptyState>
      ) : error ? (
        <ErrorState
          what="The estimate could not be loaded"
          error={toApiError(error)}
          onRetry={() => void analysis.refetch()}
        />
      ) : estimate ? (
        <>
          <table className={classes.table}>
            <thead>
              <tr>
                <th scope="col">Cost</th>
                <th scope="col">Estimated</th>
                <th scope="col">Actual</th>
              </tr>
            </thead>
            <tbody>
              {estimate.rows.map(({ label, estimated, actual }) => (
                <tr key={label}>
                  <th scope="row">{label}</th>
                  <td>{exact(estimated, "usd")}</td>
                  <td>{exact(actual, "usd")}</td>
                </tr>
              ))}
            </tbody>
          </table>
          {!estimate.hasActual && <p className={classes.note}>No cost was recorded to set beside the estimate.</p>}
          <ul className={classes.notes} aria-label="How these are worked out">
            {estimate.notes.map((note) => (
              <li key={note}>{note}</li>
            ))}
          </ul>
        </>
      ) : (
        <Skeleton label="the estimate">
          <Bone height="11rem" />
        </Skeleton>
      )}
    </Panel>
  );
}
