import { PageFrame } from "../view/PageFrame.tsx";

export function WorkflowPage() {
  return <PageFrame title="Workflow">{null}</PageFrame>;
}
