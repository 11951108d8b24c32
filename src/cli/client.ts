import { readFile } from "node:fs/promises";
import { createClient } from "../flows/admin/create-client.ts";
import { findClient, readClients } from "../flows/admin/lists.ts";
import { type ClientAction, setClientStatus } from "../flows/admin/status.ts";
import { confirm } from "./confirm.ts";
import { connect } from "./database-connection.ts";
import { formatLive, formatPage, formatTable, type OutputOptions, orFail, type PageOptions, print } from "./output.ts";

/** `client list` */
export async function listClientsCommand({ search, after, ...options }: PageOptions): Promise<void> {
  const { items: clients, next } = await readClients(await connect(), search ?? null, after ?? null);
  const rows = clients.map((client) => [
    client.id,
    client.name,
    client.registration,
    client.disabled ? "blocked" : client.approved ? "approved" : "",
    formatLive(client.liveFamilies),
  ]);
  print(options, { clients, next }, formatPage(rows, next, "There is no such app."));
}

/** `client show ID` */
export async function showClientCommand(id: string, options: OutputOptions): Promise<void> {
  const client = await findClient(await connect(), id);
  if (!client) throw new Error("There is no such client.");
  const rows = Object.entries(client).map(([name, value]) => [
    name,
    Array.isArray(value) ? value.join(" ") : `${value ?? ""}`,
  ]);
  print(options, client, formatTable(rows));
}

type CreateOptions = OutputOptions & {
  readonly redirectUri: readonly string[];
  readonly method?: string;
  readonly jwksUri?: string;
  readonly jwksFile?: string;
  readonly scheme: readonly string[];
  readonly machine?: boolean;
  readonly idJag?: boolean;
  readonly resource?: string;
  readonly scope?: string;
};

/** `client create NAME` */
export async function createClientCommand(name: string, options: CreateOptions): Promise<void> {
  const { redirectUri, method, jwksUri, jwksFile, scheme, machine, idJag, resource, scope } = options;
  const metadata = {
    client_name: name,
    redirect_uris: redirectUri,
    token_endpoint_auth_method: method ?? (machine || idJag ? "client_secret_basic" : "none"),
    grant_types: [
      ...(machine ? ["client_credentials"] : []),
      ...(idJag ? ["urn:ietf:params:oauth:grant-type:jwt-bearer", "refresh_token"] : []),
      ...(machine || (idJag && redirectUri.length === 0) ? [] : ["authorization_code", "refresh_token"]),
    ],
    ...(scope ? { scope } : {}),
    ...(jwksUri ? { jwks_uri: jwksUri } : {}),
    ...(jwksFile ? { jwks: await readKeys(jwksFile) } : {}),
  };
  const client = orFail(await createClient(await connect(), metadata, scheme, resource ?? null));
  const secret = client.clientSecret === null ? "" : `\n  client_secret  ${client.clientSecret}  (shown only now)`;
  print(options, client, `${name} is registered and approved.\n\n  client_id      ${client.clientId}${secret}`);
}

async function readKeys(file: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(file, "utf8"));
  } catch {
    throw new Error(`${file} isn't readable JSON.`);
  }
}

const DONE: Readonly<Record<ClientAction, string>> = {
  approve: "Approved as it is now. If its name, redirect URIs or keys change, it loses the approval.",
  block: "Blocked. Everything that it was granted is revoked.",
  delete: "Deleted. Everything that it was granted is revoked.",
  unblock: "Unblocked. What was revoked stays revoked.",
};

/** `client approve|block|unblock ID` */
export const clientStatusCommand =
  (change: Exclude<ClientAction, "delete">) =>
  async (id: string, options: OutputOptions): Promise<void> => {
    const outcome = orFail(await setClientStatus(await connect(), id, change));
    print(options, outcome, DONE[change]);
  };

/** `client delete ID` */
export async function deleteClientCommand(
  id: string,
  { yes, ...options }: OutputOptions & { readonly yes?: boolean },
): Promise<void> {
  const deps = await connect();
  const client = await findClient(deps, id);
  if (!client) throw new Error("There is no such client.");
  await confirm(`This deletes ${client.name} and ${formatLive(client.liveFamilies)} connections.`, yes);
  print(options, orFail(await setClientStatus(deps, id, "delete")), DONE.delete);
}
