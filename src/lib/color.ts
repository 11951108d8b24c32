/** Red, green and blue, 0 to 255. */
type Rgb = readonly [number, number, number];

/** The AA contrast that WCAG 2.2 asks for text (§1.4.3). */
const CONTRAST = 4.5;

/** Darkens (or lightens) a colour just enough to be readable on a background. All are `#rrggbb`. */
export function readableOn(color: string, background: string): string {
  const towards = contrastOf("#000000", background) > contrastOf("#ffffff", background) ? 0 : 255;
  const start = parse(color);
  for (let share = 0; share < 1; share += 0.02) {
    const [red, green, blue] = start.map((part) => Math.round(part + (towards - part) * share)) as [
      number,
      number,
      number,
    ];
    if (contrast([red, green, blue], parse(background)) >= CONTRAST) return format([red, green, blue]);
  }
  return format([towards, towards, towards]);
}

/** The contrast ratio of two colours, 1 to 21 (WCAG 2.2, "contrast ratio"). */
export function contrastOf(color: string, other: string): number {
  return contrast(parse(color), parse(other));
}

function contrast(color: Rgb, other: Rgb): number {
  const [darker, lighter] = [luminance(color), luminance(other)].sort((a, b) => a - b) as [number, number];
  return (lighter + 0.05) / (darker + 0.05);
}

/** Relative luminance (WCAG 2.2). */
function luminance(color: Rgb): number {
  const [red, green, blue] = color.map((part) => {
    const share = part / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

const parse = (color: string): Rgb =>
  [1, 3, 5].map((start) => Number.parseInt(color.slice(start, start + 2), 16)) as [number, number, number];

const format = (color: Rgb): string => `#${color.map((part) => part.toString(16).padStart(2, "0")).join("")}`;
