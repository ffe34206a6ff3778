import { useMantineColorScheme } from "@mantine/core";
import type { ReactNode } from "react";
import { ThemeToggle } from "../shell/ThemeToggle.tsx";
import { Logo } from "../widgets/Logo.tsx";
import classes from "./DoorLayout.module.css";

/** The pages in front of the door: sign-in and set-up. */
export function DoorLayout({ title, lead, children }: { title: string; lead?: ReactNode; children?: ReactNode }) {
  // Nobody is signed in yet whose preference it could be: the device's.
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  return (
    <div className={classes.page}>
      <div className={classes.theme}>
        <ThemeToggle
          theme={colorScheme === "auto" ? "system" : colorScheme}
          onChange={(theme) => setColorScheme(theme === "system" ? "auto" : theme)}
        />
      </div>
      <main className={classes.card}>
        <div className={classes.brand}>
          <Logo size={32} />
          <span>Tacho</span>
        </div>
        <h1>{title}</h1>
        {lead && <div className={classes.lead}>{lead}</div>}
        {children}
      </main>
    </div>
  );
}
