import type { ListedSession } from "../../../store/sessions.ts";
import { Badge } from "../badge.tsx";
import { Confirm } from "../confirm.tsx";
import { Action } from "../form.tsx";
import { Icon } from "../icon.tsx";
import { Cards } from "../list.tsx";
import { countOf } from "../pager.tsx";
import { Panel, type PanelShell } from "../panel.tsx";
import { ExactTime, FullTime } from "../time.tsx";
import { describeUserAgent } from "../user-agent.ts";

const METHODS: Readonly<Record<string, string>> = {
  passkey: "a passkey",
  password: "a password",
  recovery_code: "a recovery code",
  setup_link: "a setup link",
  provider: "another account",
};

type Props = { shell: PanelShell; now: Date; current: string; sessions: readonly ListedSession[] };

/** The browsers in which the person is signed in. */
export const SessionsPage = ({ shell, now, current, sessions }: Props) => (
  <Panel
    shell={shell}
    title="Sign-ins"
    lead="The browsers in which you are signed in here. Connected apps are listed on their own page."
    action={
      sessions.length > 1 && (
        <Confirm
          shell={shell}
          id="others"
          to="/account/sessions"
          fields={{ session: "others" }}
          action="Sign out everywhere else"
          title="Sign out everywhere else?"
        >
          <p>{countOf(sessions.length - 1, "other browser")} will be signed out. Your connected apps keep working.</p>
        </Confirm>
      )
    }
  >
    <Cards
      items={sessions}
      keyOf={({ id }) => id}
      empty=""
      card={(session) => <SessionCard {...{ shell, now, session }} isCurrent={session.id === current} />}
    />
  </Panel>
);

type CardProps = Pick<Props, "shell" | "now"> & { session: ListedSession; isCurrent: boolean };

const SessionCard = ({ shell, now, session, isCurrent }: CardProps) => {
  const browser = describeUserAgent(session.userAgent);
  return (
    <div class="thing">
      <span class="avatar">
        <Icon name={/Android|iOS/.test(browser) ? "phone" : "computer"} />
      </span>
      <div>
        <h2>
          {browser}
          {isCurrent && <Badge tone="good">This browser</Badge>}
        </h2>
        <p class="quiet">
          Signed in with {METHODS[session.method] ?? session.method} on <ExactTime at={session.authenticatedAt} />
        </p>
        <p class="quiet">
          Last active <FullTime at={session.lastSeenAt} now={now} />
        </p>
      </div>
      {!isCurrent && (
        <div class="buttons">
          <Action shell={shell} to="/account/sessions" fields={{ session: session.id }} label={`Sign out ${browser}`}>
            Sign out
          </Action>
        </div>
      )}
    </div>
  );
};
