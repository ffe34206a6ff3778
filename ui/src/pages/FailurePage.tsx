import { PageFrame } from "../view/PageFrame.tsx";

export function FailurePage() {
  return <PageFrame title="Failure">{null}</PageFrame>;
}
