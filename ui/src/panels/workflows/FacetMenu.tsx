import { Button, Checkbox, Popover, TextInput } from "@mantine/core";
import { useState } from "react";
import { exactCount } from "../../format/format.ts";
import { Icon } from "../../widgets/Icon.tsx";
import classes from "./FacetMenu.module.css";
import type { FacetValue } from "./filter.ts";

/** With more values than this they can be searched. */
const SEARCHED_ABOVE = 8;
const SHOWN_MAX = 50;

interface Props {
  label: string;
  values: readonly FacetValue[];
  onToggle: (value: string) => void;
}

/** A filter's values with how many workflows each would show. */
export function FacetMenu({ label, values, onToggle }: Props) {
  const [text, setText] = useState("");
  const wanted = text.trim().toLowerCase();
  const found = values.filter((each) => each.label.toLowerCase().includes(wanted));
  const on = values.filter(({ isOn }) => isOn).length;
  return (
    <Popover width="17rem" position="bottom-start" trapFocus returnFocus onClose={() => setText("")} shadow="md">
      <Popover.Target>
        <Button size="xs" variant="default" rightSection={<Icon name="down" size={12} />}>
          {label}
          {on > 0 && <span className={classes.on}>{on}</span>}
        </Button>
      </Popover.Target>
      <Popover.Dropdown className={classes.dropdown} aria-label={label}>
        {values.length > SEARCHED_ABOVE && (
          <TextInput
            size="xs"
            aria-label={`Search ${label.toLowerCase()}`}
            placeholder="Search"
            value={text}
            onChange={(event) => setText(event.currentTarget.value)}
          />
        )}
        <ul className={classes.values}>
          {found.slice(0, SHOWN_MAX).map(({ value, label: word, count, isOn }) => (
            <li key={value} className={classes.value}>
              <Checkbox
                size="xs"
                label={word}
                checked={isOn}
                onChange={() => onToggle(value)}
                classNames={{ body: classes.check, label: classes.word }}
              />
              <span className="muted">{exactCount(count)}</span>
            </li>
          ))}
        </ul>
        {found.length === 0 && (
          <p className={classes.note}>{values.length === 0 ? "None has one." : "Nothing found."}</p>
        )}
        {found.length > SHOWN_MAX && (
          <p className={classes.note}>{exactCount(found.length - SHOWN_MAX)} more; search to find them.</p>
        )}
      </Popover.Dropdown>
    </Popover>
  );
}
