import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { renderHook } from "@testing-library/react";
import { expect, it } from "vitest";
import { preferencesQuery, useRefreshInterval } from "./preferences.ts";

function intervalOf(refresh_interval_seconds: number): number {
  const client = new QueryClient();
  client.setQueryData(preferencesQuery.queryKey, {
    default_period: "week",
    timezone: null,
    theme: "system",
    refresh_interval_seconds,
    pinned_metrics: [],
    widget_arrangement: null,
    updated_at: null,
  });
  const wrapper = ({ children }: { children: React.ReactNode }) => (
    <QueryClientProvider client={client}>{children}</QueryClientProvider>
  );
  return renderHook(() => useRefreshInterval(), { wrapper }).result.current[0];
}

it("refreshes every five seconds at most, whatever was chosen elsewhere", () => {
  expect([0, 1, 5, 60].map(intervalOf)).toEqual([0, 5_000, 5_000, 60_000]);
});
