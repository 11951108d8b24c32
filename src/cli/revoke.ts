import { readConnections } from "../flows/admin/lists.ts";
import { revokeGrants } from "../flows/admin/revoke.ts";
import type { RevocationTarget } from "../store/emergency-revocation.ts";
import { confirm } from "./confirm.ts";
import { connect } from "./database-connection.ts";
import { type OutputOptions, orFail, print } from "./output.ts";

type RevokeOptions = OutputOptions & {
  readonly all?: boolean;
  readonly yes?: boolean;
  readonly user?: string;
  readonly client?: string;
  readonly resource?: string;
};

/** `revoke --all | --user EMAIL | --client ID | --resource URI` */
export async function revokeCommand(options: RevokeOptions): Promise<void> {
  const target = readTarget(options);
  const deps = await connect();
  if (target.kind === "all") {
    const { items, next } = orFail(
      await readConnections(deps, { user: null, client: null, resource: null, after: null }),
    );
    const count = next === null ? String(items.length) : `more than ${items.length}`;
    await confirm(`This ends every connection (${count} now) and signs everybody out, including you.`, options.yes);
  }
  const result = orFail(await revokeGrants(deps, target));
  print(
    options,
    result,
    result.revoked === 1
      ? "Revoked one connection. Its tokens are refused from now on."
      : `Revoked ${result.revoked} connections. Their tokens are refused from now on.`,
  );
}

function readTarget({ all, user, client, resource }: RevokeOptions): RevocationTarget {
  const targets: RevocationTarget[] = [
    ...(all ? [{ kind: "all" } as const] : []),
    ...(user ? [{ kind: "user", email: user.trim().toLowerCase() } as const] : []),
    ...(client ? [{ kind: "client", id: client } as const] : []),
    ...(resource ? [{ kind: "resource", uri: resource } as const] : []),
  ];
  const [target, ...others] = targets;
  if (!target || others.length > 0) throw new Error("Use exactly one of --all, --user, --client and --resource.");
  return target;
}
