/** A table in Markdown. Every column but the first holds figures. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  return [line(head), line(head.map((_, column) => (column === 0 ? "---" : "--:"))), ...rows.map(line)].join("\n");
}

/** Three significant figures, or as many as stand before the point. */
export const figure = (value: number | undefined): string =>
  value === undefined || Number.isNaN(value)
    ? "–"
    : value >= 100
      ? value.toFixed(0)
      : value >= 10
        ? value.toFixed(1)
        : value.toFixed(2);

export const triple = (values: readonly number[]): string => values.map(figure).join(" / ");
