import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

/** What came back to the listener, and at which path. */
export type Returned = { readonly path: string; readonly params: URLSearchParams };

export type CallbackListener = {
  readonly redirectUri: string;
  /** The next answer that arrives. */
  next(): Promise<Returned>;
  stop(): void;
};

/**
 * A loopback listener (RFC 8252 §7.3) for any path, so that it also sees a server that redirects to a wrong one. It
 * takes a free port, unless a redirect URI that was registered by hand names one.
 */
export async function listenForCallbacks(registered: string | null = null): Promise<CallbackListener> {
  let receive: ((returned: Returned) => void) | null = null;
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? "/", "http://127.0.0.1");
    if (!url.searchParams.has("code") && !url.searchParams.has("error")) return response.writeHead(404).end();
    response.setHeader("Content-Type", "text/plain; charset=utf-8").end("Done. You can close this page.");
    return receive?.({ path: url.pathname, params: url.searchParams });
  });
  const wanted = registered === null ? 0 : Number(new URL(registered).port);
  await new Promise<void>((resolve, reject) => {
    server.once("error", () =>
      reject(new Error(`Port ${wanted} is in use. Register another redirect URI, and name it with --redirect-uri.`)),
    );
    server.listen(wanted, "127.0.0.1", resolve);
  });
  return {
    redirectUri: registered ?? `http://127.0.0.1:${(server.address() as AddressInfo).port}/callback`,
    next: () =>
      new Promise((resolve) => {
        receive = resolve;
      }),
    stop: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}
