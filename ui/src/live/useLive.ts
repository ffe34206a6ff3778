import type { ConnectionState, LiveExecutions } from "@tacho/live";
import { useEffect, useSyncExternalStore } from "react";
import { closeClient, connectionStore } from "./client.ts";
import type { LiveMetrics } from "./metrics.ts";
import { endTopics, executionsTopic, metricsTopic, type Topic } from "./topics.ts";

const nobody = () => () => undefined;
const nothing = () => null;

/** What a topic's frames have made so far; null before the first, and where it is not followed. */
function useTopic<State>(topic: Topic<State>, isOn: boolean): State | null {
  return useSyncExternalStore(isOn ? topic.follow : nobody, isOn ? topic.get : nothing);
}

/** What runs now, of all or of one workflow. */
export function useLiveExecutions(workflow?: string, isOn = true): LiveExecutions | null {
  return useTopic(executionsTopic(workflow), isOn);
}

/** How many run now, of all or of one workflow. Renders only when that changes. */
export function useLiveRunning(isOn: boolean, workflow?: string): number | null {
  const topic = executionsTopic(workflow);
  return useSyncExternalStore(isOn ? topic.follow : nobody, () => (isOn ? (topic.get()?.running ?? null) : null));
}

export function useLiveMetrics(isOn = true): LiveMetrics | null {
  return useTopic(metricsTopic, isOn);
}

export function useLiveState(): ConnectionState {
  return useSyncExternalStore(connectionStore.subscribe, connectionStore.get);
}

/** Ends everything live when who is signed in leaves. */
export function useLiveSession(): void {
  useEffect(
    () => () => {
      endTopics();
      closeClient();
    },
    [],
  );
}
