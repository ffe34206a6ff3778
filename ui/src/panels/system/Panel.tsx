import { useEffect, useState } from "react";
import type { Conflict, System } from "../../api/types.ts";
import { Sparkline } from "../../charts/Sparkline.tsx";
import { bytes, duration, exactCount, percent, share } from "../../format/format.ts";
import { DataTable, type TableColumn } from "../../widgets/DataTable.tsx";
import { Facts } from "../../widgets/Facts.tsx";
import { Icon } from "../../widgets/Icon.tsx";
import { Panel } from "../../widgets/Panel.tsx";
import { Time } from "../../widgets/Time.tsx";
import {
  cachedText,
  type Health,
  rateText,
  rowsByType,
  type Verdict,
  verdictOnCache,
  verdictOnDisk,
  verdictOnIngest,
  verdictOnJournal,
  verdictOnStore,
} from "./data.ts";
import classes from "./Panel.module.css";

const ICON = { well: "check", attention: "warning", broken: "cross" } as const;

export function HealthLine({ health, sentence }: Verdict) {
  return (
    <span className={classes.health} data-health={health}>
      <Icon name={ICON[health]} />
      <span>{sentence}</span>
    </span>
  );
}

/** The last minutes of a figure, remembered only while the page is open. */
function useHistory(value: number, at: number): number[] {
  const [history, setHistory] = useState<{ at: number; values: number[] }>({ at: 0, values: [] });
  useEffect(() => {
    setHistory((before) => (before.at === at ? before : { at, values: [...before.values.slice(-59), value] }));
  }, [value, at]);
  return history.values;
}

export function SystemPanels({ system, updatedAt }: { system: System; updatedAt: number }) {
  const { journal, store, ingest, disk } = system;
  const rates = useHistory(ingest.accepted_per_second, updatedAt);
  const used = disk.total_bytes - disk.free_bytes;
  return (
    <div className={classes.grid}>
      <Panel title="Ingest" subtitle={<HealthLine {...verdictOnIngest(system)} />}>
        <div className={classes.figure}>{rateText(ingest.accepted_per_second)}</div>
        {rates.length > 1 && <Sparkline values={rates} color="var(--series-1)" />}
        <Facts
          facts={[
            ["Accepted", exactCount(ingest.accepted_total)],
            ["Rejected", exactCount(ingest.rejected_total)],
            ["Duplicates", exactCount(ingest.duplicates_total)],
            ["Queue", `${exactCount(ingest.queue_records)} of ${exactCount(ingest.queue_limit)}`],
          ]}
        />
      </Panel>
      <Panel title="Journal" subtitle={<HealthLine {...verdictOnJournal(system)} />}>
        <Facts
          facts={[
            ["Last record", exactCount(journal.last_lsn)],
            ["Size", bytes(journal.bytes)],
            [
              "Segments",
              `${exactCount(journal.segments_active)} active, ${exactCount(journal.segments_sealed)} sealed`,
            ],
            ["Oldest", <Time key="o" at={journal.oldest_at} />],
            ["Commits", exactCount(journal.commits)],
            ["Sync to disk, median", journal.fsync_p50_ms == null ? "–" : duration(journal.fsync_p50_ms)],
            ["Sync to disk, slowest 1 %", journal.fsync_p99_ms == null ? "–" : duration(journal.fsync_p99_ms)],
          ]}
        />
      </Panel>
      <Panel title="Store" subtitle={<HealthLine {...verdictOnStore(system)} />}>
        {store.rebuild_progress != null && <Meter value={store.rebuild_progress} label="Rebuilt" health="attention" />}
        <Facts
          facts={[
            ["Behind the journal", `${exactCount(store.lag_records)} records, ${duration(store.lag_ms)}`],
            ["Applied record", exactCount(store.applied_lsn)],
            ["Counted in rollups", `up to record ${exactCount(store.rollup_lsn)}`],
            ["Size", bytes(store.bytes)],
            ...(store.last_error ? ([["Last error", store.last_error]] as [string, string][]) : []),
          ]}
        />
      </Panel>
      <CachePanel system={system} />
      <LivePanel live={system.live} />
      <Panel title="Disk" subtitle={<HealthLine {...verdictOnDisk(system)} />}>
        <Meter
          value={disk.total_bytes > 0 ? used / disk.total_bytes : 0}
          label="Used"
          health={verdictOnDisk(system).health}
        />
        <Facts
          facts={[
            ["Free", bytes(disk.free_bytes)],
            ["Total", bytes(disk.total_bytes)],
            ["Used", percent(share(used, disk.total_bytes) ?? 0)],
          ]}
        />
      </Panel>
    </div>
  );
}

