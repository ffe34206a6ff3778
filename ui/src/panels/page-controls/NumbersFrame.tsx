import type { ReactNode } from "react";
import { PageFrame } from "../../view/PageFrame.tsx";
import type { Answers } from "../../view/useAnswers.ts";
import { useChange } from "../../view/useChange.ts";
import type { Where } from "../../view/view.ts";
import { useNames } from "./useNames.ts";
import { WhereControls } from "./WhereControls.tsx";

interface Props {
  title: string;
  answers: Answers<string>;
  where: Where | undefined;
  /** Costs know no trigger. */
  withTrigger?: boolean;
  actions?: ReactNode;
  children: ReactNode;
}

/** The frame of a page of numbers that can be narrowed to workflows and triggers. */
export function NumbersFrame({ where, withTrigger, ...frame }: Props) {
  const change = useChange<{ where?: Where }>();
  const onWhere = (next: Where | undefined) => change({ where: next });
  return (
    <PageFrame
      {...frame}
      where={where}
      onWhere={onWhere}
      nameOf={useNames(where)}
      controls={<WhereControls where={where} onWhere={onWhere} withTrigger={withTrigger} />}
    />
  );
}
