import { Button, Checkbox, Select, TextInput } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useMemo, useState } from "react";
import { toApiError } from "../../api/problem.ts";
import { keysQuery, usersQuery } from "../../api/queries.ts";
import { createKey, revokeKey } from "../../api/requests.ts";
import type { ApiKey, KeyScope, User } from "../../api/types.ts";
import { plural } from "../../format/format.ts";
import { usePermission } from "../../session/session.ts";
import { CopyButton } from "../../widgets/CopyButton.tsx";
import { DataTable, type TableColumn } from "../../widgets/DataTable.tsx";
import { EmptyState } from "../../widgets/EmptyState.tsx";
import { ErrorState } from "../../widgets/ErrorState.tsx";
import { FormError } from "../../widgets/FormError.tsx";
import { Icon } from "../../widgets/Icon.tsx";
import { InlineConfirm } from "../../widgets/InlineConfirm.tsx";
import { Panel } from "../../widgets/Panel.tsx";
import { Bone, Skeleton } from "../../widgets/Skeleton.tsx";
import { Time } from "../../widgets/Time.tsx";
import classes from "./Panel.module.css";

const SCOPES: { scope: KeyScope; says: string }[] = [
  { scope: "ingest", says: "send records" },
  { scope: "read", says: "ask queries" },
  { scope: "admin", says: "manage people and keys" },
];

export function KeysPanel() {
  const keys = useQuery(keysQuery);
  const users = useQuery({ ...usersQuery, enabled: usePermission("manage_people") });
  const [isMaking, setMaking] = useState(false);
  const [made, setMade] = useState<string | null>(null);
  const client = useQueryClient();
  const revoke = useMutation({
    mutationFn: (key: ApiKey) => revokeKey(key.id),
    onSuccess: (_, key) => {
      notifications.show({
        message: `“${key.name}” is revoked. Requests with it are refused from now on.`,
        autoClose: 4000,
      });
      void client.invalidateQueries({ queryKey: ["keys"] });
    },
  });
  const revokeOne = revoke.mutate;
  const columns = useMemo<TableColumn<ApiKey>[]>(
    () => [
      { id: "name", header: "Name", isFixed: true, cell: (key) => <b>{key.name}</b>, sortBy: (key) => key.name },
      { id: "prefix", header: "Begins with", cell: (key) => <code>{key.prefix}…</code> },
      { id: "scopes", header: "Scopes", cell: (key) => key.scopes.join(", "), sortBy: (key) => key.scopes.join() },
      {
        id: "user",
        header: "Acts as",
        cell: (key) => (key.user_id ? nameOf(users.data, key.user_id) : <span className="muted">organization</span>),
      },
      {
        id: "created",
        header: "Created",
        cell: (key) => <Time at={key.created_at} />,
        sortBy: (key) => key.created_at,
      },
      {
        id: "used",
        header: "Last used",
        cell: (key) => (key.last_used_at ? <Time at={key.last_used_at} /> : <span className="muted">never</span>),
        sortBy: (key) => key.last_used_at,
      },
      {
        id: "actions",
        header: "Actions",
        align: "right",
        cell: (key) => <InlineConfirm label="Revoke" about={key.name} onConfirm={() => revokeOne(key)} />,
      },
    ],
    [users.data, revokeOne],
  );

  return (
    <Panel
      flush
      title="API keys"
      subtitle="A key is shown once, when it is made, and kept only as a hash."
      actions={
        !isMaking && (
          <Button leftSection={<Icon name="plus" size={14} />} onClick={() => setMaking(true)}>
            Create a key
          </Button>
        )
      }
    >
      {isMaking && (
        <NewKey
          users={users.data ?? []}
          onClose={() => setMaking(false)}
          onMade={(key) => {
            setMade(key);
            setMaking(false);
          }}
        />
      )}
      {made && (
        <div className={classes.made} role="status">
          <p>
            <b>Copy this key now.</b> It cannot be shown again.
          </p>
          <div className={classes.key}>
            <code>{made}</code>
          </div>
          <div className={classes.actions}>
            <CopyButton withText text={made} label="Copy the key" />
            <Button variant="subtle" onClick={() => setMade(null)}>
              I have kept it
            </Button>
          </div>
        </div>
      )}
      {revoke.error && (
        <div className={classes.pad}>
          <FormError error={toApiError(revoke.error)} />
        </div>
      )}
      {keys.data ? (
        keys.data.length > 0 ? (
          <DataTable
            id="keys"
            label="API keys"
            columns={columns}
            rows={keys.data}
            rowKey={(key) => key.id}
            footer={plural(keys.data.length, "key")}
          />
        ) : (
          <EmptyState title="There is no key yet">
            Whatever sends records to Tacho needs one with the scope “ingest”.
          </EmptyState>
        )
      ) : keys.error ? (
        <div className={classes.pad}>
          <ErrorState what="The keys could not be loaded" error={keys.error} onRetry={() => void keys.refetch()} />
        </div>
      ) : (
        <Skeleton label="the keys">
          <div className={classes.pad}>
            <Bone height="5rem" />
          </div>
        </Skeleton>
      )}
    </Panel>
  );
}

function nameOf(users: User[] | undefined, id: string): string {
  const user = users?.find((each) => each.id === id);
  return user ? user.name || user.email : id;
}

function NewKey({ users, onClose, onMade }: { users: User[]; onClose: () => void; onMade: (key: string) => void }) {
  const client = useQueryClient();
  const [name, setName] = useState("");
  const [scopes, setScopes] = useState<KeyScope[]>(["ingest"]);
  const [user, setUser] = useState("");
  const make = useMutation({
    mutationFn: () => createKey(name.trim(), scopes, user || null),
    onSuccess: (created) => {
      void client.invalidateQueries({ queryKey: ["keys"] });
      onMade(created.key);
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    make.mutate();
  };
  return (
    <form className={classes.form} onSubmit={submit}>
      <TextInput
        label="Name"
        description="What uses it, so that you know what stops when you revoke it"
        placeholder="Production workers"
        required
        autoFocus
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
      />
      <Checkbox.Group
        label="May"
        value={scopes}
        onChange={(next) => setScopes(SCOPES.map(({ scope }) => scope).filter((scope) => next.includes(scope)))}
      >
        <div className={classes.scopes}>
          {SCOPES.map(({ scope, says }) => (
            <Checkbox key={scope} size="xs" value={scope} label={`${scope}: ${says}`} />
          ))}
        </div>
      </Checkbox.Group>
      {users.length > 0 && (
        <Select
          label="Sees"
          description="A key that acts as a person sees what that person may see"
          data={[
            { value: "", label: "Everything in the organization" },
            ...users.map(({ id, email }) => ({ value: id, label: `What ${email} sees` })),
          ]}
          value={user}
          onChange={(value) => setUser(value ?? "")}
        />
      )}
      {make.error && <FormError error={toApiError(make.error)} />}
      <div className={classes.actions}>
        <Button type="submit" disabled={name.trim() === "" || scopes.length === 0} loading={make.isPending}>
          Create the key
        </Button>
        <Button variant="default" onClick={onClose}>
          Cancel
        </Button>
      </div>
    </form>
  );
}
