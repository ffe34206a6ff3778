// Puts records into the spool, says so, and waits to be killed. Uses the built package, as its users do.
import { FolderSpool } from "../dist/spool.js";
import { Tacho } from "../dist/tacho.js";

const { url, apiKey, folder, records } = JSON.parse(process.argv[2] ?? "");
const tacho = new Tacho({ url, apiKey, batchWaitMs: 10, spool: new FolderSpool({ folder }) });
await tacho.send(records);
process.stdout.write("safe\n");
setInterval(() => {}, 1000);
