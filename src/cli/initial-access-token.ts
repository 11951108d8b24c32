import { createInitialAccessToken, endInitialAccessToken } from "../flows/admin/initial-access-tokens.ts";
import { readInitialAccessTokens } from "../flows/admin/lists.ts";
import { connect } from "./database-connection.ts";
import { formatTable, type OutputOptions, orFail, print } from "./output.ts";

type CreateOptions = OutputOptions & {
  readonly label: string;
  readonly resource?: string;
  readonly uses?: number;
  readonly days?: number;
};

/** `initial-access-token create` */
export async function createTokenCommand({ label, resource, uses, days, ...output }: CreateOptions): Promise<void> {
  const input = { label, resource: resource ?? null, uses: uses ?? null, days: days ?? null };
  const created = orFail(await createInitialAccessToken(await connect(), input));
  print(
    output,
    created,
    `The initial access token, shown only now:\n  ${created.token}\n\nRevoke it with: npm run cli -- initial-access-token revoke ${created.id}`,
  );
}

/** `initial-access-token list` */
export async function listTokensCommand(options: OutputOptions): Promise<void> {
  const { items: tokens } = await readInitialAccessTokens(await connect());
  const rows = tokens.map(({ id, label, resourceUri, usesLeft, expiresAt, revoked }) => [
    id,
    label,
    resourceUri ?? "any resource",
    usesLeft === null ? "any number of uses" : `${usesLeft} uses left`,
    revoked ? "revoked" : expiresAt === null ? "" : `until ${new Date(expiresAt * 1000).toISOString()}`,
  ]);
  print(options, { tokens }, rows.length > 0 ? formatTable(rows) : "There are no initial access tokens.");
}

/** `initial-access-token revoke ID` */
export async function revokeTokenCommand(id: string, options: OutputOptions): Promise<void> {
  print(options, orFail(await endInitialAccessToken(await connect(), id)), "Revoked. Clients that it admitted stay.");
}
