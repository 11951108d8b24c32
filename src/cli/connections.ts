import { readConnections } from "../flows/admin/lists.ts";
import { endConnection } from "../flows/admin/revoke.ts";
import { connect } from "./database-connection.ts";
import { formatPage, type OutputOptions, orFail, print } from "./output.ts";

type ListOptions = OutputOptions & {
  readonly user?: string;
  readonly client?: string;
  readonly resource?: string;
  readonly after?: string;
};

/** `connection list` */
export async function listConnectionsCommand({ user, client, resource, after, ...output }: ListOptions): Promise<void> {
  const filter = { user: user ?? null, client: client ?? null, resource: resource ?? null, after: after ?? null };
  const { items: connections, next } = orFail(await readConnections(await connect(), filter));
  const rows = connections.map(({ id, email, clientName, resourceUri, scopes, expiresAt }) => [
    id,
    email ?? "a machine",
    clientName,
    resourceUri,
    scopes.join(" "),
    `until ${new Date(expiresAt * 1000).toISOString().slice(0, 10)}`,
  ]);
  print(output, { connections, next }, formatPage(rows, next, "Nothing is connected."));
}

/** `connection revoke ID` */
export async function revokeConnectionCommand(id: string, options: OutputOptions): Promise<void> {
  print(options, orFail(await endConnection(await connect(), id)), "Revoked. Its tokens are refused from now on.");
}
