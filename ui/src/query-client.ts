import { QueryCache, QueryClient } from "@tanstack/react-query";
import { toApiError } from "./api/problem.ts";

let whenSignedOut: () => void = () => undefined;

/** What to do when the server says that the session has ended; the router sets it, so that this file need not know routes. */
export function onSignedOut(handler: () => void): void {
  whenSignedOut = handler;
}

export const queryClient = new QueryClient({
  queryCache: new QueryCache({
    onError(error, query) {
      if (toApiError(error).status === 401 && query.queryKey[0] !== "session") whenSignedOut();
    },
  }),
  defaultOptions: {
    queries: {
      staleTime: 4_000,
      refetchOnWindowFocus: true,
      // A client's mistake stays a mistake; only what may pass is tried again.
      retry: (count, error) => {
        const { status } = toApiError(error);
        return count < 1 && (status === 0 || status === 502 || status === 503);
      },
      retryDelay: 600,
      // Loopback and intranets work while the browser believes itself offline.
      networkMode: "always",
    },
    mutations: { networkMode: "always" },
  },
});
