import { Link } from "@tanstack/react-router";
import { timeChartOf } from "../../charts/answers.ts";
import { TimeChart } from "../../charts/TimeChart.tsx";
import { exact, exactCount, type Unit } from "../../format/format.ts";
import { bucketName } from "../../format/time.ts";
import { useZone } from "../../session/session.ts";
import { DataTable, type TableColumn } from "../../widgets/DataTable.tsx";
import { EmptyState } from "../../widgets/EmptyState.tsx";
import { useNow } from "../../widgets/now.ts";
import { AnswerPanel } from "../page-controls/AnswerPanel.tsx";
import { Delta } from "../workflows/Delta.tsx";
import { VERSIONS_LAST } from "./questions.ts";
import type { TabProps } from "./tab.ts";
import { useTokens } from "./tokens.ts";
import { shapeVersions, type VersionFigure, type VersionRow } from "./versions.ts";

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

function Compared({ figure, unit }: { figure: VersionFigure; unit: Unit }) {
  return (
    <>
      {exact(figure.value, unit)}
      <div>
        <Delta figure={figure} unit={unit} />
      </div>
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
    {
      id: "success_rate",
      header: "Success rate",
      align: "right",
      sortBy: ({ successRate }) => successRate.value,
      cell: ({ successRate }) => <Compared figure={successRate} unit="percent" />,
    },
    {
      id: "average",
      header: "Average",
      align: "right",
      sortBy: ({ average }) => average.value,
      cell: ({ average }) => <Compared figure={average} unit="ms" />,
    },
    {
      id: "p95",
      header: "p95",
      align: "right",
      sortBy: ({ p95 }) => p95.value,
      cell: ({ p95 }) => <Compared figure={p95} unit="ms" />,
    },
    {
      id: "cost",
      header: "Cost per execution",
      align: "right",
      sortBy: ({ costPerExecution }) => costPerExecution.value,
      cell: ({ costPerExecution }) => <Compared figure={costPerExecution} unit="usd" />,
    },
  ];
}
