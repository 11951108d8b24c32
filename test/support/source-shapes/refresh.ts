import type { Shape } from "./shape.ts";

export const REFRESH: readonly Shape[] = [
  {
    what: "a client that keeps the old token",
    bad: `
async function refresh(session: Session) {
  const response = await fetch(TOKEN_URL, {
    method: "POST",
    body: new URLSearchParams({
      grant_type: "refresh_token", // MARK
      refresh_token: session.refreshToken,
      client_id: CLIENT_ID,
    }),
  });
  const data = await response.json();
  session.accessToken = data.access_token;
  session.expiresAt = Date.now() + data.expires_in * 1000;
}`,
    good: `
async function refresh(session: Session) {
  const response = await fetch(TOKEN_URL, {
    method: "POST",
    body: new URLSearchParams({
      grant_type: "refresh_token",
      refresh_token: session.refreshToken,
      client_id: CLIENT_ID,
    }),
  });
  const data = await response.json();
  session.accessToken = data.access_token;
  session.refreshToken = data.refresh_token ?? session.refreshToken;
  session.expiresAt = Date.now() + data.expires_in * 1000;
}`,
  },
  {
    what: "an answer that is taken apart, or handed on whole",
    bad: `
export const renew = async (token: string): Promise<string> => {
  const { data } = await axios.post(url, \`grant_type=refresh_token&refresh_token=\${token}\`); // MARK
  const { access_token } = (await parse(data)) as Tokens;
  return access_token;
};`,
    good: `
export const renew = async (token: string): Promise<Tokens> => {
  const response = await fetch(url, { method: "POST", body: \`grant_type=refresh_token&refresh_token=\${token}\` });
  const tokens = await response.json();
  if (!tokens.access_token) throw new Error("no token");
  return tokens;
};`,
  },
  {
    what: "a server that gives back what it got",
    bad: `
app.post("/token", async (c) => {
  const body = await c.req.parseBody();
  const user = await findByRefreshToken(body.refresh_token);
  return c.json({
    access_token: await mint(user),
    token_type: "Bearer",
    refresh_token: body.refresh_token, // MARK
  });
});`,
    good: `
app.post("/token", async (c) => {
  const body = await c.req.parseBody();
  const next = await rotate(body.refresh_token);
  return c.json({
    access_token: await mint(next.user),
    token_type: "Bearer",
    refresh_token: next.refreshToken,
  });
});`,
  },
];
