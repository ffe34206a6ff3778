import { Link } from "@tanstack/react-router";
import { useMemo } from "react";
import { totalOf } from "../../api/rows.ts";
import type { Answer } from "../../api/types.ts";
import { exact } from "../../format/format.ts";
import type { Part } from "../../view/useAnswers.ts";
import { DataTable, type TableColumn } from "../../widgets/DataTable.tsx";
import { EmptyState } from "../../widgets/EmptyState.tsx";
import { AnswerPanel } from "../page-controls/AnswerPanel.tsx";
import classes from "./WorkflowsPanel.module.css";
import { shapeWorkflowCosts, type WorkflowCost } from "./workflows.ts";

const COLUMNS: TableColumn<WorkflowCost>[] = [
  {
    id: "workflow",
    header: "Workflow",
    isFixed: true,
    sortBy: ({ name }) => name,
    cell: ({ id, name }) =>
      id === null ? (
        <span className="muted">{name}</span>
      ) : (
        <Link to="/workflows/$id" params={{ id }} className={classes.name} data-row-open>
          {name}
        </Link>
      ),
  },
  {
    id: "amount",
    header: "Amount",
    align: "right",
    isFixed: true,
    sortBy: ({ amount }) => amount,
    cell: ({ amount }) => exact(amount, "usd"),
  },
  {
    id: "share",
    header: "Share",
    align: "right",
    sortBy: ({ share }) => share,
    cell: ({ share }) => (
      <span className={classes.share}>
        <span className={classes.track} aria-hidden="true">
          <span className={classes.bar} style={{ width: `${(share ?? 0).toFixed(2)}%` }} />
        </span>
        <span className={classes.percent}>{exact(share, "percent")}</span>
      </span>
    ),
  },
  {
    id: "change",
    header: "Change",
    align: "right",
    sortBy: ({ difference }) => difference,
    cell: ({ change }) =>
      change ? (
        <span className={classes.change} data-verdict={change.verdict}>
          {change.text}
        </span>
      ) : (
        <span className="muted">–</span>
      ),
  },
  {
    id: "executions",
    header: "Executions with costs",
    align: "right",
    sortBy: ({ executions }) => executions,
    cell: ({ executions }) => exact(executions, "count"),
  },
  {
    id: "per-execution",
    header: "Per execution",
    align: "right",
    sortBy: ({ perExecution }) => perExecution,
    cell: ({ perExecution }) => exact(perExecution, "usd"),
  },
];

export function WorkflowCostsPanel({ part, onRetry }: { part: Part | undefined; onRetry: () => void }) {
  return (
    <AnswerPanel
      flush
      className={classes.panel}
      part={part}
      what="the costs by workflow"
      title="Costs by workflow"
      subtitle={`Amount, share and change${part?.answer?.meta.has_more ? " · the costliest 200" : ""}`}
      onRetry={onRetry}
    >
      {(answer) =>
        answer.rows.length > 0 ? (
          <WorkflowCosts answer={answer} />
        ) : (
          <EmptyState title="No cost was recorded in this range.">Choose a longer range to see more.</EmptyState>
        )
      }
    </AnswerPanel>
  );
}

function WorkflowCosts({ answer }: { answer: Answer }) {
  const rows = useMemo(() => shapeWorkflowCosts(answer), [answer]);
  return (
    <DataTable
      id="workflow-costs"
      label="Costs by workflow"
      className={classes.table}
      columns={COLUMNS}
      rows={rows}
      rowKey={({ id }) => id ?? ""}
      totals={{ workflow: "All workflows", amount: exact(totalOf(answer, "amount"), "usd") }}
    />
  );
}
