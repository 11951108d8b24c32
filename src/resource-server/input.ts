import * as z from "zod";

const noControls = /^[^\p{Cc}\p{Cf}\p{Zl}\p{Zp}]*$/u;

/**
 * A text of one line: trimmed, from `min` (1) to `max` characters long, without control or invisible characters.
 * `pattern` restricts it further, and `what` says in words which characters it accepts.
 */
export const boundedString = ({
  min = 1,
  max,
  pattern,
  what = "has characters that are not allowed here",
}: {
  readonly min?: number;
  readonly max: number;
  readonly pattern?: RegExp;
  readonly what?: string;
}) =>
  z
    .string("is not text")
    .trim()
    .min(min, min === 1 ? "is empty" : `is shorter than ${min} characters`)
    .max(max, `is longer than ${max} characters`)
    .regex(noControls, "has control characters")
    .regex(pattern ?? noControls, what);

/** One of a fixed list, which the error names. */
export const closedEnum = <const Value extends string>(...values: readonly [Value, ...Value[]]) =>
  z.enum(values, `is not one of ${values.join(", ")}`);

/**
 * One segment of a path, or a file name: letters, digits, `.`, `_` and `-`. It can't start with a dot, so it can't lead
 * up, out or to a hidden file. `max` is 128 characters by default.
 */
export const pathSegment = ({ max = 128 }: { readonly max?: number } = {}) =>
  z
    .string("is not text")
    .max(max, `is longer than ${max} characters`)
    .regex(/^[A-Za-z0-9_-][A-Za-z0-9._-]*$/, "is not a plain name of letters, digits, dots, underscores and hyphens");
