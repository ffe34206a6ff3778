import { useQueries } from "@tanstack/react-query";
import { createContext, type ReactNode, use, useCallback, useEffect, useMemo, useRef, useState } from "react";
import { batchQuery } from "../../api/queries.ts";
import { type BatchAnswer, type Granularity, isProblem, type Query } from "../../api/types.ts";
import { shapeSparks, sparksQuery } from "./sparks.ts";

/** Rows that come into view within this time are asked for together. */
const GATHERED_MS = 250;
const KEPT_MS = 60_000;

interface Sparks {
  sparks: ReadonlyMap<string, number[]>;
  /** Asks for a workflow's curve, if nobody has yet. */
  ask: (id: string) => void;
}

const Context = createContext<Sparks>({ sparks: new Map(), ask: () => undefined });

interface Props {
  frame: Pick<Query, "time" | "timezone" | "filters">;
  granularity: Granularity;
  children: ReactNode;
}

/** Gathers the workflows whose rows are drawn and asks for their curves in one question; scrolling asks for the rest. */
export function SparksProvider(props: Props) {
  // Another range is another set of curves: what is in view is gathered anew.
  return <Gathering key={JSON.stringify([props.frame, props.granularity])} {...props} />;
}

function Gathering({ frame, granularity, children }: Props) {
  const [asked, setAsked] = useState<string[][]>([]);
  const known = useRef(new Set<string>());
  const waiting = useRef<string[]>([]);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);

  const ask = useCallback((id: string) => {
    if (known.current.has(id)) return;
    known.current.add(id);
    waiting.current.push(id);
    clearTimeout(timer.current);
    timer.current = setTimeout(() => {
      const ids = waiting.current.toSorted();
      waiting.current = [];
      setAsked((before) => [...before, ids]);
    }, GATHERED_MS);
  }, []);

  const sparks = useQueries({
    queries: asked.map((ids) => ({ ...batchQuery([sparksQuery(frame, granularity, ids)]), staleTime: KEPT_MS })),
    combine: useCallback((results: { data: BatchAnswer | undefined }[]) => {
      const answers = results.map(({ data }) => data?.answers[0]);
      return new Map(answers.flatMap((answer) => (answer && !isProblem(answer) ? [...shapeSparks(answer)] : [])));
    }, []),
  });
  const value = useMemo(() => ({ sparks, ask }), [sparks, ask]);
  return <Context value={value}>{children}</Context>;
}

/** A workflow's curve, once it is known; null asks for none. To be called by what is drawn only. */
export function useSpark(id: string | null): number[] | undefined {
  const { sparks, ask } = use(Context);
  useEffect(() => {
    if (id !== null) ask(id);
  }, [ask, id]);
  return id === null ? undefined : sparks.get(id);
}
