import { type ComponentType, useCallback, useEffect, useState } from "react";
import { useShortcuts } from "../shortcuts.tsx";

type Palette = ComponentType<{ onClose: () => void }>;

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

/**
 * The palette comes in a chunk of its own, fetched once the page rests, so that it opens at once. Not by `lazy`: React holds
 * back for 300 ms what has waited for its chunk, even if that was there.
 */
export function PaletteDoor({ isOpen, close }: PaletteState) {
  const [Palette, setPalette] = useState<Palette | null>(null);
  const [isRested, setRested] = useState(false);
  useEffect(() => whenIdle(() => setRested(true)), []);
  const isWanted = isOpen || isRested;
  useEffect(() => {
    if (!isWanted) return;
    let isGone = false;
    void import("./Palette.tsx").then((module) => {
      if (!isGone) setPalette(() => module.Palette);
    });
    return () => {
      isGone = true;
    };
  }, [isWanted]);
  return isOpen && Palette ? <Palette onClose={close} /> : null;
}

/** Runs once the page rests, where the browser cannot tell a second from now; gives back what takes it off again. */
function whenIdle(run: () => void): () => void {
  if (!window.requestIdleCallback) {
    const timer = window.setTimeout(run, 1000);
    return () => window.clearTimeout(timer);
  }
  const handle = window.requestIdleCallback(run);
  return () => window.cancelIdleCallback(handle);
}
