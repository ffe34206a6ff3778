import { exact, type Unit } from "../../format/format.ts";
import type { TableColumn } from "../../widgets/DataTable.tsx";
import { Delta } from "./Delta.tsx";
import type { Figure } from "./data.ts";

function Compared({ figure, unit }: { figure: Figure; unit: Unit }) {
  if (figure.value === null) return <span className="muted">–</span>;
  return (
    <>
      {exact(figure.value, unit)}
      <div>
        <Delta figure={figure} unit={unit} />
      </div>
    </>
  );
}

/** A column of figures, each with how far it is from the one that it is compared with. */
export function comparedColumn<Row>(
  id: string,
  header: string,
  unit: Unit,
  figureOf: (row: Row) => Figure,
): TableColumn<Row> {
  return {
    id,
    header,
    align: "right",
    sortBy: (row) => figureOf(row).value,
    cell: (row) => <Compared figure={figureOf(row)} unit={unit} />,
  };
}
