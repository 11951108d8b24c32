import type { Activity } from "../../../flows/admin/activity.ts";
import { Panel, type PanelFrame } from "../panel.tsx";

type Props = { frame: PanelFrame; activity: Activity };

const WIDTH = 420;
const HEIGHT = 90;
const LABELS = 18;

/** What went on in the last days. */
export const OverviewPage = ({ frame, activity }: Props) => (
  <Panel frame={frame} title="Overview">
    <p class="quiet">The last {activity.days.length} days, by days of UTC.</p>
    <Chart title="Sign-ins" days={activity.days} counts={activity.signIns} />
    <Chart title="Tokens issued" days={activity.days} counts={activity.tokens} />
    <Chart title="Refusals worth knowing" days={activity.days} counts={activity.refusals} tone="bad" />
    <p>
      <a href={`${frame.issuer}/admin/audit`}>What they were</a>
    </p>
  </Panel>
);

type ChartProps = { title: string; days: readonly Date[]; counts: readonly number[]; tone?: string };

/** A bar a day. What it shows is in its label too. */
const Chart = ({ title, days, counts, tone = "" }: ChartProps) => {
  const most = Math.max(1, ...counts);
  const step = WIDTH / days.length;
  const total = counts.reduce((sum, count) => sum + count, 0);
  return (
    <figure class={`chart ${tone}`}>
      <figcaption>
        {title} <strong>{total.toLocaleString("en")}</strong>
      </figcaption>
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT + LABELS}`} role="img" aria-label={`${title} a day: ${counts.join(", ")}`}>
        <line x1="0" x2={WIDTH} y1={HEIGHT} y2={HEIGHT} />
        {counts.map((count, index) => {
          const height = Math.round((count / most) * (HEIGHT - 16));
          const x = Math.round(index * step);
          const day = days[index]?.toISOString().slice(0, 10) ?? "";
          return (
            <g key={day}>
              <title>{`${day}: ${count}`}</title>
              <rect x={x + 3} y={HEIGHT - height} width={Math.round(step) - 6} height={height} rx="2" />
              {count > 0 && (
                <text x={x + step / 2} y={HEIGHT - height - 4}>
                  {count}
                </text>
              )}
              {(days.length - 1 - index) % 3 === 0 && (
                <text x={x + step / 2} y={HEIGHT + 14}>
                  {day.slice(5)}
                </text>
              )}
            </g>
          );
        })}
      </svg>
    </figure>
  );
};
