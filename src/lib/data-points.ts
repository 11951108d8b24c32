/** A dataset of Workers Analytics Engine, as a binding hands it over. */
export type Dataset = {
  writeDataPoint(point: { indexes: string[]; blobs: string[]; doubles: number[] }): void;
};

/** The kinds of things that are counted or measured. */
type PointKind = "issued" | "limited" | "refused" | "replayed" | "store";

/**
 * Writes a data point of a kind, with a label and a count or a duration. It costs no request, and is dropped without a
 * dataset.
 */
export type WritePoint = (kind: PointKind, labels: readonly string[], value?: number) => void;

/** The owner adds the binding, so it may be missing or something else. */
export const isDataset = (binding: unknown): binding is Dataset =>
  typeof (binding as Dataset | null | undefined)?.writeDataPoint === "function";

export function createPoints(dataset: Dataset | null): WritePoint {
  if (dataset === null) return () => {};
  return (kind, labels, value = 1) => {
    try {
      dataset.writeDataPoint({ indexes: [kind], blobs: [kind, ...labels], doubles: [value] });
    } catch {
      // An answer must not fail because it couldn't be counted.
    }
  };
}

/** Receives how long a store took and whether it answered. */
export type Observe = (milliseconds: number, answered: boolean) => void;

/**
 * Runs work and reports how long it took. Only the stores' own time shows, since a Worker's clock stands still between
 * I/O.
 */
export async function timed<T>(
  observe: Observe,
  work: () => Promise<T>,
  isAnswer: (error: unknown) => boolean = () => false,
): Promise<T> {
  const begun = Date.now();
  try {
    const result = await work();
    observe(Date.now() - begun, true);
    return result;
  } catch (error) {
    observe(Date.now() - begun, isAnswer(error));
    throw error;
  }
}
