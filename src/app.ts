import { Hono } from "hono";
import { timing } from "hono/timing";
import { createDeps, type SharedDeps } from "./deps.ts";
import {
  connectionPath,
  getConnection,
  getConnections,
  postAdd,
  postNarrow,
  postRename,
  postRevokeConnection,
  postUndo,
} from "./routes/account/connections.tsx";
import { getLinkedAccounts, postAccountServers, postUnlink } from "./routes/account/linked.tsx";
import {
  getSecurity,
  postIdentity,
  postPasskey,
  postPassword,
  postRecoveryCodes,
  postRemoveIdentity,
  postRemovePasskey,
  postRenamePasskey,
} from "./routes/account/security.tsx";
import { getSessions, postSessions } from "./routes/account/sessions.tsx";
import { postAccess, postAccessRemoval, postOpenness } from "./routes/admin/access-rules.ts";
import { getAudit, getAuditCsv, getAuditExport } from "./routes/admin/audit.tsx";
import * as clients from "./routes/admin/clients.tsx";
import { getGroup, getGroups, postGroup, postGroupChange } from "./routes/admin/groups.tsx";
import * as issuers from "./routes/admin/issuers.tsx";
import { getAppRuleRemoval, getNewApps, postAppRule, postAppRuleRemoval } from "./routes/admin/new-apps.tsx";
import { postProvider } from "./routes/admin/new-provider.ts";
import { getOverview } from "./routes/admin/overview.tsx";
import { getPeople, getPerson, postInvite, postReset, postRevokeLink, postUserStatus } from "./routes/admin/people.tsx";
import * as providers from "./routes/admin/providers.tsx";
import { getRefusals } from "./routes/admin/refusals.tsx";
import {
  getRegistrationPolicy,
  postInitialAccessToken,
  postRevokeInitialAccessToken,
} from "./routes/admin/registration.tsx";
import {
  getResource,
  getResources,
  postResource,
  postResourceChange,
  postResourceDeletion,
  postRotate,
} from "./routes/admin/resources.tsx";
import type { AppContext, AppEnv } from "./routes/app-env.ts";
import { getIcon, getLogo, getScript, getStylesheet } from "./routes/assets.ts";
import { getAuthorize } from "./routes/authorize.tsx";
import { getCallback } from "./routes/callback.tsx";
import { getConnect, postConnect, postSkipConnect } from "./routes/connect-link.tsx";
import { postConsent } from "./routes/consent.tsx";
import { getDevice, postDevice, postDeviceAuthorization, postDeviceDecision } from "./routes/device.tsx";
import { answerJsonError, answerNowhere, answerPageError } from "./routes/error-answers.tsx";
import { getHealth } from "./routes/health.ts";
import { getHome } from "./routes/home.tsx";
import { postIntrospect } from "./routes/introspect.ts";
import {
  getLogin,
  getRecovery,
  postLogin,
  postLogout,
  postPasskeyLogin,
  postProviderLogin,
  postRecovery,
} from "./routes/login.tsx";
import { getMetadata, otherMetadataPaths } from "./routes/metadata.ts";
import { forPeople, noStore, refuseMethod } from "./routes/middleware/answers.ts";
import { limitBody, oauthForm, pageForm } from "./routes/middleware/body.ts";
import { cors } from "./routes/middleware/cors.ts";
import { csrf } from "./routes/middleware/csrf.ts";
import { wellFormedQuery } from "./routes/middleware/query.ts";
import { limit, limitBeside, rateLimit, rateLimitBeside } from "./routes/middleware/rate-limit.ts";
import { securityHeaders } from "./routes/middleware/security-headers.ts";
import { ownerOnly, requireFreshSignIn, signedIn } from "./routes/middleware/signed-in.ts";
import { authorizeBuckets, clientBuckets, registrationBuckets, tokenBuckets } from "./routes/rate-limit-buckets.ts";
import { deleteRegistrationRoute, getRegistration, postRegister, putRegistration } from "./routes/register.ts";
import { postRevoke } from "./routes/revoke.ts";
import { getSetup, postAddress, postSetup, postSetupPasskey, postSetupPassword } from "./routes/setup.tsx";
import { postToken } from "./routes/token.ts";
import { postToolCalls } from "./routes/tool-calls.ts";