function LivePanel({ live }: { live: System["live"] }) {
  const milliseconds = (value: number | null) => (value == null ? "–" : duration(value));
  return (
    <Panel title="Live connections" subtitle="Who watches over WebSocket or Server-Sent Events">
      <div className={classes.figure}>{exactCount(live.connections)}</div>
      <Facts
        facts={[
          ["Subscriptions", exactCount(live.subscriptions)],
          ["Different things watched", exactCount(live.topics)],
          ["Frames", rateText(live.frames_per_second, "frames")],
          ["Sent within, median", milliseconds(live.send_p50_ms)],
          ["Sent within, slowest 1 %", milliseconds(live.send_p99_ms)],
          ["Skipped for slow readers", exactCount(live.frames_skipped_total)],
        ]}
      />
    </Panel>
  );
}

function CachePanel({ system }: { system: System }) {
  const verdict = verdictOnCache(system);
  const cache = system.query_cache;
  if (!cache || !verdict) return null;
  const redis: [string, string][] = cache.redis
    ? [
        ["Answered from Redis", exactCount(cache.redis.hits)],
        ["Redis connected anew", `${exactCount(cache.redis.reconnect_attempts)} times tried`],
      ]
    : [];
  return (
    <Panel title="Kept answers" subtitle={<HealthLine {...verdict} />}>
      <Facts
        facts={[
          ["Questions answered from them", cachedText(system) ?? "none asked yet"],
          ["Batches kept", exactCount(cache.entries)],
          ["Memory", bytes(cache.bytes)],
          ...redis,
        ]}
      />
    </Panel>
  );
}

function Meter({ value, label, health }: { value: number; label: string; health: Health }) {
  const color = { well: "var(--series-1)", attention: "var(--status-timeout)", broken: "var(--status-failed)" }[health];
  return (
    // biome-ignore lint/a11y/useSemanticElements: browsers draw <meter> each in their own way and colours
    <div
      className={classes.meter}
      role="meter"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={Math.round(value * 100)}
    >
      <span style={{ width: `${Math.min(100, value * 100)}%`, background: color }} />
    </div>
  );
}

export function RowsPanel({ rows }: { rows: System["store"]["rows"] }) {
  const types = rowsByType(rows);
  return (
    <Panel title="Rows in the store" subtitle="By record type">
      {types.length === 0 ? (
        <p className="muted">No record has reached the store yet.</p>
      ) : (
        <ul className={classes.rows}>
          {types.map(({ type, count, length }) => (
            <li key={type}>
              <span className={classes.type}>{type}</span>
              <span className={classes.track} aria-hidden="true">
                <span style={{ width: `max(2px, ${length * 100}%)` }} />
              </span>
              <span className={classes.count}>{exactCount(count)}</span>
            </li>
          ))}
        </ul>
      )}
    </Panel>
  );
}

const CONFLICT_COLUMNS: TableColumn<Conflict>[] = [
  {
    id: "record",
    header: "Record",
    isFixed: true,
    cell: (conflict) => (
      <>
        {conflict.type} <code>{conflict.id}</code>
        {conflict.attempt > 1 && <span className="muted"> attempt {conflict.attempt}</span>}
      </>
    ),
    sortBy: (conflict) => conflict.id,
  },
  { id: "fields", header: "Fields that differ", cell: (conflict) => conflict.fields.join(", ") },
  {
    id: "time",
    header: "Event time",
    cell: (conflict) => <Time at={conflict.event_time} />,
    sortBy: (conflict) => conflict.event_time,
  },
];

export function ConflictsPanel({ conflicts }: { conflicts: System["conflicts"] }) {
  return (
    <Panel
      flush
      title="Conflicts"
      subtitle="Records that contradict each other. The greater value is kept, and both are in the journal."
    >
      {conflicts.recent.length === 0 ? (
        <p className={classes.empty}>No two records have contradicted each other.</p>
      ) : (
        <DataTable
          id="conflicts"
          label="Recent conflicts"
          columns={CONFLICT_COLUMNS}
          rows={conflicts.recent}
          rowKey={(conflict) => `${conflict.type}/${conflict.id}#${conflict.attempt}${conflict.event_time}`}
          footer={`${exactCount(conflicts.recent.length)} of ${exactCount(conflicts.total)} shown`}
        />
      )}
    </Panel>
  );
}
