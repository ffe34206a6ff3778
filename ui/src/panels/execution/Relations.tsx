import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { executionsQuery } from "../../api/queries.ts";
import type { Execution } from "../../api/types.ts";
import { duration, plural, UNKNOWN } from "../../format/format.ts";
import { Facts } from "../../widgets/Facts.tsx";
import { Panel } from "../../widgets/Panel.tsx";
import { StatusMark } from "../../widgets/StatusMark.tsx";
import { workflowTitle } from "../recent-executions/data.ts";
import classes from "./Execution.module.css";

const CHILDREN_SHOWN = 20;

/** What started it, what it started, and what it belongs to. Nothing at all where it stands alone. */
export function Relations({ execution }: { execution: Execution }) {
  const { id, parent_execution_id: parent, conversation_id: conversation, trace_id: trace } = execution;
  const query = useQuery(
    executionsQuery({ filters: [{ field: "parent_execution_id", op: "eq", value: id }], limit: CHILDREN_SHOWN }),
  );
  const children = query.isPlaceholderData ? [] : (query.data?.executions ?? []);
  if (!parent && !conversation && !trace && children.length === 0) return null;
  return (
    <Panel title="Belongs together">
      <Facts
        facts={[
          ...(parent
            ? ([
                [
                  "Started by",
                  <Link key="p" to="/executions/$id" params={{ id: parent }} search={{}}>
                    {parent}
                  </Link>,
                ],
              ] as [string, ReactNode][])
            : []),
          ...(conversation
            ? ([["Conversation", <Narrowed key="c" field="conversation_id" value={conversation} />]] as [
                string,
                ReactNode,
              ][])
            : []),
          ...(trace ? ([["Trace", <Narrowed key="t" field="trace_id" value={trace} />]] as [string, ReactNode][]) : []),
        ]}
      />
      {children.length > 0 && (
        <>
          <h3 className={classes.children}>It started {plural(children.length, "execution")}</h3>
          <ul className={classes.childList}>
            {children.map((child) => (
              <li key={`${child.id}#${child.attempt}`}>
                <Link to="/executions/$id" params={{ id: child.id }} search={{ attempt: child.attempt }}>
                  {workflowTitle(child)}
                </Link>
                <StatusMark status={child.status} quiet />
                <span className="muted">{child.duration_ms == null ? UNKNOWN : duration(child.duration_ms)}</span>
              </li>
            ))}
          </ul>
          {query.data?.next_cursor && (
            <Link to="/executions" search={{ period: "all", where: { parent_execution_id: [id] } } as never}>
              All that it started
            </Link>
          )}
        </>
      )}
    </Panel>
  );
}

/** Everything with the same value, in the explorer, whenever it was. */
function Narrowed({ field, value }: { field: string; value: string }) {
  return (
    <Link to="/executions" search={{ period: "all", where: { [field]: [value] } } as never}>
      {value}
    </Link>
  );
}
