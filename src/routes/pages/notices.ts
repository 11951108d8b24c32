/** What was just done. A page is told by a name, so that a link can't put words in our mouth. */
const NOTICES = {
  allowed_less: "It can do less from now on.",
  approved: "Approved. A later change of its name, addresses or keys loses that.",
  blocked: "Blocked, and all that it was granted has ended.",
  codes_made: "You have new recovery codes. Those from before are void.",
  deleted: "Deleted.",
  disabled: "Kept out from now on, and all that they granted has ended.",
  enabled: "They may sign in again.",
  ended: "Ended.",
  passkey_added: "You have a new passkey.",
  passkey_removed: "The passkey is gone.",
  password_changed: "You have a new password, and are signed out everywhere else.",
  renamed: "Renamed.",
  revoked: "It has no access any more.",
  saved: "Saved.",
  set_up: "Your account is ready. Make recovery codes, so that you can always get back in.",
  signed_out: "Signed out there.",
  unblocked: "It may ask for access again.",
} as const;

export type NoticeName = keyof typeof NOTICES;

export const findNotice = (name: string): string | null =>
  Object.hasOwn(NOTICES, name) ? NOTICES[name as NoticeName] : null;
