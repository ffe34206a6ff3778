import { useDebouncedValue } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useMemo } from "react";
import { executionQuery, workflowsListQuery } from "../../api/queries.ts";
import type { ExecutionDetail, WorkflowList } from "../../api/types.ts";
import { usePreferences } from "../../session/preferences.ts";
import { useZone } from "../../session/session.ts";
import { useSignOut } from "../../session/signOut.ts";
import { type Theme, useTheme } from "../../session/theme.ts";
import { recentVisits } from "../../session/visits.ts";
import { STATUS_WORD } from "../../theme/tokens.ts";
import { linkOf } from "../../view/words.ts";
import { copy } from "../../widgets/copy.ts";
import type { IconName } from "../../widgets/Icon.tsx";
import { useDestinations } from "../destinations.ts";
import { useShortcutList } from "../shortcuts.tsx";
import { THEME_ICON, THEME_SAYS } from "../ThemeToggle.tsx";
import { type Entry, mayBeId } from "./entries.ts";

const TYPING_MS = 250;
const WORKFLOWS_KEPT_MS = 5 * 60_000;

/** Everything that the palette could do just now. */
export function useEntries(typed: string): Entry[] {
  const pages = usePages();
  const workflows = useWorkflows();
  const execution = useExecution(typed);
  const actions = useActions();
  return useMemo(() => [...execution, ...pages, ...workflows, ...actions], [execution, pages, workflows, actions]);
}

const VISIT_ICON: Record<string, IconName> = {
  workflows: "workflows",
  executions: "executions",
  failures: "failures",
};

function usePages(): Entry[] {
  const navigate = useNavigate();
  const destinations = useDestinations();
  return useMemo(
    () => [
      ...recentVisits().map(
        ({ path, title }): Entry => ({
          id: `visit ${path}`,
          group: "Recent",
          label: title,
          icon: VISIT_ICON[path.split("/")[1] ?? ""] ?? "clock",
          run: () => void navigate({ to: path }),
        }),
      ),
      ...destinations.flat().map(
        ({ to, label, icon, key }): Entry => ({
          id: `page ${to}`,
          group: "Pages",
          label,
          icon,
          keys: `g ${key}`,
          run: () => void navigate({ to }),
        }),
      ),
      {
        id: "page /exports",
        group: "Pages",
        label: "Exports",
        icon: "download",
        run: () => void navigate({ to: "/exports" }),
      },
    ],
    [navigate, destinations],
  );
}

const workflowsOf = (list: WorkflowList | undefined) => list?.workflows ?? [];

/** Asked for when the palette opens, and kept: searching then needs no request. */
function useWorkflows(): Entry[] {
  const navigate = useNavigate();
  const { data } = useQuery({ ...workflowsListQuery, staleTime: WORKFLOWS_KEPT_MS });
  return useMemo(
    () =>
      workflowsOf(data).map(
        ({ id, name }): Entry => ({
          id: `workflow ${id}`,
          group: "Workflows",
          label: name ?? id,
          hint: name ? id : undefined,
          icon: "workflows",
          run: () => void navigate({ to: "/workflows/$id", params: { id } }),
        }),
      ),
    [data, navigate],
  );
}

/** The execution with exactly the id that was typed, if there is one. */
function useExecution(typed: string): Entry[] {
  const navigate = useNavigate();
  const [id] = useDebouncedValue(typed.trim(), TYPING_MS);
  const { data } = useQuery({ ...executionQuery(id, undefined), enabled: mayBeId(id), retry: false });
  return useMemo(
    () => (data && id === typed.trim() ? [executionEntry(data, navigate)] : []),
    [data, id, typed, navigate],
  );
}

function executionEntry({ execution }: ExecutionDetail, navigate: ReturnType<typeof useNavigate>): Entry {
  const { id, status, workflow_name, workflow_id } = execution;
  return {
    id: `execution ${id}`,
    group: "Execution",
    label: id,
    hint: `${STATUS_WORD[status]}, ${workflow_name ?? workflow_id}`,
    icon: "executions",
    run: () => void navigate({ to: "/executions/$id", params: { id } }),
  };
}

const THEMES: readonly Theme[] = ["system", "light", "dark"];

/** What the page and the shell can do by a key, and what has none. */
function useActions(): Entry[] {
  const shortcuts = useShortcutList();
  const { setTheme } = useTheme();
  const { mutate: leave } = useSignOut();
  const { default_period } = usePreferences();
  const zone = useZone();
  const byKey = shortcuts.flatMap(({ keys, label, group, run }): Entry[] =>
    run && group !== "Go to" && keys !== "/" && keys !== "d"
      ? [{ id: `key ${keys}`, group: "Actions", label, keys, icon: "keyboard", run }]
      : [],
  );
  const own: Entry[] = [
    {
      id: "copy link",
      group: "Actions",
      label: "Copy a link to this view",
      icon: "copy",
      run: () => void copy(linkOf(window.location.href, default_period, zone)),
    },
    ...THEMES.map(
      (theme): Entry => ({
        id: `theme ${theme}`,
        group: "Actions",
        label: `Theme: ${THEME_SAYS[theme]}`,
        icon: THEME_ICON[theme],
        run: () => setTheme(theme),
      }),
    ),
    { id: "sign out", group: "Actions", label: "Sign out", icon: "exit", run: () => leave() },
  ];
  return [...own, ...byKey];
}
