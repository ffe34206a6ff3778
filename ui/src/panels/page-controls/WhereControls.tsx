import { Select } from "@mantine/core";
import { useState } from "react";
import { toggled, type Where } from "../../view/view.ts";
import { TRIGGERS, triggerWord } from "../recent-executions/data.ts";
import { useWorkflowNames } from "./useNames.ts";

interface Props {
  where: Where | undefined;
  onWhere: (where: Where | undefined) => void;
  /** Costs know no trigger. */
  withTrigger?: boolean;
}

/** How many workflows are offered at once; typing narrows them. */
const OFFERED = 50;

/** Narrows a page to workflows and triggers. What is chosen stands beside as chips. */
export function WhereControls({ where, onWhere, withTrigger = true }: Props) {
  const [isAsked, setAsked] = useState(false);
  const workflows = useWorkflowNames(isAsked);
  const chosen = (field: string) => where?.[field] ?? [];
  const add = (field: string, value: string | null) => {
    if (value !== null && !chosen(field).includes(value)) onWhere(toggled(where, field, value));
  };
  const offered = (workflows.data?.workflows ?? []).filter(({ id }) => !chosen("workflow").includes(id));
  return (
    <>
      <Select
        size="xs"
        w="11rem"
        aria-label="Filter by workflow"
        placeholder="Workflow"
        searchable
        limit={OFFERED}
        value={null}
        data={offered.map(({ id, name }) => ({ value: id, label: name ?? id }))}
        nothingFoundMessage={
          workflows.error
            ? "The workflows could not be loaded."
            : workflows.data
              ? "No workflow of this name."
              : "Loading"
        }
        onDropdownOpen={() => setAsked(true)}
        onChange={(value) => add("workflow", value)}
      />
      {withTrigger && (
        <Select
          size="xs"
          w="8rem"
          aria-label="Filter by trigger"
          placeholder="Trigger"
          value={null}
          data={TRIGGERS.filter((each) => !chosen("trigger_type").includes(each)).map((value) => ({
            value,
            label: triggerWord(value),
          }))}
          onChange={(value) => add("trigger_type", value)}
        />
      )}
    </>
  );
}
