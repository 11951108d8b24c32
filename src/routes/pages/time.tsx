const UNITS = [
  ["year", 31_536_000],
  ["month", 2_592_000],
  ["day", 86_400],
  ["hour", 3600],
  ["minute", 60],
] as const;

/** A moment as one would say it ("3 hours ago", "in 2 days"), with the exact time for who wants it. In seconds since 1970. */
export const Time = ({ at, now }: { at: number; now: Date }) => {
  const exact = new Date(at * 1000);
  return (
    <time datetime={exact.toISOString()} title={exact.toUTCString()}>
      {relative(at - now.getTime() / 1000)}
    </time>
  );
};

/** A length of time in its largest unit ("30 days"), which it is a multiple of or close to. */
export function describeDuration(seconds: number): string {
  const [unit, length] = UNITS.filter(([name]) => name !== "month").find(([, each]) => seconds >= each) ?? [
    "second",
    1,
  ];
  const count = Math.round(seconds / length);
  return `${count} ${unit}${count === 1 ? "" : "s"}`;
}

function relative(seconds: number): string {
  // What is nearly three days is three days.
  const [unit, length] = UNITS.find(([, each]) => Math.abs(seconds) >= each * 0.97) ?? [null, 1];
  if (unit === null) return seconds > 0 ? "in a moment" : "just now";
  return new Intl.RelativeTimeFormat("en").format(Math.round(seconds / length), unit);
}
