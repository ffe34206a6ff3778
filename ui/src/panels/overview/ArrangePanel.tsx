import { ActionIcon, Button, Switch } from "@mantine/core";
import { type DragEvent, useState } from "react";
import { toApiError } from "../../api/problem.ts";
import { FormError } from "../../widgets/FormError.tsx";
import { Icon } from "../../widgets/Icon.tsx";
import { Panel } from "../../widgets/Panel.tsx";
import { tip } from "../../widgets/tip.ts";
import classes from "./ArrangePanel.module.css";
import { isUsual, placed, WIDGETS, type WidgetId, withHidden } from "./arrangement.ts";
import type { ArrangementControl } from "./useArrangement.ts";

interface Props {
  control: ArrangementControl;
  onDone: () => void;
}

const titleOf = (id: WidgetId) => WIDGETS.find((widget) => widget.id === id)?.title ?? id;

/** Moves the widgets below up and down and hides them, by pointer and by keyboard. Every step is kept at once. */
export function ArrangePanel({ control, onDone }: Props) {
  const { arrangement, change, undo, error } = control;
  const [dragged, setDragged] = useState<WidgetId | null>(null);
  const [said, setSaid] = useState("");
  const move = (id: WidgetId, place: number) => {
    const next = placed(arrangement, id, place);
    change(next);
    setSaid(`${titleOf(id)} is ${next.order.indexOf(id) + 1} of ${next.order.length}`);
  };
  const drop = (event: DragEvent, place: number) => {
    event.preventDefault();
    if (dragged) move(dragged, place);
    setDragged(null);
  };
  return (
    <Panel
      title="Arrange the Overview"
      subtitle="For you alone, and kept at once"
      actions={
        <>
          <Button variant="default" disabled={!undo} onClick={undo}>
            Undo
          </Button>
          <Button variant="default" disabled={isUsual(arrangement)} onClick={() => change(null)}>
            Reset
          </Button>
          <Button onClick={onDone}>Done</Button>
        </>
      }
    >
      {error && <FormError error={toApiError(error)} />}
      <ol className={classes.list}>
        {arrangement.order.map((id, place) => (
          <li
            key={id}
            className={classes.row}
            draggable
            data-dragged={dragged === id || undefined}
            onDragStart={() => setDragged(id)}
            onDragEnd={() => setDragged(null)}
            onDragOver={(event) => event.preventDefault()}
            onDrop={(event) => drop(event, place)}
          >
            <Switch
              size="xs"
              label={titleOf(id)}
              checked={!arrangement.hidden.includes(id)}
              onChange={() => change(withHidden(arrangement, id))}
            />
            <span className={classes.moves}>
              <Step
                label={`Move ${titleOf(id)} up`}
                icon="up"
                isOff={place === 0}
                onClick={() => move(id, place - 1)}
              />
              <Step
                label={`Move ${titleOf(id)} down`}
                icon="down"
                isOff={place === arrangement.order.length - 1}
                onClick={() => move(id, place + 1)}
              />
            </span>
          </li>
        ))}
      </ol>
      <p className="visually-hidden" aria-live="polite">
        {said}
      </p>
    </Panel>
  );
}

/** Stays focusable at either end, so that the focus is not lost while a widget is moved there. */
function Step({
  label,
  icon,
  isOff,
  onClick,
}: {
  label: string;
  icon: "up" | "down";
  isOff: boolean;
  onClick: () => void;
}) {
  return (
    <ActionIcon
      {...tip(label)}
      variant="subtle"
      c="var(--muted)"
      aria-label={label}
      data-disabled={isOff || undefined}
      aria-disabled={isOff || undefined}
      onClick={() => !isOff && onClick()}
    >
      <Icon name={icon} size={14} />
    </ActionIcon>
  );
}
