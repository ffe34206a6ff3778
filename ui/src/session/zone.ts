import type { Preferences, Session } from "../api/types.ts";
import { browserZone } from "../format/time.ts";

/** The viewer's own zone, else the organization's. */
export function ownZone(preferences: Preferences, { organization }: Session): string {
  return preferences.timezone || organization.timezone || browserZone();
}
