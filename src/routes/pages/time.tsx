import { createContext, useContext } from "hono/jsx";

/** The time zone of the person who reads the page. */
export const ZoneContext = createContext("UTC");

const UNITS = [
  ["year", 31_536_000],
  ["month", 2_592_000],
  ["day", 86_400],
  ["hour", 3600],
  ["minute", 60],
] as const;

/**
 * A moment as people would say it ("3 hours ago", "in 2 days"), with the exact time on hover. In seconds since 1970.
 */
export const Time = ({ at, now }: { at: number; now: Date }) => (
  <Moment at={at}>{relative(at - now.getTime() / 1000)}</Moment>
);

/** A moment by the person's clock, with UTC on hover. */
export const ExactTime = ({ at }: { at: number }) => (
  <Moment at={at}>{formatExact(at, useContext(ZoneContext))}</Moment>
);

/** Both, for a page about one thing, since touch screens can't hover. */
export const FullTime = ({ at, now }: { at: number; now: Date }) => (
  <>
    <Time at={at} now={now} /> <span class="exact">{formatExact(at, useContext(ZoneContext))}</span>
  </>
);

/** The last use of something that signs in, or that it was never used. */
export const LastUse = ({ at, now }: { at: number | null; now: Date }) => (
  <p class="quiet">
    {at === null ? (
      "Never used"
    ) : (
      <>
        Last used <FullTime at={at} now={now} />
      </>
    )}
  </p>
);

const Moment = ({ at, children }: { at: number; children: string }) => {
  const zone = useContext(ZoneContext);
  const utc = `${formatExact(at, "UTC")} UTC`;
  return (
    <time
      datetime={new Date(at * 1000).toISOString()}
      title={zone === "UTC" ? utc : `${formatExact(at, zone)} (${utc})`}
    >
      {children}
    </time>
  );
};

/** "13 Nov 2026, 14:03:11". */
export const formatExact = (at: number, timeZone: string): string =>
  new Intl.DateTimeFormat("en-GB", { timeZone, dateStyle: "medium", timeStyle: "medium" }).format(at * 1000);

/** A duration in its largest unit ("30 days"), which divides it exactly or nearly. */
export function describeDuration(seconds: number): string {
  const [unit, length] = UNITS.filter(([name]) => name !== "month").find(([, each]) => seconds >= each) ?? [
    "second",
    1,
  ];
  const count = Math.round(seconds / length);
  return `${count} ${unit}${count === 1 ? "" : "s"}`;
}

function relative(seconds: number): string {
  // Something that is nearly three days is rounded to three days.
  const [unit, length] = UNITS.find(([, each]) => Math.abs(seconds) >= each * 0.97) ?? [null, 1];
  if (unit === null) return seconds > 0 ? "in a moment" : "just now";
  return new Intl.RelativeTimeFormat("en").format(Math.round(seconds / length), unit);
}
