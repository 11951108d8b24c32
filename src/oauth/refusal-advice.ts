import type { RefusalReason } from "./errors.ts";

/** Tells the owner what a refusal means, and what to change. */
export type Advice = { readonly what: string; readonly change: string };

const ANEW = "In the app, remove the connection to this server and add it again.";

/** A sentence for each reason. Owners who have never read an RFC read these on a page and in the terminal. */
export const ADVICE: Readonly<Record<RefusalReason, Advice>> = {
  access_removed: {
    what: "The person may not use this server.",
    change: "Give them access on the server’s page, if they should have it.",
  },
  already_answered: {
    what: "Somebody answered a question that had already been answered or was too old.",
    change: "Nothing here. The person starts again from the app.",
  },
  app_held: {
    what: "The app waits for your word.",
    change: "Approve or refuse it on the page New apps, or with `npm run cli -- app approve`.",
  },
  app_refused: {
    what: "You keep out where the app comes from, or where its answer goes.",
    change: "Change the rule on the page New apps, if the app should connect.",
  },
  assertion: {
    what: "What an issuer had signed isn’t good here: of the wrong kind, for another server or app, too old, or wrongly signed.",
    change:
      "Read what the app was told. Mostly the issuer has another address for this server (aud) or another ID for the app (client_id).",
  },
  assertion_replayed: {
    what: "Something that was signed for one request was sent a second time.",
    change: "Tell its developer that each request needs a new one, with a jti of its own.",
  },
  bad_credential: {
    what: "The secret or key is wrong or missing.",
    change:
      "Give the app or the server its current secret. A server gets a new one with `npm run cli -- resource rotate`.",
  },
  client_disabled: { what: "The app is blocked.", change: "Unblock it on its page, if it should connect." },
  client_document: {
    what: "The app’s ID is a web address, but its document couldn’t be read or isn’t valid.",
    change:
      "Open the address. It has to answer with JSON and status 200, without a redirect, and with itself as client_id.",
  },
  client_method: {
    what: "The app proved its identity in another way than it registered.",
    change: `${ANEW} If that doesn’t help, tell its developer to use the token_endpoint_auth_method that it registered.`,
  },
  client_unknown: {
    what: "There is no app with this ID. It was deleted here, or it belongs to another deployment.",
    change: `${ANEW} It then registers again.`,
  },
  code_expired: {
    what: "The app redeemed its code too late after the person allowed access.",
    change: "Connect again. If it happens each time, something delays the app between its browser and its own request.",
  },
  code_replayed: {
    what: "A code was used twice, so the access that it gave has ended.",
    change:
      "Connect again. Usually an app repeats its requests. If none of yours does, somebody else has seen the code.",
  },
  code_unknown: {
    what: "The app used a code that this server didn’t give, or gave to another app.",
    change:
      "Connect again. If it happens each time, compare the issuer in the app’s settings with this server’s address.",
  },
  cross_site: {
    what: "A form was sent from another site, or without its cookie.",
    change:
      "Start again in one browser window. Extensions and proxies that remove cookies or the Origin header cause this.",
  },
  family_revoked: {
    what: "The connection had ended.",
    change: "Connect again. The connection’s page says why it ended.",
  },
  fault: { what: "Something failed here.", change: "Look the reference up in the Worker’s log, and report it." },
  foreign_link: {
    what: "A link was opened by somebody else than the person it was made for.",
    change: "The person has to sign in with their own account and open the link again.",
  },
  grant_type: {
    what: "The app asked for tokens in a way that this server doesn’t offer, or that the app didn’t register.",
    change: ANEW,
  },
  identity_unknown: {
    what: "Somebody came by a provider or an issuer whose account nobody has here.",
    change: "Invite them, or set who may join: `--join` of `npm run cli -- provider add` and of `issuer add`.",
  },
  interaction_required: {
    what: "The app wanted an answer without a page. This server always asks the person.",
    change: "Nothing, if the app opens the browser next. Otherwise tell its developer not to send prompt=none.",
  },
  issuer_unknown: {
    what: "An app or a program came with the word of an issuer that isn’t trusted here, or is turned off.",
    change: "Add it, if it is yours, with the address that its own metadata has: `npm run cli -- issuer add`.",
  },
  link_void: { what: "A link was used before, or is too old.", change: "Make a new one." },
  locked_out: {
    what: "There were too many wrong passwords or codes.",
    change: "Wait as long as the page says. If it wasn’t the person, check the audit log.",
  },
  malformed: {
    what: "The request doesn’t follow the standards.",
    change: "Give the app’s developer the answer that the app got.",
  },
  method_not_allowed: {
    what: "The app called an address with the wrong HTTP method.",
    change: "Tell its developer, or check that no proxy turns POST into GET with a redirect.",
  },
  policy: {
    what: "The app tried to register itself, which isn’t allowed.",
    change:
      "Set REGISTRATION_POLICY to open, give it a registration token, or add it yourself: `npm run cli -- client create`.",
  },
  proof: {
    what: "The app’s proof of its key (DPoP) is missing, wrong or too old, or has been used before.",
    change:
      "Check the clock of the device that the app runs on. If it is right, connect the app again, or tell its developer.",
  },
  provider_failed: {
    what: "The provider of the person’s sign-in or linked account gave no good answer.",
    change: "Run `npm run cli -- provider check`, and look at the Worker’s log.",
  },
  rate_limited: {
    what: "There were too many requests from one address or app. This is recorded once a minute.",
    change: "If they are legitimate, raise the limit: LIMIT_TOKEN, LIMIT_REGISTER, LIMIT_OTHER or a similar variable.",
  },
  redirect_uri: {
    what: "The app requested a return address that it didn’t register.",
    change: `${ANEW} If you added the app by hand, add it again with the right redirect URI.`,
  },
  resource: {
    what: "The app asked for access to a server that doesn’t exist here, or that it may not use.",
    change: "Compare the address in the app with the one on the server’s page, letter by letter: https, host and path.",
  },
  scope: {
    what: "The app asked for permissions that the server doesn’t offer, or that the person didn’t allow.",
    change: "Compare them with the permissions on the server’s page. Connecting again asks for the current ones.",
  },
  state_void: {
    what: "Somebody came back from a provider too late, twice, or in another browser.",
    change: "Start again in one browser window.",
  },
  token_expired: {
    what: "The connection wasn’t used for too long.",
    change: "Connect again. REFRESH_TOKEN_SECONDS says how long a connection may go unused.",
  },
  token_reused: {
    what: "An old refresh token was used again, so the connection has ended, since somebody may have stolen it.",
    change:
      "Connect again. Two copies of an app that share their files can cause this. If there are none, look at the connection.",
  },
  token_superseded: {
    what: "The app used a refresh token that has been replaced since.",
    change: "Connect again. It loses its tokens: its storage may be full, or two copies share it.",
  },
  token_unknown: {
    what: "The app used a token that this server doesn’t know, or that belongs to another app.",
    change:
      "Connect again. After the database was restored from a backup, this happens to everybody who connected after the backup.",
  },
  unavailable: {
    what: "The database, Redis or the vault couldn’t be reached.",
    change: "Look at /health, and at the status pages of Neon and Upstash.",
  },
  user_code: {
    what: "A code that was typed for a device is wrong or too old.",
    change: "Start again on the device, and type the new code that it shows.",
  },
  user_disabled: {
    what: "The person’s account is disabled.",
    change: "Enable it on the person’s page, if they should have access.",
  },
  workload_unknown: {
    what: "A program came with a token that no rule admits.",
    change: "Compare what the program was told with the rule: `npm run cli -- workload list`.",
  },
  verifier: {
    what: "The app’s verifier doesn’t belong to the code that it redeems (PKCE).",
    change: "Connect again, in one window. The app mixed up two sign-ins, or was restarted in between.",
  },
};

/**
 * The advice for a reason stored in the database. A later version may have written a reason that this one doesn't know.
 */
export const adviceFor = (reason: string): Advice =>
  Object.hasOwn(ADVICE, reason) ? ADVICE[reason as RefusalReason] : ADVICE.malformed;