/** The map of the server: every route with the middleware before it. */
export function createApp(setup: SharedDeps): Hono<AppEnv> {
  const { config } = setup;
  const path = new URL(config.issuer).pathname.replace(/\/$/, "");
  const app = new Hono<AppEnv>();
  app.use(securityHeaders(config));
  app.use(async (c, next) => {
    const deps = createDeps(setup, c.req.raw, (work) => c.executionCtx.waitUntil(work));
    c.set("deps", deps);
    await next();
  });

  const json = new Hono<AppEnv>();
  json.use(`/.well-known/oauth-authorization-server${path}`, cors(config));
  json.get(`/.well-known/oauth-authorization-server${path}`, getMetadata);
  json.on(["GET", "OPTIONS"], otherMetadataPaths(path), cors(config), getMetadata);
  json.get(`${path}/health`, noStore, limit("other"), getHealth);
  for (const endpoint of ["register", "register/:id", "token", "device_authorization", "revoke", "introspect"]) {
    json.use(`${path}/${endpoint}`, cors(config), noStore);
  }
  const metadata = limitBody("invalid_client_metadata");
  json.post(`${path}/register`, metadata, rateLimitBeside(registrationBuckets), postRegister);
  json.get(`${path}/register/:id`, limit("other"), getRegistration);
  json.put(`${path}/register/:id`, metadata, rateLimit(registrationBuckets), putRegistration);
  json.delete(`${path}/register/:id`, limit("other"), deleteRegistrationRoute);
  json.post(`${path}/token`, limitBody("invalid_request"), oauthForm, rateLimitBeside(tokenBuckets), postToken);
  const deviceForm = [limitBody("invalid_request"), oauthForm, rateLimitBeside(clientBuckets)] as const;
  json.post(`${path}/device_authorization`, ...deviceForm, postDeviceAuthorization);
  json.post(`${path}/revoke`, limitBody("invalid_request"), oauthForm, rateLimitBeside(clientBuckets), postRevoke);
  json.post(`${path}/introspect`, limitBody("invalid_request"), oauthForm, postIntrospect);
  json.post(`${path}/tool-calls`, noStore, limitBody("invalid_request"), postToolCalls);
  for (const endpoint of ["register", "token", "device_authorization", "revoke", "introspect", "tool-calls"])
    json.all(`${path}/${endpoint}`, refuseMethod("POST"));
  const pages = new Hono<AppEnv>();
  pages.use(timing(), forPeople);
  pages.get(`${path}/`, getHome);
  pages.get(`${path}/style.css`, getStylesheet);
  pages.get(`${path}/icon.svg`, getIcon);
  pages.get(`${path}/logo`, getLogo);
  pages.get(`${path}/page.js`, getScript("page"));
  pages.get(`${path}/passkeys.js`, getScript("passkeys"));
  pages.get(`${path}/setup-link.js`, getScript("setupLink"));
  pages.get(`${path}/authorize`, noStore, rateLimitBeside(authorizeBuckets), getAuthorize);
  pages.all(`${path}/authorize`, refuseMethod("GET"));
  for (const section of ["login", "logout", "consent", "device", "setup", "connect", "callback", "account", "admin"]) {
    pages.use(`${path}/${section}/*`, noStore, wellFormedQuery);
    pages.post(`${path}/${section}/*`, limitBody("invalid_request"), pageForm, csrf);
  }
  pages.get(`${path}/login`, limit("other"), getLogin);
  // The flow counts its limit together with the lockout.
  pages.post(`${path}/login`, postLogin);
  pages.post(`${path}/login/passkey`, limit("login"), postPasskeyLogin);
  pages.post(`${path}/login/provider/:id`, limit("login"), postProviderLogin);
  pages.get(`${path}/login/recovery`, limit("other"), getRecovery);
  pages.post(`${path}/login/recovery`, limit("login"), postRecovery);
  pages.post(`${path}/logout`, limit("other"), postLogout);
  pages.post(`${path}/consent`, limitBeside("other"), postConsent);
  pages.get(`${path}/callback/:id`, limit("other"), getCallback);
  pages.use(`${path}/connect/*`, limit("other"), signedIn);
  pages.get(`${path}/connect/:id`, getConnect);
  pages.post(`${path}/connect/:id`, postConnect);
  pages.post(`${path}/connect/:id/skip`, postSkipConnect);
  pages.get(`${path}/setup`, limit("other"), getSetup);
  pages.post(`${path}/setup`, limit("login"), postSetup);
  pages.post(`${path}/setup/address`, limit("login"), postAddress);
  pages.post(`${path}/setup/password`, limit("login"), postSetupPassword);
  pages.post(`${path}/setup/passkey`, limit("login"), postSetupPasskey);
  pages.use(`${path}/device/*`, limit("other"), signedIn);
  pages.get(`${path}/device`, getDevice);
  // The flow counts its limit together with the wrong guesses.
  pages.post(`${path}/device`, postDevice);
  pages.post(`${path}/device/decide`, postDeviceDecision);

  pages.use(`${path}/account/*`, limit("other"), signedIn);
  pages.get(`${path}/account`, getConnections);
  pages.get(`${path}/account/connections/:id`, getConnection);
  pages.post(`${path}/account/connections/:id/rename`, postRename);
  pages.post(`${path}/account/connections/:id/narrow`, postNarrow);
  pages.post(`${path}/account/connections/:id/add`, requireFreshSignIn(connectionPath), postAdd);
  pages.post(`${path}/account/connections/:id/undo`, postUndo);
  pages.post(`${path}/account/connections/:id/revoke`, postRevokeConnection);
  pages.get(`${path}/account/linked`, getLinkedAccounts);
  pages.post(`${path}/account/linked/:id/unlink`, postUnlink);
  pages.post(`${path}/account/linked/:id/servers`, postAccountServers);
  pages.get(`${path}/account/sessions`, getSessions);
  pages.post(`${path}/account/sessions`, postSessions);
  pages.get(`${path}/account/security`, getSecurity);
  pages.post(`${path}/account/passkeys`, requireFreshSignIn("/account/security"), postPasskey);
  pages.post(`${path}/account/passkeys/rename`, requireFreshSignIn("/account/security"), postRenamePasskey);
  pages.post(`${path}/account/passkeys/remove`, requireFreshSignIn("/account/security"), postRemovePasskey);
  pages.post(`${path}/account/password`, requireFreshSignIn("/account/security"), postPassword);
  pages.post(`${path}/account/recovery-codes`, requireFreshSignIn("/account/security"), postRecoveryCodes);
  pages.post(`${path}/account/identities/:id`, requireFreshSignIn("/account/security"), postIdentity);
  pages.post(`${path}/account/identities/:id/remove`, requireFreshSignIn("/account/security"), postRemoveIdentity);

  pages.use(`${path}/admin/*`, limit("other"), signedIn, ownerOnly);
  pages.get(`${path}/admin`, getOverview);
  pages.get(`${path}/admin/resources`, getResources);
  pages.post(`${path}/admin/resources`, requireFreshSignIn("/admin/resources"), postResource);
  pages.get(`${path}/admin/resources/:id`, getResource);
  pages.post(`${path}/admin/resources/:id`, postResourceChange);
  pages.post(`${path}/admin/resources/:id/delete`, postResourceDeletion);
  pages.post(`${path}/admin/resources/:id/rotate`, requireFreshSignIn("/admin/resources"), postRotate);
  pages.post(`${path}/admin/resources/:id/openness`, requireFreshSignIn("/admin/resources"), postOpenness);
  pages.post(`${path}/admin/resources/:id/access`, requireFreshSignIn("/admin/resources"), postAccess);
  pages.post(`${path}/admin/resources/:id/access/remove`, postAccessRemoval);
  pages.get(`${path}/admin/clients`, clients.getClients);
  pages.post(`${path}/admin/clients`, clients.postClientStatus);
  pages.post(`${path}/admin/clients/question`, clients.postClientsQuestion);
  pages.post(`${path}/admin/clients/several`, clients.postClientsStatus);
  pages.get(`${path}/admin/clients/one`, clients.getClient);
  pages.get(`${path}/admin/new-apps`, getNewApps);
  pages.post(`${path}/admin/new-apps`, requireFreshSignIn("/admin/new-apps"), postAppRule);
  pages.get(`${path}/admin/new-apps/remove`, getAppRuleRemoval);
  pages.post(`${path}/admin/new-apps/remove`, requireFreshSignIn("/admin/new-apps"), postAppRuleRemoval);
  pages.get(`${path}/admin/people`, getPeople);
  pages.get(`${path}/admin/people/one`, getPerson);
  pages.post(`${path}/admin/people/invite`, requireFreshSignIn("/admin/people"), postInvite);
  pages.post(`${path}/admin/people/reset`, requireFreshSignIn("/admin/people"), postReset);
  pages.post(`${path}/admin/people/revoke-link`, postRevokeLink);
  for (const change of ["disable", "enable", "delete"] as const)
    pages.post(`${path}/admin/people/${change}`, postUserStatus(change));
  pages.get(`${path}/admin/groups`, getGroups);
  pages.get(`${path}/admin/groups/one`, getGroup);
  pages.post(`${path}/admin/groups`, postGroup);
  for (const change of ["join", "leave", "delete"] as const)
    pages.post(`${path}/admin/groups/${change}`, requireFreshSignIn("/admin/groups"), postGroupChange(change));
  pages.get(`${path}/admin/providers`, providers.getProviders);
  pages.post(`${path}/admin/providers`, requireFreshSignIn("/admin/providers"), postProvider);
  pages.get(`${path}/admin/providers/:id`, providers.getProvider);
  pages.post(`${path}/admin/providers/:id/check`, providers.postProviderCheck);
  pages.post(
    `${path}/admin/providers/:id/servers`,
    requireFreshSignIn("/admin/providers"),
    providers.postProviderServer,
  );
  pages.post(
    `${path}/admin/providers/:id/remove`,
    requireFreshSignIn("/admin/providers"),
    providers.postProviderRemoval,
  );
  const freshly = requireFreshSignIn("/admin/issuers");
  pages.get(`${path}/admin/issuers`, issuers.getIssuers);
  pages.post(`${path}/admin/issuers`, freshly, issuers.postIssuer);
  for (const change of ["off", "on", "remove"] as const)
    pages.post(`${path}/admin/issuers/${change}`, freshly, issuers.postIssuerChange(change));
  pages.post(`${path}/admin/issuers/programs`, freshly, issuers.postWorkload);
  pages.post(`${path}/admin/issuers/programs/remove`, freshly, issuers.postWorkloadRemoval);
  pages.get(`${path}/admin/registration`, getRegistrationPolicy);
  pages.post(`${path}/admin/registration`, requireFreshSignIn("/admin/registration"), postInitialAccessToken);
  pages.post(`${path}/admin/registration/revoke`, postRevokeInitialAccessToken);
  pages.get(`${path}/admin/refusals`, getRefusals);
  pages.get(`${path}/admin/audit`, getAudit);
  pages.get(`${path}/admin/audit.csv`, getAuditCsv);
  pages.get(`${path}/admin/audit.ndjson`, getAuditExport);

  app.route("/", json);
  app.route("/", pages);
  app.notFound(answerNowhere);
  // One handler serves both, since hono runs the routes of an app with its own error handler in a chain of its own.
  app.onError((error, c: AppContext) => (c.var.isPage ? answerPageError(error, c) : answerJsonError(error, c)));
  return app;
}
