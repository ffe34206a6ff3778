import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useSearch } from "@tanstack/react-router";
import { type ReactNode, useEffect } from "react";
import { batchQuery } from "../api/queries.ts";
import { totalOf } from "../api/rows.ts";
import { isProblem, type Query } from "../api/types.ts";
import { type LiveView, POLL_EVERY_MS, useLiveView } from "../live/useLiveView.ts";
import { FirstRecordPanel } from "../panels/first-record/Panel.tsx";
import { ActivePanel } from "../panels/live/Active.tsx";
import { Charts } from "../panels/live/Charts.tsx";
import { Connection } from "../panels/live/Connection.tsx";
import { DetectionsPanel } from "../panels/live/Detections.tsx";
import { FeedPanel } from "../panels/live/Feed.tsx";
import { Figures } from "../panels/live/Figures.tsx";
import { Filters } from "../panels/live/Filters.tsx";
import type { Feed, LiveSearch } from "../panels/live/search.ts";
import { useRows } from "../panels/live/useRows.ts";
import { Wall } from "../panels/live/Wall.tsx";
import { useWall } from "../shell/wall.ts";
import { PageFrame } from "../view/PageFrame.tsx";
import { useChange } from "../view/useChange.ts";
import { ErrorState } from "../widgets/ErrorState.tsx";
import { Icon } from "../widgets/Icon.tsx";
import classes from "./LivePage.module.css";

/** Counts come every second. */
const METRICS_EVERY_MS = 1_000;

/** What runs now and what happens, as it happens. */
export function LivePage() {
  const search = useSearch({ from: "/app/live" });
  const change = useChange<LiveSearch>();
  const { wall, setWall } = useWall();

  // An address may open the wall screen; leaving it is up to whoever stands before it.
  // biome-ignore lint/correctness/useExhaustiveDependencies: said once
  useEffect(() => {
    if (!search.wall) return;
    setWall(true);
    change({ wall: undefined });
  }, [search.wall]);

  return (
    <Live
      search={search}
      isOnWall={wall}
      actions={
        <Button variant="default" leftSection={<Icon name="screen" size={14} />} onClick={() => setWall(true)}>
          Wall screen
        </Button>
      }
      filters={<Filters search={search} onChange={change} />}
      onFeed={(feed) => change({ feed })}
    />
  );
}

interface Props {
  search: LiveSearch;
  isOnWall: boolean;
  // Made outside, so that they rest while the page is drawn ten times a second.
  actions: ReactNode;
  filters: ReactNode;
  onFeed: (feed: Feed | undefined) => void;
}

function Live({ search, isOnWall, actions, filters, onFeed }: Props) {
  const view = useLiveView();
  const rows = useRows(view.executions ?? NONE, view.events);
  const isFirst = useIsFirst(view);
  const everyMs = view.source === "poll" ? POLL_EVERY_MS : METRICS_EVERY_MS;
  const connection = <Connection view={view} />;
  if (isFirst) {
    return (
      <PageFrame title="Live" line={connection}>
        <FirstRecordPanel />
      </PageFrame>
    );
  }
  if (isOnWall) return <Wall view={view} rows={rows} everyMs={everyMs} />;
  const isKnown = view.executions !== null;
  const total = view.metrics ? view.metrics.data.running + view.metrics.data.queued : 0;
  return (
    <PageFrame title="Live" line={connection} actions={actions}>
      {view.error ? <ErrorState what="What runs now could not be loaded" error={view.error} /> : null}
      <Figures metrics={view.metrics} />
      <div className={classes.grid}>
        <div>
          <Charts metrics={view.metrics} everyMs={everyMs} />
        </div>
        <div>
          <DetectionsPanel detections={isKnown ? view.detections : null} />
        </div>
        <div className={classes.filters}>{filters}</div>
        <div>
          <ActivePanel rows={isKnown ? rows : null} total={total} search={search} />
        </div>
        <div>
          <FeedPanel events={view.events} isCutOff={view.source === "poll"} search={search} onFeed={onFeed} />
        </div>
      </div>
    </PageFrame>
  );
}

const NONE: readonly never[] = [];

const EVER: Query[] = [{ source: "executions", measures: ["count"], time: { period: "all" } }];

/** Whether nothing has ever run. */
function useIsFirst({ executions, events }: LiveView): boolean {
  const happens = events.length > 0 || (executions?.length ?? 0) > 0;
  const ever = useQuery({ ...batchQuery(EVER), enabled: !happens });
  const [answer] = ever.data?.answers ?? [];
  return !happens && answer !== undefined && !isProblem(answer) && totalOf(answer, "count") === 0;
}
