import { useQuery } from "@tanstack/react-query";
import { workflowStepsQuery } from "../../api/queries.ts";
import { exact, exactCount, percent, UNKNOWN } from "../../format/format.ts";
import { useView } from "../../view/useView.ts";
import { listTimeOf } from "../../view/view.ts";
import { DataTable, type TableColumn } from "../../widgets/DataTable.tsx";
import { EmptyState } from "../../widgets/EmptyState.tsx";
import { ErrorState } from "../../widgets/ErrorState.tsx";
import { useNow } from "../../widgets/now.ts";
import { Panel } from "../../widgets/Panel.tsx";
import { Bone, Skeleton } from "../../widgets/Skeleton.tsx";
import { Delta } from "../workflows/Delta.tsx";
import classes from "./Steps.module.css";
import {
  bottleneckWords,
  type StepRow,
  shapeSteps,
  shapeWaits,
  WAIT_ABOUT,
  WAIT_WORD,
  type WaitShare,
} from "./steps.ts";
import type { TabProps } from "./tab.ts";

const STEPS_MAX = 500;

export function StepsTab({ id, answers, live }: TabProps) {
  const { view, period, zone } = useView();
  const now = useNow();
  const report = useQuery({
    ...workflowStepsQuery(id, { ...listTimeOf(view, period, now), timezone: zone, limit: STEPS_MAX }),
    refetchInterval: live.interval,
  });
  if (report.error && !report.data) {
    return (
      <ErrorState what="The steps could not be loaded" error={report.error} onRetry={() => void report.refetch()} />
    );
  }
  if (!report.data) {
    return (
      <Skeleton label="the steps">
        <Panel>
          <Bone height="5rem" />
          <div style={{ height: "1rem" }} />
          <Bone height="16rem" />
        </Panel>
      </Skeleton>
    );
  }
  const { figures, waits } = answers.parts;
  const rows = shapeSteps(report.data, figures?.answer, waits?.answer);
  if (rows.length === 0) {
    return (
      <Panel>
        <EmptyState title="No steps in this range">
          Steps appear here when executions of the range send them: a record of type <code>step</code> for each.
        </EmptyState>
      </Panel>
    );
  }
  const shares = shapeWaits(report.data);
  return (
    <>
      <Panel title="Where does the time go?" subtitle="All time of all steps in this range, by what was waited for">
        <WaitBar shares={shares} isTall />
        <ul className={classes.legend}>
          {shares.map(({ wait, ms, share }) => (
            <li key={wait}>
              <span className={classes.mark} data-wait={wait} />
              <span title={WAIT_ABOUT[wait]}>{WAIT_WORD[wait]}</span>
              <b>{percent(share)}</b>
              <span className="muted">{exact(ms, "ms")}</span>
            </li>
          ))}
        </ul>
      </Panel>
      <Panel flush title="Steps" subtitle={bottleneckWords(rows) ?? "No step takes a quarter of the time or more."}>
        <DataTable
          id="workflow-steps"
          label="Steps"
          withView
          columns={COLUMNS}
          rows={rows}
          rowKey={({ name }) => name}
          footer={
            report.data.has_more ? `The ${exactCount(rows.length)} steps that take the most time are shown.` : undefined
          }
        />
      </Panel>
    </>
  );
}

/** Work and waits as parts of one bar. Each part says its share, so that colour is not all there is. */
function WaitBar({ shares, isTall = false }: { shares: readonly WaitShare[]; isTall?: boolean }) {
  const words = shares.map(({ wait, share }) => `${WAIT_WORD[wait]} ${percent(share)}`).join(", ");
  return (
    <span
      role="img"
      aria-label={words || "No time"}
      title={words}
      className={classes.bar}
      data-tall={isTall || undefined}
    >
      {shares.map(({ wait, share }) => (
        <span key={wait} className={classes.part} data-wait={wait} style={{ width: `${share}%` }} />
      ))}
    </span>
  );
}

const COLUMNS: TableColumn<StepRow>[] = [
  {
    id: "name",
    header: "Step",
    isFixed: true,
    sortBy: ({ name }) => name,
    cell: ({ name, isBottleneck }) => (
      <>
        {name}
        {isBottleneck && <span className={classes.bottleneck}>Bottleneck</span>}
      </>
    ),
  },
  {
    id: "share",
    header: "Share of time",
    isFixed: true,
    sortBy: ({ share }) => share,
    cell: ({ share, waits }) => (
      <span className={classes.share}>
        <span className={classes.shareValue}>{share === null ? UNKNOWN : percent(share)}</span>
        <span className={classes.track}>
          <span style={{ width: `${share ?? 0}%` }}>
            <WaitBar shares={waits} />
          </span>
        </span>
      </span>
    ),
  },
  {
    id: "count",
    header: "Count",
    align: "right",
    sortBy: ({ count }) => count,
    cell: ({ count }) => exactCount(count),
  },
  {
    id: "failed",
    header: "Failed",
    align: "right",
    sortBy: ({ failed }) => failed,
    cell: ({ failed, failureRate }) => (
      <>
        {exactCount(failed)}
        {failed > 0 && failureRate !== null && <div className={classes.second}>{percent(failureRate)}</div>}
      </>
    ),
  },
  {
    id: "skipped",
    header: "Skipped",
    align: "right",
    sortBy: ({ skipped }) => skipped,
    cell: ({ skipped }) => exactCount(skipped),
  },
  {
    id: "average",
    header: "Average",
    align: "right",
    sortBy: ({ average }) => average,
    cell: ({ average }) => exact(average, "ms"),
  },
  {
    id: "p95",
    header: "p95",
    align: "right",
    sortBy: ({ p95 }) => p95,
    cell: ({ p95, p95Before, p95Change }) => (
      <>
        {exact(p95, "ms")}
        <div>
          <Delta figure={{ value: p95, before: p95Before, change: p95Change }} unit="ms" />
        </div>
      </>
    ),
  },
];
