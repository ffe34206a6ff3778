import { SegmentedControl, Select } from "@mantine/core";
import { useMemo } from "react";
import type { Period } from "../../api/types.ts";
import { LIVE_MS, usePreferences, useRefreshInterval, useSetPreferences } from "../../session/preferences.ts";
import { useOwnZone, useSession } from "../../session/session.ts";
import { useWall } from "../../shell/wall.ts";
import { INTERVALS } from "../../view/RefreshControl.tsx";
import { PERIODS } from "../../view/view.ts";
import { PERIOD_WORD } from "../../view/words.ts";
import { ZoneSelect } from "../../view/ZoneSelect.tsx";
import { Panel } from "../../widgets/Panel.tsx";
import classes from "./Panel.module.css";

const THEMES = [
  { value: "system", label: "As the system" },
  { value: "light", label: "Light" },
  { value: "dark", label: "Dark" },
] as const;

const SWITCH = [
  { value: "off", label: "Off" },
  { value: "on", label: "On" },
];

/** What pages begin with. Every choice counts at once; the server keeps it for every device. */
export function PreferencesPanel() {
  const preferences = usePreferences();
  const { mutate: change, isPending, isSuccess } = useSetPreferences();
  const [intervalMs] = useRefreshInterval();
  const { organization } = useSession();
  const zone = useOwnZone();
  const { wall, toggleWall } = useWall();
  const firstZones = useMemo(
    () => [{ zone: organization.timezone, note: "the organization’s" }],
    [organization.timezone],
  );
  return (
    <Panel
      title="Preferences"
      subtitle="Yours, on every device"
      actions={
        <span role="status" className={classes.saved}>
          {!isPending && isSuccess ? "Saved" : ""}
        </span>
      }
    >
      <div className={classes.choices}>
        <Select
          label="Period that pages begin with"
          data={PERIODS.map((period) => ({ value: period, label: PERIOD_WORD[period] }))}
          value={preferences.default_period}
          onChange={(value) => value && change({ default_period: value as Period })}
        />
        <ZoneSelect
          label="Time zone"
          first={firstZones}
          value={zone}
          onChange={(next) => change({ timezone: next === organization.timezone ? null : next })}
        />
        <Select
          label="Pages refresh by themselves"
          data={INTERVALS.map(({ ms, label }) => ({
            value: String(ms / 1000),
            label: ms === 0 ? "Never" : ms === LIVE_MS ? "Live where they can, else every 5 s" : `Every ${label}`,
          }))}
          value={String(intervalMs / 1000)}
          onChange={(value) => value && change({ refresh_interval_seconds: Number(value) })}
        />
        <div>
          <div className={classes.label}>Theme</div>
          <SegmentedControl
            size="sm"
            aria-label="Theme"
            data={[...THEMES]}
            value={preferences.theme}
            onChange={(theme) => change({ theme: theme as (typeof THEMES)[number]["value"] })}
          />
        </div>
        <div>
          <div className={classes.label}>Wall screen, on this device only</div>
          <SegmentedControl
            size="sm"
            aria-label="Wall screen"
            data={SWITCH}
            value={wall ? "on" : "off"}
            onChange={(value) => (value === "on") !== wall && toggleWall()}
          />
        </div>
      </div>
    </Panel>
  );
}
