import { PageFrame } from "../view/PageFrame.tsx";

export function WorkflowsPage() {
  return <PageFrame title="Workflows">{null}</PageFrame>;
}
