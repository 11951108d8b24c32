import { randomInt } from "node:crypto";
import { createServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

/** Whether nothing listens on a loopback port. */
export const isPortFree = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const probe = createServer();
    probe.once("error", () => resolve(false));
    probe.listen(port, "127.0.0.1", () => probe.close(() => resolve(true)));
  });

/** The same, but waits a little for one that is about to be let go. */
export async function becomesFree(port: number): Promise<boolean> {
  for (let tries = 0; tries < 20; tries++) {
    if (await isPortFree(port)) return true;
    await sleep(100);
  }
  return false;
}

/** A free loopback port below 32768: the range above is where outgoing connections take theirs from. */
export async function findFreePort(): Promise<number> {
  for (let tries = 0; tries < 100; tries++) {
    const port = randomInt(12_000, 32_000);
    if (await isPortFree(port)) return port;
  }
  throw new Error("no free port was found");
}
