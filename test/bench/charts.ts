import { parse, View } from "vega";
import { compile, type TopLevelSpec } from "vega-lite";
import type { Results } from "./results.ts";

/** One hue for the subject and greys for what it is compared with, readable on light and on dark pages. */
const OWN = "#2b5fd9";
const OTHERS = ["#6b7280", "#9ca3af", "#c4c8cf"];

const config = {
  background: "#ffffff",
  font: "system-ui, sans-serif",
  view: { stroke: null },
  axis: {
    domain: false,
    ticks: false,
    grid: false,
    labelFontSize: 12,
    titleFontSize: 12,
    titleFontWeight: "normal",
    labelColor: "#374151",
  },
  legend: { labelFontSize: 12, title: null, orient: "top" },
} as const;

const draw = (spec: TopLevelSpec): Promise<string> =>
  new View(parse(compile({ ...spec, config } as TopLevelSpec).spec), { renderer: "none" }).toSVG();

/** The median latency beside the others', with 20 ms added to each storage hop. */
export function drawLatency({ contestants }: Results): Promise<string> {
  const names = contestants.map(({ name }) => name);
  const values = contestants.flatMap(({ name, operations }) =>
    (["exchange", "refresh", "verify"] as const).flatMap((operation) => {
      const slow = operations[operation]?.latency.at(-1);
      return slow ? [{ server: name, operation, milliseconds: Math.round(slow.p50) }] : [];
    }),
  );
  const y = { field: "server", type: "nominal", sort: names, axis: null } as const;
  return draw({
    title: { text: "Median milliseconds with 20 ms to each storage hop", anchor: "start", fontSize: 14 },
    data: { values },
    facet: {
      row: {
        field: "operation",
        type: "nominal",
        sort: ["exchange", "refresh", "verify"],
        header: { labelAngle: 0, labelAlign: "left", labelFontSize: 13, title: null },
      },
    },
    spec: {
      width: 520,
      height: { step: 19 },
      layer: [
        {
          mark: { type: "bar", cornerRadiusEnd: 2 },
          encoding: {
            x: { field: "milliseconds", type: "quantitative", axis: null },
            y,
            color: { field: "server", type: "nominal", sort: names, scale: { domain: names, range: [OWN, ...OTHERS] } },
          },
        },
        {
          mark: { type: "text", align: "left", dx: 4, fontSize: 12 },
          encoding: { x: { field: "milliseconds", type: "quantitative" }, y, text: { field: "milliseconds" } },
        },
      ],
    },
  } as TopLevelSpec);
}

/** How much longer everything takes with many more tokens. 1 means no longer. */
export function drawGrowth({ growth }: Results): Promise<string> {
  const [first, last] = [growth[0], growth.at(-1)];
  if (!first || !last) throw new Error("there is no growth to draw");
  const of = (kind: "operations" | "pages") =>
    Object.entries(first[kind]).map(([name, before]) => ({
      name,
      kind,
      times: Number(((last[kind][name] ?? 0) / before).toFixed(2)),
    }));
  const y = { field: "name", type: "nominal", sort: null, axis: { title: null, labelLimit: 300 } } as const;
  return draw({
    title: {
      text: `Times as long with ${last.tokens.toLocaleString("en")} tokens as with ${first.tokens.toLocaleString("en")}`,
      anchor: "start",
      fontSize: 14,
    },
    data: { values: [...of("operations"), ...of("pages")] },
    width: 420,
    height: { step: 19 },
    layer: [
      {
        mark: { type: "bar", cornerRadiusEnd: 2 },
        encoding: {
          x: { field: "times", type: "quantitative", axis: null },
          y,
          color: {
            field: "kind",
            type: "nominal",
            scale: { domain: ["operations", "pages"], range: [OWN, OTHERS[1]] },
          },
        },
      },
      {
        mark: { type: "text", align: "left", dx: 4, fontSize: 12 },
        encoding: { x: { field: "times", type: "quantitative" }, y, text: { field: "times" } },
      },
      { mark: { type: "rule", strokeDash: [3, 3], color: "#374151" }, encoding: { x: { datum: 1 } } },
    ],
  } as TopLevelSpec);
}
