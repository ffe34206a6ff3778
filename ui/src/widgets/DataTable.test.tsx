import { MantineProvider } from "@mantine/core";
import { render, screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { useState } from "react";
import { beforeEach, describe, expect, it } from "vitest";
import { ShortcutProvider } from "../shell/shortcuts.tsx";
import { DataTable, type TableColumn, type TableSort } from "./DataTable.tsx";
import { GROUP, offsetOf, rowWindow } from "./rowWindow.ts";

describe("rowWindow", () => {
  const heights = new Float64Array(1000).fill(40);
  it("reaches to the ends of the groups in view, and keeps the whole height", () => {
    const { first, last, before, after } = rowWindow(heights, 4_050, 4_900);
    expect([first, last]).toEqual([100, 130]);
    expect(before + (last - first) * 40 + after).toBe(40_000);
  });
  it("begins at the top, whatever is above the table", () => {
    expect(rowWindow(heights, -900, 300)).toEqual({ first: 0, last: GROUP, before: 0, after: 39_600 });
  });
  it("shows the last rows to a view beyond the end", () => {
    expect(rowWindow(heights, 90_000, 91_000)).toMatchObject({ first: 990, last: 1000, after: 0 });
  });
  it("takes rows of any height", () => {
    const mixed = Float64Array.from({ length: 30 }, (_, index) => (index < 10 ? 200 : 20));
    expect(rowWindow(mixed, 2_050, 2_150)).toMatchObject({ first: 10, last: 20, before: 2_000 });
    expect(offsetOf(mixed, 12)).toBe(2_040);
  });
  it("has nothing to draw of nothing", () =>
    expect(rowWindow([], 0, 500)).toEqual({ first: 0, last: 0, before: 0, after: 0 }));
});

interface Item {
  id: number;
  name: string;
}

const COLUMNS: TableColumn<Item>[] = [
  {
    id: "name",
    header: "Name",
    cell: (item) => (
      <a data-row-open href={`#${item.id}`}>
        {item.name}
      </a>
    ),
    sortBy: (item) => item.name,
  },
  { id: "number", header: "Number", cell: (item) => item.id, sortBy: (item) => item.id, align: "right" },
];
const items = (count: number): Item[] =>
  Array.from({ length: count }, (_, id) => ({ id, name: `Item ${String(id).padStart(5, "0")}` }));

function show(table: React.ReactNode) {
  render(
    <MantineProvider env="test">
      <ShortcutProvider>{table}</ShortcutProvider>
    </MantineProvider>,
  );
}

function SortedOutside({ onAsked }: { onAsked: (sort: TableSort | null) => void }) {
  const [sort, setSort] = useState<TableSort | null>({ id: "name", desc: true });
  const onSort = (next: TableSort | null) => {
    onAsked(next);
    setSort(next);
  };
  return (
    <DataTable
      id="t"
      label="Items"
      columns={COLUMNS}
      rows={items(3)}
      rowKey={(item) => String(item.id)}
      sort={sort}
      onSort={onSort}
    />
  );
}

beforeEach(() => localStorage.clear());

describe("DataTable", () => {
  it("draws few of many rows, and tells assistive technology how many there are", () => {
    show(<DataTable id="t" label="Items" columns={COLUMNS} rows={items(10_000)} rowKey={(item) => String(item.id)} />);
    const table = screen.getByRole("table", { name: "Items" });
    expect(table).toHaveAttribute("aria-rowcount", "10001");
    const rows = within(table).getAllByRole("row");
    expect(rows.length).toBeGreaterThan(10);
    expect(rows.length).toBeLessThan(120);
    expect(rows[0]).toHaveAttribute("aria-rowindex", "1");
    expect(rows[1]).toHaveAttribute("aria-rowindex", "2");
  });

  it("draws all of few", () => {
    show(<DataTable id="t" label="Items" columns={COLUMNS} rows={items(100)} rowKey={(item) => String(item.id)} />);
    expect(screen.getAllByRole("row")).toHaveLength(101);
    expect(screen.getByRole("table")).not.toHaveAttribute("aria-rowcount");
  });

  it("goes from row to row by j and k", async () => {
    const user = userEvent.setup();
    show(<DataTable id="t" withView label="Items" columns={COLUMNS} rows={items(500)} rowKey={(i) => String(i.id)} />);
    await user.keyboard("jjj");
    expect(screen.getByRole("link", { name: "Item 00002" })).toHaveFocus();
    await user.keyboard("k");
    expect(screen.getByRole("link", { name: "Item 00001" })).toHaveFocus();
  });

  it("sorts as it is told from outside, and says what was asked for", async () => {
    const asked: (TableSort | null)[] = [];
    const user = userEvent.setup();
    show(<SortedOutside onAsked={(sort) => asked.push(sort)} />);
    expect(screen.getAllByRole("link").map((link) => link.textContent)).toEqual([
      "Item 00002",
      "Item 00001",
      "Item 00000",
    ]);
    await user.click(screen.getByRole("button", { name: "Number" }));
    expect(asked).toEqual([{ id: "number", desc: expect.any(Boolean) }]);
    expect(screen.getByRole("columnheader", { name: "Number" })).toHaveAttribute("aria-sort");
  });

  it("leaves the order to whoever gave the rows where a column has nothing to sort by", () => {
    const columns = COLUMNS.map(({ sortBy: _, ...column }) => ({ ...column, isSortable: true }));
    show(
      <DataTable
        id="t"
        label="Items"
        columns={columns}
        rows={items(3).reverse()}
        rowKey={(item) => String(item.id)}
        sort={{ id: "name", desc: false }}
        onSort={() => undefined}
      />,
    );
    expect(screen.getAllByRole("link")[0]).toHaveTextContent("Item 00002");
  });

  it("ends with the totals", () => {
    show(
      <DataTable
        id="t"
        label="Items"
        columns={COLUMNS}
        rows={items(3)}
        rowKey={(item) => String(item.id)}
        totals={{ name: "All", number: 3 }}
      />,
    );
    expect(screen.getAllByRole("row").at(-1)).toHaveTextContent("All3");
  });
});
