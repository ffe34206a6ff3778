/** Asks anew when something has happened that is not in what is shown: soon, but never often. */

/** However long an answer takes, asking takes at most a tenth of the time. */
const REST_FACTOR = 10;
const REST_MAX_MS = 30_000;

interface Work {
  /** Whether something happened that the last answer does not know of. */
  isBehind: () => boolean;
  ask: () => Promise<unknown>;
  /** From one asking to the next at the least. */
  leastMs: number;
}

export interface Keeper {
  /** Something may have happened. */
  look: () => void;
  stop: () => void;
}

export function keepUp({ isBehind, ask, leastMs }: Work): Keeper {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let isAsking = false;
  let isOver = false;
  let freeAt = Date.now() + leastMs;
  const go = async () => {
    const begun = Date.now();
    isAsking = true;
    // What went wrong is in the state of the question.
    await ask().catch(() => undefined);
    isAsking = false;
    const took = Date.now() - begun;
    freeAt = begun + Math.max(leastMs, Math.min(REST_MAX_MS, took * REST_FACTOR));
    look();
  };
  const look = () => {
    if (isOver || isAsking || timer !== undefined || document.hidden || !isBehind()) return;
    timer = setTimeout(
      () => {
        timer = undefined;
        if (!isOver && isBehind()) void go();
      },
      Math.max(0, freeAt - Date.now()),
    );
  };
  return {
    look,
    stop: () => {
      isOver = true;
      clearTimeout(timer);
    },
  };
}
