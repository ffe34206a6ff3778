import { Link } from "@tanstack/react-router";
import { timeChartOf } from "../../charts/answers.ts";
import { TimeChart } from "../../charts/TimeChart.tsx";
import { exactCount } from "../../format/format.ts";
import { bucketName } from "../../format/time.ts";
import { useZone } from "../../session/session.ts";
import { useTokens } from "../../theme/useTokens.ts";
import { DataTable, type TableColumn } from "../../widgets/DataTable.tsx";
import { EmptyState } from "../../widgets/EmptyState.tsx";
import { useNow } from "../../widgets/now.ts";
import { AnswerPanel } from "../page-controls/AnswerPanel.tsx";
import { comparedColumn } from "../workflows/comparedColumn.tsx";
import { VERSIONS_LAST } from "./questions.ts";
import type { TabProps } from "./tab.ts";
import { shapeVersions, type VersionRow } from "./versions.ts";

const LAST_WORDS = `Last ${VERSIONS_LAST.replace("d", " days")}, whatever the range above`;

/** What each change of the workflow has done to it. */
export function VersionsTab({ id, answers }: TabProps) {
  const tokens = useTokens();
  const now = useNow();
  const { versions, days } = answers.parts;
  return (
    <>
      <AnswerPanel
        part={versions}
        what="the versions"
        flush
        title="What has each version changed?"
        subtitle={`${LAST_WORDS}. Changes are against the version before.`}
        onRetry={answers.refresh}
      >
        {(answer) => {
          const rows = days?.answer ? shapeVersions(answer, days.answer) : [];
          return rows.length > 0 ? (
            <DataTable
              id="workflow-versions"
              label="Versions"
              withView
              columns={columnsOf(id)}
              rows={rows}
              rowKey={({ version }) => version}
            />
          ) : (
            <EmptyState title="Nothing has run">Versions are known from the executions that name theirs.</EmptyState>
          );
        }}
      </AnswerPanel>
      <AnswerPanel part={days} what="the versions over time" onRetry={answers.refresh}>
        {(answer) => (
          <TimeChart
            model={timeChartOf(answer, {
              title: "Executions by version over time",
              noun: "Executions",
              tokens,
              now,
              skipsEmpty: true,
            })}
          />
        )}
      </AnswerPanel>
    </>
  );
}

function Day({ at }: { at: string | null }) {
  const zone = useZone();
  return at ? bucketName(at, null, "day", zone) : <span className="muted">–</span>;
}

function columnsOf(id: string): TableColumn<VersionRow>[] {
  return [
    {
      id: "version",
      header: "Version",
      isFixed: true,
      sortBy: ({ version }) => version,
      cell: ({ version }) => (
        <Link to="/executions" search={{ where: { workflow: [id], version: [version] } }} data-row-open>
          {version || "None told"}
        </Link>
      ),
    },
    { id: "first", header: "First seen", sortBy: (row) => row.firstSeen, cell: (row) => <Day at={row.firstSeen} /> },
    { id: "last", header: "Last seen", sortBy: (row) => row.lastSeen, cell: (row) => <Day at={row.lastSeen} /> },
    {
      id: "count",
      header: "Executions",
      align: "right",
      sortBy: ({ count }) => count,
      cell: ({ count }) => exactCount(count),
    },
    comparedColumn("success_rate", "Success rate", "percent", ({ successRate }) => successRate),
    comparedColumn("average", "Average", "ms", ({ average }) => average),
    comparedColumn("p95", "p95", "ms", ({ p95 }) => p95),
    comparedColumn("cost", "Cost per execution", "usd", ({ costPerExecution }) => costPerExecution),
  ];
}
