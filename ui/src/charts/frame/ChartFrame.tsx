import { ActionIcon } from "@mantine/core";
import type { EChartsCoreOption } from "echarts/core";
import { type KeyboardEvent, type ReactNode, useEffect, useRef, useState } from "react";
import { useShortcuts } from "../../shell/shortcuts.tsx";
import { useTokens } from "../../theme/useTokens.ts";
import { Icon, type IconName } from "../../widgets/Icon.tsx";
import { tip } from "../../widgets/tip.ts";
import classes from "./ChartFrame.module.css";
import { ChartTable } from "./ChartTable.tsx";
import { fileName, tableCsv } from "./csv.ts";
import { download } from "./download.ts";
import type { Look } from "./look.ts";
import type { Key } from "./png.ts";
import type { Table } from "./table.ts";
import { addChart, turnCharts } from "./tableKey.ts";

interface Props {
  title: string;
  subtitle: string;
  /** Of the drawing, in CSS pixels at the usual size of type. */
  height: number;
  /** The same values as rows. Made when they are wanted. */
  table: () => Table;
  /** The same as a picture, and what its colours mean. What is no drawing has none. */
  drawing?: (look: Look) => EChartsCoreOption | Promise<EChartsCoreOption>;
  keys?: Key[];
  actions?: ReactNode;
  legend?: ReactNode;
  children: ReactNode;
}

/** Narrower pictures than this don't hold a title. */
const PICTURE_MIN_PX = 640;

/** What every chart has, whatever its kind: what it shows, the same as a table (T), as CSV and as PNG. */
export function ChartFrame({ title, subtitle, height, table, drawing, keys = [], actions, legend, children }: Props) {
  const root = useRef<HTMLElement>(null);
  const body = useRef<HTMLDivElement>(null);
  const isByKey = useRef(false);
  const [asTable, setAsTable] = useState(false);
  const [failed, setFailed] = useState("");
  const tokens = useTokens();

  useShortcuts([
    { keys: "t", label: "Chart as a table, and back", group: "Chart and table", run: turnCharts },
    { keys: "← →", label: "Move along a chart that has the focus", group: "Chart and table" },
    { keys: "Enter", label: "Rows behind the point, or open the row", group: "Chart and table" },
  ]);
  useEffect(() => addChart({ element: () => root.current, turn: () => setAsTable((before) => !before) }), []);

  // Whoever turned the chart by its key goes on from where they were.
  // biome-ignore lint/correctness/useExhaustiveDependencies: runs after each turn
  useEffect(() => {
    if (isByKey.current) body.current?.querySelector<HTMLElement>('[tabindex="0"]')?.focus();
    isByKey.current = false;
  }, [asTable]);

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    if (event.key.toLowerCase() !== "t" && !(asTable && event.key === "Escape")) return;
    event.preventDefault();
    isByKey.current = true;
    setAsTable(!asTable);
  };
  const savePng = (draw: NonNullable<Props["drawing"]>) => {
    const width = Math.max(PICTURE_MIN_PX, body.current?.clientWidth ?? 0);
    const look: Look = { tokens, width, height, scale: 1, isStill: true };
    Promise.all([import("./png.ts"), draw(look)])
      .then(([{ composePng }, option]) => composePng({ title, subtitle, keys, option, width, height, tokens }))
      .then((blob) => download(fileName(title, "png"), blob))
      .catch((error: unknown) => setFailed(error instanceof Error ? error.message : String(error)));
  };
  const saveCsv = () => download(fileName(title, "csv"), new Blob([tableCsv(table())], { type: "text/csv" }));

  return (
    <figure ref={root} className={classes.chart} aria-label={title}>
      <div className={classes.head}>
        <div className={classes.titles}>
          <h2>{title}</h2>
          {subtitle && <p className={classes.subtitle}>{subtitle}</p>}
        </div>
        <div className={classes.tools}>
          {actions}
          <Tool
            icon={asTable ? "chart" : "table"}
            label={asTable ? "Show as chart (T)" : "Show as table (T)"}
            onClick={() => setAsTable(!asTable)}
          />
          <Tool icon="download" label="Save as CSV" onClick={saveCsv} />
          {drawing && <Tool icon="image" label="Save as PNG" onClick={() => savePng(drawing)} />}
        </div>
      </div>
      {failed && <p role="alert">{failed}</p>}
      {!asTable && legend}
      {/* biome-ignore lint/a11y/noStaticElementInteractions: only hears the keys of what is inside */}
      <div ref={body} className={classes.body} onKeyDown={onKeyDown}>
        {asTable ? <ChartTable title={title} table={table()} maxHeight={height + 40} /> : children}
      </div>
    </figure>
  );
}

function Tool({ icon, label, onClick }: { icon: IconName; label: string; onClick: () => void }) {
  return (
    <ActionIcon {...tip(label)} variant="subtle" size="md" c="var(--muted)" aria-label={label} onClick={onClick}>
      <Icon name={icon} />
    </ActionIcon>
  );
}
