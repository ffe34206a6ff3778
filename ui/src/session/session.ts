import { queryOptions, useSuspenseQuery } from "@tanstack/react-query";
import { getSession, getSetup } from "../api/requests.ts";
import type { Session } from "../api/types.ts";
import { browserZone } from "../format/time.ts";
import { usePreferences } from "./preferences.ts";

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

/** The zone that times are shown in: the viewer's own, else the organization's. */
export function useZone(): string {
  const { organization } = useSession();
  return usePreferences().timezone || organization.timezone || browserZone();
}

export function usePermission(name: string): boolean {
  return useSession().permissions.includes(name);
}
