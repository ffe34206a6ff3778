import type { ApiError } from "../../api/problem.ts";
import { duration, money, percent, plural, UNKNOWN } from "../../format/format.ts";
import { Facts } from "../../widgets/Facts.tsx";
import { Icon } from "../../widgets/Icon.tsx";
import { Panel } from "../../widgets/Panel.tsx";
import { Bone, Skeleton } from "../../widgets/Skeleton.tsx";
import { timesOf, USUAL_DAYS, USUAL_RUNS_MIN, type Usual, type Verdict, verdictOf } from "./data.ts";
import classes from "./Execution.module.css";

const WORD: Record<Exclude<Verdict, "unknown">, string> = {
  faster: "Shorter than usual",
  usual: "As long as usual",
  slow: "Slower than usual",
  very_slow: "Much slower than usual",
};

interface Props {
  /** Null while it is asked, or where the run belongs to no workflow. */
  usual: Usual | null;
  isLoading: boolean;
  error: ApiError | undefined;
  /** How long the run took, or has been going on. */
  elapsedMs: number | null;
  /** It has not ended. */
  isOpen: boolean;
  costUsd: number | null;
}

/** How the run compares with those of the same workflow before it. */
export function Unusual({ usual, isLoading, error, ...run }: Props) {
  return (
    <Panel title="How unusual is this" subtitle={`Against the same workflow in the ${USUAL_DAYS} days before`}>
      {isLoading ? (
        <Skeleton label="what is usual">
          <Bone height="5rem" />
        </Skeleton>
      ) : error ? (
        <p className="muted">What is usual could not be loaded: {error.message}</p>
      ) : !usual ? (
        <p className="muted">It belongs to no workflow, so there is nothing to compare it with.</p>
      ) : (
        <Compared usual={usual} {...run} />
      )}
    </Panel>
  );
}

function Compared({
  usual,
  elapsedMs,
  isOpen,
  costUsd,
}: Omit<Props, "usual" | "isLoading" | "error"> & { usual: Usual }) {
  const verdict = verdictOf(elapsedMs, usual);
  const times = timesOf(elapsedMs, usual.medianMs);
  const isSlow = verdict === "slow" || verdict === "very_slow";
  return (
    <>
      {verdict === "unknown" ? (
        <p className="muted">
          {usual.runs < USUAL_RUNS_MIN
            ? `Only ${plural(usual.runs, "run")} before it: too few to say what is usual.`
            : "How long it took is not known."}
        </p>
      ) : (
        <p className={classes.verdict} data-slow={isSlow || undefined}>
          {isSlow && <Icon name="warning" size={14} />}
          <b>{isOpen && !isSlow ? "Within the usual so far" : WORD[verdict]}</b>
          <span className="muted">
            {[times == null ? null : `${times.toFixed(times < 10 ? 1 : 0)} × the median`, rankText(usual.fasterPercent)]
              .filter(Boolean)
              .join(", ")}
          </span>
        </p>
      )}
      {elapsedMs != null && usual.medianMs != null && usual.p95Ms != null && (
        <Scale elapsedMs={elapsedMs} medianMs={usual.medianMs} p95Ms={usual.p95Ms} isSlow={isSlow} />
      )}
      <Facts
        facts={[
          ["Median", usual.medianMs == null ? UNKNOWN : duration(usual.medianMs)],
          ["95th percentile", usual.p95Ms == null ? UNKNOWN : duration(usual.p95Ms)],
          ["Runs before", plural(usual.runs, "run")],
          ["Success rate", usual.successRate == null ? UNKNOWN : percent(usual.successRate)],
          ["Usual cost", cost(usual.costUsd, costUsd)],
        ]}
      />
    </>
  );
}

function rankText(fasterPercent: number | null): string | null {
  if (fasterPercent == null) return null;
  return fasterPercent >= 50
    ? `slower than ${percent(fasterPercent)} of runs`
    : `faster than ${percent(100 - fasterPercent)} of runs`;
}

function cost(usualUsd: number | null, usd: number | null): string {
  if (usualUsd == null) return UNKNOWN;
  const times = timesOf(usd, usualUsd);
  return times == null ? money(usualUsd) : `${money(usualUsd)}, this ${times.toFixed(1)} × that`;
}

interface ScaleProps {
  elapsedMs: number;
  medianMs: number;
  p95Ms: number;
  isSlow: boolean;
}

/** This run beside the median and the 95th percentile, on one scale from zero. */
function Scale({ elapsedMs, medianMs, p95Ms, isSlow }: ScaleProps) {
  const end = Math.max(elapsedMs, p95Ms) * 1.08;
  const at = (ms: number) => `${(ms / end) * 100}%`;
  return (
    <div className={classes.scale} aria-hidden="true">
      <span className={classes.scaleBar} data-slow={isSlow || undefined} style={{ width: at(elapsedMs) }} />
      <span className={classes.scaleMark} style={{ left: at(medianMs) }}>
        <i>median</i>
      </span>
      <span className={classes.scaleMark} style={{ left: at(p95Ms) }}>
        <i>p95</i>
      </span>
    </div>
  );
}
