import { Link } from "@tanstack/react-router";
import type { Where } from "../../view/view.ts";
import { EmptyState } from "../../widgets/EmptyState.tsx";
import { Panel } from "../../widgets/Panel.tsx";

/** In place of a page of empty charts. */
export function NothingRan({ where }: { where: Where | undefined }) {
  return (
    <Panel>
      <EmptyState
        title={where ? "No execution of this range matches the filters." : "No execution started in this range."}
        action={<Link to="/">Overview</Link>}
      >
        Choose a longer range{where ? " or take filters off" : ""}. If nothing was ever sent, the Overview has the
        command that sends a first record.
      </EmptyState>
    </Panel>
  );
}
