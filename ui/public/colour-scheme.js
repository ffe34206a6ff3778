// Runs before the first paint, so that a chosen theme never flashes the other one. Not inline: the content security policy forbids that.
(() => {
  let chosen = null;
  try {
    chosen = localStorage.getItem("tacho.colour-scheme");
  } catch {
    // Storage is switched off: follow the system.
  }
  const dark = matchMedia("(prefers-color-scheme: dark)").matches;
  const scheme = chosen === "light" || chosen === "dark" ? chosen : dark ? "dark" : "light";
  document.documentElement.setAttribute("data-mantine-color-scheme", scheme);
})();
