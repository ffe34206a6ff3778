import { exact, plural } from "../../format/format.ts";
import { Lane } from "./Lane.tsx";
import type { ResourceLine } from "./resources.ts";
import classes from "./Waterfall.module.css";

interface Props {
  lines: readonly ResourceLine[];
  hosts: readonly string[];
  samples: number;
  ticks: readonly number[];
}

/** What the run used, each thing a row on the axis of the steps. */
export function ResourceRows({ lines, hosts, samples, ticks }: Props) {
  return (
    <tbody>
      <tr>
        <th scope="rowgroup" colSpan={4} className={classes.group}>
          Resources
          <span className={classes.groupAbout}>
            {plural(samples, "sample")}
            {hosts.length > 0 && ` from ${hosts.join(", ")}`}
          </span>
        </th>
      </tr>
      {lines.map((line) => (
        <tr key={line.name}>
          <td className={classes.step}>
            <span className={classes.name}>{line.label}</span>
          </td>
          <td className={classes.status}>
            <span className="muted">{samples > 1 && `average ${exact(line.avg, line.unit)}`}</span>
          </td>
          <td className={classes.figure}>
            {exact(line.max, line.unit)}
            <span className={classes.about}>{samples > 1 ? "at most" : "once"}</span>
          </td>
          <td className={classes.track}>
            <Lane ticks={ticks}>
              <Points line={line} />
            </Lane>
          </td>
        </tr>
      ))}
    </tbody>
  );
}

function Points({ line: { points } }: { line: ResourceLine }) {
  return (
    <>
      {points.length > 1 && (
        <svg className={classes.line} viewBox="0 0 100 100" preserveAspectRatio="none" aria-hidden="true">
          <polyline points={points.map(({ x, y }) => `${x},${100 - y}`).join(" ")} />
        </svg>
      )}
      {points.length <= 24 &&
        points.map(({ x, y }) => <span key={x} className={classes.point} style={{ left: `${x}%`, bottom: `${y}%` }} />)}
    </>
  );
}
