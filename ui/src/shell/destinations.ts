import { usePermission } from "../session/session.ts";
import type { IconName } from "../widgets/Icon.tsx";

export interface Destination {
  to:
    | "/"
    | "/live"
    | "/workflows"
    | "/executions"
    | "/failures"
    | "/performance"
    | "/usage"
    | "/costs"
    | "/system"
    | "/settings";
  label: string;
  icon: IconName;
  /** The second key after "g". */
  key: string;
}

const OVERVIEW: Destination = { to: "/", label: "Overview", icon: "overview", key: "o" };
const LIVE: Destination = { to: "/live", label: "Live", icon: "live", key: "l" };
const WORK: Destination[] = [
  { to: "/workflows", label: "Workflows", icon: "workflows", key: "w" },
  { to: "/executions", label: "Executions", icon: "executions", key: "e" },
  { to: "/failures", label: "Failures", icon: "failures", key: "f" },
];
const NUMBERS: Destination[] = [
  { to: "/performance", label: "Performance", icon: "performance", key: "p" },
  { to: "/usage", label: "Usage", icon: "usage", key: "u" },
  { to: "/costs", label: "Costs", icon: "costs", key: "c" },
];
const SYSTEM: Destination = { to: "/system", label: "System", icon: "system", key: "y" };
const SETTINGS: Destination = { to: "/settings", label: "Settings", icon: "settings", key: "s" };

/** The pages that the viewer may see, in the groups of the navigation. */
export function useDestinations(): Destination[][] {
  const seesSystem = usePermission("see_system");
  return [[OVERVIEW, LIVE], WORK, NUMBERS, seesSystem ? [SYSTEM, SETTINGS] : [SETTINGS]];
}

/** Whether a path is that page or one below it. */
export function isAt({ to }: Destination, pathname: string): boolean {
  return pathname === to || (to !== "/" && pathname.startsWith(`${to}/`));
}
