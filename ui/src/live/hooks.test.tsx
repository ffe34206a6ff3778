import { type ConnectionState, type Frame, LiveExecutions, type LiveHandlers, type Subscription } from "@tacho/live";
import { act, fireEvent, render, renderHook, screen } from "@testing-library/react";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { type Connection, connectBy } from "./client.ts";
import { endTopics } from "./topics.ts";
import { useHold } from "./useHold.ts";
import { useLiveExecutions, useLiveState } from "./useLive.ts";
import { useIsCutOff } from "./useLiveView.ts";

/** A connection that says what a test wants. */
class FakeConnection implements Connection {
  state: ConnectionState = { kind: "open" };
  lastFrameAt = null;
  readonly followed: { subscription: Subscription; handlers: LiveHandlers }[] = [];
  private readonly listeners: ((state: ConnectionState) => void)[] = [];
  subscribe(subscription: Subscription, handlers: LiveHandlers) {
    const one = { subscription, handlers };
    this.followed.push(one);
    return () => void this.followed.splice(this.followed.indexOf(one), 1);
  }
  onState(listener: (state: ConnectionState) => void) {
    this.listeners.push(listener);
    return () => undefined;
  }
  become(state: ConnectionState) {
    this.state = state;
    for (const listener of this.listeners) listener(state);
  }
  tell(frame: Partial<Frame>) {
    for (const { handlers } of this.followed) handlers.onFrame(frame as Frame);
  }
  retryNow() {}
  close() {}
}

let connection: FakeConnection;
const settle = (ms = 0) => act(() => vi.advanceTimersByTimeAsync(ms));

beforeEach(() => {
  vi.useFakeTimers();
  connection = new FakeConnection();
  connectBy(async () => ({
    connection,
    executionsAfter: (before, frame) => LiveExecutions.apply(before ?? LiveExecutions.empty, frame),
  }));
});
afterEach(() => {
  endTopics();
  connectBy(() => new Promise(() => {}));
  vi.useRealTimers();
});

const snapshot = (running: number) => ({
  type: "executions" as const,
  is_snapshot: true,
  queued: 0,
  running,
  executions: [],
  ended: [],
  events: [],
  epoch: 1,
  seq: 1,
});

it("subscribes once for all who follow, and a little longer", async () => {
  const [one, other] = [renderHook(() => useLiveExecutions()), renderHook(() => useLiveExecutions())];
  await settle();
  expect(connection.followed).toHaveLength(1);
  connection.tell(snapshot(3));
  await settle(100);
  expect([one.result.current?.running, other.result.current?.running]).toEqual([3, 3]);
  one.unmount();
  other.unmount();
  await settle(20_000);
  const next = renderHook(() => useLiveExecutions());
  expect(next.result.current?.running).toBe(3);
  expect(connection.followed).toHaveLength(1);
  next.unmount();
  await settle(40_000);
  expect(connection.followed).toHaveLength(0);
});

it("tells of many frames at most ten times a second", async () => {
  let renders = 0;
  const { result } = renderHook(() => {
    renders += 1;
    return useLiveExecutions();
  });
  await settle();
  const before = renders;
  for (let running = 0; running < 100; running += 1) {
    connection.tell(snapshot(running));
    await settle(10);
  }
  await settle(100);
  expect(result.current?.running).toBe(99);
  expect(renders - before).toBeLessThanOrEqual(12);
});

it("says after ten seconds without a connection that the page has to ask, at once if it is refused", async () => {
  renderHook(() => useLiveExecutions());
  const { result } = renderHook(() => useIsCutOff(useLiveState()));
  await settle();
  expect(result.current).toBe(false);
  act(() => connection.become({ kind: "waiting", until: 0, attempt: 1, reason: "lost" }));
  await settle(9_000);
  expect(result.current).toBe(false);
  await settle(2_000);
  expect(result.current).toBe(true);
  act(() => connection.become({ kind: "open" }));
  expect(result.current).toBe(false);
  act(() => connection.become({ kind: "refused", reason: "too many" }));
  expect(result.current).toBe(true);
});

const keyOf = (row: string) => row;

function List({ rows, of }: { rows: string[]; of?: string }) {
  const { rows: shown, waiting, holdProps } = useHold(rows, keyOf, { of });
  return (
    <div>
      <ul data-testid="list" {...holdProps}>
        {shown.map((row) => (
          <li key={row}>
            <button type="button">{row}</button>
          </li>
        ))}
      </ul>
      <p>{waiting} waiting</p>
      <button type="button">elsewhere</button>
    </div>
  );
}

const listed = () => screen.getAllByRole("listitem").map((item) => item.textContent);

it("holds rows under the pointer and around the focus, until both have left", () => {
  const { rerender } = render(<List rows={["a", "b"]} />);
  const list = screen.getByTestId("list");
  fireEvent.pointerEnter(list);
  rerender(<List rows={["c", "a"]} />);
  expect(listed()).toEqual(["a", "b"]);
  expect(screen.getByText("2 waiting")).toBeInTheDocument();
  act(() => screen.getByRole("button", { name: "a" }).focus());
  fireEvent.pointerLeave(list);
  expect(listed()).toEqual(["a", "b"]);
  act(() => screen.getByRole("button", { name: "elsewhere" }).focus());
  expect(listed()).toEqual(["c", "a"]);
  expect(screen.getByText("0 waiting")).toBeInTheDocument();
});

it("shows what somebody asked for, although they point at it", () => {
  const { rerender } = render(<List rows={["a"]} of="first" />);
  fireEvent.pointerEnter(screen.getByTestId("list"));
  rerender(<List rows={["a", "b"]} of="more" />);
  expect(listed()).toEqual(["a", "b"]);
  rerender(<List rows={["b"]} of="more" />);
  expect(listed()).toEqual(["a", "b"]);
});
