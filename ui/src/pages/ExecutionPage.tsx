import { useQuery } from "@tanstack/react-query";
import { Link, useParams, useSearch } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { toApiError } from "../api/problem.ts";
import { executionQuery } from "../api/queries.ts";
import type { ExecutionDetail } from "../api/types.ts";
import { Sparkline } from "../charts/Sparkline.tsx";
import { duration, exact, exactCount, money, percent } from "../format/format.ts";
import { exactTime } from "../format/time.ts";
import { factLines, rangeOf, sumCosts } from "../panels/execution/data.ts";
import { Waterfall } from "../panels/execution/Waterfall.tsx";
import { RefreshControl } from "../panels/overview-controls/RefreshControl.tsx";
import { useRefreshInterval } from "../session/preferences.ts";
import { elapsedMs, triggerWord, workflowTitle } from "../panels/recent-executions/data.ts";
import { useZone } from "../session/session.ts";
import { CopyButton } from "../widgets/CopyButton.tsx";
import { ErrorState } from "../widgets/ErrorState.tsx";
import { Facts } from "../widgets/Facts.tsx";
import { useNow } from "../widgets/now.ts";
import { Panel } from "../widgets/Panel.tsx";
import { Bone, Skeleton } from "../widgets/Skeleton.tsx";
import { StatusMark } from "../widgets/StatusMark.tsx";
import { Time } from "../widgets/Time.tsx";
import { useTitle } from "../widgets/title.ts";
import classes from "./ExecutionPage.module.css";

export function ExecutionPage() {
  const { id } = useParams({ from: "/app/executions/$id" });
  const { attempt } = useSearch({ from: "/app/executions/$id" });
  const zone = useZone();
  const [interval] = useRefreshInterval();
  const detail = useQuery({
    ...executionQuery(id, attempt),
    // A finished run rests; an open one is looked at again.
    refetchInterval: (query) => {
      const status = query.state.data?.execution.status;
      return status === "running" || status === "queued" ? interval || false : false;
    },
  });
  useTitle(detail.data ? workflowTitle(detail.data.execution) : "Execution");

  return (
    <div className={classes.page}>
      <nav aria-label="Breadcrumb" className={classes.crumbs}>
        <Link to="/">Overview</Link> <span aria-hidden="true">/</span> <span>Execution</span>
      </nav>
      {detail.data ? (
        <>
          <Head
            detail={detail.data}
            actions={
              <RefreshControl
                asOf={detail.data.as_of}
                zone={zone}
                isStale={Boolean(detail.error)}
                onRefresh={() => void detail.refetch()}
              />
            }
          />
          <Body detail={detail.data} zone={zone} />
        </>
      ) : detail.error ? (
        <Missing error={detail.error} onRetry={() => void detail.refetch()} />
      ) : (
        <Skeleton label="the execution">
          <Bone width="18rem" height="1.5rem" />
          <div style={{ height: "1rem" }} />
          <Bone height="6rem" />
          <div style={{ height: "1rem" }} />
          <Bone height="20rem" />
        </Skeleton>
      )}
    </div>
  );
}

function Missing({ error, onRetry }: { error: unknown; onRetry: () => void }) {
  const { status } = toApiError(error);
  if (status !== 404) return <ErrorState what="This execution could not be loaded" error={error} onRetry={onRetry} />;
  return (
    <div>
      <h1>No such execution</h1>
      <p className="muted">
        There is none with this id, or you may not see it. A record that has just been sent takes a moment.
      </p>
    </div>
  );
}

function Head({ detail, actions }: { detail: ExecutionDetail; actions: ReactNode }) {
  const { execution, attempts } = detail;
  return (
    <header className={classes.head}>
      <div>
        <h1 className={classes.title}>
          {workflowTitle(execution)} <StatusMark status={execution.status} />
        </h1>
        <p className={classes.id}>
          <code>{execution.id}</code>
          <CopyButton text={execution.id} label="Copy the execution id" />
          {attempts.length > 1 && (
            <span className={classes.attempts}>
              Attempt
              {attempts.map((each) => (
                <Link
                  key={each}
                  to="/executions/$id"
                  params={{ id: execution.id }}
                  search={{ attempt: each }}
                  activeOptions={{ exact: true, explicitUndefined: true }}
                  aria-current={each === execution.attempt ? "true" : undefined}
                >
                  {each}
                </Link>
              ))}
            </span>
          )}
        </p>
      </div>
      {actions}
    </header>
  );
}

