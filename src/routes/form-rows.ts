/** A form of several rows: its fields by column, and a checkbox in each row with the row's number as its value. */
type Rows = { readonly columns: readonly string[]; readonly ticked: string };

/** What was typed, with one more row at the end. */
export function addRow(typed: URLSearchParams, columns: readonly string[]): URLSearchParams {
  const longer = new URLSearchParams(typed);
  for (const column of columns) longer.append(column, "");
  return longer;
}

/** What was typed, without one of the rows. Those after it move up. */
export function removeRow(typed: URLSearchParams, { columns, ticked }: Rows, row: number): URLSearchParams {
  const moved = (index: number) => (index > row ? index - 1 : index);
  const rest = new URLSearchParams([...typed].filter(([name]) => name !== ticked && !columns.includes(name)));
  for (const column of columns) {
    for (const [index, value] of typed.getAll(column).entries()) if (index !== row) rest.append(column, value);
  }
  for (const value of typed.getAll(ticked))
    if (Number(value) !== row) rest.append(ticked, String(moved(Number(value))));
  return rest;
}
