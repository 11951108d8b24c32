import { HTTPException } from "hono/http-exception";
import { parseForm } from "../lib/form.ts";
import * as z from "../lib/schema.ts";
import type { AppContext } from "./app-env.ts";
import { rawQuery } from "./middleware/query.ts";

/** A parameter of the path. "" can't be anything's id, and stands for what no row can hold. */
export function idOf(c: AppContext): string {
  const id = c.req.param("id") ?? "";
  return id.isWellFormed() && !id.includes("\0") ? id : "";
}

/**
 * A text from a form or a query, trimmed. "" if it is absent. Its message is made when somebody gets to read it: the
 * first number that is put into words loads a language, a fifth of what an isolate's start took.
 */
export const textField = (maxLength: number) =>
  z._default(
    z.string().check(
      z.trim(),
      z.maxLength(maxLength, {
        error: () => `That is too long: it may have at most ${maxLength.toLocaleString("en")} characters.`,
      }),
    ),
    "",
  );

/** The same, but null if nothing was typed. */
export const optionalText = (maxLength: number) =>
  z.pipe(
    textField(maxLength),
    z.transform((typed) => typed || null),
  );

/** A whole number from `min` to `max`, or null if nothing was typed. */
export const optionalCount = (max: number, min = 1) =>
  z.pipe(
    textField(20).check(
      z.refine(
        (typed) => typed === "" || (Number.isInteger(Number(typed)) && Number(typed) >= min && Number(typed) <= max),
        { error: () => `That has to be a whole number from ${min} to ${max.toLocaleString("en")}, or empty.` },
      ),
    ),
    z.transform((typed) => (typed === "" ? null : Number(typed))),
  );

/** The number of this part of a list, from 1. It is only displayed, so any nonsense becomes the first. */
export const pageNumber = () => z.catch(z.coerce.number().check(z.int(), z.minimum(1), z.maximum(99_999)), 1);

/** A password or the like, which is taken exactly as typed. */
export const secret = (maxLength: number) =>
  z._default(z.string().check(z.maxLength(maxLength, "That is too long.")), "");

/** A value that one of our pages sealed and sends back. It holds a whole authorization request. */
export const sealed = () => textField(32_000);

/** The answer of a passkey, and the challenge that it answers. */
export const passkeyFields = { credential: textField(20_000), challenge: textField(4000) };

/** Whether a box is ticked. */
export const ticked = () =>
  z.pipe(
    z.optional(z.string()),
    z.transform((value) => value !== undefined),
  );

/** The problem with a submitted form, and its contents, so that it can be shown again with nothing lost. */
export type RefusedForm = {
  /** Null if there is no problem, and the form only has other rows now. */
  readonly problem: string | null;
  /** The name of the field with the problem, if there is one. */
  readonly field: string | null;
  /** Which of the fields with this name, from 0. */
  readonly row?: number;
  readonly typed: URLSearchParams;
};

/** A sentence for the person, with the name of the field that has the problem, if there is one. */
type FormProblem = { readonly problem: string; readonly field?: string | null };

type Fields = z.ZodMiniObject;

type FormRoute<T extends Fields> = {
  readonly fields: T;
  /** Shows the page with the form on it again. Without this, the problem gets a page of its own. */
  readonly showAgain?: (c: AppContext, refused: RefusedForm) => Promise<Response>;
  /** Carries the form out. Returns a sentence for the person if there is a problem. */
  readonly submit: (c: AppContext, fields: z.output<T>) => Promise<Response | FormProblem>;
};

/** The handler of a form. It reads the fields by their schema, and shows the form again if they don't fit. */
export const formRoute =
  <T extends Fields>({ fields, showAgain, submit }: FormRoute<T>) =>
  async (c: AppContext): Promise<Response> => {
    const typed = c.var.form;
    const read = readFields(fields, typed);
    const outcome = read.success ? await submit(c, read.data) : findProblem(read.error);
    if (outcome instanceof Response) return outcome;
    if (!showAgain) throw new HTTPException(400, { message: outcome.problem });
    return showAgain(c, { field: null, ...outcome, typed });
  };

/** Reads a query by the schema of its parameters. Our own links hold nothing that the schema refuses. */
export function readQuery<T extends Fields>(c: AppContext, fields: T): z.output<T> {
  const read = readFields(fields, new URLSearchParams(parseForm(rawQuery(c)) ?? []));
  if (!read.success) throw new HTTPException(400, { message: findProblem(read.error).problem });
  return read.data;
}

/** A field with an array as its schema gets every value of its name, any other field the first. */
function readFields<T extends Fields>(fields: T, params: URLSearchParams): z.util.SafeParseResult<z.output<T>> {
  const values = Object.entries(fields.shape).map(([name, type]) => [
    name,
    type instanceof z.ZodMiniArray ? params.getAll(name) : (params.get(name) ?? undefined),
  ]);
  return fields.safeParse(Object.fromEntries(values));
}

function findProblem({ issues: [issue] }: z.core.$ZodError): {
  readonly problem: string;
  readonly field: string | null;
  readonly row: number;
} {
  const [field, row] = issue?.path ?? [];
  const problem = issue?.message ?? "Something in this form isn't valid.";
  return { problem, field: field ? String(field) : null, row: Number(row ?? 0) };
}