function Body({ detail, zone }: { detail: ExecutionDetail; zone: string }) {
  const now = useNow();
  const { execution, costs, resources, recoveries } = detail;
  const elapsed = elapsedMs(execution, now);
  const waited =
    execution.queued_at && execution.started_at
      ? Date.parse(execution.started_at) - Date.parse(execution.queued_at)
      : null;
  const cost = sumCosts(costs);
  const usd = execution.cost_usd ?? cost.usd;
  return (
    <>
      {(execution.error_message || execution.error_type) && (
        <section className={classes.error} aria-label="Error">
          <div className={classes.errorHead}>
            <h2>{execution.error_type ?? "Error"}</h2>
            <CopyButton
              text={`${execution.error_type ?? ""}: ${execution.error_message ?? ""}`}
              label="Copy the error"
            />
          </div>
          {execution.error_message && <pre>{execution.error_message}</pre>}
        </section>
      )}
      <Panel>
        <Facts
          columns
          facts={[
            [
              "Duration",
              elapsed == null ? "–" : `${duration(elapsed)}${execution.duration_ms == null ? " so far" : ""}`,
            ],
            ["Waited before start", waited == null ? "–" : duration(waited)],
            ["Started", <Time key="s" at={execution.started_at} />],
            ["Ended", <Time key="e" at={execution.completed_at} />],
            [
              "Steps",
              execution.steps_total == null && execution.steps_completed == null
                ? "–"
                : `${execution.steps_completed ?? "–"} of ${execution.steps_total ?? "–"}`,
            ],
            ["Trigger", triggerWord(execution.trigger_type)],
            [
              "Workflow",
              execution.workflow_id ? (
                <Link key="w" to="/" search={{ workflow: execution.workflow_id }}>
                  {workflowTitle(execution)}
                </Link>
              ) : (
                "–"
              ),
            ],
            ["Version", execution.workflow_version ?? "–"],
            ["User", execution.user_id ?? "–"],
            ["Cost", usd == null ? "–" : money(usd)],
            ["Credits", exact(execution.credits ?? cost.credits, "credits")],
            ...(execution.parent_execution_id
              ? ([
                  [
                    "Parent",
                    <Link key="p" to="/executions/$id" params={{ id: execution.parent_execution_id }}>
                      {execution.parent_execution_id}
                    </Link>,
                  ],
                ] as [string, ReactNode][])
              : []),
            ...(execution.items_processed == null
              ? []
              : ([["Items", exactCount(execution.items_processed)]] as [string, string][])),
          ]}
        />
      </Panel>
      {detail.is_cut && (
        <p className="muted">This execution has more than 10,000 records of one kind; the first 10,000 are shown.</p>
      )}
      <Waterfall detail={detail} now={now} />
      <div className={classes.side}>
        <Panel title="Cost" subtitle={cost.hasEstimate ? "Some of it is estimated" : undefined}>
          {costs.length === 0 ? (
            <p className="muted">No cost record was sent for this execution.</p>
          ) : (
            <Facts
              facts={[
                ...costs.map((each): [string, string] => [
                  `${each.action_type ?? "Cost"}${each.is_estimate ? " (estimated)" : ""}${
                    each.quantity == null ? "" : ` · ${exactCount(each.quantity)} ${each.unit ?? ""}`
                  }`,
                  each.amount_usd == null ? exact(each.credits, "credits") : money(each.amount_usd),
                ]),
                ["Total", <b key="t">{cost.usd == null ? exact(cost.credits, "credits") : money(cost.usd)}</b>],
              ]}
            />
          )}
        </Panel>
        <Panel title="Resources" subtitle={resources[0]?.host ? `On ${resources[0].host}` : undefined}>
          {resources.length === 0 ? (
            <p className="muted">No resource sample was sent for this execution.</p>
          ) : (
            <>
              <ResourceLine label="CPU" values={resources.map((each) => each.cpu_percent)} write={percent} />
              <ResourceLine
                label="Memory"
                values={resources.map((each) => each.memory_mb)}
                write={(mb) => `${exactCount(Math.round(mb))} MB`}
              />
              <ResourceLine label="GPU" values={resources.map((each) => each.gpu_percent)} write={percent} />
            </>
          )}
        </Panel>
        {recoveries.length > 0 && (
          <Panel title="Recoveries" subtitle="What was tried to heal the run">
            <Facts
              facts={recoveries.map((each) => [
                `${each.strategy ?? "Recovery"}${each.step_id ? ` at ${each.step_id}` : ""}`,
                `${each.status ?? "–"}${each.duration_ms == null ? "" : `, ${duration(each.duration_ms)}`}`,
              ])}
            />
          </Panel>
        )}
        <Panel title="Tags and metadata">
          {Object.keys(execution.tags).length + Object.keys(execution.metadata).length === 0 ? (
            <p className="muted">None was sent.</p>
          ) : (
            <Facts
              facts={[...factLines(execution.tags), ...factLines(execution.metadata)].map(([name, value]) => [
                name,
                <code key={name}>{value}</code>,
              ])}
            />
          )}
        </Panel>
      </div>
      {execution.started_at && (
        <p className="muted" style={{ fontSize: "var(--text-xs)" }}>
          Started {exactTime(execution.started_at, zone)} {zone}
        </p>
      )}
    </>
  );
}

function ResourceLine({
  label,
  values,
  write,
}: {
  label: string;
  values: (number | null)[];
  write: (value: number) => string;
}) {
  const range = rangeOf(values);
  if (!range) return null;
  return (
    <div className={classes.resource}>
      <span className="muted">{label}</span>
      <span>
        average {write(range.avg)}, at most {write(range.max)}
      </span>
      {values.length > 1 && (
        <div className={classes.resourceLine}>
          <Sparkline values={values} color="var(--series-1)" />
        </div>
      )}
    </div>
  );
}
