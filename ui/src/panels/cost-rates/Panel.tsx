import { Button, TextInput } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { toApiError } from "../../api/problem.ts";
import { costRatesQuery, usersQuery } from "../../api/queries.ts";
import { resetCostRates, setCostRates } from "../../api/requests.ts";
import type { CostRates } from "../../api/types.ts";
import { usePermission } from "../../session/session.ts";
import { ErrorState } from "../../widgets/ErrorState.tsx";
import { Facts } from "../../widgets/Facts.tsx";
import { FormError } from "../../widgets/FormError.tsx";
import { InlineConfirm } from "../../widgets/InlineConfirm.tsx";
import { Panel } from "../../widgets/Panel.tsx";
import { Bone, Skeleton } from "../../widgets/Skeleton.tsx";
import { Time } from "../../widgets/Time.tsx";
import { checkRates, examplesOf, fieldsOf, type RateFields, ratesOf } from "./data.ts";
import classes from "./Panel.module.css";

export function CostRatesPanel() {
  const rates = useQuery(costRatesQuery);
  return (
    <Panel
      title="Cost rates"
      subtitle="What a session of an automation is estimated to cost. Costs that were recorded are not touched."
    >
      {rates.data ? (
        // Anew when the server says something else.
        <RatesForm key={`${rates.data.per_minute_usd}/${rates.data.session_minimum_usd}`} rates={rates.data} />
      ) : rates.error ? (
        <ErrorState what="The rates could not be loaded" error={rates.error} onRetry={() => void rates.refetch()} />
      ) : (
        <Skeleton label="the rates">
          <Bone height="9rem" />
        </Skeleton>
      )}
    </Panel>
  );
}

function RatesForm({ rates }: { rates: CostRates }) {
  const mayManage = usePermission("manage_costs");
  const client = useQueryClient();
  const [fields, setFields] = useState<RateFields>(fieldsOf(rates));
  const done = (answer: CostRates) => {
    client.setQueryData(costRatesQuery.queryKey, answer);
    // Estimates of any time are made with the rates of now.
    void client.invalidateQueries({
      predicate: ({ queryKey }) => queryKey[0] !== "session" && queryKey[0] !== "model",
    });
  };
  const save = useMutation({ mutationFn: () => setCostRates(ratesOf(fields)), onSuccess: done });
  const reset = useMutation({ mutationFn: resetCostRates, onSuccess: done });
  const problems = checkRates(fields);
  const isValid = Object.keys(problems).length === 0;
  const isChanged = JSON.stringify(ratesOf(fields)) !== JSON.stringify(ratesOf(fieldsOf(rates)));
  const refused = save.error ?? reset.error;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (isValid && isChanged) save.mutate();
  };
  return (
    <div className={classes.pair}>
      <form className={classes.form} onSubmit={submit} noValidate>
        <TextInput
          label="For each session, in US dollars"
          inputMode="decimal"
          readOnly={!mayManage}
          value={fields.sessionMinimum}
          error={problems.sessionMinimum}
          onChange={(event) => setFields({ ...fields, sessionMinimum: event.currentTarget.value })}
        />
        <TextInput
          label="For each minute that it lasts, in US dollars"
          inputMode="decimal"
          readOnly={!mayManage}
          value={fields.perMinute}
          error={problems.perMinute}
          onChange={(event) => setFields({ ...fields, perMinute: event.currentTarget.value })}
        />
        {refused && <FormError error={toApiError(refused)} />}
        {mayManage ? (
          <div className={classes.actions}>
            <Button type="submit" disabled={!isValid || !isChanged} loading={save.isPending}>
              Save the rates
            </Button>
            {!rates.is_default && (
              <InlineConfirm label="Go back to the defaults" about="of the server" onConfirm={() => reset.mutate()} />
            )}
          </div>
        ) : (
          <p className={classes.note}>Only owners and admins change the rates.</p>
        )}
        <Origin rates={rates} />
      </form>
      <div>
        <h3 className={classes.effect}>What that means</h3>
        <Facts
          facts={examplesOf(isValid ? ratesOf(fields) : rates).map(({ length, cost }) => [
            `A session of ${length}`,
            cost,
          ])}
        />
        <p className={classes.note}>
          Only successful executions are estimated. A change counts for all time: estimates of last month are made with
          the new rates, too.
        </p>
      </div>
    </div>
  );
}

/** Whose rates these are, and since when. */
function Origin({ rates }: { rates: CostRates }) {
  const users = useQuery({ ...usersQuery, enabled: usePermission("manage_people") && rates.updated_by !== null });
  if (rates.is_default) return <p className={classes.note}>These are the defaults of the server.</p>;
  const by = users.data?.find(({ id }) => id === rates.updated_by);
  return (
    <p className={classes.note}>
      Set <Time at={rates.updated_at} />
      {by && ` by ${by.name || by.email}`}.
    </p>
  );
}
