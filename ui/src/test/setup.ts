import "@testing-library/jest-dom/vitest";
import { cleanup } from "@testing-library/react";
import { afterEach } from "vitest";
import { connectBy } from "../live/client.ts";

afterEach(() => cleanup());

// No server tells anything: pages wait for a connection, unless a test makes one.
connectBy(() => new Promise(() => {}));

// jsdom has no layout: what Mantine and the charts ask of it is answered here, once.
if (typeof window !== "undefined") {
  window.matchMedia ??= (query: string) =>
    ({
      matches: false,
      media: query,
      onchange: null,
      addListener: () => undefined,
      removeListener: () => undefined,
      addEventListener: () => undefined,
      removeEventListener: () => undefined,
      dispatchEvent: () => false,
    }) as MediaQueryList;
  window.ResizeObserver ??= class {
    observe() {}
    unobserve() {}
    disconnect() {}
  };
  window.scrollTo = () => undefined;
  if (!document.fonts) {
    const fonts = { addEventListener: () => undefined, removeEventListener: () => undefined, ready: Promise.resolve() };
    Object.defineProperty(document, "fonts", { value: fonts });
  }
  Element.prototype.scrollIntoView ??= () => undefined;
}
