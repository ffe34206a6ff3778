import { ActionIcon, TextInput } from "@mantine/core";
import { useDebouncedCallback } from "@mantine/hooks";
import { startTransition, useEffect, useRef, useState } from "react";
import { useShortcuts } from "../shell/shortcuts.tsx";
import { Icon } from "./Icon.tsx";

const TYPING_MS = 250;

interface Props {
  value: string;
  /** What is searched: "executions by id, workflow, user or error". */
  what: string;
  placeholder: string;
  width?: string;
  /** Each letter, as soon as there is time to look for it. */
  onType?: (value: string) => void;
  /** The text, when typing rests. */
  onChange: (value: string) => void;
}

/**
 * A text search; `/` goes there, Escape leaves. It keeps its text to itself, so that a letter is there at once, however
 * long the list takes that it narrows.
 */
export function SearchBox({ value, what, placeholder, width = "18rem", onType, onChange }: Props) {
  const [text, setText] = useState(value);
  const input = useRef<HTMLInputElement>(null);
  const send = useDebouncedCallback(onChange, TYPING_MS);
  useEffect(() => {
    // Not under the hand of somebody who is typing on.
    if (document.activeElement !== input.current) setText(value);
  }, [value]);
  useShortcuts([{ keys: "/", label: `Search ${what}`, group: "Page", run: () => input.current?.focus() }]);
  const change = (next: string) => {
    setText(next);
    if (onType) startTransition(() => onType(next));
    send(next);
  };
  return (
    <TextInput
      ref={input}
      size="xs"
      w={{ base: "100%", xs: width }}
      maw="100%"
      aria-label={`Search ${what}`}
      placeholder={placeholder}
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
