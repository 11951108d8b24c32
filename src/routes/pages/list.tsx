import type { Child } from "hono/jsx";
import { Empty } from "./empty.tsx";
import type { IconName } from "./icon.tsx";

type CardsProps<T> = {
  items: readonly T[];
  keyOf: (item: T) => string;
  /** What stands there where there is none. */
  empty: string;
  icon?: IconName;
  card: (item: T) => Child;
};

/** A list of things, each in a frame of its own. */
export const Cards = <T,>({ items, keyOf, empty, icon = "info", card }: CardsProps<T>) => (
  <>
    {items.length === 0 && <Empty icon={icon}>{empty}</Empty>}
    {items.length > 0 && (
      <ul class="cards">
        {items.map((item) => (
          <li key={keyOf(item)}>
            <article>{card(item)}</article>
          </li>
        ))}
      </ul>
    )}
  </>
);

type TableProps<T> = {
  /** What a screen reader calls it. */
  label: string;
  columns: readonly { readonly title: string; readonly cell: (item: T) => Child }[];
  items: readonly T[];
  keyOf: (item: T) => string;
  empty: string;
  icon?: IconName;
};

/** A table, which scrolls sideways by itself where the screen is narrow. */
export const Table = <T,>({ label, columns, items, keyOf, empty, icon = "info" }: TableProps<T>) =>
  items.length === 0 ? (
    <Empty icon={icon}>{empty}</Empty>
  ) : (
    <section class="scroll" tabindex={0} aria-label={label}>
      <table>
        <thead>
          <tr>
            {columns.map(({ title }) => (
              <th key={title} scope="col">
                {title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {items.map((item) => (
            <tr key={keyOf(item)}>
              {columns.map(({ title, cell }) => (
                <td key={title}>{cell(item)}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
