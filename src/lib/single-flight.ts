/**
 * Runs work once for all who ask for the same key at the same time in this isolate. The one who starts it may be gone
 * before it ends, so the work is kept alive by `defer` and has to have a deadline of its own.
 */
export function createSingleFlight<T>() {
  const flights = new Map<string, Promise<T>>();
  return (key: string, defer: (work: Promise<unknown>) => void, work: () => Promise<T>): Promise<T> => {
    const under = flights.get(key);
    if (under !== undefined) return under;
    const flight = work().finally(() => flights.delete(key));
    flights.set(key, flight);
    defer(flight.catch(() => {}));
    return flight;
  };
}
