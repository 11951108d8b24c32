/** Says what was just done. The address only names a notice, so that a link can't put words in our mouth. */
const NOTICES = {
  allowed_less: "Saved. The app can do less from now on.",
  allowed_more:
    "Saved. The app can do more from its next access token on, within the hour. To use it right away, restart the app.",
  approved: "Approved. If its name, addresses or keys change, it has to be approved again.",
  blocked: "Blocked. All its connections have ended.",
  codes_made: "You have new recovery codes. The old ones no longer work.",
  deleted: "Deleted.",
  disabled: "Disabled. They are signed out, and all their connections have ended.",
  enabled: "Enabled. They can sign in again.",
  ended: "Link cancelled.",
  identity_added: "You can sign in with that account now.",
  identity_removed: "You can no longer sign in with that account.",
  linked: "Your account is linked. You can go back to your app.",
  passkey_added: "Passkey added.",
  passkey_removed: "Passkey removed.",
  password_changed: "Password changed. You are signed out everywhere else.",
  provider_added: "Added. Check that the redirect URI below is set at the provider.",
  renamed: "Renamed.",
  revoked: "Access ended.",
  saved: "Saved.",
  server_deleted: "Server deleted. All its connections have ended.",
  set_up: "Your account is ready. Create recovery codes, so that you can always get back in.",
  several_blocked: "The selected apps are blocked. All their connections have ended.",
  several_deleted: "The selected apps are deleted. All their connections have ended.",
  signed_out: "Signed out.",
  undone: "Undone. The app can do again what it could before.",
  unblocked: "Unblocked. It can ask for access again.",
  unlinked: "Unlinked. Servers can no longer use the account.",
  use_ended: "Saved. What you unticked can no longer use the account.",
} as const;

export type NoticeName = keyof typeof NOTICES;

export const findNotice = (name: string | undefined): string | null =>
  name !== undefined && Object.hasOwn(NOTICES, name) ? NOTICES[name as NoticeName] : null;
