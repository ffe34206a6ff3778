import { lazy, Suspense, useCallback, useEffect, useState } from "react";
import { useShortcuts } from "../shortcuts.tsx";

const load = () => import("./Palette.tsx");
const Palette = lazy(() => load().then((module) => ({ default: module.Palette })));

interface PaletteState {
  isOpen: boolean;
  open: () => void;
  close: () => void;
}

const COMMAND = /Mac|iP(hone|ad)/.test(navigator.userAgent) ? "⌘" : "Ctrl";
/** The keys that open the palette, as they are written on this machine. */
export const PALETTE_KEYS = `${COMMAND} K`;

/** Opens by Ctrl or ⌘ and K, from inside a field too, and by `/` where the page has no search of its own. */
export function usePalette(): PaletteState {
  const [isOpen, setOpen] = useState(false);
  const open = useCallback(() => setOpen(true), []);
  const close = useCallback(() => setOpen(false), []);
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (!(event.ctrlKey || event.metaKey) || event.altKey || event.key.toLowerCase() !== "k") return;
      event.preventDefault();
      setOpen((before) => !before);
    };
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, []);
  useShortcuts([
    { keys: PALETTE_KEYS, label: "Search, jump to, do", group: "General" },
    { keys: "/", label: "Search", group: "General", run: open, isFallback: true },
  ]);
  return { isOpen, open, close };
}

/** The palette comes in a chunk of its own, fetched once the page rests, so that it opens at once. */
export function PaletteDoor({ isOpen, close }: PaletteState) {
  useEffect(() => {
    const whenIdle = window.requestIdleCallback ?? ((run: () => void) => window.setTimeout(run, 1000));
    whenIdle(() => void load());
  }, []);
  if (!isOpen) return null;
  return (
    <Suspense fallback={null}>
      <Palette onClose={close} />
    </Suspense>
  );
}
