import { sparkPath } from "./sparkPath.ts";

const WIDTH = 240;
const HEIGHT = 32;

interface Props {
  values: readonly (number | null)[];
  color: string;
  fromZero?: boolean;
}

/** The shape at a glance, without axes. Decoration to a screen reader: the chart below says the values. */
export function Sparkline({ values, color, fromZero = true }: Props) {
  const { line, area } = sparkPath(values, WIDTH, HEIGHT, fromZero);
  return (
    <svg
      aria-hidden="true"
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      preserveAspectRatio="none"
      style={{ display: "block", width: "100%", height: "2rem", overflow: "visible" }}
    >
      <path d={area} fill={color} opacity={0.12} />
      <path
        d={line}
        fill="none"
        stroke={color}
        strokeWidth={1.5}
        strokeLinejoin="round"
        vectorEffect="non-scaling-stroke"
      />
    </svg>
  );
}
