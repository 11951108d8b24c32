import { createServer } from "node:http";
import { Provider } from "oidc-provider";
import { stopServer } from "../../../src/dev/json-server.ts";
import { findFreePort } from "../../../src/dev/ports.ts";
import { fetchDocument } from "./documents.ts";

/**
 * oidc-provider as its documentation sets it up, with registration, and with metadata documents, which it fetches from
 * here.
 */
export async function startOidcProvider({ documents }: { readonly documents: boolean }) {
  const port = await findFreePort();
  const issuer = `http://localhost:${port}`;
  const provider = new Provider(issuer, {
    features: {
      registration: { enabled: true },
      registrationManagement: { enabled: true },
      revocation: { enabled: true },
      ...(documents ? { clientIdMetadataDocument: { enabled: true, ack: "draft-02" } } : {}),
    },
    scopes: ["openid", "offline_access"],
    fetch: fetchDocument,
  });
  const server = createServer(provider.callback());
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  return { issuer, stop: () => stopServer(server) };
}
