import { useNavigate } from "@tanstack/react-router";

/** Changes what the page's address says. What is `undefined` goes back to the default. */
export function useChange<Search extends object>(): (change: Partial<Search>) => void {
  const navigate = useNavigate();
  return (change) =>
    void navigate({
      to: ".",
      search: ((before: object) => ({ ...before, ...change })) as never,
      resetScroll: false,
    });
}
