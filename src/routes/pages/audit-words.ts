import type { AuditEventName } from "../../store/audit-events.ts";

type Words = {
  /** Its name in the filter. */
  readonly label: string;
  /**
   * The placeholders are `{person}` (whom it is about), `{actor}` (the person who did it), `{whom}` (a person, a group
   * or everyone), `{app}`, `{server}`, `{group}`, `{issuer}`, `{provider}`, `{tool}`, `{rule}` (about apps) and
   * `{count}`.
   */
  readonly sentence: string;
  /**
   * Its line in the history of a connection, if it is a part of that, with `{issuer}`, `{provider}`, `{tool}` and
   * `{end}` (why the connection ended).
   */
  readonly line?: string;
  /** Worth attention, since it may be an attack. */
  readonly alarming?: true;
  /** It happens all the time, so equal ones in a row share a row of the log, with a count. */
  readonly routine?: true;
};

/** All that pages say of each event: to the owner in the log, and to a person in the history of their connection. */
export const AUDIT_WORDS: Readonly<Record<AuditEventName, Words>> = {
  access_allowed: { label: "Access to a server given", sentence: "{actor} let {whom} use {server}" },
  access_refused: {
    label: "No access to a server",
    sentence: "{person} asked through {app} for a server that they may not use",
  },
  access_removed: { label: "Access to a server removed", sentence: "{actor} no longer lets {whom} use {server}" },
  account_linked: { label: "Account linked", sentence: "{person} linked an account for {server}" },
  account_locked: { label: "Account locked", sentence: "Too many wrong passwords for {person}", alarming: true },
  account_needs_sign_in: {
    label: "Account needs sign-in",
    sentence: "A provider ended the access of {person}’s account",
  },
  account_unlinked: { label: "Account unlinked", sentence: "{person} unlinked an account" },
  account_use_allowed: { label: "Account use allowed", sentence: "{person} let {server} use a linked account" },
  account_use_ended: { label: "Account use ended", sentence: "{person} stopped {server} from using a linked account" },
  account_used: {
    label: "Account used",
    sentence: "{server} used a linked account of {person}",
    line: "its server used your {provider} account",
  },
  app_refused: { label: "App kept out", sentence: "{person} tried to connect {app}, which a rule keeps out" },
  app_requested: { label: "App waits for you", sentence: "{person} wants to connect {app} to {server}" },
  app_rule_removed: { label: "Rule about apps removed", sentence: "{actor} removed the rule: {rule}" },
  app_rule_set: { label: "Rule about apps set", sentence: "{actor} set the rule: {rule}" },
  assertion_redeemed: {
    label: "Let in by an issuer",
    sentence: "{issuer} let {app} use {server} for {person}",
    line: "connected through {issuer}",
  },
  assertion_refused: {
    label: "Assertion refused",
    sentence: "An issuer’s assertion about a person or a program was refused",
  },
  authorization_denied: { label: "Access denied", sentence: "{person} denied {app} access to {server}" },
  authorization_granted: { label: "Access allowed", sentence: "{person} let {app} use {server}" },
  client_approved: { label: "App approved", sentence: "{actor} approved {app}" },
  client_authentication_failed: { label: "Wrong app secret", sentence: "Wrong secret for {app}", alarming: true },
  client_changed: { label: "App changed", sentence: "{app} changed its details" },
  client_credentials_granted: {
    label: "Machine access",
    sentence: "{app} got access to {server} as itself",
    routine: true,
  },
  client_deleted: { label: "App deleted", sentence: "{app} was deleted" },
  client_disabled: { label: "App blocked", sentence: "{actor} blocked {app}" },
  client_enabled: { label: "App unblocked", sentence: "{actor} unblocked {app}" },
  client_registered: { label: "App registered", sentence: "{app} registered" },
  code_redeemed: { label: "App connected", sentence: "{app} connected to {server} for {person}", line: "connected" },
  code_replayed: {
    label: "Code used twice",
    sentence: "A one-time code of {app} was used twice for {person}",
    alarming: true,
  },
  credentials_reset: { label: "Sign-in reset", sentence: "{person} got a new way to sign in" },
  device_code_redeemed: {
    label: "Device connected",
    sentence: "{app} on a device connected to {server} for {person}",
    line: "connected",
  },
  family_widened: {
    label: "Access added",
    sentence: "{person} lets {app} do more on {server}",
    line: "you added permissions",
  },
  family_narrowed: {
    label: "Access reduced",
    sentence: "{person} reduced what {app} may do on {server}",
    line: "you took permissions away",
  },
  family_restored: {
    label: "Reduction undone",
    sentence: "{person} undid a change of what {app} may do on {server}",
    line: "you undid that",
  },
  family_renamed: {
    label: "Connection renamed",
    sentence: "{person} renamed the connection of {app} to {server}",
    line: "you renamed it",
  },
  family_revoked: {
    label: "Access ended",
    sentence: "The access of {app} to {server} for {person} ended",
    line: "ended: {end}",
  },
  foreign_token_introspected: {
    label: "Token at the wrong server",
    sentence: "A token of {app} was sent to a server that it isn’t for",
    line: "its access token was sent to another server, which refused it",
    alarming: true,
  },
  group_added: { label: "Group added", sentence: "{actor} added the group {group}" },
  group_deleted: { label: "Group deleted", sentence: "{actor} deleted the group {group}" },
  group_member_added: { label: "Joined a group", sentence: "{person} joined the group {group}" },
  group_member_removed: { label: "Left a group", sentence: "{person} left the group {group}" },
  identity_linked: { label: "Sign-in account added", sentence: "{person} can sign in with another account" },
  identity_refused: { label: "Sign-in refused", sentence: "Someone unknown tried to sign in with another account" },
  identity_unlinked: {
    label: "Sign-in account removed",
    sentence: "{person} can no longer sign in with another account",
  },
  initial_access_token_created: {
    label: "Registration token created",
    sentence: "{actor} created a registration token",
  },
  initial_access_token_revoked: {
    label: "Registration token revoked",
    sentence: "{actor} revoked a registration token",
  },
  introspection_credential_rotated: {
    label: "Server credential created",
    sentence: "{actor} created a new credential for {server}",
  },
  issuer_added: { label: "Issuer trusted", sentence: "{actor} added the trusted issuer {issuer}" },
  issuer_disabled: {
    label: "Issuer turned off",
    sentence: "{actor} turned off {issuer}, which ended the access through it",
  },
  issuer_enabled: { label: "Issuer turned on", sentence: "{actor} turned {issuer} back on" },
  issuer_removed: { label: "Issuer removed", sentence: "{actor} removed {issuer}, which ended the access through it" },
  passkey_added: { label: "Passkey added", sentence: "{person} added a passkey" },
  passkey_removed: { label: "Passkey removed", sentence: "{person} removed a passkey" },
  passkey_renamed: { label: "Passkey renamed", sentence: "{person} renamed a passkey" },
  password_changed: { label: "Password changed", sentence: "{person} changed their password" },
  provider_added: { label: "Provider added", sentence: "{actor} added {provider}" },
  provider_changed: { label: "Provider changed", sentence: "{actor} changed {provider}" },
  provider_failed: { label: "Provider failed", sentence: "A provider didn’t answer, or answered wrongly" },
  provider_removed: { label: "Provider removed", sentence: "{actor} removed {provider}" },
  recovery_codes_made: { label: "Recovery codes created", sentence: "{person} created recovery codes" },
  registration_refused: {
    label: "Registration refused",
    sentence: "So many apps registered within an hour that one was refused",
    alarming: true,
  },
  refresh_replayed: {
    label: "Refresh repeated",
    sentence: "{app} lost an answer and asked for it again",
    line: "the app didn’t get its new token and asked again",
  },
  refresh_replayed_by_other_caller: {
    label: "Refresh from two places",
    sentence: "A refresh token of {app} for {person} was used from two places at once",
    line: "two callers used the same refresh token, and the second one looked different",
    alarming: true,
  },
  refresh_token_reused: {
    label: "Refresh token reused",
    sentence: "An old refresh token of {app} for {person} was used again",
    alarming: true,
  },
  resource_added: { label: "Server added", sentence: "{actor} added {server}" },
  resource_changed: { label: "Server changed", sentence: "{actor} changed {server}" },
  resource_deleted: { label: "Server deleted", sentence: "{actor} deleted {server}" },
  resource_opened: { label: "Server opened", sentence: "{actor} opened {server} to everyone" },
  resource_restricted: { label: "Server restricted", sentence: "{actor} restricted who may use {server}" },
  role_changed: { label: "Role changed", sentence: "{actor} changed the role of {person}" },
  setup_link_created: { label: "Invitation created", sentence: "{actor} created a setup link" },
  setup_link_revoked: { label: "Invitation cancelled", sentence: "{actor} cancelled a setup link" },
  signed_in: { label: "Sign-in", sentence: "{person} signed in" },
  signed_in_with_recovery_code: {
    label: "Sign-in by recovery code",
    sentence: "{person} signed in with a recovery code",
  },
  signed_out: { label: "Sign-out", sentence: "{person} signed out" },
  token_refreshed: {
    label: "Token refreshed",
    sentence: "{app} renewed its access to {server} for {person}",
    line: "refreshed",
    routine: true,
  },
  token_revoked: {
    label: "Token returned",
    sentence: "{app} gave an access token back",
    line: "the app ended one of its access tokens",
  },
  tool_called: {
    label: "Tool used",
    sentence: "{app} used {tool} on {server} for {person}",
    line: "used {tool}",
    routine: true,
  },
  unused_clients_deleted: {
    label: "Unused apps removed",
    sentence: "The clean-up removed apps that nobody uses: {count}",
  },
  user_code_guesses_exceeded: {
    label: "Wrong device codes",
    sentence: "{person} typed too many wrong device codes",
    alarming: true,
  },
  user_created: { label: "Person added", sentence: "{person} joined" },
  user_deleted: { label: "Person deleted", sentence: "{actor} deleted a person" },
  user_disabled: { label: "Person disabled", sentence: "{actor} disabled {person}" },
  user_enabled: { label: "Person enabled", sentence: "{actor} enabled {person}" },
  workload_granted: { label: "Program let in", sentence: "{issuer} let the program {app} use {server}", routine: true },
};

/** The words of an event. One that only a later version of Gatehouse knows is called by its name. */
export const wordsOf = (name: AuditEventName): Words =>
  Object.hasOwn(AUDIT_WORDS, name) ? AUDIT_WORDS[name] : { label: name, sentence: name.replaceAll("_", " ") };
