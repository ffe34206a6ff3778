import { Tooltip } from "@mantine/core";
import type { Answer } from "../../api/types.ts";
import { Sparkline } from "../../charts/Sparkline.tsx";
import { compact, exact } from "../../format/format.ts";
import { Bone, Skeleton } from "../../widgets/Skeleton.tsx";
import { KPI_MEASURES, type Kpi, shapeKpis } from "./data.ts";
import classes from "./Panel.module.css";

export function KpisPanel({ answer }: { answer: Answer | undefined }) {
  if (!answer) {
    return (
      <Skeleton label="the key figures">
        <div className={classes.cards}>
          {KPI_MEASURES.map((name) => (
            <div key={name} className={classes.card}>
              <Bone width="6rem" height="0.75rem" />
              <Bone width="7rem" height="1.75rem" />
              <Bone width="9rem" height="0.75rem" />
              <Bone height="2rem" />
            </div>
          ))}
        </div>
      </Skeleton>
    );
  }
  return (
    <ul className={classes.cards} aria-label="Key figures">
      {shapeKpis(answer).map((kpi) => (
        <KpiCard key={kpi.name} kpi={kpi} />
      ))}
    </ul>
  );
}

function KpiCard({ kpi }: { kpi: Kpi }) {
  const color = kpi.name === "count_failed" ? "var(--status-failed)" : "var(--series-1)";
  const fromZero = kpi.unit !== "percent";
  return (
    <li className={classes.card} data-kpi={kpi.name} data-value={kpi.value ?? ""}>
      <Tooltip label={kpi.definition} disabled={!kpi.definition} events={{ hover: true, focus: true, touch: true }}>
        <button type="button" className={classes.label}>
          {kpi.label}
        </button>
      </Tooltip>
      <Tooltip
        label={exact(kpi.value, kpi.unit)}
        disabled={compact(kpi.value, kpi.unit) === exact(kpi.value, kpi.unit)}
      >
        <div className={classes.value}>{compact(kpi.value, kpi.unit)}</div>
      </Tooltip>
      <div className={classes.change}>{kpi.isCompared && <ChangeLine kpi={kpi} />}</div>
      <Sparkline values={kpi.spark} color={color} fromZero={fromZero} />
    </li>
  );
}

function ChangeLine({ kpi }: { kpi: Kpi }) {
  if (kpi.previous == null) return <span className="muted">Nothing before to compare with</span>;
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
