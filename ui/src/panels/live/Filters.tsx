import { SegmentedControl, Select } from "@mantine/core";
import { SearchBox } from "../../widgets/SearchBox.tsx";
import { useWorkflowNames } from "../page-controls/useNames.ts";
import classes from "./Filters.module.css";
import { ACTIVE_STATUSES, type LiveSearch } from "./search.ts";

const STATUSES = [
  { value: "all", label: "All" },
  { value: "running", label: "Running" },
  { value: "queued", label: "Queued" },
];

interface Props {
  search: LiveSearch;
  onChange: (change: Partial<LiveSearch>) => void;
}

/** Narrows what runs and what happens alike. What is out of the ordinary is never hidden. */
export function Filters({ search, onChange }: Props) {
  const workflows = useWorkflowNames(true);
  return (
    <div className={classes.filters}>
      <SearchBox
        value={search.q ?? ""}
        what="what runs by workflow or id"
        placeholder="Workflow or execution id"
        onChange={(q) => onChange({ q: q || undefined })}
      />
      <Select
        size="xs"
        className={classes.workflow}
        aria-label="Workflow"
        placeholder="All workflows"
        searchable
        clearable
        limit={50}
        data={(workflows.data?.workflows ?? []).map(({ id, name }) => ({ value: id, label: name ?? id }))}
        value={search.workflow ?? null}
        onChange={(workflow) => onChange({ workflow: workflow ?? undefined })}
      />
      <SegmentedControl
        size="xs"
        aria-label="Status of active executions"
        data={STATUSES}
        value={search.status ?? "all"}
        onChange={(value) => onChange({ status: ACTIVE_STATUSES.find((each) => each === value) })}
      />
    </div>
  );
}
