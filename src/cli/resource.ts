import { readFile } from "node:fs/promises";
import { applyResource } from "../flows/admin/apply-resource.ts";
import { findResourceByUri, readResources } from "../flows/admin/lists.ts";
import {
  addResource,
  removeResource,
  rotateResourceCredential,
  type ShownCredential,
} from "../flows/admin/resources.ts";
import { confirm } from "./confirm.ts";
import { connect } from "./database-connection.ts";
import { formatLive, formatPage, formatTable, type OutputOptions, orFail, type PageOptions, print } from "./output.ts";

/** `resource list` */
export async function listResourcesCommand({ after, ...options }: PageOptions): Promise<void> {
  const { items: resources, next } = await readResources(await connect(), null, after ?? null);
  const rows = resources.map((resource) => [
    resource.uri,
    resource.name,
    resource.isDefault ? "default" : "",
    resource.scopes.map(({ name }) => name).join(" "),
    formatLive(resource.liveFamilies),
  ]);
  print(options, { resources, next }, formatPage(rows, next, "No MCP server is protected yet."));
}

/** `resource show URI` */
export async function showResourceCommand(uri: string, options: OutputOptions): Promise<void> {
  const resource = await findResourceByUri(await connect(), uri);
  if (!resource) throw new Error("There is no such MCP server.");
  const { scopes, ...members } = resource;
  const rows = Object.entries(members).map(([name, value]) => [
    name,
    Array.isArray(value) ? value.join(" ") : `${value ?? ""}`,
  ]);
  print(options, resource, formatTable([...rows, ...scopes.map(({ name, description }) => [name, description])]));
}

type AddOptions = OutputOptions & {
  readonly name?: string;
  readonly scope: readonly { readonly name: string; readonly description: string }[];
  readonly default?: boolean;
  readonly accessSeconds?: number;
};

/** `resource add URI` */
export async function addResourceCommand(uri: string, options: AddOptions): Promise<void> {
  const input = {
    uri,
    name: options.name ?? "",
    scopes: options.scope,
    isDefault: options.default ?? false,
    accessSeconds: options.accessSeconds ?? null,
  };
  const credential = orFail(await addResource(await connect(), input));
  print(options, credential, `${credential.uri} is protected.\n\n${describeCredential(credential)}`);
}

type ApplyOptions = OutputOptions & { readonly uri?: string; readonly default?: boolean };

/** `resource apply FILE` */
export async function applyResourceCommand(file: string, { uri, default: isDefault, ...output }: ApplyOptions) {
  const text = await readFile(file, "utf8").catch(() => {
    throw new Error(`${file} can't be read.`);
  });
  const applied = orFail(
    await applyResource(await connect(), text, { uri: uri ?? null, isDefault: isDefault ?? false }),
  );
  const sentence = {
    added: "is protected.",
    changed: "is changed. Its credential stays as it is.",
    unchanged: "is up to date. Nothing was changed.",
  }[applied.outcome];
  const credential = applied.outcome === "added" ? `\n\n${describeCredential(applied)}` : "";
  print(output, applied, `${applied.uri} ${sentence}${credential}`);
}

/** `resource rotate URI` */
export async function rotateResourceCommand(uri: string, options: OutputOptions): Promise<void> {
  const credential = orFail(await rotateResourceCredential(await connect(), uri));
  print(
    options,
    credential,
    `The previous credential stays good until the next rotation.\n\n${describeCredential(credential)}`,
  );
}

/** `resource delete URI` */
export async function deleteResourceCommand(
  uri: string,
  { yes, ...options }: OutputOptions & { readonly yes?: boolean },
) {
  const deps = await connect();
  const resource = await findResourceByUri(deps, uri);
  if (!resource) throw new Error("There is no such server.");
  await confirm(`This deletes ${resource.uri} and ${formatLive(resource.liveFamilies)} connections.`, yes);
  print(
    options,
    orFail(await removeResource(deps, resource.id)),
    "Deleted. Everything that was granted for it is revoked.",
  );
}

/** A credential for people to read, shown once. */
export const describeCredential = ({ id, secret }: ShownCredential) =>
  `Its introspection credential, shown only now:\n  RESOURCE_ID           ${id}\n  INTROSPECTION_SECRET  ${secret}`;

/** Collects `--scope NAME=SENTENCE`. */
export function collectScope(text: string, scopes: AddOptions["scope"]): AddOptions["scope"] {
  const [name = "", ...sentence] = text.split("=");
  const description = sentence.join("=").trim();
  if (!name || !description) throw new Error("Write a scope as NAME=SENTENCE. People read the sentence.");
  return [...scopes, { name, description }];
}
