import { PageFrame } from "../view/PageFrame.tsx";

export function CostsPage() {
  return <PageFrame title="Costs">{null}</PageFrame>;
}
