const DAY_MS = 24 * 60 * 60 * 1000;

/**
 * When each of the last days began in a time zone, oldest first. Some days have 23 hours or 25, and some begin at one
 * o'clock, where clocks move forward at midnight.
 */
export function startsOfDays(now: Date, zone: string, length: number): Date[] {
  const clock = createClock(zone);
  const today = Math.floor(clock(now.getTime()) / DAY_MS);
  return Array.from({ length }, (_, index) => startOfDay(today - (length - 1 - index), clock));
}

/** What a clock in the zone shows at a moment, read as if it were UTC. */
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

/** The first moment at which a clock in the zone shows this day (counted since 1970). */
function startOfDay(day: number, clock: Clock): Date {
  const midnight = day * DAY_MS;
  // The offset from UTC changes at most once near a day's start, so two steps find it from either side.
  let at = midnight - (clock(midnight) - midnight);
  at = midnight - (clock(at) - at);
  // Midnight itself may be skipped. Then the day begins where the clock jumps over it.
  while (clock(at) < midnight) at += 30 * 60 * 1000;
  return new Date(at);
}
