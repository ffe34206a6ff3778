import { useLocalStorage } from "@mantine/hooks";

/** How a table is looked at: kept on the device, for each table. */
export interface TableSettings {
  isCompact: boolean;
  hidden: string[];
}

/** The settings of the table with this id. Whoever asks for the same table sees its changes at once. */
export function useTableSettings(id: string) {
  return useLocalStorage<TableSettings>({
    key: `tacho.table.${id}`,
    defaultValue: { isCompact: false, hidden: [] },
    getInitialValueInEffect: false,
  });
}
