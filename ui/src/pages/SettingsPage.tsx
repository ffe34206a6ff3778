import { SegmentedControl, useMantineColorScheme } from "@mantine/core";
import { KeysPanel } from "../panels/keys/Panel.tsx";
import { PeoplePanel } from "../panels/people/Panel.tsx";
import { usePermission, useSession, useZone } from "../session/session.ts";
import { useWall } from "../shell/wall.ts";
import { Facts } from "../widgets/Facts.tsx";
import { Panel } from "../widgets/Panel.tsx";
import { useTitle } from "../widgets/title.ts";
import classes from "./SettingsPage.module.css";

export function SettingsPage() {
  useTitle("Settings");
  const mayManageKeys = usePermission("manage_keys");
  const mayManagePeople = usePermission("manage_people");
  const { organization, user } = useSession();
  const zone = useZone();
  return (
    <div className={classes.page}>
      <div>
        <h1>Settings</h1>
        <p className={classes.scope}>{organization.name}</p>
      </div>
      <div className={classes.pair}>
        <Panel title="You">
          <Facts
            facts={[
              ["E-mail", user.email],
              ["Name", user.name ?? "–"],
              ["Role", user.role],
              ["Times are shown in", zone],
              ["Days of the organization begin in", organization.timezone],
            ]}
          />
        </Panel>
        <AppearancePanel />
      </div>
      {mayManageKeys && <KeysPanel />}
      {mayManagePeople && <PeoplePanel />}
    </div>
  );
}

function AppearancePanel() {
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const { wall, toggleWall } = useWall();
  return (
    <Panel title="Appearance" subtitle="Kept on this device">
      <div className={classes.choices}>
        <div>
          <div className={classes.label}>Theme</div>
          <SegmentedControl
            size="sm"
            aria-label="Theme"
            data={[
              { value: "auto", label: "As the system" },
              { value: "light", label: "Light" },
              { value: "dark", label: "Dark" },
            ]}
            value={colorScheme}
            onChange={(value) => setColorScheme(value === "light" || value === "dark" ? value : "auto")}
          />
        </div>
        <div>
          <div className={classes.label}>Wall screen</div>
          <SegmentedControl
            size="sm"
            aria-label="Wall screen"
            data={[
              { value: "off", label: "Off" },
              { value: "on", label: "On" },
            ]}
            value={wall ? "on" : "off"}
            onChange={(value) => (value === "on") !== wall && toggleWall()}
          />
        </div>
      </div>
    </Panel>
  );
}
