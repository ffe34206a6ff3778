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
import { TipLayer } from "./widgets/TipLayer.tsx";

const root = document.getElementById("root");
if (!root) throw new Error("index.html has no #root");

const draw = () =>
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
          <TipLayer />
        </QueryClientProvider>
      </MantineProvider>
    </StrictMode>,
  );

// Who is signed in, the page's code and what it asks come before the first drawing, which takes a third of a second: the
// server answers meanwhile.
router.load().finally(draw);
