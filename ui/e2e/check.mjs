// What was checked, and what did not hold.
let passed = 0;
const failures = [];

export function check(what, isTrue, detail = "") {
  if (isTrue) passed += 1;
  else failures.push(`${what}${detail ? `: ${detail}` : ""}`);
  console.log(`${isTrue ? "ok  " : "FAIL"} ${what}${isTrue || !detail ? "" : `\n     ${detail}`}`);
}

/** A part of the checks; one that breaks off is a failure, and the others go on. */
export async function part(name, run) {
  const started = Date.now();
  try {
    await run();
  } catch (error) {
    check(`${name} runs to its end`, false, error.message);
  }
  console.log(`     ${name}: ${((Date.now() - started) / 1000).toFixed(1)} s`);
}

/** Ends the process with what came out. */
export function conclude() {
  for (const failure of failures) console.error(`failed: ${failure}`);
  console.log(`${passed} passed, ${failures.length} failed`);
  process.exit(failures.length === 0 ? 0 : 1);
}
