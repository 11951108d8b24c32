import type { Deps, SharedDeps } from "../deps.ts";
import { sha256 } from "../lib/hash.ts";
import { isPlausibleToken } from "../lib/token.ts";
import { TOKEN_KIND } from "../oauth/token-kind.ts";
import { findConfirmedIssuer, insertConfirmedIssuer } from "../store/confirmed-issuer.ts";

/** The issuer of a deployment whose variables name none: the one that its owner confirmed, or null. */
export const readConfirmedIssuer = ({ db }: Pick<SharedDeps, "db">): Promise<string | null> => findConfirmedIssuer(db);

/**
 * The owner confirms with their setup link that the address they see is the issuer's. It is the address of the request,
 * which anybody can choose, so it only counts together with the link, exactly as it was shown, and once.
 */
export async function confirmIssuer(
  { db, config, keys, now, log }: Deps,
  { code, address }: { readonly code: string; readonly address: string },
): Promise<{ readonly issuer: string } | { readonly problem: string }> {
  if (address !== config.issuer) return { problem: "This isn't the address that you confirmed." };
  if (!(await isPlausibleToken(keys, TOKEN_KIND.setupLink, code))) return { problem: NO_LINK };
  const issuer = await insertConfirmedIssuer(db, { digest: await sha256(code), issuer: address }, now());
  if (issuer === null) return { problem: NO_LINK };
  if (issuer !== address) return { problem: `This service already has the address ${issuer}. Open your link there.` };
  log({ level: "info", event: "issuer_confirmed", issuer });
  return { issuer };
}

const NO_LINK = "Only the link that makes the first owner can confirm the address, and this one can’t.";
