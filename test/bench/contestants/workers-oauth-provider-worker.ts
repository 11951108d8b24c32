import { type OAuthHelpers, OAuthProvider } from "@cloudflare/workers-oauth-provider";

type Env = { readonly ORIGIN: string; readonly OAUTH_PROVIDER: OAuthHelpers };

const SCOPES = ["mcp:tools", "offline_access"];

/**
 * Set up as its documentation does for one Worker. Every visit to the authorization page is by somebody new, who
 * agrees.
 */
export default {
  fetch(request: Request, env: Env, context: ExecutionContext): Promise<Response> {
    const resource = `${env.ORIGIN}/mcp`;
    const provider = new OAuthProvider<Env>({
      apiRoute: "/mcp",
      apiHandler: { fetch: async () => Response.json({ active: true }) },
      defaultHandler: { fetch: (incoming, { OAUTH_PROVIDER }) => answer(incoming, OAUTH_PROVIDER) },
      authorizeEndpoint: "/authorize",
      tokenEndpoint: "/token",
      clientRegistrationEndpoint: "/register",
      scopesSupported: SCOPES,
      resourceMetadata: { resource, authorization_servers: [env.ORIGIN] },
      requiredScopes: ["mcp:tools"],
    });
    return provider.fetch(request, env, context);
  },
};

async function answer(incoming: Request, oauth: OAuthHelpers): Promise<Response> {
  if (new URL(incoming.url).pathname !== "/authorize") return new Response("Nothing here.");
  const request = await oauth.parseAuthRequest(incoming);
  const userId = crypto.randomUUID();
  const granted = { request, userId, metadata: {}, scope: request.scope, props: { userId } };
  const { redirectTo } = await oauth.completeAuthorization(granted);
  return Response.json({ redirectTo });
}
