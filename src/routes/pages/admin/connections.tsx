import type { UsedConnection } from "../../../store/connection-listing.ts";
import { MOST_COUNTED } from "../../../store/token-families.ts";
import { Table } from "../list.tsx";
import { Named } from "../named.tsx";
import type { PanelShell } from "../panel.tsx";
import { Section } from "../section.tsx";
import { Time } from "../time.tsx";
import { clientPath } from "./clients.tsx";
import { personPath } from "./people.tsx";

type Props = {
  shell: PanelShell;
  now: Date;
  /** Whose page it is on. */
  of: "person" | "app";
  connections: readonly UsedConnection[];
  /** How many there are, up to `MOST_COUNTED`. */
  count: number;
};

const WORDS = {
  person: { title: "Connected apps", column: "App", empty: "No app is connected." },
  app: { title: "Who uses it", column: "Person", empty: "Nobody has connected it." },
};

/**
 * The live connections of a person or an app: the newest, and how many more there are. Of a person whose newest ones have
 * ended by the thousand, none is listed.
 */
export const Connections = ({ shell, now, of, connections, count }: Props) => {
  const { title, column, empty } = WORDS[of];
  const more = count - connections.length;
  return (
    <Section title={title}>
      <Table
        label={title}
        items={connections}
        keyOf={({ id }) => id}
        icon={of === "person" ? "connections" : "people"}
        empty={more > 0 ? "The newest connections have all ended." : empty}
        columns={[
          { title: column, cell: (connection) => <Other shell={shell} of={of} connection={connection} /> },
          {
            title: "Server",
            cell: ({ resourceId, resourceName }) => (
              <a href={`${shell.issuer}/admin/resources/${resourceId}`}>
                <bdi>{resourceName}</bdi>
              </a>
            ),
          },
          { title: "Allowed", cell: ({ createdAt }) => <Time at={createdAt} now={now} /> },
          { title: "Last used", cell: ({ lastUsedAt }) => <Time at={lastUsedAt} now={now} /> },
        ]}
      />
      {more > 0 && (
        <p class="quiet">
          {connections.length > 0 ? "and " : "Older ones that are live: "}
          {count === MOST_COUNTED && "at least "}
          {more}
          {connections.length > 0 && " more"}
        </p>
      )}
    </Section>
  );
};

/** The other end of a connection. A machine acts for itself. */
const Other = ({ shell, of, connection }: Pick<Props, "shell" | "of"> & { connection: UsedConnection }) => {
  const { clientId, clientName, email } = connection;
  if (of === "person") return <Named name={clientName} href={shell.issuer + clientPath(clientId)} />;
  if (email === null) return "Itself, without a person";
  return <Named name={email} href={shell.issuer + personPath(email)} shape="person" />;
};
