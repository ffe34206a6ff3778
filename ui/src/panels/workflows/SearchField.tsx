import { ActionIcon, TextInput } from "@mantine/core";
import { useDebouncedCallback } from "@mantine/hooks";
import { startTransition, useEffect, useRef, useState } from "react";
import { useShortcuts } from "../../shell/shortcuts.tsx";
import { Icon } from "../../widgets/Icon.tsx";

const TYPING_MS = 300;

interface Props {
  /** The text that the URL has. It leads where somebody goes back. */
  value: string;
  /** Each letter, as soon as there is time to look for it. */
  onType: (text: string) => void;
  /** The text, when typing rests. */
  onRest: (text: string) => void;
}

/** Keeps its text to itself, so that a letter is there at once, however long the list takes that it narrows. */
export function SearchField({ value, onType, onRest }: Props) {
  const [text, setText] = useState(value);
  const input = useRef<HTMLInputElement>(null);
  const rest = useDebouncedCallback(onRest, TYPING_MS);
  useEffect(() => setText((now) => (now.trim() === value ? now : value)), [value]);
  useShortcuts([{ keys: "/", label: "Search workflows", group: "Page", run: () => input.current?.focus() }]);
  const change = (next: string) => {
    setText(next);
    startTransition(() => onType(next));
    rest(next);
  };
  return (
    <TextInput
      ref={input}
      size="xs"
      w="13rem"
      maw="100%"
      aria-label="Search workflows by name, id, group, owner or tag"
      placeholder="Name, id, group, owner or tag"
      leftSection={<Icon name="search" size={14} />}
      rightSection={
        text ? (
          <ActionIcon
            variant="transparent"
            size="sm"
            c="var(--muted)"
            aria-label="Clear the search"
            onClick={() => change("")}
          >
            <Icon name="cross" size={12} />
          </ActionIcon>
        ) : undefined
      }
      value={text}
      onChange={(event) => change(event.currentTarget.value)}
      onKeyDown={(event) => event.key === "Escape" && event.currentTarget.blur()}
    />
  );
}
