import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { modelQuery } from "../api/queries.ts";
import { Chip } from "../widgets/Chip.tsx";
import type { Where } from "./view.ts";
import { chipsOf } from "./words.ts";

interface Props {
  where: Where;
  onWhere: (where: Where | undefined) => void;
  nameOf?: (field: string, value: string) => string | undefined;
}

/** The filters that are on, each removable. Fields are called what the model calls them. */
export function WhereChips({ where, onWhere, nameOf }: Props) {
  const model = useQuery(modelQuery);
  const labelOf = (field: string) => {
    if (field.startsWith("tags.")) return field.slice("tags.".length);
    const fields = model.data?.sources.flatMap(({ dimensions, filters }) => [...dimensions, ...filters]);
    return fields?.find(({ name }) => name === field)?.label ?? field.replaceAll("_", " ");
  };
  const chips = chipsOf(where, labelOf, (field, value) => nameOf?.(field, value));
  return (
    <>
      {chips.map(({ key, label, rest }) => (
        <Chip key={key} label={label} onRemove={() => onWhere(rest)} />
      ))}
      {chips.length > 1 && (
        <Button variant="subtle" size="compact-xs" onClick={() => onWhere(undefined)}>
          Remove all
        </Button>
      )}
    </>
  );
}
