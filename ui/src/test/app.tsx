/** The application under test: real router and pages, the mock API behind msw. */
import { MantineProvider } from "@mantine/core";
import { Notifications } from "@mantine/notifications";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { createMemoryHistory, createRouter, RouterProvider } from "@tanstack/react-router";
import { render } from "@testing-library/react";
import { HttpResponse, http } from "msw";
import { setupServer } from "msw/node";
import { MockApi, type Variant } from "../../mock/answer.ts";
import { routeTree } from "../router.tsx";
import { resolveVariables, theme } from "../theme/theme.ts";
import { TipLayer } from "../widgets/TipLayer.tsx";

export const server = setupServer();

export function startApp(path: string, options: { variant?: Variant; signedIn?: boolean } = {}) {
  const api = new MockApi({ days: 10, ...options });
  const requests: Request[] = [];
  server.use(
    http.all("*/api/*", async ({ request }) => {
      requests.push(request.clone());
      const answer = await api.answer(request);
      return new HttpResponse(answer.status === 204 ? null : await answer.text(), {
        status: answer.status,
        headers: answer.headers,
      });
    }),
  );
  const queryClient = new QueryClient({
    defaultOptions: { queries: { retry: false, networkMode: "always", staleTime: 4_000 } },
  });
  const router = createRouter({
    routeTree,
    context: { queryClient },
    history: createMemoryHistory({ initialEntries: [path] }),
  });
  render(
    <MantineProvider theme={theme} cssVariablesResolver={resolveVariables} env="test">
      <QueryClientProvider client={queryClient}>
        <RouterProvider router={router as never} />
        <Notifications />
        <TipLayer />
      </QueryClientProvider>
    </MantineProvider>,
  );
  return { api, router, requests };
}
