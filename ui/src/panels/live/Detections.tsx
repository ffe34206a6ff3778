import type { Detection } from "@tacho/live";
import { Link } from "@tanstack/react-router";
import { memo } from "react";
import { plural } from "../../format/format.ts";
import { EmptyState } from "../../widgets/EmptyState.tsx";
import { Icon } from "../../widgets/Icon.tsx";
import { Panel } from "../../widgets/Panel.tsx";
import { Bone, Skeleton } from "../../widgets/Skeleton.tsx";
import { Time } from "../../widgets/Time.tsx";
import classes from "./Detections.module.css";
import { DETECTION_ICON, DETECTION_WORD, detectionsOf, subjectOf } from "./detections.ts";

interface Props {
  /** None yet: a skeleton. */
  detections: readonly Detection[] | null;
}

/** What is out of the ordinary, each with why and the way to it. */
export const DetectionsPanel = memo(function DetectionsPanel({ detections }: Props) {
  const shown = detections && detectionsOf(detections);
  return (
    <Panel
      flush
      className={classes.panel}
      title="Out of the ordinary"
      subtitle={shown?.length ? plural(shown.length, "finding") : "Judged by each workflow's own history"}
    >
      {!shown ? (
        <Skeleton label="what is out of the ordinary">
          <div className={classes.bones}>
            <Bone height="2.5rem" />
            <Bone height="2.5rem" />
          </div>
        </Skeleton>
      ) : shown.length === 0 ? (
        <EmptyState title="Nothing is out of the ordinary.">
          Watched for: executions that run far too long or go silent, schedules that are missed, failures in a row,
          queues that grow.
        </EmptyState>
      ) : (
        <ul className={classes.list} aria-label="Findings" tabIndex={0}>
          {shown.map((each) => (
            <Finding key={each.id} detection={each} />
          ))}
        </ul>
      )}
    </Panel>
  );
});

function Finding({ detection }: { detection: Detection }) {
  const { kind, workflow_id, execution_id, attempt, since, reason } = detection;
  const subject = subjectOf(detection);
  return (
    <li className={classes.finding} data-kind={kind}>
      <span className={classes.icon}>
        <Icon name={DETECTION_ICON[kind]} />
      </span>
      <div className={classes.body}>
        <div className={classes.head}>
          {workflow_id ? (
            <Link to="/workflows/$id" params={{ id: workflow_id }} className={classes.subject}>
              {subject}
            </Link>
          ) : (
            <span className={classes.subject}>{subject}</span>
          )}
          <span className={classes.kind}>{DETECTION_WORD[kind]}</span>
        </div>
        <p className={classes.reason}>{reason}</p>
        <p className={classes.foot}>
          Since <Time at={since} />
          {execution_id && (
            <>
              {" · "}
              <Link to="/executions/$id" params={{ id: execution_id }} search={attempt ? { attempt } : {}}>
                Look at the execution
              </Link>
            </>
          )}
        </p>
      </div>
    </li>
  );
}
