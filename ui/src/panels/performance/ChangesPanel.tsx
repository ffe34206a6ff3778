import { Link } from "@tanstack/react-router";
import type { Part } from "../../view/useAnswers.ts";
import { EmptyState } from "../../widgets/EmptyState.tsx";
import { AnswerPanel } from "../page-controls/AnswerPanel.tsx";
import classes from "./ChangesPanel.module.css";
import { ENOUGH, shapeChanges, type WorkflowChange } from "./changes.ts";

interface Props {
  part: Part | undefined;
  onRetry: () => void;
}

/** In words, as it would be said to somebody: which workflows are slower than they were, and which faster. */
export function ChangesPanel({ part, onRetry }: Props) {
  return (
    <AnswerPanel
      part={part}
      what="the changes"
      title="Slower and faster than before"
      subtitle={`95th percentile of duration against the range compared with · workflows with ${ENOUGH} executions or more in both`}
      onRetry={onRetry}
    >
      {(answer) => {
        const { slower, faster, judged, isAlone } = shapeChanges(answer);
        if (isAlone)
          return (
            <EmptyState title="There is nothing to compare with.">
              Choose a range that something came before, and what to compare it with.
            </EmptyState>
          );
        if (judged === 0)
          return (
            <EmptyState title={`No workflow ended ${ENOUGH} times in both ranges.`}>
              Choose a longer range to see which workflows have become slower.
            </EmptyState>
          );
        return (
          <div className={classes.lists}>
            <ChangeList title="Slower" changes={slower} none="No workflow is slower by a tenth or more." tone="bad" />
            <ChangeList title="Faster" changes={faster} none="No workflow is faster by a tenth or more." tone="good" />
          </div>
        );
      }}
    </AnswerPanel>
  );
}

interface ListProps {
  title: string;
  changes: WorkflowChange[];
  none: string;
  tone: "good" | "bad";
}

function ChangeList({ title, changes, none, tone }: ListProps) {
  return (
    <section aria-label={title}>
      <h3 className={classes.title} data-tone={tone}>
        {title}
      </h3>
      {changes.length === 0 ? (
        <p className={classes.none}>{none}</p>
      ) : (
        <ol className={classes.list}>
          {changes.map(({ id, name, text }) => (
            <li key={id}>
              <Link to="/workflows/$id" params={{ id }}>
                {name}
              </Link>
              : {text}
            </li>
          ))}
        </ol>
      )}
    </section>
  );
}
