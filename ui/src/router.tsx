import type { QueryClient } from "@tanstack/react-query";
import {
  createRootRouteWithContext,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Outlet,
  redirect,
  retainSearchParams,
} from "@tanstack/react-router";
import { toApiError } from "./api/problem.ts";
import { parseAuditSearch } from "./panels/audit/search.ts";
import { parseCostsSearch } from "./panels/costs/search.ts";
import { parseExecutionSearch } from "./panels/execution/search.ts";
import { parseExplorerSearch } from "./panels/executions/search.ts";
import { parseFailuresSearch } from "./panels/failures/search.ts";
import { parseLiveSearch } from "./panels/live/search.ts";
import { parseOverviewSearch } from "./panels/overview/search.ts";
import { parsePageSearch } from "./panels/page-controls/search.ts";
import { parseUsageSearch } from "./panels/usage/search.ts";
import { parseWorkflowSearch } from "./panels/workflow/search.ts";
import { parseWorkflowsSearch } from "./panels/workflows/search.ts";
import { onSignedOut, queryClient } from "./query-client.ts";
import { preferencesQuery } from "./session/preferences.ts";
import { sessionQuery, setupQuery } from "./session/session.ts";
import { NotFound } from "./shell/NotFound.tsx";
import { RouteError } from "./shell/RouteError.tsx";
import { Shell } from "./shell/Shell.tsx";
import { asking } from "./view/asks.ts";
import { KEPT_IN_URL, searchOf, viewOf } from "./view/view.ts";

interface Context {
  queryClient: QueryClient;
}

const rootRoute = createRootRouteWithContext<Context>()({ component: Outlet, notFoundComponent: NotFound });

/** Only a path of this application may be returned to after signing in. */
export function safeNext(next: unknown): string {
  return typeof next === "string" && /^\/(?![/\\])/.test(next) ? next : "/";
}

const setupRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/setup",
  validateSearch: (raw: Record<string, unknown>): { token?: string } =>
    raw.token === undefined ? {} : { token: String(raw.token) },
  component: lazyRouteComponent(() => import("./pages/SetupPage.tsx"), "SetupPage"),
});

const signInRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/sign-in",
  validateSearch: (raw: Record<string, unknown>): { next?: string } =>
    raw.next === undefined ? {} : { next: safeNext(raw.next) },
  beforeLoad: async ({ context }) => {
    // A fresh instance has nobody who could sign in.
    const setup = await context.queryClient.fetchQuery(setupQuery).catch(() => null);
    if (setup?.needed) throw redirect({ to: "/setup" });
  },
  component: lazyRouteComponent(() => import("./pages/SignInPage.tsx"), "SignInPage"),
});

const appRoute = createRoute({
  getParentRoute: () => rootRoute,
  id: "app",
  validateSearch: viewOf,
  // A range chosen on one page is the range of the next.
  search: { middlewares: [retainSearchParams(KEPT_IN_URL)] },
  beforeLoad: async ({ context, location }) => {
    try {
      await Promise.all(
        [sessionQuery, preferencesQuery].map((each) => context.queryClient.ensureQueryData(each as never)),
      );
    } catch (error) {
      if (toApiError(error).status !== 401) throw error;
      throw redirect({ to: "/sign-in", search: location.href === "/" ? {} : { next: location.href } });
    }
  },
  component: Shell,
  errorComponent: (props) => (
    <main>
      <RouteError {...props} />
    </main>
  ),
});

const overviewRoute = createRoute({
  getParentRoute: () => appRoute,
  path: "/",
  validateSearch: searchOf(parseOverviewSearch),
  loader: asking(() => import("./pages/OverviewPage.tsx"), parseOverviewSearch),
  component: lazyRouteComponent(() => import("./pages/OverviewPage.tsx"), "OverviewPage"),
});

const liveRoute = createRoute({
  getParentRoute: () => appRoute,
  path: "/live",
  validateSearch: searchOf(parseLiveSearch),
  component: lazyRouteComponent(() => import("./pages/LivePage.tsx"), "LivePage"),
});

const executionRoute = createRoute({
  getParentRoute: () => appRoute,
  path: "/executions/$id",
  validateSearch: searchOf(parseExecutionSearch),
  loader: asking(() => import("./pages/ExecutionPage.tsx"), parseExecutionSearch),
  component: lazyRouteComponent(() => import("./pages/ExecutionPage.tsx"), "ExecutionPage"),
});

const workflowsRoute = createRoute({
  getParentRoute: () => appRoute,
  path: "/workflows",
  validateSearch: searchOf(parseWorkflowsSearch),
  loader: asking(() => import("./pages/WorkflowsPage.tsx"), parseWorkflowsSearch),
  component: lazyRouteComponent(() => import("./pages/WorkflowsPage.tsx"), "WorkflowsPage"),
});

const workflowRoute = createRoute({
  getParentRoute: () => appRoute,
  path: "/workflows/$id",
  validateSearch: searchOf(parseWorkflowSearch),
  loader: asking(() => import("./pages/WorkflowPage.tsx"), parseWorkflowSearch),
  component: lazyRouteComponent(() => import("./pages/WorkflowPage.tsx"), "WorkflowPage"),
});

const executionsRoute = createRoute({
  getParentRoute: () => appRoute,
  path: "/executions",
  validateSearch: searchOf(parseExplorerSearch),
  loader: asking(() => import("./pages/ExecutionsPage.tsx"), parseExplorerSearch),
  component: lazyRouteComponent(() => import("./pages/ExecutionsPage.tsx"), "ExecutionsPage"),
});

