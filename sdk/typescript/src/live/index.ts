/** What changes, pushed: `LiveConnection` watches, `LiveExecutions` puts together what runs. Runs in browsers and Node. */
export { LiveConnection, type LiveOptions } from "./connection.ts";
export { LiveExecutions } from "./executions.ts";
export type * from "./frames.ts";
export type { ConnectionState, LiveHandlers } from "./state.ts";
