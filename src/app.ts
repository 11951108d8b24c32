import { Hono } from "hono";
import { createMiddleware } from "hono/factory";
import { secureHeaders } from "hono/secure-headers";
import { type Config, type Env, readConfig } from "./config.ts";
import { createDeps, type Setup, writeLog } from "./deps.ts";
import { cleanUp } from "./flows/cleanup.ts";
import type { LimitName } from "./flows/rate-limit.ts";
import { createKeyRing } from "./lib/key-ring.ts";
import { readClientId } from "./oauth/client-authentication.ts";
import { OAuthError } from "./oauth/errors.ts";
import type { AppContext, AppEnv } from "./routes/app-env.ts";
import { getAuthorize } from "./routes/authorize.tsx";
import { postConsent } from "./routes/consent.ts";
import { answerJsonError, answerPageError } from "./routes/error-answers.tsx";
import { getHealth } from "./routes/health.ts";
import { getHome } from "./routes/home.tsx";
import { postIntrospect } from "./routes/introspect.ts";
import { getLogin, postLogin, postLogout } from "./routes/login.tsx";
import { getMetadata } from "./routes/metadata.ts";
import { limitBody, oauthForm, pageForm } from "./routes/middleware/body.ts";
import { cors } from "./routes/middleware/cors.ts";
import { csrf } from "./routes/middleware/csrf.ts";
import { rateLimit, rateLimitBeside } from "./routes/middleware/rate-limit.ts";
import { getIcon, getStylesheet } from "./routes/pages/assets.ts";
import { deleteRegistrationRoute, getRegistration, postRegister, putRegistration } from "./routes/register.ts";
import { postRevoke } from "./routes/revoke.ts";
import { postToken } from "./routes/token.ts";

/** The map of the server: every route, with what stands before it. */
function createApp(setup: Setup): Hono<AppEnv> {
  const { config } = setup;
  const path = new URL(config.issuer).pathname.replace(/\/$/, "");
  const app = new Hono<AppEnv>();
  app.use(securityHeaders(config));
  app.use(async (c, next) => {
    c.set(
      "deps",
      createDeps(setup, c.req.raw, (work) => c.executionCtx.waitUntil(work)),
    );
    await next();
  });

  const json = new Hono<AppEnv>();
  json.onError(answerJsonError);
  json.use(`/.well-known/oauth-authorization-server${path}`, cors(config));
  json.get(`/.well-known/oauth-authorization-server${path}`, getMetadata);
  json.get(`${path}/health`, noStore, getHealth);
  for (const endpoint of ["register", "register/:id", "token", "revoke", "introspect"]) {
    json.use(`${path}/${endpoint}`, cors(config), noStore);
  }
  json.post(`${path}/register`, limitBody("invalid_client_metadata"), limit("register"), postRegister);
  json.get(`${path}/register/:id`, limit("other"), getRegistration);
  json.put(`${path}/register/:id`, limitBody("invalid_client_metadata"), limit("other"), putRegistration);
  json.delete(`${path}/register/:id`, limit("other"), deleteRegistrationRoute);
  json.post(`${path}/token`, limitBody("invalid_request"), oauthForm, rateLimit(tokenBuckets), postToken);
  json.post(`${path}/revoke`, limitBody("invalid_request"), oauthForm, limit("other"), postRevoke);
  json.post(`${path}/introspect`, limitBody("invalid_request"), oauthForm, postIntrospect);
  for (const endpoint of ["register", "token", "revoke", "introspect"])
    json.all(`${path}/${endpoint}`, refuseMethod("POST"));

  const pages = new Hono<AppEnv>();
  pages.onError(answerPageError);
  pages.get(`${path}/`, getHome);
  pages.get(`${path}/style.css`, getStylesheet);
  pages.get(`${path}/icon.svg`, getIcon);
  pages.get(
    `${path}/authorize`,
    noStore,
    rateLimitBeside(() => [{ name: "other" }]),
    getAuthorize,
  );
  pages.all(`${path}/authorize`, refuseMethod("GET"));
  pages.get(`${path}/login`, noStore, limit("other"), getLogin);
  for (const form of ["login", "logout", "consent"]) {
    pages.post(`${path}/${form}`, noStore, limitBody("invalid_request"), pageForm, csrf);
  }
  // Its limit is counted by the flow, together with the lockout.
  pages.post(`${path}/login`, postLogin);
  pages.post(`${path}/logout`, limit("other"), postLogout);
  pages.post(`${path}/consent`, limit("other"), postConsent);

  app.route("/", json);
  app.route("/", pages);
  app.notFound((c) => c.json({ error: "not_found", error_description: "There is nothing at this address." }, 404));
  return app;
}

