import { readFile } from "node:fs/promises";
import { findFreePort } from "../../src/dev/ports.ts";
import { ensureExample, gatehouseWorker, type Stack, type StackOptions, startStack } from "../../src/dev/stack.ts";
import type { GatehouseOptions } from "./gatehouse.ts";
import { borrowWorker } from "./lent-workers.ts";

type Start = Omit<StackOptions, "port">;

/** Borrows a Worker from the file before where only its environment has to differ, and else starts one. */
export const startOrBorrow = (
  { production, entry, example, beside }: GatehouseOptions,
  start: Start,
): Promise<Stack> => (production || entry || example || beside ? startOnFreePorts(start) : borrow(start));

async function borrow({
  services,
  state,
  vars,
  issuerPath = "",
  resourceDocument = "",
  ...rest
}: Start): Promise<Stack> {
  const { port, ...worker } = await borrowWorker({ onLog: rest.onLog, outbound: rest.outbound });
  const issuer = `http://localhost:${port}${issuerPath}`;
  const document = await readFile(resourceDocument, "utf8");
  const uri = `http://localhost:${port + 1}/mcp`;
  const resource = await ensureExample(services, state, { document, uri, isDefault: true });
  const { bindings } = gatehouseWorker({ services, state, port, issuer, ...(vars ? { vars } : {}) });
  await worker.setEnvironment(bindings);
  return { issuer, resource, scheduled: worker.scheduled, stop: async () => worker.giveBack() };
}

/** Another test may take the free ports before they are used. */
async function startOnFreePorts(options: Start, tries = 3): Promise<Stack> {
  try {
    return await startStack({ ...options, port: await findFreePort(2) });
  } catch (error) {
    if (tries === 1 || (error as { code?: string }).code !== "ERR_ADDRESS_IN_USE") throw error;
    return startOnFreePorts(options, tries - 1);
  }
}
