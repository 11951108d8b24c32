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
    what: "A question was answered that was answered before, or was too old.",
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
    change: "Tell its developer: each request takes a new one, with a jti of its own.",
  },
  bad_credential: {
    what: "The secret or key that came along is wrong, or there was none.",
    change:
      "Give the app or the server the secret that is good now. A server gets a new one with `npm run cli -- resource rotate`.",
  },
  client_disabled: { what: "The app is blocked.", change: "Unblock it on its page, if it should connect." },
  client_document: {
    what: "The app’s ID is a web address, and what is there couldn’t be read or isn’t valid.",
    change:
      "Open the address: it has to answer with JSON and status 200, without a redirect, and name itself as client_id.",
  },
  client_method: {
    what: "The app proved who it is in another way than it registered.",
    change: `${ANEW} If that doesn’t help, tell its developer to send what it registered as token_endpoint_auth_method.`,
  },
  client_unknown: {
    what: "There is no app with this ID. It was deleted here, or it knows another deployment.",
    change: `${ANEW} It then registers again.`,
  },
  code_expired: {
    what: "The app came too late with the code that it got after the person allowed it.",
    change: "Connect again. If it happens each time, the app is held up between its browser and its own call.",
  },
  code_replayed: {
    what: "A code was used a second time, so what it gave access to has ended.",
    change:
      "Connect again. It is mostly an app that repeats its requests; if you know of none, somebody else has seen the code.",
  },
  code_unknown: {
    what: "The app came with a code that this server didn’t give, or not to this app.",
    change:
      "Connect again. If it happens each time, compare the issuer in the app’s settings with this server’s address.",
  },
  cross_site: {
    what: "A page was sent from another site, or without its cookie.",
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
    change: "The person signs in with their own account and opens the link again.",
  },
  grant_type: {
    what: "The app asked for tokens in a way that this server doesn’t offer, or that the app didn’t register.",
    change: ANEW,
  },
  identity_unknown: {
    what: "Somebody came by a provider or an issuer whose account nobody has here.",
    change: "Invite them, or say who may join: `--join` of `npm run cli -- provider add` and of `issuer add`.",
  },
  interaction_required: {
    what: "The app wanted an answer without a page. This server always asks the person.",
    change: "Nothing, if the app opens the browser next. Else tell its developer not to send prompt=none.",
  },
  issuer_unknown: {
    what: "An app or a program came with the word of an issuer that isn’t trusted here, or is turned off.",
    change: "Add it, if it is yours, with the address that its own metadata has: `npm run cli -- issuer add`.",
  },
  link_void: { what: "A link was used before, or is too old.", change: "Make a new one." },
  locked_out: {
    what: "There were too many wrong passwords or codes.",
    change: "Wait as long as the page says. If it wasn’t the person, look at the audit log.",
  },
  malformed: {
    what: "The request isn’t as the standards have it.",
    change: "Tell the app’s developer what the app was told.",
  },
  method_not_allowed: {
    what: "The app called an address with the wrong HTTP method.",
    change: "Tell its developer, or check that no proxy turns POST into GET by a redirect.",
  },
  policy: {
    what: "The app wanted to register itself, and may not.",
    change:
      "Set REGISTRATION_POLICY to open, give it a registration token, or add it yourself: `npm run cli -- client create`.",
  },
  proof: {
    what: "The app’s proof of its key (DPoP) is missing, wrong, too old, or was sent before.",
    change:
      "Look at the clock of the device that the app runs on. If it is right, connect the app again, or tell its developer.",
  },
  provider_failed: {
    what: "The provider with which the person signed in, or whose account was needed, gave no good answer.",
    change: "Look at `npm run cli -- provider check`, and at the Worker’s log.",
  },
  rate_limited: {
    what: "There were too many requests from one address or app. These are counted once a minute.",
    change: "If they are good ones, raise the limit: LIMIT_TOKEN, LIMIT_REGISTER, LIMIT_OTHER and their likes.",
  },
  redirect_uri: {
    what: "The app wants its answer at an address that it didn’t register.",
    change: `${ANEW} An app that you added by hand has to be added with the right redirect URI.`,
  },
  resource: {
    what: "The app asked for access to a server that isn’t here, or not for it.",
    change: "Compare the address in the app with the one on the server’s page, letter by letter: https, host and path.",
  },
  scope: {
    what: "The app asked for permissions that the server doesn’t offer, or that the person didn’t give.",
    change:
      "Compare them with the permissions on the server’s page. Connecting again asks for those that are there now.",
  },
  state_void: {
    what: "Somebody came back from a provider after too long, twice, or in another browser.",
    change: "Start again in one browser window.",
  },
  token_expired: {
    what: "The connection wasn’t used for longer than it may rest.",
    change: "Connect again. REFRESH_TOKEN_SECONDS says how long a connection may rest.",
  },
  token_reused: {
    what: "An old refresh token was used again, so the connection has ended, since somebody may have stolen it.",
    change:
      "Connect again. Two copies of an app that share their files cause this; if you know of none, look at the connection.",
  },
  token_superseded: {
    what: "The app used a refresh token that has been replaced since.",
    change: "Connect again. It loses what it is given: its storage may be full, or two copies share it.",
  },
  token_unknown: {
    what: "The app came with a token that this server doesn’t know, or that is another app’s.",
    change: "Connect again. After the database was restored from a backup, this happens to whoever connected since.",
  },
  unavailable: {
    what: "The database, Redis or the vault couldn’t be asked.",
    change: "Look at /health, and at the status pages of Neon and Upstash.",
  },
  user_code: {
    what: "A code that was typed for a device is wrong or too old.",
    change: "Start again on the device, and type the code that it shows then.",
  },
  user_disabled: {
    what: "The person’s account is disabled.",
    change: "Enable it on the person’s page, if that is meant.",
  },
  workload_unknown: {
    what: "A program came with a token that no rule admits.",
    change: "Compare what the program was told with the rule: `npm run cli -- workload list`.",
  },
  verifier: {
    what: "What the app came with doesn’t belong to the code that it redeems (PKCE).",
    change: "Connect again, in one window: the app mixed up two sign-ins, or was started anew in between.",
  },
};

/**
 * The advice for a reason stored in the database. A later version may have written a reason that this one doesn't know.
 */
export const adviceFor = (reason: string): Advice =>
  Object.hasOwn(ADVICE, reason) ? ADVICE[reason as RefusalReason] : ADVICE.malformed;
