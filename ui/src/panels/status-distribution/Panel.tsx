import { Link } from "@tanstack/react-router";
import type { Answer } from "../../api/types.ts";
import { exactCount, percent } from "../../format/format.ts";
import type { OverviewSearch } from "../../time/view.ts";
import { Panel } from "../../widgets/Panel.tsx";
import { Bone, Skeleton } from "../../widgets/Skeleton.tsx";
import { StatusMark } from "../../widgets/StatusMark.tsx";
import { shapeStatuses } from "./data.ts";
import classes from "./Panel.module.css";

export function StatusDistributionPanel({ answer, search }: { answer: Answer | undefined; search: OverviewSearch }) {
  return (
    <Panel title="How executions ended" subtitle="Count and share · click to filter the rows below">
      {answer ? (
        <ul className={classes.list}>
          {shapeStatuses(answer).map(({ status, count, share }) => {
            const isChosen = search.status?.includes(status) ?? false;
            return (
              <li key={status}>
                <Link
                  to="/"
                  search={{ ...search, status: isChosen && search.status?.length === 1 ? undefined : [status] }}
                  className={classes.row}
                  activeOptions={{ exact: true, explicitUndefined: true }}
                  aria-current={isChosen || undefined}
                  resetScroll={false}
                >
                  <span className={classes.line}>
                    <StatusMark status={status} />
                    <span className={classes.count}>{exactCount(count)}</span>
                    <span className={classes.share}>{percent(share)}</span>
                  </span>
                  <span className={classes.track}>
                    <span
                      className={classes.bar}
                      style={{
                        width: `max(2px, ${share.toFixed(2)}%)`,
                        background: `var(--status-${status})`,
                      }}
                    />
                  </span>
                </Link>
              </li>
            );
          })}
        </ul>
      ) : (
        <Skeleton label="the statuses">
          <div className={classes.list}>
            {[1, 2, 3, 4, 5].map((row) => (
              <Bone key={row} height="2rem" />
            ))}
          </div>
        </Skeleton>
      )}
    </Panel>
  );
}
