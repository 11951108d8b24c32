import { afterAll } from "vitest";
import type { HeadlessBrowser } from "../../src/dev/headless-browser.ts";
import type { Person } from "../../src/dev/person.ts";
import {
  type Gatehouse,
  type GatehouseOptions,
  type OwnGatehouse,
  type RunningGatehouse,
  runGatehouse,
  startGatehouse,
} from "./gatehouse.ts";
import { registerClient, type TestClient } from "./oauth-client.ts";

type Scene<G extends Gatehouse> = {
  readonly gatehouse: G;
  readonly issuer: string;
  readonly person: Person & { readonly id: string };
  /** Where the person is signed in. */
  readonly browser: HeadlessBrowser;
  /** A public client with a refresh token grant. */
  readonly client: TestClient;
};

const running = new Map<boolean, Promise<RunningGatehouse>>();

/**
 * The opening of most tests: a Gatehouse with default settings, a signed-in person, and a client. With `example`, the
 * example MCP server runs beside it. The files that one worker runs share the Gatehouse, which ends with the worker, so
 * each test has people and clients of its own. A test that moves the clock, sets a variable, or looks at everything there
 * is takes `ownScene`.
 */
export async function scene({ example = false } = {}): Promise<Scene<Gatehouse>> {
  const shared = running.get(example) ?? runGatehouse({ example });
  running.set(example, shared);
  const { gatehouse, expectNoSecrets } = await shared;
  afterAll(expectNoSecrets);
  return peopled(gatehouse);
}

/** The same at a Gatehouse that no other file uses. */
export const ownScene = async (options?: GatehouseOptions): Promise<Scene<OwnGatehouse>> =>
  peopled(await startGatehouse(options));

/** A Gatehouse of the file's own, and the browser in which an owner of it is signed in. */
export async function ownerScene({ email, ...options }: GatehouseOptions & { readonly email?: string } = {}) {
  const gatehouse = await startGatehouse(options);
  const owner = await gatehouse.addOwner(email);
  const browser = await gatehouse.signedInBrowser(owner);
  return { gatehouse, issuer: gatehouse.issuer, operator: gatehouse.owner, owner, browser };
}

async function peopled<G extends Gatehouse>(gatehouse: G): Promise<Scene<G>> {
  const person = await gatehouse.addPerson();
  const browser = await gatehouse.signedInBrowser(person);
  return { gatehouse, issuer: gatehouse.issuer, person, browser, client: await registerClient(gatehouse) };
}
