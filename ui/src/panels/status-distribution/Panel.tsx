import { Link } from "@tanstack/react-router";
import { exactCount, percent } from "../../format/format.ts";
import type { Part } from "../../view/useAnswers.ts";
import type { Where } from "../../view/view.ts";
import { EmptyState } from "../../widgets/EmptyState.tsx";
import { StatusMark } from "../../widgets/StatusMark.tsx";
import { AnswerPanel } from "../page-controls/AnswerPanel.tsx";
import { explorerLink } from "../page-controls/explorer.ts";
import { shapeStatuses } from "./data.ts";
import classes from "./Panel.module.css";

interface Props {
  part: Part | undefined;
  where: Where | undefined;
  onRetry: () => void;
}

export function StatusDistributionPanel({ part, where, onRetry }: Props) {
  return (
    <AnswerPanel
      part={part}
      what="the statuses"
      title="How executions ended"
      subtitle="Executions and their share · each leads to its rows"
      onRetry={onRetry}
    >
      {(answer) => {
        const shares = shapeStatuses(answer);
        if (shares.length === 0) return <EmptyState title="No execution started in this range." />;
        return (
          <ul className={classes.list}>
            {shares.map(({ status, count, share }) => (
              <li key={status}>
                <Link {...explorerLink(where, { status: [status] })} className={classes.row}>
                  <span className={classes.line}>
                    <StatusMark status={status} />
                    <span className={classes.count}>{exactCount(count)}</span>
                    <span className={classes.share}>{percent(share)}</span>
                  </span>
                  <span className={classes.track}>
                    <span
                      className={classes.bar}
                      style={{ width: `max(2px, ${share.toFixed(2)}%)`, background: `var(--status-${status})` }}
                    />
                  </span>
                </Link>
              </li>
            ))}
          </ul>
        );
      }}
    </AnswerPanel>
  );
}
