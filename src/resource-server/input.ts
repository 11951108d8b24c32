import * as z from "zod";

const noControls = /^[^\p{Cc}\p{Cf}\p{Zl}\p{Zp}]*$/u;

/**
 * A text of one line: trimmed, `min` (1) to `max` characters long, without control or invisible characters. `pattern`
 * narrows it further, and `what` says in words which characters it takes.
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

/** One of a closed list; the error names the list. */
export const closedEnum = <const Value extends string>(...values: readonly [Value, ...Value[]]) =>
  z.enum(values, `is not one of ${values.join(", ")}`);

/**
 * One segment of a path or a file's name: letters, digits, `.`, `_` and `-`, not starting with a dot, so that it can't lead
 * up, out or to a hidden file. At most `max` characters: 128.
 */
export const pathSegment = ({ max = 128 }: { readonly max?: number } = {}) =>
  z
    .string("is not text")
    .max(max, `is longer than ${max} characters`)
    .regex(/^[A-Za-z0-9_-][A-Za-z0-9._-]*$/, "is not a plain name of letters, digits, dots, underscores and hyphens");
