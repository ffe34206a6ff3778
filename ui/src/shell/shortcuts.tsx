import { createContext, type ReactNode, useContext, useEffect, useMemo, useRef, useState } from "react";

/** A keyboard shortcut: one key ("r", "?") or two in a row ("g o"). */
export interface Shortcut {
  keys: string;
  label: string;
  group: "Go to" | "Page" | "Chart and table" | "General";
  run?: () => void;
  /** Gives way to a shortcut of the page with the same keys. */
  isFallback?: boolean;
}

interface Registry {
  shortcuts: readonly Shortcut[];
  add: (owner: symbol, list: Shortcut[]) => void;
  remove: (owner: symbol) => void;
}

const RegistryContext = createContext<Registry | null>(null);

/** How long the first key of a sequence waits for the second. */
const SEQUENCE_MS = 1200;

function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName) || target.role === "combobox")
  );
}

function shortcutFor(shortcuts: readonly Shortcut[], keys: string): Shortcut | undefined {
  const found = shortcuts.filter((shortcut) => shortcut.keys === keys);
  return found.find(({ isFallback }) => !isFallback) ?? found[0];
}

export function ShortcutProvider({ children }: { children: ReactNode }) {
  const [owners, setOwners] = useState<ReadonlyMap<symbol, Shortcut[]>>(new Map());
  const registry = useMemo<Registry>(
    () => ({
      shortcuts: [...owners.values()].flat(),
      add: (owner, list) => setOwners((before) => new Map(before).set(owner, list)),
      remove: (owner) =>
        setOwners((before) => {
          const after = new Map(before);
          after.delete(owner);
          return after;
        }),
    }),
    [owners],
  );
  const pending = useRef<{ key: string; at: number } | null>(null);

  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || isTyping(event.target)) return;
      const first = pending.current && event.timeStamp - pending.current.at < SEQUENCE_MS ? pending.current.key : null;
      pending.current = null;
      const found =
        (first && shortcutFor(registry.shortcuts, `${first} ${event.key}`)) ||
        shortcutFor(registry.shortcuts, event.key);
      if (found?.run) {
        event.preventDefault();
        found.run();
      } else if (registry.shortcuts.some((shortcut) => shortcut.keys.startsWith(`${event.key} `))) {
        pending.current = { key: event.key, at: event.timeStamp };
      }
    };
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, [registry]);

  return <RegistryContext value={registry}>{children}</RegistryContext>;
}

/** Registers shortcuts while the calling component is on the page. Handlers may change on every render. */
export function useShortcuts(list: Shortcut[]): void {
  const registry = useContext(RegistryContext);
  const latest = useRef(list);
  latest.current = list;
  const signature = list.map((shortcut) => `${shortcut.keys}=${shortcut.label}`).join("|");
  const add = registry?.add;
  const remove = registry?.remove;
  const stable = useRef({ add, remove });
  stable.current = { add, remove };

  // biome-ignore lint/correctness/useExhaustiveDependencies: the signature stands for the list
  useEffect(() => {
    const owner = Symbol("shortcuts");
    stable.current.add?.(
      owner,
      latest.current.map((shortcut, index) => ({
        ...shortcut,
        run: shortcut.run ? () => latest.current[index]?.run?.() : undefined,
      })),
    );
    return () => stable.current.remove?.(owner);
  }, [signature]);
}

/** Each once: every chart of a page registers the same keys. */
export function useShortcutList(): readonly Shortcut[] {
  const registry = useContext(RegistryContext);
  const named = registry?.shortcuts.map((shortcut) => [`${shortcut.keys} ${shortcut.label}`, shortcut] as const);
  return [...new Map(named).values()];
}
