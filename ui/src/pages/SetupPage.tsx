import { Button, PasswordInput, Select, TextInput } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { type FormEvent, useMemo, useState } from "react";
import { toApiError } from "../api/problem.ts";
import { setUp } from "../api/requests.ts";
import { browserZone } from "../format/time.ts";
import { checkSetUp, isLinkError, type SetUpFields } from "../panels/set-up/data.ts";
import { PasswordStrength } from "../panels/set-up/PasswordStrength.tsx";
import { sessionQuery, setupQuery } from "../session/session.ts";
import { ErrorState } from "../widgets/ErrorState.tsx";
import { FormError } from "../widgets/FormError.tsx";
import { useTitle } from "../widgets/title.ts";
import { DoorLayout } from "./DoorLayout.tsx";

export function SetupPage() {
  useTitle("Set up");
  const { token } = useSearch({ from: "/setup" });
  const setup = useQuery(setupQuery);
  if (setup.isPending) return <DoorLayout title="Set up Tacho" />;
  if (setup.error) {
    return (
      <DoorLayout title="Set up Tacho">
        <ErrorState
          what="Tacho did not answer"
          error={setup.error}
          onRetry={() => void setup.refetch()}
          safety={null}
        />
      </DoorLayout>
    );
  }
  if (!setup.data.needed) {
    return (
      <DoorLayout
        title="Tacho is set up"
        lead={<p>This instance has its owner already. An owner or admin can add you.</p>}
      >
        <Button component={Link} to="/sign-in" size="sm">
          Go to sign-in
        </Button>
      </DoorLayout>
    );
  }
  return token ? <SetUpForm token={token} /> : <LinkNeeded expired={false} />;
}

function LinkNeeded({ expired }: { expired: boolean }) {
  return (
    <DoorLayout
      title={expired ? "This link no longer works" : "One step is missing"}
      lead={
        <>
          <p>
            {expired
              ? "A set-up link works once and for a limited time. Restart Tacho to get a new one."
              : "To make sure that you run this server, set-up starts from a one-time link."}
          </p>
          <p>
            <code>tacho serve</code> prints the link when it starts, as long as nobody has an account. Open it in this
            browser.
          </p>
        </>
      }
    />
  );
}

function SetUpForm({ token }: { token: string }) {
  const navigate = useNavigate();
  const client = useQueryClient();
  const [fields, setFields] = useState<SetUpFields>({
    organization: "",
    email: "",
    password: "",
    timezone: browserZone(),
  });
  const [tried, setTried] = useState(false);
  // The browser's own list may hold UTC or the browser's zone, or not.
  const zones = useMemo(() => [...new Set(["UTC", browserZone(), ...Intl.supportedValuesOf("timeZone")])], []);
  const send = useMutation({
    mutationFn: () => setUp({ token, ...fields, email: fields.email.trim(), organization: fields.organization.trim() }),
    onSuccess: async (session) => {
      client.clear();
      client.setQueryData(sessionQuery.queryKey, session);
      await navigate({ to: "/", search: {}, replace: true });
    },
  });
  const refused = send.error ? toApiError(send.error) : null;
  if (refused && isLinkError(refused)) return <LinkNeeded expired />;

  const problems = tried ? checkSetUp(fields) : {};
  const atField = (name: keyof SetUpFields) =>
    problems[name] ?? (refused?.pointer === `/${name}` ? refused.message : undefined);
  const set = (name: keyof SetUpFields) => (value: string) => setFields((before) => ({ ...before, [name]: value }));
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    if (Object.keys(checkSetUp(fields)).length === 0) send.mutate();
  };
  const isPointed = refused?.pointer && refused.pointer.slice(1) in fields;

  return (
    <DoorLayout title="Set up Tacho" lead={<p>You become the owner. Everything here can be changed later.</p>}>
      <form onSubmit={submit} noValidate>
        <TextInput
          label="Organization"
          name="organization"
          autoComplete="organization"
          placeholder="Example Ltd"
          required
          autoFocus
          value={fields.organization}
          error={atField("organization")}
          onChange={(event) => set("organization")(event.currentTarget.value)}
        />
        <TextInput
          label="Your e-mail"
          name="email"
          type="email"
          autoComplete="username"
          required
          value={fields.email}
          error={atField("email")}
          onChange={(event) => set("email")(event.currentTarget.value)}
        />
        <div>
          <PasswordInput
            label="Password"
            name="password"
            autoComplete="new-password"
            required
            value={fields.password}
            error={atField("password")}
            onChange={(event) => set("password")(event.currentTarget.value)}
            visibilityToggleButtonProps={{ "aria-label": "Show or hide the password" }}
          />
          <PasswordStrength password={fields.password} />
        </div>
        <Select
          label="Time zone"
          description="Where a day begins and ends in your numbers"
          name="timezone"
          searchable
          data={zones}
          value={fields.timezone}
          error={atField("timezone")}
          onChange={(value) => value && set("timezone")(value)}
        />
        {refused && !isPointed && <FormError error={refused} />}
        <Button type="submit" size="sm" fullWidth loading={send.isPending}>
          Create organization
        </Button>
      </form>
    </DoorLayout>
  );
}
