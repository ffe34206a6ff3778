import { Button, PasswordInput, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import { toApiError } from "../api/problem.ts";
import { signIn } from "../api/requests.ts";
import { sessionQuery } from "../session/session.ts";
import { FormError } from "../widgets/FormError.tsx";
import { useTitle } from "../widgets/title.ts";
import { DoorLayout } from "./DoorLayout.tsx";

export function SignInPage() {
  useTitle("Sign in");
  const { next } = useSearch({ from: "/sign-in" });
  const navigate = useNavigate();
  const client = useQueryClient();
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const enter = useMutation({
    mutationFn: () => signIn(email.trim(), password),
    onSuccess: async (session) => {
      client.clear();
      client.setQueryData(sessionQuery.queryKey, session);
      await navigate({ href: next ?? "/", replace: true });
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    enter.mutate();
  };
  return (
    <DoorLayout title="Sign in" lead={next ? "Sign in to go on where you were." : undefined}>
      <form onSubmit={submit}>
        <TextInput
          label="E-mail"
          type="email"
          name="email"
          autoComplete="username"
          required
          autoFocus
          value={email}
          onChange={(event) => setEmail(event.currentTarget.value)}
        />
        <PasswordInput
          label="Password"
          name="password"
          autoComplete="current-password"
          required
          value={password}
          onChange={(event) => setPassword(event.currentTarget.value)}
          visibilityToggleButtonProps={{ "aria-label": "Show or hide the password" }}
        />
        {enter.error && <FormError error={toApiError(enter.error)} />}
        <Button type="submit" size="sm" fullWidth loading={enter.isPending}>
          Sign in
        </Button>
      </form>
    </DoorLayout>
  );
}
