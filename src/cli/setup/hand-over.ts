import { createOperatorDeps } from "../../flows/admin/admin-deps.ts";
import { clientLines } from "../../flows/admin/client-lines.ts";
import { findResourceByUri, readResources } from "../../flows/admin/lists.ts";
import { addResource, type ShownCredential } from "../../flows/admin/resources.ts";
import { inviteFirstOwner } from "../../flows/admin/setup-links.ts";
import type { KeptKeys } from "../kept-keys.ts";
import { orFail } from "../output.ts";
import { describeCredential } from "../resource.ts";
import type { Answers } from "./answers.ts";

export type FirstServer = { readonly uri: string; readonly name: string };

/** What the owner needs now, as one object and as text. The link and the credential are shown only here. */
export async function handOver(answers: Answers, keys: KeptKeys, server: FirstServer | null) {
  const deps = await createOperatorDeps(answers.databaseUrl, keys.SERVER_KEY);
  const link = await inviteFirstOwner(deps, answers.url);
  const isKnown = server !== null && (await findResourceByUri(deps, server.uri)) !== null;
  const isFirst = (await readResources(deps, null, null)).items.length === 0;
  const credential =
    server && !isKnown ? orFail(await addResource(deps, { ...server, scopes: [], isDefault: isFirst })) : null;
  const clients = server ? clientLines({ ...server, name: server.name || new URL(server.uri).host }) : [];
  return {
    value: { url: answers.url, ownerLink: link?.url ?? null, credential, clients },
    text: [
      link ? `Use this link, which works once, to become the owner:\n\n  ${link.url}` : null,
      server ? sayServer(server, credential) : null,
      ...clients.map(({ title, hint, text }) => `${title}: ${hint}\n\n${text.replaceAll(/^/gm, "  ")}`),
      `The dashboard is ${answers.url}/admin.`,
    ]
      .filter((part) => part !== null)
      .join("\n\n"),
  };
}

const sayServer = ({ uri }: FirstServer, credential: ShownCredential | null): string =>
  credential ? `${uri} is protected. ${describeCredential(credential)}` : `${uri} was protected before.`;
