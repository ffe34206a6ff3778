import { ActionIcon, Button, Checkbox, Popover, TextInput, Tooltip } from "@mantine/core";
import { Link, useNavigate } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import type { Period } from "../../api/types.ts";
import { fromWallClock, rangeLabel, toWallClock } from "../../format/time.ts";
import { useShortcuts } from "../../shell/shortcuts.tsx";
import { DEFAULT_PERIOD, type OverviewSearch, PERIODS, stepPeriod } from "../../time/view.ts";
import { Chip } from "../../widgets/Chip.tsx";
import { Icon } from "../../widgets/Icon.tsx";
import classes from "./PeriodBar.module.css";

const WORD: Record<Period, string> = {
  day: "Day",
  week: "Week",
  month: "Month",
  quarter: "Quarter",
  year: "Year",
  all: "All",
};

interface Range {
  from: string;
  to: string;
}

interface Props {
  search: OverviewSearch;
  /** The range that the answer on the page covers, once there is one. */
  shown: Range | null;
  zone: string;
  workflowName: string | null;
}

/** Time range, comparison and filters: all of it in the URL, so that every view is a link. */
export function PeriodBar({ search, shown, zone, workflowName }: Props) {
  const navigate = useNavigate({ from: "/" });
  const go = (next: OverviewSearch) => void navigate({ search: next, resetScroll: false });
  const isCustom = Boolean(search.from);
  const step = (direction: -1 | 1) => shown && go(stepPeriod(search, shown, direction, new Date()));
  const canGoBack = isCustom || search.period !== "all";

  useShortcuts([
    { keys: "[", label: "Previous period", group: "Page", run: () => step(-1) },
    { keys: "]", label: "Next period", group: "Page", run: () => step(1) },
  ]);

  return (
    <div className={classes.bar}>
      <div className={classes.group}>
        <Tooltip label="Previous period ( [ )">
          <ActionIcon
            variant="default"
            size={30}
            aria-label="Previous period"
            disabled={!canGoBack}
            onClick={() => step(-1)}
          >
            <Icon name="left" />
          </ActionIcon>
        </Tooltip>
        <nav className={classes.periods} aria-label="Period">
          {PERIODS.map((period) => (
            <Link
              key={period}
              to="/"
              search={{
                ...search,
                period: period === DEFAULT_PERIOD ? undefined : period,
                from: undefined,
                to: undefined,
                granularity: undefined,
                rows_from: undefined,
                rows_to: undefined,
              }}
              className={classes.period}
              activeOptions={{ exact: true, explicitUndefined: true }}
              aria-current={!isCustom && (search.period ?? DEFAULT_PERIOD) === period ? "true" : undefined}
              resetScroll={false}
            >
              {WORD[period]}
            </Link>
          ))}
        </nav>
        <CustomRange
          key={`${shown?.from}${shown?.to}${isCustom}`}
          search={search}
          shown={shown}
          zone={zone}
          onApply={go}
        />
        <Tooltip label="Next period ( ] )">
          <ActionIcon variant="default" size={30} aria-label="Next period" disabled={!isCustom} onClick={() => step(1)}>
            <Icon name="right" />
          </ActionIcon>
        </Tooltip>
      </div>
      <Checkbox
        size="xs"
        label="Compare with the period before"
        className={classes.compare}
        checked={search.compare !== "off"}
        onChange={(event) => go({ ...search, compare: event.currentTarget.checked ? undefined : "off" })}
      />
      {search.workflow && (
        <Chip
          label={`Workflow: ${workflowName ?? search.workflow}`}
          onRemove={() => go({ ...search, workflow: undefined })}
        />
      )}
      {search.trigger && (
        <Chip label={`Trigger: ${search.trigger}`} onRemove={() => go({ ...search, trigger: undefined })} />
      )}
    </div>
  );
}

/** What the page covers, in words, for its title row. */
export function RangeLine({ shown, compared, zone }: { shown: Range | null; compared: Range | null; zone: string }) {
  const now = new Date();
  return (
    <p className={classes.range}>
      {shown && <span className={classes.nowrap}>{rangeLabel(shown.from, shown.to, zone, now)}</span>}
      {shown && compared && (
        <>
          {" "}
          <span className={classes.nowrap}>against {rangeLabel(compared.from, compared.to, zone, now)}</span>
        </>
      )}
      {shown && " · "}
      <span className={classes.nowrap}>{zone}</span>
    </p>
  );
}

function CustomRange({
  search,
  shown,
  zone,
  onApply,
}: {
  search: OverviewSearch;
  shown: Props["shown"];
  zone: string;
  onApply: (next: OverviewSearch) => void;
}) {
  const [isOpen, setOpen] = useState(false);
  const [from, setFrom] = useState(shown ? toWallClock(shown.from, zone) : "");
  const [to, setTo] = useState(shown ? toWallClock(shown.to, zone) : "");
  const [problem, setProblem] = useState("");
  const apply = (event: FormEvent) => {
    event.preventDefault();
    const [start, end] = [fromWallClock(from, zone), fromWallClock(to, zone)];
    if (!start || !end) setProblem("Choose both ends.");
    else if (start >= end) setProblem("The range must end after it starts.");
    else {
      setOpen(false);
      onApply({ ...search, from: start, to: end, granularity: undefined, rows_from: undefined, rows_to: undefined });
    }
  };
  return (
    <Popover opened={isOpen} onChange={setOpen} trapFocus position="bottom" withinPortal>
      <Popover.Target>
        <button
          type="button"
          className={classes.custom}
          aria-current={search.from ? "true" : undefined}
          aria-label="Custom range"
          onClick={() => setOpen(!isOpen)}
        >
          <Icon name="calendar" size={14} />
          <span className={classes.customWord}>Custom</span>
        </button>
      </Popover.Target>
      <Popover.Dropdown aria-label="Custom range">
        <form className={classes.form} onSubmit={apply}>
          <TextInput
            label="From"
            type="datetime-local"
            value={from}
            onChange={(event) => setFrom(event.currentTarget.value)}
          />
          <TextInput
            label="To"
            type="datetime-local"
            value={to}
            onChange={(event) => setTo(event.currentTarget.value)}
          />
          <p className={classes.zone}>Times in {zone}</p>
          {problem && (
            <p role="alert" className={classes.problem}>
              {problem}
            </p>
          )}
          <Button type="submit">Show this range</Button>
        </form>
      </Popover.Dropdown>
    </Popover>
  );
}
