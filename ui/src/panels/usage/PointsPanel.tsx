import { Button } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { useMemo, useState } from "react";
import type { Answer } from "../../api/types.ts";
import { sizeOf } from "../../charts/answers.ts";
import { exact } from "../../format/format.ts";
import { BUCKET_WORD } from "../../format/time.ts";
import type { Part } from "../../view/useAnswers.ts";
import type { Where } from "../../view/view.ts";
import { DataTable, type TableColumn } from "../../widgets/DataTable.tsx";
import { AnswerPanel } from "../page-controls/AnswerPanel.tsx";
import { explorerLink } from "../page-controls/explorer.ts";
import classes from "./PointsPanel.module.css";
import { shapeUsage, type UsagePoint } from "./points.ts";

/** A month of days; more are a click away. */
const SHOWN = 31;

interface Props {
  part: Part | undefined;
  where: Where | undefined;
  onRetry: () => void;
}

export function PointsPanel({ part, where, onRetry }: Props) {
  const size = part?.answer ? BUCKET_WORD[sizeOf(part.answer.meta.granularity)] : "bucket";
  return (
    <AnswerPanel
      flush
      className={classes.panel}
      part={part}
      what="the usage"
      title={`Usage per ${size}`}
      subtitle="Newest first · each leads to its executions"
      onRetry={onRetry}
    >
      {(answer) => <Points answer={answer} where={where} />}
    </AnswerPanel>
  );
}

function Points({ answer, where }: { answer: Answer; where: Where | undefined }) {
  const { points, summary } = useMemo(() => shapeUsage(answer), [answer]);
  const columns = useMemo(() => columnsOf(where), [where]);
  const [isAll, setAll] = useState(false);

  return (
    <DataTable
      id="usage"
      label="Usage over time"
      className={classes.table}
      columns={columns}
      rows={isAll ? points : points.slice(0, SHOWN)}
      rowKey={({ start }) => start}
      totals={{
        time: `All ${points.length}`,
        ...Object.fromEntries(FIGURES.map(({ id, unit, value }) => [id, exact(value(summary), unit)])),
      }}
      footer={
        points.length > SHOWN && (
          <Button variant="default" onClick={() => setAll(!isAll)}>
            {isAll ? `Show the newest ${SHOWN}` : `Show all ${points.length}`}
          </Button>
        )
      }
    />
  );
}

function columnsOf(where: Where | undefined): TableColumn<UsagePoint>[] {
  return [
    {
      id: "time",
      header: "Time",
      isFixed: true,
      sortBy: ({ start }) => start,
      cell: ({ name, start, end }) => (
        <Link {...explorerLink(where, {}, { from: start, to: end })} className={classes.name} data-row-open>
          {name}
        </Link>
      ),
    },
    ...FIGURES.map(
      ({ id, header, unit, value }): TableColumn<UsagePoint> => ({
        id,
        header,
        align: "right",
        sortBy: value,
        cell: (point) => exact(value(point), unit),
      }),
    ),
  ];
}

type Figures = Omit<UsagePoint, "start" | "end" | "name">;

const FIGURES: {
  id: string;
  header: string;
  unit: "count" | "percent" | "ms";
  value: (point: Figures) => number | null;
}[] = [
  { id: "executions", header: "Executions", unit: "count", value: ({ executions }) => executions },
  { id: "succeeded", header: "Succeeded", unit: "count", value: ({ succeeded }) => succeeded },
  { id: "failed", header: "Failed or timed out", unit: "count", value: ({ failed }) => failed },
  { id: "rate", header: "Success rate", unit: "percent", value: ({ successRate }) => successRate },
  { id: "total", header: "Total duration", unit: "ms", value: ({ totalMs }) => totalMs },
  { id: "average", header: "Average duration", unit: "ms", value: ({ averageMs }) => averageMs },
];
