/** Whether the server answered the last time it was asked. Says nothing about what it answered. */
type Listener = () => void;

let reached = true;
const listeners = new Set<Listener>();

export function reportReached(now: boolean): void {
  if (now === reached) return;
  reached = now;
  for (const listener of listeners) listener();
}

export function isReached(): boolean {
  return reached;
}

export function subscribeReached(listener: Listener): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
