import { capitalize } from "../../../lib/capitalize.ts";
import type { ClientsToEnd } from "../../../store/client-listing.ts";
import { MOST_COUNTED } from "../../../store/token-families.ts";
import { ConfirmPage } from "../confirm-page.tsx";
import { countOf } from "../pager.tsx";
import type { PanelShell } from "../panel.tsx";
import { clientPath, countConnections } from "./clients.tsx";

type Props = { shell: PanelShell; change: "block" | "delete"; ending: ClientsToEnd };

/** So many apps are named. The first have the most connections. */
const NAMED = 8;

const WORDS = {
  block: { verb: "Block", after: "They can’t ask for access until you unblock them." },
  delete: { verb: "Delete", after: "This can’t be undone, but an app can register again." },
};

/** Asks before several apps are blocked or deleted. */
export const SeveralClientsPage = ({ shell, change, ending: { clients, livePeople } }: Props) => {
  const { verb, after } = WORDS[change];
  const act = `${verb} ${countOf(clients.length, "app")}`;
  const more = clients.length - NAMED;
  return (
    <ConfirmPage
      shell={shell}
      title={`${act}?`}
      back={{ path: "/admin/clients", name: "Apps" }}
      to="/admin/clients/several"
      fields={{ change }}
      ids={clients.map(({ id }) => id)}
      action={act}
    >
      <p>
        {describeEnd(clients, livePeople)} {after}
      </p>
      <ul>
        {clients.slice(0, NAMED).map(({ id, name, liveFamilies }) => (
          <li key={id}>
            <a href={shell.issuer + clientPath(id)}>
              <bdi>{name}</bdi>
            </a>{" "}
            <span class="quiet">{countConnections(liveFamilies)}</span>
          </li>
        ))}
        {more > 0 && <li>and {more} more</li>}
      </ul>
    </ConfirmPage>
  );
};

/** Each app is counted up to a bound, so there may be more than the sum. */
function describeEnd(clients: ClientsToEnd["clients"], people: number): string {
  const connections = clients.reduce((sum, { liveFamilies }) => sum + liveFamilies, 0);
  if (connections === 0) return "No live connection will end.";
  const least = clients.some(({ liveFamilies }) => liveFamilies === MOST_COUNTED) ? "at least " : "";
  const lose = people === 0 ? "" : `, and ${least}${countOf(people, "person loses", "people lose")} access`;
  const ends = `${least}${countOf(connections, "live connection")} will end at once${lose}.`;
  return capitalize(ends);
}
