import {
  convertV4MiniflareOptions,
  Miniflare,
  type Request as MiniflareRequest,
  type Response as MiniflareResponse,
} from "miniflare";
import { findFreePort } from "../../../src/dev/ports.ts";
import { bundle, projectFile } from "../../../src/dev/workerd.ts";
import { fetchDocument } from "./documents.ts";

/** The two have different types for the same requests and answers. */
const outbound = fetchDocument as unknown as (request: MiniflareRequest) => Promise<MiniflareResponse>;

/**
 * Cloudflare's own library in workerd, with an MCP server behind it, and with metadata documents, which it fetches from
 * here.
 */
export async function startWorkersOauthProvider({ documents }: { readonly documents: boolean }) {
  const port = await findFreePort();
  const origin = `http://localhost:${port}`;
  const contents = await bundle(projectFile("test/support/peers/workers-oauth-provider-worker.ts"), { minify: false });
  const miniflare = new Miniflare(
    convertV4MiniflareOptions({
      workers: [
        {
          name: "oauth",
          modules: [{ type: "ESModule", path: "worker.js", contents }],
          compatibilityDate: "2026-10-01",
          compatibilityFlags: ["nodejs_compat", "global_fetch_strictly_public"],
          bindings: { ORIGIN: origin, DOCUMENTS: documents ? "on" : "off" },
          kvNamespaces: ["OAUTH_KV"],
          unsafeDirectSockets: [{ host: "127.0.0.1", port }],
          outboundService: outbound,
        },
      ],
      logRequests: false,
      telemetry: { enabled: false },
    }),
  );
  await miniflare.ready;
  return { origin, mcp: `${origin}/mcp`, stop: () => miniflare.dispose() };
}
