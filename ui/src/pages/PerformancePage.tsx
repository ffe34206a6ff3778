import { PageFrame } from "../view/PageFrame.tsx";

export function PerformancePage() {
  return <PageFrame title="Performance">{null}</PageFrame>;
}
