import { ActionIcon, Button, Menu, Tooltip } from "@mantine/core";
import { clock, exactTime } from "../format/time.ts";
import { useRefreshInterval } from "../session/preferences.ts";
import { useShortcuts } from "../shell/shortcuts.tsx";
import { Icon } from "../widgets/Icon.tsx";
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
  onRefresh: () => void;
}

/** As of when the page is, refresh now, and how often by itself. */
export function RefreshControl({ asOf, provenance, zone, isStale, onRefresh }: Props) {
  const [intervalMs, setIntervalMs] = useRefreshInterval();
  const chosen = INTERVALS.find(({ ms }) => ms === intervalMs);
  useShortcuts([{ keys: "r", label: "Refresh", group: "Page", run: onRefresh }]);
  return (
    <div className={classes.control}>
      {asOf && (
        <Tooltip label={`As of ${exactTime(asOf, zone)} ${zone}${provenance ? `. ${provenance}` : ""}`}>
          <span className={classes.asOf} data-stale={isStale || undefined}>
            {isStale && <Icon name="warning" size={14} />}
            as of <time dateTime={asOf}>{clock(asOf, zone)}</time>
          </span>
        </Tooltip>
      )}
      <Button.Group>
        <Tooltip label="Refresh (r)">
          <ActionIcon variant="default" size={30} aria-label="Refresh" className={classes.refresh} onClick={onRefresh}>
            <Icon name="refresh" />
          </ActionIcon>
        </Tooltip>
        <Menu>
          <Menu.Target>
            <Button
              variant="default"
              className={classes.interval}
              aria-label={`Automatic refresh: ${chosen?.label}`}
              rightSection={<Icon name="down" size={12} />}
            >
              {chosen?.label}
            </Button>
          </Menu.Target>
          <Menu.Dropdown>
            <Menu.Label>Refresh by itself</Menu.Label>
            {INTERVALS.map(({ ms, label }) => (
              <Menu.Item
                key={ms}
                leftSection={
                  <span style={{ visibility: ms === intervalMs ? "visible" : "hidden" }}>
                    <Icon name="check" size={14} />
                  </span>
                }
                onClick={() => setIntervalMs(ms)}
              >
                {label}
              </Menu.Item>
            ))}
          </Menu.Dropdown>
        </Menu>
      </Button.Group>
    </div>
  );
}