const failuresRoute = createRoute({
  getParentRoute: () => appRoute,
  path: "/failures",
  validateSearch: searchOf(parseFailuresSearch),
  loader: asking(() => import("./pages/FailuresPage.tsx"), parseFailuresSearch),
  component: lazyRouteComponent(() => import("./pages/FailuresPage.tsx"), "FailuresPage"),
});

const failureRoute = createRoute({
  getParentRoute: () => appRoute,
  path: "/failures/$fingerprint",
  loader: asking(() => import("./pages/FailurePage.tsx")),
  component: lazyRouteComponent(() => import("./pages/FailurePage.tsx"), "FailurePage"),
});

const performanceRoute = createRoute({
  getParentRoute: () => appRoute,
  path: "/performance",
  validateSearch: searchOf(parsePageSearch),
  loader: asking(() => import("./pages/PerformancePage.tsx"), parsePageSearch),
  component: lazyRouteComponent(() => import("./pages/PerformancePage.tsx"), "PerformancePage"),
});

const usageRoute = createRoute({
  getParentRoute: () => appRoute,
  path: "/usage",
  validateSearch: searchOf(parseUsageSearch),
  loader: asking(() => import("./pages/UsagePage.tsx"), parseUsageSearch),
  component: lazyRouteComponent(() => import("./pages/UsagePage.tsx"), "UsagePage"),
});

const costsRoute = createRoute({
  getParentRoute: () => appRoute,
  path: "/costs",
  validateSearch: searchOf(parseCostsSearch),
  loader: asking(() => import("./pages/CostsPage.tsx"), parseCostsSearch),
  component: lazyRouteComponent(() => import("./pages/CostsPage.tsx"), "CostsPage"),
});

const exportsRoute = createRoute({
  getParentRoute: () => appRoute,
  path: "/exports",
  component: lazyRouteComponent(() => import("./pages/ExportsPage.tsx"), "ExportsPage"),
});

const LETTER_STATES = ["open", "replayed", "discarded"] as const;

const systemRoute = createRoute({
  getParentRoute: () => appRoute,
  path: "/system",
  validateSearch: (raw: Record<string, unknown>): { letters?: (typeof LETTER_STATES)[number]; letter?: string } => {
    const letters = LETTER_STATES.find((state) => state === raw.letters && state !== "open");
    return {
      ...(letters ? { letters } : {}),
      ...(raw.letter === undefined ? {} : { letter: String(raw.letter) }),
    };
  },
  loader: asking(() => import("./pages/SystemPage.tsx")),
  component: lazyRouteComponent(() => import("./pages/SystemPage.tsx"), "SystemPage"),
});

const settingsRoute = createRoute({
  getParentRoute: () => appRoute,
  path: "/settings",
  component: lazyRouteComponent(() => import("./pages/SettingsPage.tsx"), "SettingsPage"),
});

const settingsSections = () => import("./pages/SettingsSections.tsx");

const settingsIndexRoute = createRoute({
  getParentRoute: () => settingsRoute,
  path: "/",
  component: lazyRouteComponent(settingsSections, "ProfileSection"),
});

const profileRoute = createRoute({
  getParentRoute: () => settingsRoute,
  path: "profile",
  component: lazyRouteComponent(settingsSections, "ProfileSection"),
});

const membersRoute = createRoute({
  getParentRoute: () => settingsRoute,
  path: "members",
  component: lazyRouteComponent(settingsSections, "MembersSection"),
});

const keysRoute = createRoute({
  getParentRoute: () => settingsRoute,
  path: "keys",
  component: lazyRouteComponent(settingsSections, "KeysSection"),
});

const costRatesRoute = createRoute({
  getParentRoute: () => settingsRoute,
  path: "cost-rates",
  component: lazyRouteComponent(settingsSections, "CostRatesSection"),
});

const auditRoute = createRoute({
  getParentRoute: () => settingsRoute,
  path: "audit",
  validateSearch: searchOf(parseAuditSearch),
  component: lazyRouteComponent(settingsSections, "AuditSection"),
});

/** Inside the shell, so that a mistyped address still has its navigation. */
const missingRoute = createRoute({ getParentRoute: () => appRoute, path: "$", component: NotFound });

export const routeTree = rootRoute.addChildren([
  setupRoute,
  signInRoute,
  appRoute.addChildren([
    overviewRoute,
    liveRoute,
    workflowsRoute,
    workflowRoute,
    executionsRoute,
    executionRoute,
    failuresRoute,
    failureRoute,
    performanceRoute,
    usageRoute,
    costsRoute,
    exportsRoute,
    systemRoute,
    settingsRoute.addChildren([settingsIndexRoute, profileRoute, membersRoute, keysRoute, costRatesRoute, auditRoute]),
    missingRoute,
  ]),
]);

export const router = createRouter({
  routeTree,
  context: { queryClient },
  defaultErrorComponent: RouteError,
  defaultNotFoundComponent: NotFound,
  defaultPreload: "intent",
  // Who follows a link asks, however shortly before it was pointed at.
  defaultPreloadStaleTime: 0,
  scrollRestoration: true,
});

onSignedOut(() => {
  queryClient.removeQueries({ queryKey: ["session"] });
  const { pathname, href } = router.state.location;
  if (pathname !== "/sign-in") void router.navigate({ to: "/sign-in", search: { next: safeNext(href) } });
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}
