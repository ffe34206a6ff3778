import { MantineProvider } from "@mantine/core";
import { Notifications } from "@mantine/notifications";
import { QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import "./theme/styles.css";
import { queryClient } from "./query-client.ts";
import { router } from "./router.tsx";
import { colorSchemeManager, resolveVariables, theme } from "./theme/theme.ts";

const root = document.getElementById("root");
if (!root) throw new Error("index.html has no #root");

// The page's code comes while the server is asked who is signed in, not after.
const matches: { routeId: keyof typeof router.routesById }[] = router.matchRoutes(router.latestLocation);
for (const { routeId } of matches) void router.loadRouteChunk(router.routesById[routeId]);

createRoot(root).render(
  <StrictMode>
    <MantineProvider
      theme={theme}
      cssVariablesResolver={resolveVariables}
      colorSchemeManager={colorSchemeManager}
      defaultColorScheme="auto"
    >
      <QueryClientProvider client={queryClient}>
        <RouterProvider router={router} />
        <Notifications position="bottom-right" limit={3} />
      </QueryClientProvider>
    </MantineProvider>
  </StrictMode>,
);
