import { HTTPException } from "hono/http-exception";
import { addIssuer, readIssuers, removeIssuer, setIssuerStatus } from "../../flows/admin/issuers.ts";
import { readResources } from "../../flows/admin/lists.ts";
import { addWorkload, readWorkloads, removeWorkload } from "../../flows/admin/workloads.ts";
import * as z from "../../lib/schema.ts";
import { ISSUER_PRESETS } from "../../oauth/trusted-issuer.ts";
import type { AppContext } from "../app-env.ts";
import { formRoute, optionalText, type RefusedForm, textField, ticked } from "../fields.ts";
import { IssuersPage } from "../pages/admin/issuers.tsx";
import { goTo } from "../redirect.ts";
import { panelShellOf } from "../shell.ts";

const PATH = "/admin/issuers";

/** `GET /admin/issuers`. */
export const getIssuers = (c: AppContext): Promise<Response> => showIssuers(c);

const words = (typed: string): string[] => typed.split(/[\s,]+/).filter((word) => word !== "");

/** `POST /admin/issuers`: trusts one. */
export const postIssuer = formRoute({
  fields: z.object({
    kind: textField(32),
    name: textField(32),
    issuer: textField(500),
    joining: textField(500),
    tenant: optionalText(200),
    addresses: ticked(),
    refresh: ticked(),
  }),
  showAgain: (c, refused) => showIssuers(c, { issuer: refused }),
  submit: async (c, { kind, name, issuer, joining, tenant, addresses, refresh }) => {
    const added = await addIssuer(c.var.deps, {
      name,
      issuer: issuer || (ISSUER_PRESETS[kind]?.issuer ?? ""),
      jwks: null,
      vouches: kind === "people",
      tenant,
      linksAddresses: addresses,
      joining: words(joining),
      refreshes: refresh,
    });
    return "problem" in added ? { ...added, field: added.field ?? null } : goTo(c, PATH, "saved");
  },
});

/** `POST /admin/issuers/off`, `/on` and `/remove`. */
export const postIssuerChange = (change: "off" | "on" | "remove") =>
  formRoute({
    fields: z.object({ name: textField(32) }),
    submit: async (c, { name }) => {
      const { deps } = c.var;
      const isThere = change === "remove" ? await removeIssuer(deps, name) : await setIssuerStatus(deps, name, change);
      if (!isThere) throw new HTTPException(404, { message: "There is no such issuer." });
      return goTo(c, PATH, change === "remove" ? "deleted" : "saved");
    },
  });

/** `POST /admin/issuers/programs`: lets a program in. */
export const postWorkload = formRoute({
  fields: z.object({
    program: textField(200),
    by: textField(32),
    server: textField(2000),
    scope: textField(2000),
    claims: textField(4000),
    audience: optionalText(500),
  }),
  showAgain: (c, refused) => showIssuers(c, { program: refused }),
  submit: async (c, { program, by, server, scope, claims, audience }) => {
    const pairs = claims
      .split("\n")
      .map((line) => line.trim())
      .filter((line) => line !== "")
      .map((line) => /^([^=]+)=(.+)$/.exec(line)?.slice(1) ?? []);
    if (pairs.some(({ length }) => length !== 2)) {
      return { problem: "Each line names one claim, like repository=acme/site.", field: "claims" };
    }
    const { deps } = c.var;
    const added = await addWorkload(deps, {
      ...{ name: program, issuer: by, resource: server, scope, audience: audience ?? deps.config.issuer },
      claims: Object.fromEntries(pairs as [string, string][]),
    });
    if (!("problem" in added)) return goTo(c, PATH, "saved");
    return { ...added, field: (added.field && PROGRAM_FIELDS[added.field]) ?? null };
  },
});

/** The fields of what the owner says of a program. */
const PROGRAM_FIELDS = {
  ...{ name: "program", issuer: "by", resource: "server" },
  ...{ scope: "scope", audience: "audience", claims: "claims" },
} as const;

/** `POST /admin/issuers/programs/remove`: forgets one. */
export const postWorkloadRemoval = formRoute({
  fields: z.object({ id: textField(200) }),
  submit: async (c, { id }) => {
    if (!(await removeWorkload(c.var.deps, id))) throw new HTTPException(404, { message: "There is no such program." });
    return goTo(c, PATH, "deleted");
  },
});

type Refused = { readonly issuer?: RefusedForm; readonly program?: RefusedForm };

async function showIssuers(c: AppContext, refused: Refused = {}): Promise<Response> {
  const { deps } = c.var;
  const [issuers, workloads, { items }] = await Promise.all([
    readIssuers(deps),
    readWorkloads(deps),
    readResources(deps, null, null),
  ]);
  const servers = items.map(({ uri, name }) => [uri, name] as const);
  const shown = { shell: await panelShellOf(c), issuers, workloads, servers, refused };
  return c.html(<IssuersPage {...shown} />, refused.issuer || refused.program ? 400 : 200);
}
