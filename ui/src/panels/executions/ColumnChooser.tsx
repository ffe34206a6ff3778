import { Button, Menu } from "@mantine/core";
import { Icon } from "../../widgets/Icon.tsx";
import { useTableSettings } from "../../widgets/useTableSettings.ts";
import { COLUMN_CHOICES, DEFAULT_COLUMNS, EXPLORER_TABLE, FIXED_COLUMN } from "./columns.ts";

interface Props {
  columns: readonly string[];
  onChange: (columns: string[]) => void;
}

/** Which columns the table has, and how close its rows stand. */
export function ColumnChooser({ columns, onChange }: Props) {
  const [settings, setSettings] = useTableSettings(EXPLORER_TABLE);
  return (
    <Menu closeOnItemClick={false}>
      <Menu.Target>
        <Button variant="default" leftSection={<Icon name="columns" size={14} />}>
          Columns
        </Button>
      </Menu.Target>
      <Menu.Dropdown mah={420} style={{ overflowY: "auto" }}>
        <Menu.CheckboxItem
          checked={settings.isCompact}
          onChange={(isCompact) => setSettings({ ...settings, isCompact })}
        >
          Compact rows
        </Menu.CheckboxItem>
        <Menu.Divider />
        <Menu.Label>Columns</Menu.Label>
        {COLUMN_CHOICES.filter(({ id }) => id !== FIXED_COLUMN).map(({ id, label }) => (
          <Menu.CheckboxItem
            key={id}
            checked={columns.includes(id)}
            onChange={(isShown) => onChange(isShown ? [...columns, id] : columns.filter((each) => each !== id))}
          >
            {label}
          </Menu.CheckboxItem>
        ))}
        <Menu.Divider />
        <Menu.Item onClick={() => onChange([...DEFAULT_COLUMNS])}>Back to the usual columns</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
