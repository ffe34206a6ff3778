import { totalOf } from "../../api/rows.ts";
import type { Answer, FailureDetail } from "../../api/types.ts";
import { change, duration, exact, exactCount, money, percent, UNKNOWN } from "../../format/format.ts";
import { Facts } from "../../widgets/Facts.tsx";
import { Panel } from "../../widgets/Panel.tsx";
import { Time } from "../../widgets/Time.tsx";
import { STATE } from "../failures/data.ts";
import { Pattern } from "../failures/Pattern.tsx";
import { StateChip } from "../failures/StateChip.tsx";
import classes from "./Failure.module.css";

/** What the fault is, how it comes and goes, and what it costs. */
export function FailureHead({ detail: { failure }, totals }: { detail: FailureDetail; totals: Answer | undefined }) {
  const delta = change(failure.count, failure.count_before, "count", "lower");
  const total = (name: string) => (totals ? totalOf(totals, name) : null);
  const [lost, retried, users, credits] = [
    total("duration_total"),
    total("retry_rate"),
    total("distinct_users"),
    total("credits"),
  ];
  return (
    <Panel className={classes.head}>
      <p className={classes.pattern}>
        <Pattern pattern={failure.pattern} />
      </p>
      <p className={classes.state}>
        <StateChip state={failure.state} /> {STATE[failure.state].about}
      </p>
      <Facts
        columns
        facts={[
          [
            "Failures",
            <span key="n">
              {exactCount(failure.count)}{" "}
              <span className={classes.delta} data-verdict={delta?.verdict}>
                {delta?.text ?? (failure.count_before === 0 ? "none before" : "")}
              </span>
            </span>,
          ],
          ["In the range before", exactCount(failure.count_before)],
          ["First seen", <Time key="f" at={failure.first_seen} />],
          ["Last seen", <Time key="l" at={failure.last_seen} />],
          ["Workflows", exactCount(failure.workflow_count)],
          ["Cost of failed work", money(failure.cost_usd)],
          ["Credits", credits == null ? UNKNOWN : exact(credits, "credits")],
          ["Time lost", lost == null ? UNKNOWN : duration(lost)],
          ["Retries among them", retried == null ? UNKNOWN : percent(retried)],
          ["Users affected", users == null ? UNKNOWN : exactCount(users)],
        ]}
      />
    </Panel>
  );
}
