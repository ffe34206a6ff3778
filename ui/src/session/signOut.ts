import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { signOut } from "../api/requests.ts";
import { forgetVisits } from "./visits.ts";

/** Ends the session, and forgets on this device what was looked at. */
export function useSignOut() {
  const client = useQueryClient();
  const navigate = useNavigate();
  return useMutation({
    mutationFn: signOut,
    onSuccess: async () => {
      await navigate({ to: "/sign-in", search: {} });
      client.clear();
      forgetVisits();
    },
  });
}
