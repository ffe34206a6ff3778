import { Tooltip } from "@mantine/core";
import { useEffect, useId, useState } from "react";
import type { TipPlace } from "./tip.ts";

/** How long one points at something before its tip comes. */
const DELAY_MS = 200;

interface Shown {
  element: HTMLElement;
  label: string;
}

function tipOf(target: EventTarget | null): HTMLElement | null {
  return target instanceof Element ? target.closest<HTMLElement>("[data-tip]") : null;
}

/** Shows the tip of the element that somebody points at, or has come to by keyboard (`tip.ts`). */
export function TipLayer() {
  const id = useId();
  const [shown, setShown] = useState<Shown | null>(null);

  useEffect(() => {
    let at: HTMLElement | null = null;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const show = (element: HTMLElement) => setShown({ element, label: element.dataset.tip ?? "" });
    const look = (element: HTMLElement | null, delay: number) => {
      if (element === at) return;
      clearTimeout(timer);
      at = element;
      setShown(null);
      if (element) timer = setTimeout(() => show(element), delay);
    };
    const leave = () => look(null, 0);
    const events: [string, (event: Event) => void][] = [
      [
        "pointerover",
        (event) => {
          const element = tipOf(event.target);
          const isFinger = (event as PointerEvent).pointerType === "touch";
          look(isFinger && element?.dataset.tipTouch === undefined ? null : element, DELAY_MS);
        },
      ],
      ["pointerleave", leave],
      ["focusin", ({ target }) => (target as Element).matches(":focus-visible") && look(tipOf(target), 0)],
      ["focusout", leave],
      ["pointerdown", (event) => (event as PointerEvent).pointerType !== "touch" && leave()],
      ["keydown", (event) => (event as KeyboardEvent).key === "Escape" && leave()],
    ];
    for (const [name, listener] of events) document.addEventListener(name, listener);
    return () => {
      clearTimeout(timer);
      for (const [name, listener] of events) document.removeEventListener(name, listener);
    };
  }, []);

  const element = shown?.element;
  useEffect(() => {
    if (!element) return;
    const isDescribed = element.hasAttribute("aria-describedby");
    if (!isDescribed) element.setAttribute("aria-describedby", id);
    // "Copy" becomes "Copied" under the pointer.
    const observer = new MutationObserver(() => {
      const label = element.dataset.tip;
      setShown(label ? { element, label } : null);
    });
    observer.observe(element, { attributeFilter: ["data-tip"] });
    return () => {
      observer.disconnect();
      if (!isDescribed) element.removeAttribute("aria-describedby");
    };
  }, [element, id]);

  if (!shown) return null;
  const place = (shown.element.dataset.tipPlace ?? "top") as TipPlace;
  return (
    <>
      <Tooltip key={shown.label} opened target={shown.element} label={shown.label} position={place} />
      <span id={id} hidden>
        {shown.label}
      </span>
    </>
  );
}
