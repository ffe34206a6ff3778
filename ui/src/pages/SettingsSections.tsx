import type { ReactNode } from "react";
import { AuditPanel } from "../panels/audit/Panel.tsx";
import { CostRatesPanel } from "../panels/cost-rates/Panel.tsx";
import { KeysPanel } from "../panels/keys/Panel.tsx";
import { PeoplePanel } from "../panels/people/Panel.tsx";
import { PreferencesPanel } from "../panels/preferences/Panel.tsx";
import { PinnedPanel } from "../panels/preferences/PinnedPanel.tsx";
import { ProfilePanel } from "../panels/preferences/ProfilePanel.tsx";
import { usePermission } from "../session/session.ts";
import { EmptyState } from "../widgets/EmptyState.tsx";
import { Panel } from "../widgets/Panel.tsx";

export function ProfileSection() {
  return (
    <>
      <ProfilePanel />
      <PreferencesPanel />
      <PinnedPanel />
    </>
  );
}

export function MembersSection() {
  return (
    <Gate needs="manage_people">
      <PeoplePanel />
    </Gate>
  );
}

export function KeysSection() {
  return (
    <Gate needs="manage_keys">
      <KeysPanel />
    </Gate>
  );
}

export function CostRatesSection() {
  return <CostRatesPanel />;
}

export function AuditSection() {
  return (
    <Gate needs="see_audit">
      <AuditPanel />
    </Gate>
  );
}

/** The navigation leaves out what the viewer may not see; an address can still lead here. */
function Gate({ needs, children }: { needs: string; children: ReactNode }) {
  if (usePermission(needs)) return children;
  return (
    <Panel>
      <EmptyState title="This is for owners and admins">Ask one of them if you need something from here.</EmptyState>
    </Panel>
  );
}
