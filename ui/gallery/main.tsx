/** Charts without a server. `?chart=line` and `?chart=bars` show one that a click draws. Not part of the application. */
import { MantineProvider } from "@mantine/core";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import "../src/theme/styles.css";
import { ShortcutProvider } from "../src/shell/shortcuts.tsx";
import { colorSchemeManager, resolveVariables, theme } from "../src/theme/theme.ts";
import { Gallery } from "./Gallery.tsx";
import { SINGLES, Single } from "./Single.tsx";

const root = document.getElementById("root");
if (!root) throw new Error("index.html has no #root");

const single = SINGLES[new URLSearchParams(window.location.search).get("chart") ?? ""];

createRoot(root).render(
  <StrictMode>
    <MantineProvider
      theme={theme}
      cssVariablesResolver={resolveVariables}
      colorSchemeManager={colorSchemeManager}
      defaultColorScheme="auto"
    >
      <ShortcutProvider>
        <main style={{ maxWidth: "100rem", margin: "0 auto", padding: "1.5rem" }}>
          {single ? <Single kind={single} /> : <Gallery />}
        </main>
      </ShortcutProvider>
    </MantineProvider>
  </StrictMode>,
);
