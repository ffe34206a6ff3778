import { ActionIcon, Tooltip, useComputedColorScheme } from "@mantine/core";
import { type ReactNode, useRef, useState } from "react";
import { compact } from "../format/format.ts";
import { useShortcuts } from "../shell/shortcuts.tsx";
import { TOKENS } from "../theme/tokens.ts";
import { Icon, type IconName } from "../widgets/Icon.tsx";
import type { CanvasHandle } from "./Canvas.tsx";
import { ChartTable } from "./ChartTable.tsx";
import { chartCsv, fileName } from "./csv.ts";
import { download } from "./download.ts";
import { seriesTotal, type TimeChartModel } from "./model.ts";
import { Plot } from "./Plot.tsx";
import classes from "./TimeChart.module.css";

interface Props {
  model: TimeChartModel;
  height?: number;
  /** Enter or click on a bucket: the rows behind it. */
  onPick?: (from: string, to: string) => void;
  /** Dragged over buckets: zoom. */
  onZoom?: (from: string, to: string) => void;
  /** Double click: back. */
  onZoomBack?: () => void;
  actions?: ReactNode;
}

/**
 * A chart over time with everything that every chart has: legend with totals, cursor by pointer and keyboard, spoken
 * values, table view, CSV and PNG.
 */
export function TimeChart({ model, height = 260, onPick, onZoom, onZoomBack, actions }: Props) {
  const [asTable, setAsTable] = useState(false);
  const [hidden, setHidden] = useState<ReadonlySet<string>>(new Set());
  const [failed, setFailed] = useState("");
  const handle = useRef<CanvasHandle | null>(null);
  const scheme = useComputedColorScheme("light", { getInitialValueInEffect: false });
  const tokens = TOKENS[scheme];

  useShortcuts([
    { keys: "t", label: "Chart as a table, and back", group: "Chart and table", run: () => setAsTable(!asTable) },
    { keys: "← →", label: "Move along a chart that has the focus", group: "Chart and table" },
    { keys: "Enter", label: "Rows behind the point, or open the row", group: "Chart and table" },
  ]);

  const savePng = () => {
    const drawing = handle.current?.image(tokens.background);
    if (!drawing) return;
    import("./png.ts")
      .then(({ composePng }) => composePng(drawing, model, tokens))
      .then((blob) => download(fileName(model.title, "png"), blob))
      .catch((error: unknown) => setFailed(error instanceof Error ? error.message : String(error)));
  };
  const saveCsv = () => download(fileName(model.title, "csv"), new Blob([chartCsv(model)], { type: "text/csv" }));
  const toggle = (name: string) =>
    setHidden((before) => {
      const after = new Set(before);
      if (!after.delete(name)) after.add(name);
      // Hiding the last one shows all again: an empty chart says nothing.
      return after.size === model.series.length ? new Set() : after;
    });

  return (
    <div className={classes.chart}>
      <div className={classes.head}>
        <div className={classes.titles}>
          <h2>{model.title}</h2>
          <p className={classes.subtitle}>{model.subtitle}</p>
        </div>
        <div className={classes.tools}>
          {actions}
          <Tool
            icon={asTable ? "chart" : "table"}
            label={asTable ? "Show as chart" : "Show as table (T)"}
            onClick={() => setAsTable(!asTable)}
          />
          <Tool icon="download" label="Save as CSV" onClick={saveCsv} />
          <Tool icon="image" label="Save as PNG" onClick={savePng} disabled={asTable} />
        </div>
      </div>
      {failed && <p role="alert">{failed}</p>}
      <ul className={classes.legend} aria-label="Series">
        {model.series.map((series) => (
          <li key={series.name}>
            <button
              type="button"
              className={classes.legendItem}
              aria-pressed={!hidden.has(series.name)}
              title={hidden.has(series.name) ? `Show ${series.label}` : `Hide ${series.label}`}
              onClick={() => toggle(series.name)}
            >
              <span className={classes.swatch} style={{ background: series.color }} aria-hidden="true" />
              {series.label} <b>{compact(seriesTotal(series), model.unit)}</b>
            </button>
          </li>
        ))}
      </ul>
      {asTable ? (
        <ChartTable model={model} height={height} />
      ) : (
        <Plot
          model={model}
          hidden={hidden}
          height={height}
          onTable={() => setAsTable(true)}
          onPick={onPick}
          onZoom={onZoom}
          onZoomBack={onZoomBack}
          onReady={(made) => {
            handle.current = made;
          }}
        />
      )}
    </div>
  );
}

function Tool({
  icon,
  label,
  onClick,
  disabled,
}: {
  icon: IconName;
  label: string;
  onClick: () => void;
  disabled?: boolean;
}) {
  return (
    <Tooltip label={label}>
      <ActionIcon variant="subtle" size="md" c="var(--muted)" aria-label={label} onClick={onClick} disabled={disabled}>
        <Icon name={icon} />
      </ActionIcon>
    </Tooltip>
  );
}
