import { memo } from "react";
import type { LiveMetrics } from "../../live/metrics.ts";
import { RollingNumber } from "../../widgets/RollingNumber.tsx";
import { Bone, Skeleton } from "../../widgets/Skeleton.tsx";
import classes from "./Figures.module.css";
import { type Figure, figuresOf } from "./figures.ts";

const CARDS = 7;

/** What runs, and what has happened in the last minute, five minutes and hour. */
export const Figures = memo(function Figures({ metrics }: { metrics: LiveMetrics | null }) {
  if (!metrics) {
    return (
      <Skeleton label="the counts">
        <div className={classes.cards}>
          {Array.from({ length: CARDS }, (_, index) => index).map((index) => (
            <div key={index} className={classes.card}>
              <Bone width="4rem" height="0.75rem" />
              <Bone width="3rem" height="1.75rem" />
              <Bone width="6rem" height="0.75rem" />
            </div>
          ))}
        </div>
      </Skeleton>
    );
  }
  return (
    <ul className={classes.cards} aria-label="Counts">
      {figuresOf(metrics.data).map((figure) => (
        <Card key={figure.name} figure={figure} />
      ))}
    </ul>
  );
});

function Card({ figure: { name, label, value, text, span, others, tone } }: { figure: Figure }) {
  return (
    <li className={classes.card} data-figure={name} data-value={value ?? ""}>
      <div className={classes.label}>
        <span className={classes.name}>{label}</span>
        <span>{span}</span>
      </div>
      <div className={classes.value} data-tone={tone}>
        <RollingNumber value={value} text={text} />
      </div>
      <div className={classes.others}>
        {others.map((other) => (
          <span key={other.span}>
            {other.span} <b>{other.text}</b>
          </span>
        ))}
      </div>
    </li>
  );
}
