import { ActionIcon, Button, Menu } from "@mantine/core";
import { clock, exactTime } from "../format/time.ts";
import type { LiveMode } from "../live/useLiveMode.ts";
import { LIVE_MS, useRefreshInterval } from "../session/preferences.ts";
import { useShortcuts } from "../shell/shortcuts.tsx";
import { Icon } from "../widgets/Icon.tsx";
import { tip } from "../widgets/tip.ts";
import classes from "./RefreshControl.module.css";

export const INTERVALS = [
  { ms: 0, label: "Off" },
  { ms: 5_000, label: "5 s" },
  { ms: 30_000, label: "30 s" },
  { ms: 60_000, label: "1 m" },
  { ms: 300_000, label: "5 m" },
] as const;

interface Props {
  asOf: string | null;
  /** How the answer came about, for the tooltip. */
  provenance?: string;
  zone: string;
  isStale: boolean;
  /** Where the page can follow what happens. */
  live?: LiveMode;
  onRefresh: () => void;
}

/** What the shortest interval is called where a page follows what happens, and what it does. */
const LIVE_LABEL = "Live";

/** As of when the page is, refresh now, and how often by itself. */
export function RefreshControl({ asOf, provenance, zone, isStale, live, onRefresh }: Props) {
  const [intervalMs, setIntervalMs] = useRefreshInterval();
  const labelOf = (ms: number) =>
    live && ms === LIVE_MS ? LIVE_LABEL : INTERVALS.find((interval) => interval.ms === ms)?.label;
  const chosen = labelOf(intervalMs);
  useShortcuts([{ keys: "r", label: "Refresh", group: "Page", run: onRefresh }]);
  return (
    <div className={classes.control}>
      {asOf && (
        <span
          className={classes.asOf}
          data-stale={isStale || undefined}
          {...tip(`As of ${exactTime(asOf, zone)} ${zone}${provenance ? `. ${provenance}` : ""}`)}
        >
          {isStale && <Icon name="warning" size={14} />}
          as of <time dateTime={asOf}>{clock(asOf, zone)}</time>
        </span>
      )}
      <Button.Group>
        <ActionIcon
          {...tip("Refresh (r)")}
          variant="default"
          size={30}
          aria-label="Refresh"
          className={classes.refresh}
          onClick={onRefresh}
        >
          <Icon name="refresh" />
        </ActionIcon>
        <Menu>
          <Menu.Target>
            <Button
              variant="default"
              className={classes.interval}
              aria-label={`Automatic refresh: ${chosen}`}
              leftSection={
                live && intervalMs === LIVE_MS ? (
                  <span className={classes.dot} data-on={(live.isWanted && live.isOpen) || undefined} />
                ) : undefined
              }
              rightSection={<Icon name="down" size={12} />}
            >
              {chosen}
            </Button>
          </Menu.Target>
          <Menu.Dropdown>
            <Menu.Label>Refresh by itself</Menu.Label>
            {INTERVALS.map(({ ms }) => (
              <Menu.Item
                key={ms}
                leftSection={
                  <span style={{ visibility: ms === intervalMs ? "visible" : "hidden" }}>
                    <Icon name="check" size={14} />
                  </span>
                }
                onClick={() => setIntervalMs(ms)}
              >
                {labelOf(ms)}
              </Menu.Item>
            ))}
          </Menu.Dropdown>
        </Menu>
      </Button.Group>
    </div>
  );
}
