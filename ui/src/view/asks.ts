/** A page's first questions: on their way as soon as its code is there, while it is still to be drawn. */
import type { QueryClient } from "@tanstack/react-query";
import type { Preferences } from "../api/types.ts";
import { preferencesQuery } from "../session/preferences.ts";
import { sessionQuery } from "../session/session.ts";
import { type Current, currentOf } from "./current.ts";
import { parseView, type View } from "./view.ts";

/** What a page's questions depend on. */
export interface Asker<Search = unknown> {
  search: Search & View;
  /** The parts of the path that are parameters. */
  params: Record<string, string>;
  current: Current;
  preferences: Preferences;
  now: Date;
}

/**
 * What a page asks first. It must be what the page itself asks when it is drawn, to the letter, or it is asked twice; so both
 * should get it from one function (a test of all pages looks for that).
 */
export type Asks<Search = unknown> = (asker: Asker<Search>) => readonly object[];

interface Entered {
  context: { queryClient: QueryClient };
  location: { search: object };
  /** It is only a link that is pointed at. */
  preload: boolean;
}

type Parse<Search> = (raw: Record<string, unknown>) => Search;

/** The loader of a route: nobody waits for what it asks, and what goes wrong is told by the page. */
export function asking<Search>(load: () => Promise<{ asks: Asks<Search> }>, parse?: Parse<Search>) {
  return (entered: Entered): void => {
    const { location, preload } = entered;
    const { queryClient } = entered.context;
    // Were they in the type, the router would take from it which ones there are.
    const { params } = entered as Entered & Pick<Asker, "params">;
    if (preload) return;
    const ask = async () => {
      const { asks } = await load();
      const preferences = queryClient.getQueryData(preferencesQuery.queryKey);
      const session = queryClient.getQueryData(sessionQuery.queryKey);
      if (!preferences || !session) return;
      const raw = location.search as Record<string, unknown>;
      const search = { ...parseView(raw), ...parse?.(raw) } as Search & View;
      const current = currentOf(parseView(raw), preferences, session);
      const asker = { search, params, current, preferences, now: new Date() };
      for (const options of asks(asker)) {
        if ("initialPageParam" in options) void queryClient.prefetchInfiniteQuery(options as never);
        else void queryClient.prefetchQuery(options as never);
      }
    };
    ask().catch(() => undefined);
  };
}
