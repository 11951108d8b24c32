import { type OAuthHelpers, OAuthProvider } from "@cloudflare/workers-oauth-provider";

type Env = { readonly ORIGIN: string; readonly DOCUMENTS?: string; readonly OAUTH_PROVIDER: OAuthHelpers };

/** Set up as its documentation does for one Worker. Its authorization page shows a link that allows everything. */
export default {
  fetch(request: Request, env: Env, context: ExecutionContext): Promise<Response> {
    const provider = new OAuthProvider<Env>({
      apiRoute: "/mcp",
      apiHandler: { fetch: async () => Response.json({ jsonrpc: "2.0", id: 1, result: {} }) },
      defaultHandler: { fetch: (incoming, { OAUTH_PROVIDER }) => answer(incoming, OAUTH_PROVIDER) },
      authorizeEndpoint: "/authorize",
      tokenEndpoint: "/token",
      clientRegistrationEndpoint: "/register",
      clientIdMetadataDocumentEnabled: env.DOCUMENTS === "on",
      scopesSupported: ["read"],
      resourceMetadata: {
        resource: `${env.ORIGIN}/mcp`,
        authorization_servers: [env.ORIGIN],
        scopes_supported: ["read"],
      },
    });
    return provider.fetch(request, env, context);
  },
};

async function answer(incoming: Request, oauth: OAuthHelpers): Promise<Response> {
  const { pathname, search } = new URL(incoming.url);
  if (pathname !== "/authorize" && pathname !== "/allow") return new Response("Nothing here.", { status: 404 });
  try {
    const request = await oauth.parseAuthRequest(incoming);
    if (pathname === "/authorize")
      return new Response(`<a href="/allow${search}">Allow</a>`, { headers: { "Content-Type": "text/html" } });
    const userId = crypto.randomUUID();
    const granted = { request, userId, metadata: {}, scope: request.scope, props: { userId } };
    return Response.redirect((await oauth.completeAuthorization(granted)).redirectTo, 302);
  } catch (error) {
    return new Response(String(error), { status: 400 });
  }
}
