/** Where a key moves a cursor. Pure. */

/** Along a row; null when the key is no move. Without a cursor, right starts at the left end. */
export function cursorAfter(key: string, cursor: number | null, count: number): number | null {
  const last = count - 1;
  const at = (index: number) => Math.max(0, Math.min(last, index));
  if (count === 0) return null;
  switch (key) {
    case "ArrowRight":
    case "ArrowDown":
      return cursor === null ? 0 : at(cursor + 1);
    case "ArrowLeft":
    case "ArrowUp":
      return cursor === null ? last : at(cursor - 1);
    case "PageDown":
      return at((cursor ?? 0) + Math.ceil(count / 10));
    case "PageUp":
      return at((cursor ?? last) - Math.ceil(count / 10));
    case "Home":
      return 0;
    case "End":
      return last;
    default:
      return null;
  }
}

/** Over cells that are numbered row by row. Home and End stay in the row. */
export function cellAfter(key: string, cursor: number | null, rows: number, columns: number): number | null {
  if (rows === 0 || columns === 0) return null;
  if (cursor === null) return /^(Arrow|Home|End)/.test(key) ? 0 : null;
  const row = Math.floor(cursor / columns);
  switch (key) {
    case "ArrowUp":
      return row > 0 ? cursor - columns : cursor;
    case "ArrowDown":
      return row < rows - 1 ? cursor + columns : cursor;
    case "ArrowLeft":
    case "ArrowRight":
    case "Home":
    case "End":
      return row * columns + (cursorAfter(key, cursor % columns, columns) ?? 0);
    default:
      return null;
  }
}
