/**
 * Does something later, unless the function that is returned is called before. In Node, a timer that waits for nothing but
 * itself does not keep the process.
 */
export function after(ms: number, task: () => void, keepsProcess = false): () => void {
  const timer = setTimeout(task, ms);
  // A number in browsers.
  if (!keepsProcess && typeof timer === "object") timer.unref();
  return () => clearTimeout(timer);
}