const limit = (name: LimitName) => rateLimit(() => [{ name }]);

/** Hosted clients share addresses, so each has a bucket of its own beside that of the address. */
const tokenBuckets = (c: AppContext) =>
  [
    { name: "token", also: readClientId(c.req.header("Authorization") ?? null, c.var.params) ?? "" },
    { name: "tokenAddress" },
  ] as const;

const noStore = createMiddleware<AppEnv>(async (c, next) => {
  c.header("Cache-Control", "no-store");
  c.header("Pragma", "no-cache");
  await next();
});

const refuseMethod = (allowed: "GET" | "POST") => (c: AppContext) => {
  c.header("Allow", `${allowed}, OPTIONS`);
  throw new OAuthError("invalid_request", `This endpoint takes ${allowed}.`, { status: 405 });
};

/** No script, no frame, nothing from elsewhere. No `form-action`: Chromium applies it along the redirects after consent. */
const securityHeaders = ({ issuer }: Config) =>
  secureHeaders({
    contentSecurityPolicy: {
      defaultSrc: ["'none'"],
      styleSrc: ["'self'"],
      imgSrc: ["'self'"],
      baseUri: ["'none'"],
      frameAncestors: ["'none'"],
    },
    xFrameOptions: "DENY",
    referrerPolicy: "no-referrer",
    strictTransportSecurity: issuer.startsWith("https:") ? "max-age=63072000; includeSubDomains" : false,
    crossOriginResourcePolicy: false,
    permissionsPolicy: { camera: [], geolocation: [], microphone: [], payment: [] },
  });

type Server = (Setup & { readonly fetch: Hono<AppEnv>["fetch"] }) | { readonly problems: readonly string[] };

const servers = new WeakMap<Env, Server>();

/** Answers a request, or 503 while the configuration is not fit to serve. */
export async function serve(request: Request, env: Env, context: ExecutionContext): Promise<Response> {
  const server = await findServer(env);
  if ("fetch" in server) return server.fetch(request, env, context);
  const body = {
    error: "temporarily_unavailable",
    error_description: "The server is not configured; its log says why.",
  };
  return Response.json(body, { status: 503, headers: { "Cache-Control": "no-store", "Retry-After": "60" } });
}

/** The cron trigger. */
export async function cleanUpOnSchedule(env: Env, context: ExecutionContext): Promise<void> {
  const server = await findServer(env);
  if ("fetch" in server) await cleanUp(createDeps(server, null, (work) => context.waitUntil(work)));
}

async function findServer(env: Env): Promise<Server> {
  const server = servers.get(env) ?? (await createServer(env));
  servers.set(env, server);
  if ("problems" in server) {
    writeLog({ level: "error", event: "configuration_refused", problems: server.problems.join("; ") });
  }
  return server;
}

async function createServer(env: Env): Promise<Server> {
  const config = readConfig(env);
  if ("problems" in config) return config;
  try {
    const setup = { config, keys: await createKeyRing(config.serverKeys) };
    const { fetch } = createApp(setup);
    return { ...setup, fetch };
  } catch {
    return { problems: ["SERVER_KEY and SERVER_KEY_PREVIOUS clash; make a new SERVER_KEY"] };
  }
}
