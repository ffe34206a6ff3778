import { ActionIcon, Select } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { modelQuery } from "../../api/queries.ts";
import { usePreferences, useSetPreferences } from "../../session/preferences.ts";
import { ErrorState } from "../../widgets/ErrorState.tsx";
import { Icon, type IconName } from "../../widgets/Icon.tsx";
import { Panel } from "../../widgets/Panel.tsx";
import { Bone, Skeleton } from "../../widgets/Skeleton.tsx";
import { tip } from "../../widgets/tip.ts";
import { choicesOf, type Metric, metricsOf, moved, PINNED_MAX, withPinned } from "./data.ts";
import classes from "./Panel.module.css";

/** Which metrics come first, and in which order. */
export function PinnedPanel() {
  const model = useQuery(modelQuery);
  const { pinned_metrics: pinned } = usePreferences();
  const { mutate } = useSetPreferences();
  const metrics = useMemo(() => (model.data ? metricsOf(model.data) : []), [model.data]);
  const pin = (names: string[]) => mutate({ pinned_metrics: names });
  const isFull = pinned.length >= PINNED_MAX;
  return (
    <Panel title="Pinned metrics" subtitle={`Shown first, in this order. ${pinned.length} of at most ${PINNED_MAX}.`}>
      {model.error ? (
        <ErrorState what="The metrics could not be loaded" error={model.error} onRetry={() => void model.refetch()} />
      ) : !model.data ? (
        <Skeleton label="the metrics">
          <Bone height="6rem" />
        </Skeleton>
      ) : (
        <div className={classes.pinned}>
          {pinned.length > 0 ? (
            <ol className={classes.metrics} aria-label="Pinned metrics">
              {pinned.map((name, at) => (
                <PinnedMetric
                  key={name}
                  metric={metrics.find((each) => each.name === name)}
                  name={name}
                  isFirst={at === 0}
                  isLast={at === pinned.length - 1}
                  onMove={(by) => pin(moved(pinned, at, by))}
                  onRemove={() => pin(pinned.filter((each) => each !== name))}
                />
              ))}
            </ol>
          ) : (
            <p className="muted">None is pinned: pages show the metrics that they come with.</p>
          )}
          <Select
            // Begins anew after each choice.
            key={pinned.length}
            className={classes.add}
            aria-label="Pin a metric"
            placeholder={isFull ? "Remove one to pin another" : "Pin a metric"}
            disabled={isFull}
            searchable
            nothingFoundMessage="No such metric"
            data={choicesOf(metrics, pinned)}
            value={null}
            onChange={(name) => name && pin(withPinned(pinned, name))}
          />
        </div>
      )}
    </Panel>
  );
}

interface PinnedMetricProps {
  metric: Metric | undefined;
  name: string;
  isFirst: boolean;
  isLast: boolean;
  onMove: (by: -1 | 1) => void;
  onRemove: () => void;
}

function PinnedMetric({ metric, name, isFirst, isLast, onMove, onRemove }: PinnedMetricProps) {
  const label = metric?.label ?? name;
  return (
    <li className={classes.metric}>
      <span
        className={classes.metricName}
        {...tip(metric?.definition ?? "The model knows no such metric", { place: "top-start" })}
      >
        {label} <span className="muted">{metric?.source ?? "not known"}</span>
      </span>
      <Act label={`Move ${label} up`} icon="up" isOff={isFirst} onAct={() => onMove(-1)} />
      <Act label={`Move ${label} down`} icon="down" isOff={isLast} onAct={() => onMove(1)} />
      <Act label={`Unpin ${label}`} icon="cross" isOff={false} onAct={onRemove} />
    </li>
  );
}

function Act({ label, icon, isOff, onAct }: { label: string; icon: IconName; isOff: boolean; onAct: () => void }) {
  return (
    <ActionIcon variant="subtle" size="sm" c="var(--muted)" aria-label={label} disabled={isOff} onClick={onAct}>
      <Icon name={icon} size={14} />
    </ActionIcon>
  );
}
