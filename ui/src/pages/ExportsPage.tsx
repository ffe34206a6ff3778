import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useErrorWithoutData } from "../api/last-error.ts";
import { exportsQuery } from "../api/queries.ts";
import { isUnderWay, POLL_MS } from "../panels/exports/data.ts";
import { ExportsPanel } from "../panels/exports/Panel.tsx";
import { PageFrame } from "../view/PageFrame.tsx";
import { EmptyState } from "../widgets/EmptyState.tsx";
import { ErrorState } from "../widgets/ErrorState.tsx";
import { Panel } from "../widgets/Panel.tsx";
import { Bone, Skeleton } from "../widgets/Skeleton.tsx";

/** Files of rows that were asked for: those that wait and run, and those that can be fetched. */
export function ExportsPage() {
  const query = useQuery({
    ...exportsQuery,
    refetchInterval: ({ state }) => (state.data?.exports.some(isUnderWay) ? POLL_MS : false),
  });
  const error = useErrorWithoutData(query);
  const exports = query.data?.exports;
  return (
    <PageFrame title="Exports" line={<p className="muted">Files of rows that you asked for.</p>}>
      {error ? (
        <ErrorState what="The exports could not be loaded" error={error} onRetry={() => void query.refetch()} />
      ) : !exports ? (
        <Panel>
          <Skeleton label="the exports">
            <Bone height="8rem" />
          </Skeleton>
        </Panel>
      ) : exports.length === 0 ? (
        <Panel>
          <EmptyState
            title="You have not exported anything yet"
            action={
              <Button component={Link} to="/executions" variant="default">
                Go to the executions
              </Button>
            }
          >
            Filter executions, choose columns and press Export there. The file is written here, one at a time, and kept
            for a while.
          </EmptyState>
        </Panel>
      ) : (
        <ExportsPanel exports={exports} />
      )}
    </PageFrame>
  );
}
