import { PageFrame } from "../view/PageFrame.tsx";

export function ExecutionsPage() {
  return <PageFrame title="Executions">{null}</PageFrame>;
}
