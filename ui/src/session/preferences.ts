import { notifications } from "@mantine/notifications";
import { queryOptions, useMutation, useQueryClient, useSuspenseQuery } from "@tanstack/react-query";
import { toApiError } from "../api/problem.ts";
import { getPreferences, setPreferences } from "../api/requests.ts";
import type { Preferences, PreferencesChange } from "../api/types.ts";

export const preferencesQuery = queryOptions({
  queryKey: ["preferences"],
  queryFn: getPreferences,
  staleTime: 5 * 60_000,
  gcTime: Number.POSITIVE_INFINITY,
});

/** What the viewer has chosen, with defaults for the rest. Only below the route that has made sure that somebody is signed in. */
export function usePreferences(): Preferences {
  return useSuspenseQuery(preferencesQuery).data;
}

const CHANGE = ["preferences"];

/** Changes preferences: shown at once, taken back (and said) if the server refuses. */
export function useSetPreferences() {
  const client = useQueryClient();
  const show = (preferences: Preferences) => client.setQueryData(preferencesQuery.queryKey, preferences);
  return useMutation({
    mutationKey: CHANGE,
    // The server replaces them all; `onMutate` has put the change among the others.
    mutationFn: (_change: PreferencesChange) => {
      const { updated_at: _, ...all } = client.getQueryData(preferencesQuery.queryKey) as Preferences;
      return setPreferences(all);
    },
    onMutate: (change) => {
      const before = client.getQueryData(preferencesQuery.queryKey);
      if (before) show({ ...before, ...change } as Preferences);
      return { before };
    },
    onError: (error, _change, context) => {
      if (context?.before) show(context.before);
      notifications.show({ color: "red", message: `Your choice could not be kept. ${toApiError(error).message}` });
    },
    // An answer on its way knows nothing of a choice made since.
    onSuccess: (answer) => {
      if (client.isMutating({ mutationKey: CHANGE }) === 1) show(answer);
    },
  });
}

/** Who has this interval follows what happens, where a page can; elsewhere it is how often pages ask. */
export const LIVE_MS = 5_000;

/** Pages with several requests would meet the limit of requests a minute if they asked more often. */
const LEAST_SECONDS = 5;

/** How often pages ask again, in milliseconds, and a way to change it; 0 is never. */
export function useRefreshInterval(): [number, (ms: number) => void] {
  const { refresh_interval_seconds: chosen } = usePreferences();
  const change = useSetPreferences();
  return [
    chosen === 0 ? 0 : Math.max(LEAST_SECONDS, chosen) * 1000,
    (ms) => change.mutate({ refresh_interval_seconds: ms / 1000 }),
  ];
}
