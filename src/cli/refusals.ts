import { type RefusalsOfApp, readRefusals } from "../flows/admin/refusals.ts";
import { connect } from "./database-connection.ts";
import { type OutputOptions, print } from "./output.ts";

type RefusalOptions = OutputOptions & {
  readonly client?: string;
  readonly reference?: string;
  readonly days: number;
};

/** `refusals` */
export async function refusalsCommand({ client, reference, days, ...output }: RefusalOptions): Promise<void> {
  const query = { days, clientId: client ?? null, requestId: reference ?? null };
  const apps = await readRefusals(await connect(), query);
  const nothing = `No refusals match in the last ${days === 1 ? "day" : `${days} days`}.`;
  print(output, { apps }, apps.length > 0 ? apps.map(formatApp).join("\n\n") : nothing);
}

function formatApp({ clientId, name, isServer, refusals }: RefusalsOfApp): string {
  const kind = isServer ? "server" : "app";
  const title =
    clientId === null ? "Requests that named no app" : `${plain(name ?? `Unknown ${kind}`)} (${plain(clientId)})`;
  const lines = refusals.map(({ advice, endpoint, error, said, count, lastAt, requestIds }) => {
    const at = new Date(lastAt * 1000).toISOString().replace(".000Z", "Z");
    return [
      `  ${advice.what}`,
      `    Change:  ${advice.change}`,
      `    Told:    /${endpoint} ${error}${said === null ? "" : `, ${plain(said)}`}`,
      `    When:    ${count} time${count === 1 ? "" : "s"}, last ${at}; references ${requestIds.join(" ")}`,
    ].join("\n");
  });
  return [title, ...lines].join("\n");
}

/** Removes control characters, which a terminal would obey. Strangers chose some of these texts. */
const plain = (text: string): string => text.replaceAll(/\p{C}/gu, "\ufffd");
