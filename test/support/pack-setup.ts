import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestProject } from "vitest/node";
import { packPackages } from "./project.ts";

declare module "vitest" {
  // biome-ignore lint/style/useConsistentTypeDefinitions: only an interface can be added to.
  interface ProvidedContext {
    tarball: string;
    testingTarball: string;
  }
}

/** Packs the packages once for the whole run, since packing builds them again. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), "gatehouse-pack-"));
  const { middleware, testing } = await packPackages(folder);
  project.provide("tarball", middleware);
  project.provide("testingTarball", testing);
  return () => rm(folder, { recursive: true, force: true });
}
