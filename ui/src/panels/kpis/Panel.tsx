import { Link, type LinkProps } from "@tanstack/react-router";
import { Sparkline } from "../../charts/Sparkline.tsx";
import { compact, exact } from "../../format/format.ts";
import { RollingNumber } from "../../widgets/RollingNumber.tsx";
import { Bone, Skeleton } from "../../widgets/Skeleton.tsx";
import { tip } from "../../widgets/tip.ts";
import type { Kpi } from "./data.ts";
import classes from "./Panel.module.css";

interface Props {
  /** None yet: a skeleton of `expected` cards. */
  kpis: Kpi[] | undefined;
  expected: number;
  /** Where a figure leads: the rows behind it. */
  linkOf?: (name: string) => LinkProps | undefined;
}

export function KpisPanel({ kpis, expected, linkOf }: Props) {
  if (!kpis) {
    return (
      <Skeleton label="the key figures">
        <div className={classes.cards}>
          {Array.from({ length: expected }, (_, index) => index).map((index) => (
            <div key={index} className={classes.card}>
              <Bone width="6rem" height="0.75rem" />
              <Bone width="5rem" height="1.75rem" />
              <Bone width="7rem" height="0.75rem" />
              <Bone height="2rem" />
            </div>
          ))}
        </div>
      </Skeleton>
    );
  }
  return (
    <ul className={classes.cards} aria-label="Key figures">
      {kpis.map((kpi) => (
        <KpiCard key={kpi.name} kpi={kpi} link={linkOf?.(kpi.name)} />
      ))}
    </ul>
  );
}

const BAD = ["count_failed", "count_timeout", "failure_rate"];

function KpiCard({ kpi, link }: { kpi: Kpi; link: LinkProps | undefined }) {
  const color = BAD.includes(kpi.name) ? "var(--status-failed)" : "var(--series-1)";
  const [shown, all] = [compact(kpi.value, kpi.unit), exact(kpi.value, kpi.unit)];
  return (
    <li className={classes.card} data-kpi={kpi.name} data-value={kpi.value ?? ""}>
      <button type="button" className={classes.label} {...tip(kpi.definition, { touch: true })}>
        {kpi.label}
      </button>
      <div className={classes.value} {...tip(shown !== all && all)}>
        {link ? (
          <Link {...link} className={classes.link} aria-label={`${kpi.label}: ${shown}. Show the rows`}>
            <RollingNumber value={kpi.value} text={shown} />
          </Link>
        ) : (
          <RollingNumber value={kpi.value} text={shown} />
        )}
      </div>
      <div className={classes.change}>
        <ChangeLine kpi={kpi} />
      </div>
      {kpi.spark.length > 1 && <Sparkline values={kpi.spark} color={color} fromZero={kpi.unit !== "percent"} />}
    </li>
  );
}

function ChangeLine({ kpi }: { kpi: Kpi }) {
  if (kpi.value === null) return <span className="muted">Not known in this range</span>;
  if (!kpi.isCompared) return null;
  if (kpi.previous === null) return <span className="muted">Nothing before to compare with</span>;
  return (
    <>
      {kpi.change && (
        <span className={classes.delta} data-verdict={kpi.change.verdict}>
          {kpi.change.text}
        </span>
      )}{" "}
      <span className="muted">from {compact(kpi.previous, kpi.unit)}</span>
    </>
  );
}
