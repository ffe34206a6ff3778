import { useSearch } from "@tanstack/react-router";
import { useErrorWithoutData } from "../api/last-error.ts";
import { systemQuery } from "../api/queries.ts";
import { useEagerQuery } from "../api/useEagerQuery.ts";
import { DeadLettersPanel } from "../panels/dead-letters/Panel.tsx";
import { overall } from "../panels/system/data.ts";
import { ConflictsPanel, HealthLine, RowsPanel, SystemPanels } from "../panels/system/Panel.tsx";
import { useRefreshInterval } from "../session/preferences.ts";
import { useZone } from "../session/session.ts";
import type { Asks } from "../view/asks.ts";
import { PageFrame } from "../view/PageFrame.tsx";
import { RefreshControl } from "../view/RefreshControl.tsx";
import { ErrorState } from "../widgets/ErrorState.tsx";
import { Bone, Skeleton } from "../widgets/Skeleton.tsx";
import { Time } from "../widgets/Time.tsx";
import classes from "./SystemPage.module.css";

export const asks: Asks = () => [systemQuery];

export function SystemPage() {
  const search = useSearch({ from: "/app/system" });
  const zone = useZone();
  const [refetchInterval] = useRefreshInterval();
  const system = useEagerQuery({ ...systemQuery, refetchInterval: refetchInterval || false });
  const systemError = useErrorWithoutData(system);
  return (
    <PageFrame
      title="System"
      line={<div className={classes.scope}>{system.data && <HealthLine {...overall(system.data)} />}</div>}
      actions={
        <RefreshControl
          asOf={system.dataUpdatedAt ? new Date(system.dataUpdatedAt).toISOString() : null}
          zone={zone}
          isStale={Boolean(system.error && system.data)}
          onRefresh={() => void system.refetch()}
        />
      }
    >
      {system.data ? (
        <SystemPanels system={system.data} updatedAt={system.dataUpdatedAt} />
      ) : systemError ? (
        <ErrorState
          what="The state of the system could not be loaded"
          error={systemError}
          onRetry={() => void system.refetch()}
          safety="What was acknowledged is safe."
        />
      ) : (
        <Skeleton label="the state of the system">
          <div className={classes.bones}>
            {[1, 2, 3, 4].map((card) => (
              <Bone key={card} height="13rem" />
            ))}
          </div>
        </Skeleton>
      )}
      <DeadLettersPanel state={search.letters ?? "open"} letter={search.letter} refetchInterval={refetchInterval} />
      {system.data && (
        <div className={classes.pair}>
          <RowsPanel rows={system.data.store.rows} />
          <ConflictsPanel conflicts={system.data.conflicts} />
        </div>
      )}
      {system.data && (
        <p className={classes.version}>
          Tacho {system.data.version}, started <Time at={system.data.started_at} />
        </p>
      )}
    </PageFrame>
  );
}
