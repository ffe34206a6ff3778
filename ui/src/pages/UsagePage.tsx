import { PageFrame } from "../view/PageFrame.tsx";

export function UsagePage() {
  return <PageFrame title="Usage">{null}</PageFrame>;
}
