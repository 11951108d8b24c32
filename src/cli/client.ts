import { listClients } from "../flows/admin/list-clients.ts";
import { connect } from "./connection.ts";
import { formatTable, type OutputOptions, print } from "./output.ts";

/** `client list` */
export async function listClientsCommand(options: OutputOptions): Promise<void> {
  const clients = await listClients(await connect());
  const rows = clients.map(({ id, name, registration, liveFamilies, disabled }) => [
    id,
    name,
    registration,
    `${liveFamilies} live${disabled ? ", disabled" : ""}`,
  ]);
  print(options, { clients }, rows.length > 0 ? formatTable(rows) : "No client has registered yet.");
}
