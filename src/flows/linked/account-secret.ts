import type { Deps } from "../../deps.ts";
import * as z from "../../lib/schema.ts";
import { unavailable } from "../../lib/unavailable.ts";
import { open, type Sealed, seal } from "../../lib/vault.ts";

/** The secrets of an account that the vault holds. */
export type AccountSecret = { readonly accessToken: string; readonly refreshToken: string | null };

/** The row that a secret belongs to. In another row, or with another version, it doesn't open. */
type AccountPlace = {
  readonly userId: string;
  readonly provider: string;
  readonly id: string;
  readonly version: number;
};

const schema = z.object({ accessToken: z.string(), refreshToken: z.nullable(z.string()) });

const placeOf = ({ userId, provider, id, version }: AccountPlace): string => [userId, provider, id, version].join("|");

export const sealAccount = (
  { vault }: Pick<Deps, "vault">,
  place: AccountPlace,
  secret: AccountSecret,
): Promise<Sealed> => seal(vault, placeOf(place), secret);

/** Throws `Unavailable` if it can't be opened. */
export async function openAccount(
  { vault }: Pick<Deps, "vault">,
  account: AccountPlace & { readonly secret: Sealed },
): Promise<AccountSecret> {
  const parsed = schema.safeParse(await open(vault, placeOf(account), account.secret));
  if (!parsed.success) throw unavailable("vault", "a row holds something else");
  return parsed.data;
}
