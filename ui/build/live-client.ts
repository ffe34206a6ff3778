import { fileURLToPath } from "node:url";

const folder = fileURLToPath(new URL("../../sdk/typescript/src/", import.meta.url));

/** The live client of the TypeScript package, taken from its source: both are made together. */
export const LIVE = { folder, alias: { "@tacho/live": `${folder}live/index.ts` } };
