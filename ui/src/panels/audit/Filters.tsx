import { Select, TextInput } from "@mantine/core";
import { useDebouncedCallback } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { useMemo, useRef, useState } from "react";
import { usersQuery } from "../../api/queries.ts";
import type { AuditEntry } from "../../api/types.ts";
import { usePermission } from "../../session/session.ts";
import { useShortcuts } from "../../shell/shortcuts.tsx";
import { TimePicker } from "../../view/TimePicker.tsx";
import { useView } from "../../view/useView.ts";
import type { Range } from "../../view/words.ts";
import { Icon } from "../../widgets/Icon.tsx";
import { operationsOf } from "./data.ts";
import classes from "./Panel.module.css";
import type { AuditSearch } from "./search.ts";

const TYPING_MS = 300;

interface Props {
  search: AuditSearch;
  shown: Range;
  seen: readonly AuditEntry[];
  onChange: (change: AuditSearch) => void;
}

export function Filters({ search, shown, seen, onChange }: Props) {
  const { view, period, zone, change } = useView();
  const users = useQuery({ ...usersQuery, enabled: usePermission("manage_people") });
  const operations = useMemo(() => operationsOf(seen), [seen]);
  const [text, setText] = useState(search.q ?? "");
  const field = useRef<HTMLInputElement>(null);
  const settle = useDebouncedCallback((q: string) => onChange({ q: q.trim() || undefined }), TYPING_MS);
  useShortcuts([{ keys: "/", label: "Search the log", group: "Page", run: () => field.current?.focus() }]);
  return (
    <div className={classes.filters}>
      <TextInput
        ref={field}
        size="xs"
        className={classes.search}
        aria-label="Search in questions, names, addresses and request ids"
        placeholder="Question, name, address, request id"
        leftSection={<Icon name="search" size={14} />}
        value={text}
        onChange={(event) => {
          setText(event.currentTarget.value);
          settle(event.currentTarget.value);
        }}
      />
      {users.data && (
        <Select
          size="xs"
          aria-label="Person"
          placeholder="Everybody"
          searchable
          clearable
          allowDeselect
          data={users.data.map(({ id, name, email }) => ({ value: id, label: name || email }))}
          value={search.person ?? null}
          onChange={(person) => onChange({ person: person ?? undefined })}
        />
      )}
      <Select
        size="xs"
        aria-label="What was asked"
        placeholder="Everything"
        searchable
        clearable
        allowDeselect
        data={operations}
        value={search.operation ?? null}
        onChange={(operation) => onChange({ operation: operation ?? undefined })}
      />
      <TimePicker view={view} period={period} zone={zone} shown={shown} onChange={change} isAlone />
    </div>
  );
}
