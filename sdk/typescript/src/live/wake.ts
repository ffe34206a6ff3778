/** Calls back when a browser is likely to reach the server again: it is online, or the page is looked at. Elsewhere, never. */
export function onWake(task: () => void): () => void {
  const { document, window }: { document?: Document; window?: EventTarget } = globalThis;
  if (document === undefined || window === undefined) return () => {};
  const look = () => {
    if (document.visibilityState === "visible") task();
  };
  window.addEventListener("online", task);
  document.addEventListener("visibilitychange", look);
  return () => {
    window.removeEventListener("online", task);
    document.removeEventListener("visibilitychange", look);
  };
}
