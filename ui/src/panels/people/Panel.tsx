import { Button, PasswordInput, Select, TextInput } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useMemo, useState } from "react";
import { toApiError } from "../../api/problem.ts";
import { usersQuery } from "../../api/queries.ts";
import { createUser, updateUser } from "../../api/requests.ts";
import type { Role, User } from "../../api/types.ts";
import { plural } from "../../format/format.ts";
import { useSession } from "../../session/session.ts";
import { DataTable, type TableColumn } from "../../widgets/DataTable.tsx";
import { ErrorState } from "../../widgets/ErrorState.tsx";
import { FormError } from "../../widgets/FormError.tsx";
import { Icon } from "../../widgets/Icon.tsx";
import { InlineConfirm } from "../../widgets/InlineConfirm.tsx";
import { Panel } from "../../widgets/Panel.tsx";
import { Bone, Skeleton } from "../../widgets/Skeleton.tsx";
import { Time } from "../../widgets/Time.tsx";
import { tip } from "../../widgets/tip.ts";
import classes from "../keys/Panel.module.css";
import { checkEmail, checkPassword } from "../set-up/data.ts";
import { PasswordStrength } from "../set-up/PasswordStrength.tsx";
import { lockedBecause, ROLE_SAYS, rolesGivenBy } from "./data.ts";

export function PeoplePanel() {
  const { user: self } = useSession();
  const users = useQuery(usersQuery);
  const client = useQueryClient();
  const [isAdding, setAdding] = useState(false);
  const change = useMutation({
    mutationFn: ({ id, ...body }: { id: string; role?: Role; is_active?: boolean }) => updateUser(id, body),
    onSuccess: (user) => {
      notifications.show({ message: `${user.email} is saved.`, autoClose: 3000 });
      void client.invalidateQueries({ queryKey: ["users"] });
    },
  });
  const save = change.mutate;
  const columns = useMemo<TableColumn<User>[]>(() => {
    const everybody = users.data ?? [];
    return [
      {
        id: "email",
        header: "E-mail",
        isFixed: true,
        cell: (user) => (
          <>
            <b>{user.email}</b>
            {user.name && <span className="muted"> {user.name}</span>}
            {user.id === self.id && <span className="muted"> (you)</span>}
          </>
        ),
        sortBy: (user) => user.email,
      },
      {
        id: "role",
        header: "Role",
        cell: (user) => {
          const locked = lockedBecause(user, self, everybody);
          if (locked) {
            return <span {...tip(locked)}>{user.role}</span>;
          }
          return (
            <Select
              size="xs"
              w="8rem"
              aria-label={`Role of ${user.email}`}
              data={rolesGivenBy(self.role)}
              value={user.role}
              onChange={(role) => role && role !== user.role && save({ id: user.id, role })}
            />
          );
        },
        sortBy: (user) => user.role,
      },
      {
        id: "created",
        header: "Added",
        cell: (user) => <Time at={user.created_at} />,
        sortBy: (user) => user.created_at,
      },
      {
        id: "seen",
        header: "Last sign-in",
        cell: (user) =>
          user.last_sign_in_at ? <Time at={user.last_sign_in_at} /> : <span className="muted">never</span>,
        sortBy: (user) => user.last_sign_in_at,
      },
      {
        id: "actions",
        header: "Access",
        align: "right",
        cell: (user) =>
          lockedBecause(user, self, everybody) ? null : user.is_active ? (
            <InlineConfirm
              label="Remove access"
              about={`of ${user.email}`}
              onConfirm={() => save({ id: user.id, is_active: false })}
            />
          ) : (
            <Button variant="subtle" size="compact-sm" onClick={() => save({ id: user.id, is_active: true })}>
              Give access again
            </Button>
          ),
      },
    ];
  }, [users.data, self, save]);

  return (
    <Panel
      flush
      title="Members"
      subtitle="Who may sign in, and what they see"
      actions={
        !isAdding &&
        rolesGivenBy(self.role).length > 0 && (
          <Button variant="default" leftSection={<Icon name="plus" size={14} />} onClick={() => setAdding(true)}>
            Add a person
          </Button>
        )
      }
    >
      {isAdding && <NewPerson role={self.role} onClose={() => setAdding(false)} />}
      {change.error && (
        <div className={classes.pad}>
          <FormError error={toApiError(change.error)} />
        </div>
      )}
      {users.data ? (
        <DataTable
          id="people"
          label="People"
          columns={columns}
          rows={users.data}
          rowKey={(user) => user.id}
          footer={plural(users.data.length, "person", "people")}
        />
      ) : users.error ? (
        <div className={classes.pad}>
          <ErrorState what="The people could not be loaded" error={users.error} onRetry={() => void users.refetch()} />
        </div>
      ) : (
        <Skeleton label="the people">
          <div className={classes.pad}>
            <Bone height="5rem" />
          </div>
        </Skeleton>
      )}
    </Panel>
  );
}

function NewPerson({ role: own, onClose }: { role: Role; onClose: () => void }) {
  const client = useQueryClient();
  const [email, setEmail] = useState("");
  const [name, setName] = useState("");
  const [role, setRole] = useState<Role>("member");
  const [password, setPassword] = useState("");
  const [tried, setTried] = useState(false);
  const add = useMutation({
    mutationFn: () => createUser({ email: email.trim(), role, password, name: name.trim() || null }),
    onSuccess: (user) => {
      notifications.show({ message: `${user.email} can sign in now.`, autoClose: 4000 });
      void client.invalidateQueries({ queryKey: ["users"] });
      onClose();
    },
  });
  const refused = add.error ? toApiError(add.error) : null;
  const at = (field: string) => (refused?.pointer === `/${field}` ? refused.message : undefined);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    if (!checkEmail(email) && !checkPassword(password)) add.mutate();
  };
  return (
    <form className={classes.form} onSubmit={submit} noValidate>
      <TextInput
        label="E-mail"
        type="email"
        required
        autoFocus
        autoComplete="off"
        value={email}
        error={(tried && checkEmail(email)) || at("email")}
        onChange={(event) => setEmail(event.currentTarget.value)}
      />
      <TextInput
        label="Name"
        autoComplete="off"
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
      />
      <Select
        label="Role"
        data={rolesGivenBy(own).map((each) => ({ value: each, label: `${each}: ${ROLE_SAYS[each]}` }))}
        value={role}
        onChange={(value) => {
          const found = rolesGivenBy(own).find((each) => each === value);
          if (found) setRole(found);
        }}
      />
      <div>
        <PasswordInput
          label="First password"
          description="Hand it over yourself; Tacho sends no mail for this"
          required
          autoComplete="new-password"
          value={password}
          error={(tried && checkPassword(password)) || at("password")}
          onChange={(event) => setPassword(event.currentTarget.value)}
          visibilityToggleButtonProps={{ "aria-label": "Show or hide the password" }}
        />
        <PasswordStrength password={password} />
      </div>
      {refused && !at("email") && !at("password") && <FormError error={refused} />}
      <div className={classes.actions}>
        <Button type="submit" loading={add.isPending}>
          Add this person
        </Button>
        <Button variant="default" onClick={onClose}>
          Cancel
        </Button>
      </div>
    </form>
  );
}
