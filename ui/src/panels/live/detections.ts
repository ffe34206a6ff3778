/** What is out of the ordinary, in words. Pure. */
import type { Detection, DetectionKind } from "@tacho/live";
import type { IconName } from "../../widgets/Icon.tsx";

export const DETECTION_WORD: Record<DetectionKind, string> = {
  stuck: "Runs far too long",
  silent: "Has gone silent",
  missed_schedule: "Missed its schedule",
  repeated_failure: "Fails every time",
  queue_growing: "Queue grows",
};

export const DETECTION_ICON: Record<DetectionKind, IconName> = {
  stuck: "clock",
  silent: "dots",
  missed_schedule: "calendar",
  repeated_failure: "failures",
  queue_growing: "up",
};

/** What it is about, by name. */
export function subjectOf({ workflow_name, workflow_id, execution_id }: Detection): string {
  return workflow_name || workflow_id || execution_id || "No workflow";
}

/** The newest first. */
export function detectionsOf(all: readonly Detection[]): readonly Detection[] {
  return [...all].sort((a, b) => Date.parse(b.detected_at) - Date.parse(a.detected_at));
}
