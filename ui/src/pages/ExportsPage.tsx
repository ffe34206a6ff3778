import { PageFrame } from "../view/PageFrame.tsx";

export function ExportsPage() {
  return <PageFrame title="Exports">{null}</PageFrame>;
}
