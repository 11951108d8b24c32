/** A part of a list, and what the next part comes after; null where there is none. A part may be empty and not the last. */
export type PageOf<T> = { readonly items: readonly T[]; readonly next: string | null };

/** A page of at most `limit`, from one more row than that, or from fewer and where looking for more stopped. */
export function toPage<T>(
  { rows, walkedTo }: { readonly rows: readonly T[]; readonly walkedTo: string | null },
  limit: number,
  cursorOf: (row: T) => string,
): PageOf<T> {
  const items = rows.slice(0, limit);
  const last = items.at(-1);
  return { items, next: rows.length > limit && last !== undefined ? cursorOf(last) : walkedTo };
}
