import { ActionIcon, Menu } from "@mantine/core";
import { Icon } from "./Icon.tsx";
import { tip } from "./tip.ts";
import type { TableSettings } from "./useTableSettings.ts";

interface Props {
  columns: readonly { id: string; header: string; isFixed?: boolean }[];
  settings: TableSettings;
  onChange: (settings: TableSettings) => void;
}

/** The column chooser and the density switch. */
export function TableView({ columns, settings, onChange }: Props) {
  const choice = columns.filter(({ isFixed }) => !isFixed);
  const label = choice.length > 0 ? "Columns and density" : "Density";
  return (
    <Menu closeOnItemClick={false}>
      <Menu.Target>
        <ActionIcon {...tip(label)} variant="subtle" c="var(--muted)" aria-label={label}>
          <Icon name="columns" />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.CheckboxItem checked={settings.isCompact} onChange={(isCompact) => onChange({ ...settings, isCompact })}>
          Compact rows
        </Menu.CheckboxItem>
        {choice.length > 0 && (
          <>
            <Menu.Divider />
            <Menu.Label>Columns</Menu.Label>
          </>
        )}
        {choice.map(({ id, header }) => (
          <Menu.CheckboxItem
            key={id}
            checked={!settings.hidden.includes(id)}
            onChange={(isShown) =>
              onChange({
                ...settings,
                hidden: isShown ? settings.hidden.filter((each) => each !== id) : [...settings.hidden, id],
              })
            }
          >
            {header}
          </Menu.CheckboxItem>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
