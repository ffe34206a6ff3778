import { TextInput } from "@mantine/core";
import { useState } from "react";
import { compactCount, exactCount, UNKNOWN } from "../../format/format.ts";
import { Icon, STATUS_ICON } from "../../widgets/Icon.tsx";
import { Bone } from "../../widgets/Skeleton.tsx";
import { isStatus } from "../../widgets/StatusMark.tsx";
import { tip } from "../../widgets/tip.ts";
import classes from "./Facets.module.css";
import { FACET_DRAWN, FACET_TOP, FACET_WIDE, type Facet, type FacetValue, type FacetValues } from "./facets.ts";

interface Props {
  facet: Facet;
  isOpen: boolean;
  onToggle: () => void;
  isWide: boolean;
  onWide: (isWide: boolean) => void;
  shaped: FacetValues | null;
  problem: string | null;
  /** How many of its values are filtered by. */
  active: number;
  onPick: (value: string, isNot: boolean) => void;
}

/** One dimension: its values with counts. A click includes, Alt and click or "not" excludes. */
export function FacetGroup({ facet, isOpen, onToggle, isWide, onWide, shaped, problem, active, onPick }: Props) {
  const [text, setText] = useState("");
  const found = shaped?.values.filter(
    ({ label, value }) => !isWide || `${label}\n${value}`.toLowerCase().includes(text.trim().toLowerCase()),
  );
  return (
    <section className={classes.facet}>
      <h2 className={classes.name}>
        <button type="button" aria-expanded={isOpen} onClick={onToggle} title={facet.definition ?? undefined}>
          <Icon name={isOpen ? "down" : "right"} size={12} />
          <span>{facet.label}</span>
          {active > 0 && <span className={classes.active}>{active}</span>}
        </button>
      </h2>
      {isOpen && problem && <p className={classes.note}>{problem}</p>}
      {isOpen && !problem && !found && <Bones />}
      {isOpen && !problem && found && shaped && (
        <>
          {isWide && (
            <TextInput
              size="xs"
              autoFocus
              aria-label={`Search in ${facet.label}`}
              placeholder="Search"
              value={text}
              onChange={(event) => setText(event.currentTarget.value)}
            />
          )}
          {found.length === 0 && <p className={classes.note}>{text ? "None has this text." : "None in this range."}</p>}
          <ul className={classes.values} data-wide={isWide || undefined}>
            {found.slice(0, isWide ? FACET_DRAWN : undefined).map((value) => (
              <Value key={value.value} field={facet} value={value} onPick={onPick} />
            ))}
          </ul>
          {isWide && found.length > FACET_DRAWN && (
            <p className={classes.note}>{exactCount(found.length - FACET_DRAWN)} more: search to find them.</p>
          )}
          {isWide && shaped.hasMore && (
            <p className={classes.note}>Only the {exactCount(FACET_WIDE)} most frequent are looked through.</p>
          )}
          {(shaped.hasMore || isWide) && (
            <button
              type="button"
              className={classes.more}
              onClick={() => {
                setText("");
                onWide(!isWide);
              }}
            >
              {isWide ? `Only the first ${FACET_TOP}` : "More"}
            </button>
          )}
        </>
      )}
    </section>
  );
}

function Value({ field, value, onPick }: { field: Facet; value: FacetValue; onPick: Props["onPick"] }) {
  const { label, count, share, state } = value;
  const status = field.field === "status" && isStatus(value.value) ? value.value : null;
  return (
    <li className={classes.value} data-state={state ?? undefined}>
      <button
        type="button"
        className={classes.pick}
        aria-pressed={state === "in"}
        title={`${label}. Click to include, Alt and click to exclude.`}
        onClick={(event) => onPick(value.value, event.altKey)}
      >
        <span className={classes.bar} style={{ width: `${share}%` }} aria-hidden="true" />
        <span className={classes.tick} aria-hidden="true">
          {state && <Icon name={state === "in" ? "check" : "ban"} size={12} />}
          {!state && status && (
            <span style={{ color: `var(--status-${status})` }}>
              <Icon name={STATUS_ICON[status]} size={12} />
            </span>
          )}
        </span>
        <span className={classes.label} data-none={value.value === "" || undefined}>
          {state === "out" && <span className="visually-hidden">not </span>}
          {label}
        </span>
        <span className={classes.count} title={count == null ? undefined : exactCount(count)}>
          {count == null ? UNKNOWN : compactCount(count)}
        </span>
      </button>
      <button
        {...tip(state === "out" ? "No longer exclude" : "Exclude")}
        type="button"
        className={classes.not}
        aria-label={`Exclude ${label}`}
        aria-pressed={state === "out"}
        onClick={() => onPick(value.value, true)}
      >
        <Icon name="ban" size={12} />
      </button>
    </li>
  );
}

function Bones() {
  return (
    <div className={classes.bones} aria-hidden="true">
      <Bone />
      <Bone width="80%" />
      <Bone width="60%" />
    </div>
  );
}
