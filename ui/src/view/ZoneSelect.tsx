import { Select } from "@mantine/core";
import { useMemo } from "react";
import { browserZone } from "../format/time.ts";

export interface ZoneChoice {
  zone: string;
  /** Why it is offered first: "yours", "the organization’s". */
  note: string;
}

interface Props {
  label: string;
  description?: string;
  /** Offered first, in this order. UTC and the browser's zone follow by themselves. */
  first: ZoneChoice[];
  value: string;
  onChange: (zone: string) => void;
  withinPortal?: boolean;
}

/** Any zone of the tz database, by a search; the ones that are most likely meant come first. */
export function ZoneSelect({ label, description, first, value, onChange, withinPortal = true }: Props) {
  const data = useMemo(() => {
    const notes = new Map<string, string[]>();
    const near = [...first, { zone: browserZone(), note: "this browser’s" }, { zone: "UTC", note: "" }];
    for (const { zone, note } of near) notes.set(zone, [...(notes.get(zone) ?? []), ...(note ? [note] : [])]);
    const others = Intl.supportedValuesOf("timeZone").filter((zone) => !notes.has(zone));
    return [
      ...[...notes].map(([zone, said]) => ({
        value: zone,
        // One reason is enough.
        label: said[0] ? `${zone} (${said[0]})` : zone,
      })),
      ...others.map((zone) => ({ value: zone, label: zone.replaceAll("_", " ") })),
    ];
  }, [first]);
  return (
    <Select
      label={label}
      description={description}
      searchable
      nothingFoundMessage="No such zone"
      limit={100}
      data={data}
      value={value}
      onChange={(zone) => zone && onChange(zone)}
      comboboxProps={{ withinPortal }}
    />
  );
}
