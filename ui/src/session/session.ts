import { queryOptions, useSuspenseQuery } from "@tanstack/react-query";
import { useSearch } from "@tanstack/react-router";
import { getSession, getSetup } from "../api/requests.ts";
import type { Session } from "../api/types.ts";
import { usePreferences } from "./preferences.ts";
import { ownZone } from "./zone.ts";

export const sessionQuery = queryOptions({
  queryKey: ["session"],
  queryFn: getSession,
  staleTime: Number.POSITIVE_INFINITY,
  gcTime: Number.POSITIVE_INFINITY,
  retry: false,
});

export const setupQuery = queryOptions({ queryKey: ["setup"], queryFn: getSetup, staleTime: 0, retry: false });

/** Who is signed in. Only below the route that has made sure that somebody is. */
export function useSession(): Session {
  return useSuspenseQuery(sessionQuery).data;
}

export function useOwnZone(): string {
  return ownZone(usePreferences(), useSession());
}

/** The zone that times are shown in: the one that the URL names, else the viewer's own. */
export function useZone(): string {
  const own = useOwnZone();
  return useSearch({ strict: false, select: (search) => search.tz }) ?? own;
}

export function usePermission(name: string): boolean {
  return useSession().permissions.includes(name);
}
