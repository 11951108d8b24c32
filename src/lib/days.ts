const DAY_MS = 24 * 60 * 60 * 1000;

/**
 * When the last days began by the clock of a time zone, the oldest first. Some days are 23 hours long or 25, and some begin at one
 * o'clock, where clocks are put forward at midnight.
 */
export function startsOfDays(now: Date, zone: string, length: number): Date[] {
  const clock = createClock(zone);
  const today = Math.floor(clock(now.getTime()) / DAY_MS);
  return Array.from({ length }, (_, index) => startOfDay(today - (length - 1 - index), clock));
}

/** What a clock in the zone shows at a moment, as if it were UTC. */
type Clock = (at: number) => number;

function createClock(timeZone: string): Clock {
  const format = new Intl.DateTimeFormat("en-US", {
    timeZone,
    hourCycle: "h23",
    ...{ year: "numeric", month: "numeric", day: "numeric", hour: "numeric", minute: "numeric", second: "numeric" },
  } as const);
  return (at) => {
    const parts = new Map(format.formatToParts(at).map(({ type, value }) => [type, Number(value)]));
    const [year = 0, month = 1, day, hour, minute, second] = ["year", "month", "day", "hour", "minute", "second"].map(
      (type) => parts.get(type as Intl.DateTimeFormatPartTypes),
    );
    return Date.UTC(year, month - 1, day, hour, minute, second);
  };
}

/** The first moment at which the clock shows this day (counted since 1970). */
function startOfDay(day: number, clock: Clock): Date {
  const midnight = day * DAY_MS;
  // The clock's difference to UTC changes by a day's end at most once: two steps find it from either side.
  let at = midnight - (clock(midnight) - midnight);
  at = midnight - (clock(at) - at);
  // Midnight itself may be left out. Then the day begins where the clock jumps over it.
  while (clock(at) < midnight) at += 30 * 60 * 1000;
  return new Date(at);
}
