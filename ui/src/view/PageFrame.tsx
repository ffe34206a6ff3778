import type { ReactNode } from "react";
import { ErrorState } from "../widgets/ErrorState.tsx";
import { useTitle } from "../widgets/title.ts";
import classes from "./PageFrame.module.css";
import { RangeLine } from "./RangeLine.tsx";
import { RefreshControl } from "./RefreshControl.tsx";
import type { Answers } from "./useAnswers.ts";
import { useView } from "./useView.ts";
import { ViewBar } from "./ViewBar.tsx";
import type { Where } from "./view.ts";
import { coveredBy, type Range, since } from "./words.ts";

interface Props {
  /** What the page is; the browser's title too. */
  title: string;
  /** What it is in the title row, if more than the title: a name with a mark beside it. */
  heading?: ReactNode;
  /** Below the heading: scope, range, facts in a line. */
  line?: ReactNode;
  actions?: ReactNode;
  /** The page's numbers. With them the page has a time range, says as of when it is, refreshes, and shows why there are none. */
  answers?: Answers<string>;
  /** The range that the page covers, if not that of its first answer. */
  shown?: Range | null;
  /** The page's filters, as removable chips, and how they change. */
  where?: Where;
  onWhere?: (where: Where | undefined) => void;
  /** Names of filtered values, where they are ids. */
  nameOf?: (field: string, value: string) => string | undefined;
  /** More controls in the filter row. */
  controls?: ReactNode;
  children: ReactNode;
}

/** Title row, filter row, then what the page shows: the same on every page. */
export function PageFrame(props: Props) {
  const { title, heading, line, actions, answers, children } = props;
  const { zone, view, period } = useView();
  const covered = coveredBy(answers?.parts ?? {});
  const isAll = !view.from && !view.last && (view.period ?? period) === "all";
  const begins = isAll ? covered.begins : null;
  const shown = since(props.shown ?? covered.shown, begins);
  useTitle(title);
  return (
    <div className={classes.page}>
      <div className={classes.titleRow}>
        <div>
          <h1>{heading ?? title}</h1>
          {line}
          {answers && <RangeLine shown={shown} compared={since(covered.compared, begins)} zone={zone} />}
        </div>
        <div className={classes.actions}>
          {actions}
          {answers && (
            <RefreshControl
              asOf={answers.asOf}
              zone={zone}
              isStale={answers.isStale}
              live={answers.live}
              onRefresh={answers.refresh}
            />
          )}
        </div>
      </div>
      {answers && (
        <ViewBar
          shown={shown}
          where={props.where}
          onWhere={props.onWhere}
          nameOf={props.nameOf}
          controls={props.controls}
        />
      )}
      {answers?.failure ? (
        <ErrorState what="The numbers could not be loaded" error={answers.failure} onRetry={answers.refresh} />
      ) : (
        <div className={classes.body} data-stale={answers?.isPlaceholder || undefined}>
          {children}
        </div>
      )}
    </div>
  );
}
