import { ActionIcon, Button, Tooltip } from "@mantine/core";
import { useEffect, useState } from "react";
import { Icon } from "./Icon.tsx";

async function copy(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    // No clipboard outside https and localhost: the old way still works there.
    const area = document.createElement("textarea");
    area.value = text;
    area.style.position = "fixed";
    area.style.opacity = "0";
    document.body.append(area);
    area.select();
    const done = document.execCommand("copy");
    area.remove();
    return done;
  }
}

/** Copies `text`; says that it did, to the eye and to a screen reader. */
export function CopyButton({ text, label, withText = false }: { text: string; label: string; withText?: boolean }) {
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return;
    const timer = setTimeout(() => setCopied(false), 2000);
    return () => clearTimeout(timer);
  }, [copied]);
  const press = () => void copy(text).then(setCopied);
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
      <Tooltip label={copied ? "Copied" : label}>
        <ActionIcon variant="subtle" size="sm" c="var(--muted)" aria-label={label} onClick={press}>
          {icon}
        </ActionIcon>
      </Tooltip>
      {said}
    </>
  );
}
