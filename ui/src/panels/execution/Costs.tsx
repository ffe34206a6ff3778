import type { Cost } from "../../api/types.ts";
import { exact, exactCount, money, UNKNOWN } from "../../format/format.ts";
import { Panel } from "../../widgets/Panel.tsx";
import { sumCosts } from "./data.ts";
import classes from "./Execution.module.css";

/** What the run cost, by action, with what is only estimated marked. */
export function Costs({ costs, attempts }: { costs: readonly Cost[]; attempts: number }) {
  const sum = sumCosts(costs);
  const about = [attempts > 1 ? "All attempts together" : null, sum.hasEstimate ? "≈ is an estimate" : null];
  return (
    <Panel title="Cost" subtitle={about.filter(Boolean).join(" · ")}>
      {costs.length === 0 ? (
        <p className="muted">No cost record was sent for this execution.</p>
      ) : (
        <div className={classes.scroll}>
          <table className={classes.costs}>
            <thead>
              <tr>
                <th scope="col">Action</th>
                <th scope="col">Quantity</th>
                <th scope="col">Credits</th>
                <th scope="col">Amount</th>
              </tr>
            </thead>
            <tbody>
              {costs.map((each) => (
                <tr key={each.id}>
                  <th scope="row">{each.action_type ?? "Cost"}</th>
                  <td>{each.quantity == null ? UNKNOWN : `${exactCount(each.quantity)} ${each.unit ?? ""}`}</td>
                  <td>{exact(each.credits, "credits")}</td>
                  <td>
                    {each.is_estimate && <abbr title="Estimate">≈ </abbr>}
                    {each.amount_usd == null ? UNKNOWN : money(each.amount_usd)}
                  </td>
                </tr>
              ))}
            </tbody>
            <tfoot>
              <tr>
                <th scope="row">Total</th>
                <td />
                <td>{exact(sum.credits, "credits")}</td>
                <td>
                  {sum.hasEstimate && <abbr title="Some of it is estimated">≈ </abbr>}
                  {sum.usd == null ? UNKNOWN : money(sum.usd)}
                </td>
              </tr>
            </tfoot>
          </table>
        </div>
      )}
    </Panel>
  );
}
