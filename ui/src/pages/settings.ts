import { useSession } from "../session/session.ts";

const SECTIONS = [
  { to: "/settings/profile", label: "Profile and preferences", needs: null },
  { to: "/settings/members", label: "Members", needs: "manage_people" },
  { to: "/settings/keys", label: "API keys", needs: "manage_keys" },
  { to: "/settings/cost-rates", label: "Cost rates", needs: null },
  { to: "/settings/audit", label: "Audit log", needs: "see_audit" },
] as const;

type Section = (typeof SECTIONS)[number];

/** The sections that the viewer may see. */
export function useSections(): Section[] {
  const { permissions } = useSession();
  return SECTIONS.filter(({ needs }) => needs === null || permissions.includes(needs));
}

/** The section at an address. The settings themselves begin with the first, which everybody may see. */
export function sectionAt(pathname: string): Section | undefined {
  const path = pathname.replace(/\/$/, "");
  return path === "/settings" ? SECTIONS[0] : SECTIONS.find(({ to }) => to === path);
}
