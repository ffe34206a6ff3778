import { compact } from "../../format/format.ts";
import { seriesTotal, type TimeChartModel, unitOfSeries } from "../model.ts";
import classes from "./time.module.css";

interface Props {
  model: TimeChartModel;
  hidden: ReadonlySet<string>;
  onToggle: (name: string) => void;
}

/** The names of the colours, with totals where adding up says something. Shows and hides. */
export function Legend({ model, hidden, onToggle }: Props) {
  if (model.series.length === 0) return null;
  return (
    <ul className={classes.legend} aria-label="Series">
      {model.series.map((series) => {
        const total = seriesTotal(model, series);
        return (
          <li key={series.name}>
            <button
              type="button"
              className={classes.legendItem}
              aria-pressed={!hidden.has(series.name)}
              title={hidden.has(series.name) ? `Show ${series.label}` : `Hide ${series.label}`}
              onClick={() => onToggle(series.name)}
            >
              <span
                className={classes.swatch}
                data-line={series.shape === "line" || undefined}
                data-dashed={series.isDashed || undefined}
                style={{ color: series.color }}
                aria-hidden="true"
              />
              <span className={classes.legendLabel}>{series.label}</span>
              {total !== undefined && <b>{compact(total, unitOfSeries(model, series))}</b>}
            </button>
          </li>
        );
      })}
      {model.band && (
        <li className={classes.legendNote}>
          <span className={classes.swatch} style={{ color: model.band.color, opacity: 0.25 }} aria-hidden="true" />
          {model.band.label}
        </li>
      )}
      {model.series.some(({ before }) => before) && (
        <li className={classes.legendNote}>
          <span className={classes.swatch} data-line data-dashed style={{ color: "var(--muted)" }} aria-hidden="true" />
          Before
        </li>
      )}
    </ul>
  );
}
