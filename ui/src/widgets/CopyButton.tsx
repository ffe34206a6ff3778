import { ActionIcon, Button } from "@mantine/core";
import { useEffect, useState } from "react";
import { copy } from "./copy.ts";
import { Icon } from "./Icon.tsx";
import { tip } from "./tip.ts";

interface Props {
  /** Asked for when it is pressed, where it is a function. */
  text: string | (() => string);
  label: string;
  withText?: boolean;
}

/** Copies `text`; says that it did, to the eye and to a screen reader. */
export function CopyButton({ text, label, withText = false }: Props) {
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return;
    const timer = setTimeout(() => setCopied(false), 2000);
    return () => clearTimeout(timer);
  }, [copied]);
  const press = () => void copy(typeof text === "string" ? text : text()).then(setCopied);
  const icon = <Icon name={copied ? "check" : "copy"} size={14} />;
  const said = (
    <span className="visually-hidden" aria-live="polite">
      {copied ? "Copied" : ""}
    </span>
  );
  if (withText) {
    return (
      <>
        <Button variant="default" leftSection={icon} onClick={press}>
          {copied ? "Copied" : label}
        </Button>
        {said}
      </>
    );
  }
  return (
    <>
      <ActionIcon
        {...tip(copied ? "Copied" : label)}
        variant="subtle"
        size="sm"
        c="var(--muted)"
        aria-label={label}
        onClick={press}
      >
        {icon}
      </ActionIcon>
      {said}
    </>
  );
}
