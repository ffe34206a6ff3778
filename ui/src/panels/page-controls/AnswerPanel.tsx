import { type ReactNode, Suspense } from "react";
import type { Answer } from "../../api/types.ts";
import type { Part } from "../../view/useAnswers.ts";
import { EmptyState } from "../../widgets/EmptyState.tsx";
import { ErrorState } from "../../widgets/ErrorState.tsx";
import { Panel } from "../../widgets/Panel.tsx";
import { Bone, Skeleton } from "../../widgets/Skeleton.tsx";

interface Props {
  part: Part | undefined;
  /** What the panel shows, for the skeleton and the error: "the trend". */
  what: string;
  title?: ReactNode;
  subtitle?: ReactNode;
  actions?: ReactNode;
  flush?: boolean;
  className?: string;
  /** The room that the answer will take, in rem. */
  height?: number;
  onRetry: () => void;
  children: (answer: Answer) => ReactNode;
}

/** A panel around one answer of the page's batch: its skeleton, why it is missing, or the answer shown. */
export function AnswerPanel({ part, what, height = 16, onRetry, children, ...panel }: Props) {
  return <Panel {...panel}>{bodyOf({ part, what, height, onRetry, children, hasTitle: Boolean(panel.title) })}</Panel>;
}

function bodyOf({
  part,
  what,
  height,
  onRetry,
  children,
  hasTitle,
}: Required<Pick<Props, "what" | "height" | "onRetry" | "children">> & { part: Part | undefined; hasTitle: boolean }) {
  const skeleton = (
    <Skeleton label={what}>
      {!hasTitle && (
        <>
          <Bone width="11rem" height="1rem" />
          <div style={{ height: "0.5rem" }} />
          <Bone width="18rem" height="0.75rem" />
          <div style={{ height: "1.5rem" }} />
        </>
      )}
      <Bone height={`${height}rem`} />
    </Skeleton>
  );
  // Charts are loaded beside the numbers, and may come after them.
  if (part?.answer) return <Suspense fallback={skeleton}>{children(part.answer)}</Suspense>;
  if (part?.error?.code === "unknown_name" && part.error.pointer?.startsWith("/filters")) {
    return (
      <EmptyState title="Not known with these filters">
        A filter is on something that these rows do not have. Take it off to see them.
      </EmptyState>
    );
  }
  if (part?.error) {
    const capital = what.charAt(0).toUpperCase() + what.slice(1);
    return <ErrorState what={`${capital} could not be loaded`} error={part.error} onRetry={onRetry} />;
  }
  return skeleton;
}
