import { PageFrame } from "../view/PageFrame.tsx";

export function FailuresPage() {
  return <PageFrame title="Failures">{null}</PageFrame>;
}
