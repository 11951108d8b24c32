import { max, nice, ticks } from "d3-array";
import { useContext } from "hono/jsx";
import { formatExact, ZoneContext } from "./time.tsx";

type Series = { readonly label: string; readonly counts: readonly number[] };

type Props = {
  title: string;
  days: readonly Date[];
  /** The bars of several series are stacked. */
  series: readonly Series[];
  /** Shows something that isn't wanted. */
  bad?: boolean;
  /** Counts the same things again each day, so that only the most on a day says something, and no sum. */
  recurring?: boolean;
};

const HEIGHT = 150;
const TOP = 18;
const BOTTOM = 22;
/** The space left of the bars, for the numbers of the scale. */
const PERCENT_OF_SCALE = 7;
/** The gap on each side of a bar, as a part of a day's width. */
const GAP = 0.13;
/** Up to so many days have a tooltip each. With more, the page would grow too large. */
const MOST_TOOLTIPS = 31;

/**
 * One bar a day. The bars are stretched to the available width, but the words keep their size. The chart's label also
 * says what it shows.
 */
export const Chart = ({ title, days, series, bad = false, recurring = false }: Props) => {
  const totals = days.map((_, day) => series.reduce((sum, { counts }) => sum + (counts[day] ?? 0), 0));
  const total = recurring ? (max(totals) ?? 0) : totals.reduce((sum, count) => sum + count, 0);
  const [, most] = nice(0, Math.max(4, max(totals) ?? 0), 4);
  const zone = useContext(ZoneContext);
  const up = (count: number) => Math.round(HEIGHT - BOTTOM - (count / most) * (HEIGHT - BOTTOM - TOP));
  return (
    <figure class={bad ? "chart bad" : "chart"}>
      <figcaption>
        {title}{" "}
        <strong>
          {recurring && "up to "}
          {total.toLocaleString("en")}
        </strong>
      </figcaption>
      {series.length > 1 && <Legend series={series} />}
      <svg width="100%" height={HEIGHT} role="img" aria-label={describe(title, series)}>
        {ticks(0, most, 3).map((tick) => (
          <g key={tick}>
            <line x1="0" x2="100%" y1={up(tick)} y2={up(tick)} />
            {tick > 0 && (
              <text class="tick" x="0" y={up(tick) - 4}>
                {tick.toLocaleString("en")}
              </text>
            )}
          </g>
        ))}
        <svg
          aria-hidden="true"
          x={`${PERCENT_OF_SCALE}%`}
          width={`${100 - PERCENT_OF_SCALE}%`}
          height={HEIGHT}
          viewBox={`0 0 ${days.length} ${HEIGHT}`}
          preserveAspectRatio="none"
        >
          {series.map(({ label }, layer) => (
            <path key={label} class={`series-${layer}`} d={drawBars(series.slice(0, layer + 1), up)} />
          ))}
          {days.length <= MOST_TOOLTIPS &&
            days.map((day, index) => (
              <rect key={String(day)} class="day" x={index} width="1" height={HEIGHT}>
                <title>{`${explainDay(day, zone)}: ${series.map(({ label, counts }) => `${label} ${counts[index] ?? 0}`).join(", ")}`}</title>
              </rect>
            ))}
        </svg>
        <DayLabels days={days} />
      </svg>
    </figure>
  );
};

/** The bars of the last of these series, stacked on those of the others. */
function drawBars(series: readonly Series[], up: (count: number) => number): string {
  const counts = series.at(-1)?.counts ?? [];
  return counts
    .map((count, day) => {
      const below = series.slice(0, -1).reduce((sum, each) => sum + (each.counts[day] ?? 0), 0);
      return count === 0 ? "" : `M${day + GAP} ${up(below)}V${up(below + count)}h${1 - 2 * GAP}V${up(below)}z`;
    })
    .join("");
}

const DayLabels = ({ days }: { days: readonly Date[] }) => {
  const zone = useContext(ZoneContext);
  const every = Math.ceil(days.length / 5);
  const step = (100 - PERCENT_OF_SCALE) / days.length;
  // The last one ends with the chart, so that it stays on its card.
  const placeOf = (index: number) =>
    index === days.length - 1 ? { class: "last", x: "100%" } : { x: `${PERCENT_OF_SCALE + step * (index + 0.5)}%` };
  return (
    <>
      {days.map(
        (day, index) =>
          (days.length - 1 - index) % every === 0 && (
            <text key={String(day)} y={HEIGHT - 6} {...placeOf(index)}>
              {formatDay(day, zone)}
            </text>
          ),
      )}
    </>
  );
};

const Legend = ({ series }: { series: readonly Series[] }) => (
  <ul class="legend">
    {series.map(({ label }, index) => (
      <li key={label}>
        <svg width="10" height="10" aria-hidden="true">
          <rect class={`series-${index}`} width="10" height="10" rx="2" />
        </svg>
        {label}
      </li>
    ))}
  </ul>
);

const describe = (title: string, series: readonly Series[]): string =>
  series.length === 1
    ? `${title} a day: ${series[0]?.counts.join(", ")}`
    : `${title} a day. ${series.map(({ label, counts }) => `${label}: ${counts.join(", ")}`).join(". ")}`;

/** "13 Nov", from the moment at which a day begins in a zone. */
const formatDay = (day: Date, timeZone: string): string =>
  new Intl.DateTimeFormat("en-GB", { timeZone, day: "numeric", month: "short" }).format(day);

/** The same, followed by the beginning in UTC if that is another moment. */
const explainDay = (day: Date, zone: string): string =>
  day.getTime() % 86_400_000 === 0
    ? formatDay(day, zone)
    : `${formatDay(day, zone)} (from ${formatExact(day.getTime() / 1000, "UTC")} UTC)`;
