import { Link } from "@tanstack/react-router";
import { compact } from "../../format/format.ts";
import { Panel } from "../../widgets/Panel.tsx";
import { Bone, Skeleton } from "../../widgets/Skeleton.tsx";
import classes from "./Rankings.module.css";
import type { Ranking } from "./rankings.ts";

interface Props {
  rankings: readonly Ranking[] | undefined;
  /** Shows the rest, in the table. */
  onSort: (sort: string) => void;
}

/** Who is first by what people ask for; each name leads to its workflow. */
export function Rankings({ rankings, onSort }: Props) {
  if (!rankings) {
    return (
      <Skeleton label="the rankings">
        <div className={classes.rankings}>
          {["count", "failures", "p95", "cost"].map((name) => (
            <Panel key={name}>
              <Bone width="8rem" />
              <div style={{ height: "0.75rem" }} />
              <Bone height="9.5rem" />
            </Panel>
          ))}
        </div>
      </Skeleton>
    );
  }
  return (
    <div className={classes.rankings}>
      {rankings.map((ranking) => (
        <Panel key={ranking.name} title={ranking.title}>
          <Places ranking={ranking} />
          {ranking.items.length > 0 && (
            <button type="button" className={classes.rest} onClick={() => onSort(ranking.sort)}>
              Sort the table by this
            </button>
          )}
        </Panel>
      ))}
    </div>
  );
}

function Places({ ranking: { items, unit } }: { ranking: Ranking }) {
  if (items.length === 0) return <p className={classes.none}>None in this range.</p>;
  const greatest = items[0]?.value || 1;
  return (
    <ol className={classes.places}>
      {items.map(({ name, label, value, note }) => (
        <li key={name}>
          <Link to="/workflows/$id" params={{ id: name }} className={classes.place} title={note}>
            <span className={classes.name}>{label}</span>
            <span className={classes.value}>{compact(value, unit)}</span>
            <span className={classes.bar} style={{ width: `${((value ?? 0) / greatest) * 100}%` }} />
          </Link>
        </li>
      ))}
    </ol>
  );
}
