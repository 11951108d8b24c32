import * as z from "zod";
import type { Deps } from "../../deps.ts";
import { unavailable } from "../../lib/unavailable.ts";
import { open, type Sealed, seal } from "../../lib/vault.ts";

/** What the vault holds of an account. */
export type AccountSecret = { readonly accessToken: string; readonly refreshToken: string | null };

/** The row that a secret lies in: moved into another one, or left over from another version, it doesn't open. */
export type AccountPlace = {
  readonly userId: string;
  readonly provider: string;
  readonly id: string;
  readonly version: number;
};

const schema = z.object({ accessToken: z.string(), refreshToken: z.string().nullable() });

const placeOf = ({ userId, provider, id, version }: AccountPlace): string => [userId, provider, id, version].join("|");

export const sealAccount = (
  { vault }: Pick<Deps, "vault">,
  place: AccountPlace,
  secret: AccountSecret,
): Promise<Sealed> => seal(vault, placeOf(place), secret);

/** Throws `Unavailable` where it can't be opened. */
export async function openAccount(
  { vault }: Pick<Deps, "vault">,
  account: AccountPlace & { readonly secret: Sealed },
): Promise<AccountSecret> {
  const parsed = schema.safeParse(await open(vault, placeOf(account), account.secret));
  if (!parsed.success) throw unavailable("vault", "a row holds something else");
  return parsed.data;
}
