import { Popover } from "@mantine/core";
import { useMemo, useState } from "react";
import type { Period } from "../api/types.ts";
import { useOwnZone, useSession } from "../session/session.ts";
import { useShortcuts } from "../shell/shortcuts.tsx";
import { Icon } from "../widgets/Icon.tsx";
import { useNow } from "../widgets/now.ts";
import { tip } from "../widgets/tip.ts";
import { CustomRange } from "./CustomRange.tsx";
import { CALENDAR_RANGES, CALENDAR_WORD, calendarRange } from "./calendar.ts";
import classes from "./TimePicker.module.css";
import { PERIODS, type View } from "./view.ts";
import { PERIOD_WORD, QUICK, type Range, timeChange, timeWord } from "./words.ts";
import { ZoneSelect } from "./ZoneSelect.tsx";

interface Props {
  view: View;
  period: Period;
  zone: string;
  shown: Range | null;
  onChange: (change: View) => void;
  /** No buttons for the periods stand beside it. */
  isAlone?: boolean;
}

/** Every way to say a time: a length that ends now, a period, two ends of one's own; and the zone that it is counted in. */
export function TimePicker({ view, period, zone, shown, onChange, isAlone = false }: Props) {
  const [isOpen, setOpen] = useState(false);
  const word = timeWord(view, period);
  const isPeriod = !view.from && !view.last;
  const now = useNow();
  const calendar = CALENDAR_RANGES.map((name) => ({ name, range: calendarRange(name, zone, now) }));
  useShortcuts([{ keys: "p", label: "Choose the time range", group: "Page", run: () => setOpen(true) }]);
  const choose = (change: View) => {
    setOpen(false);
    onChange(change);
  };
  return (
    <Popover opened={isOpen} onChange={setOpen} trapFocus returnFocus position="bottom-start" withinPortal>
      <Popover.Target>
        <button
          {...tip(!isOpen && "Time range (p)")}
          type="button"
          className={classes.target}
          data-on={!isPeriod || undefined}
          data-alone={isAlone || undefined}
          onClick={() => setOpen(!isOpen)}
        >
          <Icon name="calendar" size={14} />
          <span className="visually-hidden">Time range: </span>
          <span className={isPeriod ? classes.narrow : undefined}>{word}</span>
          {isPeriod && <span className={classes.wide}>Custom</span>}
          <Icon name="down" size={12} />
        </button>
      </Popover.Target>
      <Popover.Dropdown aria-label="Time range" className={classes.dropdown}>
        <div className={classes.quick}>
          <Choices
            label="Rolling"
            choices={QUICK.map(({ last, word: label }) => ({
              label,
              isChosen: !view.from && view.last === last,
              onChoose: () => choose(timeChange({ last })),
            }))}
          />
          <Choices
            label="Calendar"
            choices={calendar.map(({ name, range }) => ({
              label: CALENDAR_WORD[name],
              isChosen: view.from === range.from && view.to === range.to,
              onChoose: () => choose(timeChange(range)),
            }))}
          />
          {isAlone && (
            <Choices
              label="Back from now"
              choices={PERIODS.map((each) => ({
                label: each === "all" ? "All time" : `A ${PERIOD_WORD[each].toLowerCase()}`,
                isChosen: isPeriod && (view.period ?? period) === each,
                onChoose: () => choose(timeChange({ period: each })),
              }))}
            />
          )}
        </div>
        <div className={classes.own}>
          <CustomRange key={zone} shown={shown} zone={zone} onApply={(time) => choose(timeChange(time))} />
          <Zone zone={zone} onChange={(tz) => onChange({ tz })} />
        </div>
      </Popover.Dropdown>
    </Popover>
  );
}

interface Choice {
  label: string;
  isChosen: boolean;
  onChoose: () => void;
}

function Choices({ label, choices }: { label: string; choices: Choice[] }) {
  return (
    <div>
      <div className={classes.label}>{label}</div>
      <ul aria-label={label} className={classes.choices}>
        {choices.map((choice) => (
          <li key={choice.label}>
            <button
              type="button"
              className={classes.choice}
              aria-current={choice.isChosen || undefined}
              onClick={choice.onChoose}
            >
              {choice.label}
            </button>
          </li>
        ))}
      </ul>
    </div>
  );
}

/** The zone of this view. The viewer's own is not in the URL. */
function Zone({ zone, onChange }: { zone: string; onChange: (tz: string | undefined) => void }) {
  const own = useOwnZone();
  const { organization } = useSession();
  const first = useMemo(
    () => [
      { zone: own, note: "yours" },
      { zone: organization.timezone, note: "the organization’s" },
    ],
    [own, organization.timezone],
  );
  return (
    <ZoneSelect
      label="Times and days in"
      first={first}
      value={zone}
      withinPortal={false}
      onChange={(next) => onChange(next === own ? undefined : next)}
    />
  );
}
