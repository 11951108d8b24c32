import { sha256 } from "../../lib/hash.ts";
import * as z from "../../lib/schema.ts";
import { mintToken } from "../../lib/token.ts";
import { TOKEN_KIND } from "../../oauth/token-kind.ts";
import {
  deleteSetupLink,
  insertSetupLink,
  type ListedSetupLink,
  listSetupLinks,
  type SetupLinkPurpose,
} from "../../store/setup-links.ts";
import { hasOwner } from "../../store/users.ts";
import type { AdminDeps } from "./admin-deps.ts";

const LIFETIME_MS = 3 * 24 * 60 * 60 * 1000;

/** Shown once. The code follows the `#`, and browsers don't send that part, so no server logs it. */
export type SetupLinkUrl = { readonly url: string; readonly expiresAt: Date };

/** Makes a one-time link that sets up an account, or that gives an existing one other credentials. */
export async function createSetupLink(
  deps: AdminDeps,
  issuer: string,
  purpose: SetupLinkPurpose,
): Promise<SetupLinkUrl | { readonly problem: string }> {
  const email = purpose.email === null ? null : purpose.email.trim().toLowerCase();
  if (email !== null && !z.email().check(z.maxLength(320)).safeParse(email).success)
    return { problem: "Enter a valid email address." };
  const code = await mintToken(deps.keys, TOKEN_KIND.setupLink);
  const expiresAt = new Date(deps.now().getTime() + LIFETIME_MS);
  const link = { digest: await sha256(code), purpose: { ...purpose, email } as SetupLinkPurpose, expiresAt };
  return (await insertSetupLink(deps.db, link, deps.actor))
    ? { url: `${issuer}/setup#${code}`, expiresAt }
    : {
        problem:
          purpose.kind === "reset"
            ? "There is no such person."
            : "There is already an account with this address. Make a link that resets it instead.",
      };
}

/** A link that makes the first owner of a server. Null if it has one. */
export async function inviteFirstOwner(deps: AdminDeps, issuer: string): Promise<SetupLinkUrl | null> {
  if (await hasOwner(deps.db)) return null;
  const link = await createSetupLink(deps, issuer, { kind: "invitation", role: "owner", email: null });
  return "problem" in link ? null : link;
}

/** The links that can still be used, without their codes. */
export const readSetupLinks = ({ db, actor }: AdminDeps): Promise<ListedSetupLink[]> => listSetupLinks(db, actor);

/** Voids a link. */
export const endSetupLink = async (deps: AdminDeps, id: string): Promise<boolean> =>
  z.uuid().safeParse(id).success && deleteSetupLink(deps.db, id, deps.actor);
