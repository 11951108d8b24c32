import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { stopServer } from "../../src/dev/json-server.ts";

/** Stands in for the browser of programs that open one. */
type BrowserStandIn = {
  /** The environment of such a program. */
  readonly env: Readonly<Record<string, string>>;
  /** The URLs opened so far. */
  readonly opened: readonly string[];
  readonly stop: () => Promise<void>;
};

/** Visits whatever a program with this environment opens. */
export async function startBrowserStandIn(walk: (url: string) => Promise<unknown>): Promise<BrowserStandIn> {
  const opened: string[] = [];
  const server = createServer(async (request, response) => {
    const url = await text(request);
    opened.push(url);
    // The program waits for its browser to start, not for it to end.
    response.end();
    await walk(url);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const program = join(import.meta.dirname, "open-browser.ts");
  return {
    env: { BROWSER: `${process.execPath} ${program}`, OPENED_AT: `http://127.0.0.1:${port}` },
    opened,
    stop: () => stopServer(server),
  };
}
