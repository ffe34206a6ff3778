import { Modal } from "@mantine/core";
import { type KeyboardEvent, useEffect, useId, useRef, useState } from "react";
import { plural } from "../../format/format.ts";
import { Icon } from "../../widgets/Icon.tsx";
import { type Found, find } from "./entries.ts";
import classes from "./Palette.module.css";
import { useEntries } from "./useEntries.ts";

/** Search, jump to, do: a combobox over everything. */
export function Palette({ onClose }: { onClose: () => void }) {
  const id = useId();
  const [typed, setTyped] = useState("");
  const [chosen, setChosen] = useState(0);
  const list = useRef<HTMLDivElement>(null);
  const groups = find(useEntries(typed), typed);
  const flat = groups.flatMap(({ found }) => found);
  const at = Math.min(chosen, flat.length - 1);
  const optionId = (index: number) => `${id}-${index}`;

  const pick = (found: Found | undefined) => {
    if (!found) return;
    onClose();
    found.entry.run();
  };
  const onKey = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && flat.length > 0) {
      event.preventDefault();
      setChosen((at + step + flat.length) % flat.length);
    } else if (event.key === "Enter") {
      event.preventDefault();
      pick(flat[at]);
    }
  };
  // biome-ignore lint/correctness/useExhaustiveDependencies: whenever another is chosen
  useEffect(() => {
    list.current?.querySelector('[aria-selected="true"]')?.scrollIntoView({ block: "nearest" });
  }, [at, typed]);

  let index = -1;
  return (
    <Modal.Root
      classNames={{ content: classes.content }}
      opened
      onClose={onClose}
      size={600}
      yOffset="12vh"
      transitionProps={{ duration: 0 }}
    >
      <Modal.Overlay />
      <Modal.Content aria-label="Search, jump to, do">
        <div className={classes.field}>
          <Icon name="search" />
          <input
            className={classes.input}
            // The dialog gives it the focus.
            data-autofocus
            type="text"
            role="combobox"
            aria-label="A page, a workflow, an execution id, an action"
            aria-expanded="true"
            aria-controls={`${id}-list`}
            aria-activedescendant={flat.length > 0 ? optionId(at) : undefined}
            aria-autocomplete="list"
            autoComplete="off"
            spellCheck={false}
            placeholder="A page, a workflow, an execution id, an action"
            value={typed}
            onChange={(event) => {
              setTyped(event.currentTarget.value);
              setChosen(0);
            }}
            onKeyDown={onKey}
          />
        </div>
        <div ref={list} id={`${id}-list`} role="listbox" aria-label="What was found" className={classes.list}>
          {groups.map(({ group, found }) => (
            // biome-ignore lint/a11y/useSemanticElements: a fieldset is no part of a listbox
            <div key={group} role="group" aria-labelledby={`${id}-${group}`}>
              <div id={`${id}-${group}`} className={classes.group}>
                {group}
              </div>
              {found.map((each) => {
                index += 1;
                const own = index;
                return (
                  <Option
                    key={each.entry.id}
                    id={optionId(own)}
                    found={each}
                    isChosen={own === at}
                    onPoint={() => setChosen(own)}
                    onPick={() => pick(each)}
                  />
                );
              })}
            </div>
          ))}
        </div>
        {flat.length === 0 && (
          <p className={classes.none}>Nothing is called that. An execution is found by its whole id.</p>
        )}
        <p className="visually-hidden" aria-live="polite">
          {plural(flat.length, "result")}
        </p>
      </Modal.Content>
    </Modal.Root>
  );
}

interface OptionProps {
  id: string;
  found: Found;
  isChosen: boolean;
  onPoint: () => void;
  onPick: () => void;
}

function Option({ id, found: { entry, at }, isChosen, onPoint, onPick }: OptionProps) {
  return (
    // biome-ignore lint/a11y/useFocusableInteractive: the focus stays in the field, which names the active option
    // biome-ignore lint/a11y/useKeyWithClickEvents: keys are taken by the field
    <div
      id={id}
      role="option"
      aria-selected={isChosen}
      className={classes.option}
      onMouseMove={isChosen ? undefined : onPoint}
      onClick={onPick}
    >
      <Icon name={entry.icon} />
      <span className={classes.label}>
        <Marked text={entry.label} at={at} />
      </span>
      {entry.hint && <span className={classes.hint}>{entry.hint}</span>}
      {entry.keys && (
        <span className={classes.keys} aria-hidden="true">
          {entry.keys.split(" ").map((key) => (
            <kbd key={key}>{key}</kbd>
          ))}
        </span>
      )}
    </div>
  );
}

/** The letters that were meant, in bold. */
function Marked({ text, at }: { text: string; at: number[] }) {
  if (at.length === 0) return text;
  const runs: { start: number; text: string; isMeant: boolean }[] = [];
  for (const [index, character] of [...text].entries()) {
    const isMeant = at.includes(index);
    const last = runs.at(-1);
    if (last?.isMeant === isMeant) last.text += character;
    else runs.push({ start: index, text: character, isMeant });
  }
  return runs.map((run) => (run.isMeant ? <b key={run.start}>{run.text}</b> : run.text));
}
