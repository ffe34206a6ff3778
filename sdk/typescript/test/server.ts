/** One server for all tests. */
import type { TestProject } from "vitest/node";
import { TachoServer } from "./tacho.ts";

declare module "vitest" {
  interface ProvidedContext {
    url: string;
    /** May send and read. */
    key: string;
    /** May read what the member `m-1` owns. */
    memberKey: string;
  }
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const tacho = await TachoServer.create();
  tacho.run(["org", "create", "Acme", "--timezone", "Europe/Berlin"]);
  const password = `${crypto.randomUUID()}\n`;
  tacho.run(["user", "create", "mia@acme.example", "--org", "Acme", "--role", "member", "--password-stdin"], password);
  project.provide("key", tacho.run(["key", "create", "--org", "Acme", "--scope", "ingest", "--scope", "read"]));
  project.provide(
    "memberKey",
    tacho.run(["key", "create", "--org", "Acme", "--scope", "read", "--user", "mia@acme.example"]),
  );
  project.provide("url", await tacho.start());
  return () => tacho.remove();
}
