import type { ReactNode } from "react";
import classes from "./Facts.module.css";

/** Names and their values, as a list of definitions. `columns` lays them side by side where there is room. */
export function Facts({ facts, columns = false }: { facts: [ReactNode, ReactNode][]; columns?: boolean }) {
  return (
    <dl className={classes.facts} data-columns={columns || undefined}>
      {facts.map(([name, value], index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a fixed list
        <div key={index} className={classes.fact}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
