import { parseJson } from "../../lib/json.ts";
import * as z from "../../lib/schema.ts";
import { updateResource } from "../../store/resources.ts";
import type { AdminDeps } from "./admin-deps.ts";
import { addResource, findScopesProblem, readResourceUri, type ShownCredential } from "./resources.ts";

/** The changes that were made. The credential of a new resource is shown this once. */
type AppliedResource =
  | ({ readonly outcome: "added" } & ShownCredential)
  | { readonly outcome: "changed" | "unchanged"; readonly id: string; readonly uri: string };

const scopeName = z.string().check(z.minLength(1), z.maxLength(128));

/** The document that `resourceDocument` of the resource-server middleware writes. */
const resourceDocument = z.strictObject({
  resource: z.string().check(z.maxLength(2000)),
  name: z.string().check(z.trim(), z.minLength(1), z.maxLength(200)),
  /** How long an access token is good. Left as it is if not given. */
  accessSeconds: z.optional(z.int().check(z.minimum(60), z.maximum(86_400))),
  scopes: z
    .array(
      z.strictObject({
        name: scopeName,
        description: z.string().check(z.trim(), z.minLength(1), z.maxLength(200)),
        implies: z._default(z.array(scopeName).check(z.maxLength(100)), []),
        default: z._default(z.boolean(), true),
        needs: z._default(
          z.record(
            z.string().check(z.regex(/^[a-z][a-z0-9-]{0,31}$/)),
            z.array(scopeName).check(z.minLength(1), z.maxLength(50)),
          ),
          {},
        ),
        broad: z._default(z.nullable(z.string().check(z.trim(), z.minLength(1), z.maxLength(300))), null),
      }),
    )
    .check(z.minLength(1), z.maxLength(100)),
});

/** Makes a resource what a `gatehouse.resource.json` describes. Applying it again changes nothing. */
export async function applyResource(
  deps: AdminDeps,
  text: string,
  { uri, isDefault }: { readonly uri: string | null; readonly isDefault: boolean },
): Promise<AppliedResource | { problem: string }> {
  const document = readDocument(text);
  if ("problem" in document) return document;
  const scopes = document.scopes.map(({ default: granted, ...scope }) => ({ ...scope, isDefault: granted }));
  const problem = findScopesProblem(scopes);
  if (problem) return { problem };
  const canonical = readResourceUri(uri ?? document.resource);
  if (typeof canonical !== "string") return canonical;
  const { name, accessSeconds } = document;
  const declared = { uri: canonical, name, scopes, accessSeconds: accessSeconds ?? null };
  const change = { name, scopes, terms: accessSeconds === undefined ? {} : { accessSeconds } };
  const update = () => updateResource(deps.db, { uri: canonical }, change, deps.actor);
  const updated = await update();
  if (updated === null) {
    const added = await addResource(deps, { ...declared, isDefault });
    if (!("problem" in added)) return { outcome: "added", ...added };
  }
  // Somebody else may have added it in between.
  const { id, changed } = updated ?? (await update()) ?? {};
  if (id === undefined) return { problem: "The server could not be added." };
  return { outcome: changed ? "changed" : "unchanged", id, uri: declared.uri };
}

function readDocument(text: string): z.output<typeof resourceDocument> | { problem: string } {
  try {
    const parsed = resourceDocument.safeParse(parseJson(text));
    if (parsed.success) return parsed.data;
    const [issue] = parsed.error.issues;
    return { problem: `The file isn't valid: ${issue?.path.join(".")}: ${issue?.message}` };
  } catch {
    return { problem: "The file is not JSON." };
  }
}
