import type { Child } from "hono/jsx";
import { Empty } from "./empty.tsx";
import { Icon, type IconName } from "./icon.tsx";

type CardsProps<T> = {
  items: readonly T[];
  keyOf: (item: T) => string;
  /** Stands in for an empty list. */
  empty: Child;
  icon?: IconName;
  card: (item: T) => Child;
};

/** A list of a few things, each with room for its actions. */
export const Cards = <T,>({ items, keyOf, empty, icon = "info", card }: CardsProps<T>) =>
  items.length === 0 ? (
    <Empty icon={icon}>{empty}</Empty>
  ) : (
    <ul class="cards">
      {items.map((item) => (
        <li key={keyOf(item)}>
          <article>{card(item)}</article>
        </li>
      ))}
    </ul>
  );

type Column<T> = {
  readonly title: string;
  readonly cell: (item: T) => Child;
  /** Holds a checkbox, and its title is only for screen readers. */
  readonly tick?: boolean;
  /** Explains itself, even if a row is shown as a card. */
  readonly plain?: true;
  /** Leads to the list sorted the other way round. */
  readonly sort?: { readonly href: string; readonly direction: "ascending" | "descending" };
};

type TableProps<T> = {
  /** Its name for screen readers. */
  label: string;
  columns: readonly Column<T>[];
  items: readonly T[];
  keyOf: (item: T) => string;
  empty: Child;
  icon?: IconName;
};

/**
 * A table. On a narrow screen its rows are cards: the first cell is the heading, and the others show their column
 * titles.
 */
export const Table = <T,>({ label, columns, items, keyOf, empty, icon = "info" }: TableProps<T>) => {
  if (items.length === 0) return <Empty icon={icon}>{empty}</Empty>;
  const heading = columns.find(({ tick }) => !tick)?.title;
  return (
    <section class="scroll" tabindex={0} aria-label={label}>
      <table>
        <thead>
          <tr>
            {columns.map((column) => (
              <Header key={column.title} {...column} />
            ))}
          </tr>
        </thead>
        <tbody>
          {items.map((item) => (
            <tr key={keyOf(item)}>
              {columns.map(({ title, cell, tick, plain = title === heading }) => (
                <td key={title} {...(tick ? { class: "tick" } : plain ? {} : { "data-label": title })}>
                  {cell(item)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
};

const Header = <T,>({ title, tick, sort }: Column<T>) => (
  <th scope="col" {...(tick ? { class: "tick" } : {})} {...(sort ? { "aria-sort": sort.direction } : {})}>
    {tick ? (
      <span class="visually-hidden">{title}</span>
    ) : sort ? (
      <a href={sort.href}>
        {title} <Icon name={sort.direction === "ascending" ? "up" : "down"} />
      </a>
    ) : (
      title
    )}
  </th>
);
