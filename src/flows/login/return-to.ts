import type { Deps } from "../../deps.ts";
import { openEnvelope, sealEnvelope } from "../../lib/envelope.ts";
import * as z from "../../lib/schema.ts";

/**
 * A request that waits for the sign-in: which of our pages it was for, with what query, and when it first came. Only
 * this server can seal one, so sign-in leads back there and nowhere else.
 */
export type ReturnTo = {
  readonly path: string;
  readonly query: readonly (readonly [string, string])[];
  readonly requestedAt: Date;
  /** The app that it is for, as the sign-in page names it. */
  readonly app?: AppToReturnTo | null;
};

export type AppToReturnTo = { readonly name: string; readonly approved: boolean };

const MAX_AGE_MS = 60 * 60 * 1000;
const USE = { purpose: "continuation", context: "" };

const schema = z.object({
  path: z.string(),
  query: z.array(z.tuple([z.string(), z.string()])),
  requestedAt: z.pipe(
    z.number(),
    z.transform((milliseconds) => new Date(milliseconds)),
  ),
  app: z._default(z.nullable(z.object({ name: z.string(), approved: z.boolean() })), null),
});

/** The form in which a request travels. It is sealed, so that nobody can change when it was made. */
export const sealReturnTo = ({ keys }: Deps, { requestedAt, ...rest }: ReturnTo): Promise<string> =>
  sealEnvelope(keys, USE, { ...rest, requestedAt: requestedAt.getTime() });

/** The request that it carries. Null if it isn't one of ours or is over an hour old. */
export async function openReturnTo({ keys, now }: Deps, text: string): Promise<ReturnTo | null> {
  const parsed = schema.safeParse(await openEnvelope(keys, USE, text));
  if (!parsed.success) return null;
  return now().getTime() - parsed.data.requestedAt.getTime() < MAX_AGE_MS ? parsed.data : null;
}
