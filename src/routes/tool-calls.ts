import { recordToolCalls } from "../flows/record-tool-calls.ts";
import type { ResourceCredential } from "../flows/resource-credential.ts";
import * as z from "../lib/schema.ts";
import { OAuthError } from "../oauth/errors.ts";
import type { NewToolCall } from "../store/tool-calls.ts";
import type { AppContext } from "./app-env.ts";
import { readJson } from "./middleware/body.ts";
import { readResourceCredential } from "./resource-credential.ts";

/** Owners read these texts in terminals, where control characters are commands. */
const printable = (max: number) => z.string().check(z.maxLength(max), z.regex(/^\P{Cc}*$/u));

const toolCalls = z.object({
  calls: z
    .array(
      z.object({
        token_id: z.string().check(z.regex(/^[\da-f]{32}$/)),
        tool: printable(128).check(z.minLength(1)),
        outcome: z.enum(["ok", "error", "invalid_input", "insufficient_scope", "rate_limited"]),
        duration_ms: z.int().check(z.minimum(0), z.maximum(86_400_000)),
        address: z.nullable(z.string().check(z.regex(/^[\da-f:.]{2,45}$/i))),
        arguments: z._default(
          z
            .record(printable(64), z.union([printable(256), z.number(), z.boolean()]))
            .check(z.refine((named) => Object.keys(named).length <= 10)),
          {},
        ),
      }),
    )
    .check(z.minLength(1), z.maxLength(100)),
});

/** `POST /tool-calls`: a resource writes its tool calls into the audit log. */
export async function postToolCalls(c: AppContext): Promise<Response> {
  const calls = readToolCalls(readJson(c, "invalid_request"));
  return c.json({ recorded: await recordToolCalls(c.var.deps, readCredential(c), calls) });
}

const readCredential = (c: AppContext): ResourceCredential | null =>
  readResourceCredential(c.req.header("Authorization"));

/** Throws `invalid_request` unless it is a bounded list of calls. */
export function readToolCalls(input: unknown): NewToolCall[] {
  const parsed = toolCalls.safeParse(input);
  if (!parsed.success) throw new OAuthError("invalid_request", "calls is not a list of tool calls.");
  return parsed.data.calls.map(({ token_id, address, arguments: named, ...details }) => ({
    tokenId: token_id,
    address,
    details: { ...details, ...(Object.keys(named).length > 0 ? { arguments: named } : {}) },
  }));
}
