import { randomInt } from "node:crypto";
import { createServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

/** Whether nothing listens on a loopback port. */
const isPortFree = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const probe = createServer();
    probe.once("error", () => resolve(false));
    probe.listen(port, "127.0.0.1", () => probe.close(() => resolve(true)));
  });

/** The same, but waits a little for a port that is about to be released. */
export async function becomesFree(port: number): Promise<boolean> {
  for (let tries = 0; tries < 20; tries++) {
    if (await isPortFree(port)) return true;
    await sleep(100);
  }
  return false;
}

/**
 * A free loopback port, the first of as many in a row as are requested. It is below 32768, since outgoing connections
 * take theirs from the range above.
 */
export async function findFreePort(inARow = 1): Promise<number> {
  for (let tries = 0; tries < 100; tries++) {
    const first = randomInt(12_000, 32_000);
    const free = await Promise.all(Array.from({ length: inARow }, (_, index) => isPortFree(first + index)));
    if (free.every(Boolean)) return first;
  }
  throw new Error("no free port was found");
}
