#!/usr/bin/env node
import { parseArgs } from "node:util";
import { type Access, resourceDocument } from "./access-table.ts";

const USAGE =
  "npx @gatehouse-auth/resource-server ./access.ts --resource https://weather.example.com/mcp --name Weather\n" +
  "prints gatehouse.resource.json, made of what the file exports as `access`. A .ts file takes Node 22.18 or later.";

/** Prints the document with which `resource apply` registers the server. It contains no secret. */
async function printResource(): Promise<void> {
  const options = { resource: { type: "string" }, name: { type: "string" } } as const;
  const { values, positionals } = parseArgs({ options, allowPositionals: true });
  const [file] = positionals;
  const { resource, name } = values;
  if (file === undefined || !resource || !name) throw new Error("a file, --resource and --name are needed");
  if (!URL.canParse(resource) || /[?#]/.test(resource))
    throw new Error("--resource is no URL without query and fragment");
  const { access }: { access?: Access } = await import(new URL(file, `file://${process.cwd()}/`).href);
  if (!access) throw new Error(`${file} exports no \`access\``);
  console.log(JSON.stringify(resourceDocument(access, { resource, name }), null, 2));
}

try {
  await printResource();
} catch (error) {
  console.error(`${error instanceof Error ? error.message : error}\n\n${USAGE}`);
  process.exitCode = 1;
}
