import { ActionIcon } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { useShortcuts } from "../shell/shortcuts.tsx";
import { CopyButton } from "../widgets/CopyButton.tsx";
import { Icon } from "../widgets/Icon.tsx";
import { tip } from "../widgets/tip.ts";
import { CompareMenu } from "./CompareMenu.tsx";
import { TimePicker } from "./TimePicker.tsx";
import { useView } from "./useView.ts";
import classes from "./ViewBar.module.css";
import { PERIODS, stepped, type Where } from "./view.ts";
import { WhereChips } from "./WhereChips.tsx";
import { linkOf, PERIOD_WORD, type Range, timeChange } from "./words.ts";

interface Props {
  /** The range that the answers on the page cover, once there are any. */
  shown: Range | null;
  where?: Where;
  onWhere?: (where: Where | undefined) => void;
  nameOf?: (field: string, value: string) => string | undefined;
  controls?: ReactNode;
}

/** Time range, zone, comparison and filters: all of it in the URL, so that every view is a link. */
export function ViewBar({ shown, where, onWhere, nameOf, controls }: Props) {
  const { view, period, zone, change } = useView();
  const isPeriod = !view.from && !view.last;
  const current = view.period ?? period;
  const canGoBack = shown !== null && !(isPeriod && current === "all");
  const canGoOn = shown !== null && view.from !== undefined;
  const step = (direction: -1 | 1) => {
    if (shown) change(stepped(view, period, shown, direction, new Date()));
  };
  useShortcuts([
    { keys: "[", label: "Previous period", group: "Page", run: () => canGoBack && step(-1) },
    { keys: "]", label: "Next period", group: "Page", run: () => canGoOn && step(1) },
  ]);
  return (
    <div className={classes.bar}>
      <div className={classes.group}>
        <Step label="Previous period" keys="[" icon="left" isOff={!canGoBack} onStep={() => step(-1)} />
        <nav className={classes.periods} aria-label="Period">
          {PERIODS.map((each) => (
            <Link
              key={each}
              to="."
              search={((before: object) => ({ ...before, ...timeChange({ period: each }) })) as never}
              className={classes.period}
              activeOptions={{ exact: true, explicitUndefined: true }}
              aria-current={isPeriod && current === each ? "true" : undefined}
              resetScroll={false}
            >
              {PERIOD_WORD[each]}
            </Link>
          ))}
        </nav>
        <TimePicker view={view} period={period} zone={zone} shown={shown} onChange={change} />
        <Step label="Next period" keys="]" icon="right" isOff={!canGoOn} onStep={() => step(1)} />
      </div>
      <CompareMenu
        value={view.compare ?? "previous_period"}
        onChange={(compare) => change({ compare: compare === "previous_period" ? undefined : compare })}
      />
      {where && onWhere && <WhereChips where={where} onWhere={onWhere} nameOf={nameOf} />}
      {controls}
      <span className={classes.copy}>
        <CopyButton text={() => linkOf(window.location.href, period, zone)} label="Copy a link to this view" />
      </span>
    </div>
  );
}

interface StepProps {
  label: string;
  keys: string;
  icon: "left" | "right";
  isOff: boolean;
  onStep: () => void;
}

function Step({ label, keys, icon, isOff, onStep }: StepProps) {
  return (
    <ActionIcon
      {...tip(`${label} ( ${keys} )`)}
      variant="default"
      size={30}
      aria-label={label}
      disabled={isOff}
      onClick={onStep}
    >
      <Icon name={icon} />
    </ActionIcon>
  );
}
