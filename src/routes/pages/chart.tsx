import { max, nice, ticks } from "d3-array";

export type Series = { readonly label: string; readonly counts: readonly number[] };

type Props = {
  title: string;
  days: readonly Date[];
  /** They stand on each other. */
  series: readonly Series[];
  /** Shows what is not wanted. */
  bad?: boolean;
};

const HEIGHT = 150;
const TOP = 18;
const BOTTOM = 22;
/** Left of the bars are the numbers of the scale. */
const PERCENT_OF_SCALE = 7;
/** Between two bars, of the width of a day. */
const GAP = 0.25;

/**
 * A bar a day. Across it is measured in percent and up in pixels, so that it fills its place and its words keep their size.
 * What it shows is in its label too.
 */
export const Chart = ({ title, days, series, bad = false }: Props) => {
  const totals = days.map((_, day) => series.reduce((sum, { counts }) => sum + (counts[day] ?? 0), 0));
  const step = (100 - PERCENT_OF_SCALE) / days.length;
  const across = (day: number) => PERCENT_OF_SCALE + step * (day + GAP / 2);
  const [, most] = nice(0, Math.max(4, max(totals) ?? 0), 4);
  const up = (count: number) => HEIGHT - BOTTOM - (count / most) * (HEIGHT - BOTTOM - TOP);
  const every = Math.ceil(days.length / 5);
  return (
    <figure class={bad ? "chart bad" : "chart"}>
      <figcaption>
        {title} <strong>{totals.reduce((sum, count) => sum + count, 0).toLocaleString("en")}</strong>
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
        {days.map((day, index) => (
          <g key={String(day)}>
            <title>{`${formatDay(day)}: ${series.map(({ label, counts }) => `${label} ${counts[index] ?? 0}`).join(", ")}`}</title>
            {series.map(({ label, counts }, layer) => {
              const below = series.slice(0, layer).reduce((sum, each) => sum + (each.counts[index] ?? 0), 0);
              const top = up(below + (counts[index] ?? 0));
              return (
                <rect
                  key={label}
                  class={`series-${layer}`}
                  x={`${across(index)}%`}
                  width={`${step * (1 - GAP)}%`}
                  y={top}
                  height={up(below) - top}
                />
              );
            })}
            {(days.length - 1 - index) % every === 0 && (
              <text x={`${PERCENT_OF_SCALE + step * (index + 0.5)}%`} y={HEIGHT - 6}>
                {formatDay(day)}
              </text>
            )}
          </g>
        ))}
      </svg>
    </figure>
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

/** "13 Nov". Days are counted in UTC. */
const formatDay = (day: Date): string =>
  new Intl.DateTimeFormat("en-GB", { timeZone: "UTC", day: "numeric", month: "short" }).format(day);
