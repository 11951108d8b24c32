import type { Shape } from "./shape.ts";

export const PKCE: readonly Shape[] = [
  {
    what: "a URL that is put together from parts",
    bad: `
export function getAuthUrl(state: string) {
  const url = new URL("https://provider.example/authorize");
  url.searchParams.set("client_id", process.env.CLIENT_ID!);
  url.searchParams.set("response_type", "code"); // MARK
  url.searchParams.set("state", state);
  return url.href;
}`,
    good: `
export function getAuthUrl(state: string, challenge: string) {
  const url = new URL("https://provider.example/authorize");
  url.searchParams.set("client_id", process.env.CLIENT_ID!);
  url.searchParams.set("response_type", "code");
  url.searchParams.set("code_challenge", challenge);
  url.searchParams.set("code_challenge_method", "S256");
  url.searchParams.set("state", state);
  return url.href;
}`,
  },
  {
    what: "a template in a handler",
    bad: `
app.get("/login", (req, res) => {
  // TODO: code_challenge
  const to = \`https://provider.example/authorize?response_type=code&client_id=\${id}&state=\${req.sessionID}\`; // MARK
  res.redirect(to);
});`,
    good: `
app.get("/login", (req, res) => {
  const to =
    \`https://provider.example/authorize?response_type=code&client_id=\${id}&state=\${req.sessionID}\` +
    \`&code_challenge=\${challengeOf(req)}&code_challenge_method=S256\`;
  res.redirect(to);
});`,
  },
  {
    what: "parameters in an object, in a class",
    bad: `
class UpstreamProvider {
  private readonly verifier = randomVerifier();
  url(redirectUri: string): string {
    const query = new URLSearchParams({
      response_type: "code", // MARK
      client_id: this.clientId,
      redirect_uri: redirectUri,
    });
    return this.endpoint + "?" + query;
  }
  challenge() {
    return { code_challenge: hash(this.verifier) };
  }
}`,
    good: `
class UpstreamProvider {
  url(redirectUri: string): string {
    const query = new URLSearchParams({
      response_type: "code",
      client_id: this.clientId,
      redirect_uri: redirectUri,
      ...this.pkce(),
      ...pkceParams,
    });
    return this.endpoint + "?" + query;
  }
  check(request: URLSearchParams) {
    if (request.get("response_type") !== "code") throw new Error("unsupported_response_type");
  }
}`,
  },
];
