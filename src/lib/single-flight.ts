/**
 * Runs work once for all callers in this isolate that ask for the same key at the same time. The first caller may be
 * gone before the work ends, so `defer` keeps it alive, and the work needs a deadline of its own.
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
