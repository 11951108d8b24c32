import type { ListedSession } from "../../../store/sessions.ts";
import { Action } from "../form.tsx";
import { Panel, type PanelFrame } from "../panel.tsx";
import { Time } from "../time.tsx";
import { describeUserAgent } from "../user-agent.ts";

const METHODS = {
  passkey: "passkey",
  password: "password",
  recovery_code: "recovery code",
  setup_link: "setup link",
};

type Props = { frame: PanelFrame; now: Date; current: string; sessions: readonly ListedSession[] };

/** Where the person is signed in. */
export const SessionsPage = ({ frame, now, current, sessions }: Props) => (
  <Panel frame={frame} title="Sign-ins">
    <p class="quiet">The browsers in which you are signed in to this server. Connected apps are not among them.</p>
    <ul class="cards">
      {sessions.map((session) => (
        <li key={session.id}>
          <article>
            <h2>
              {describeUserAgent(session.userAgent)}
              {session.id === current && <span class="badge">this one</span>}
            </h2>
            <p class="quiet">
              By {METHODS[session.method]} <Time at={session.authenticatedAt} now={now} />, last seen{" "}
              <Time at={session.lastSeenAt} now={now} />
            </p>
            {session.id !== current && (
              <Action
                frame={frame}
                to="/account/sessions"
                fields={{ session: session.id }}
                label={`Sign out ${describeUserAgent(session.userAgent)}`}
              >
                Sign out
              </Action>
            )}
          </article>
        </li>
      ))}
    </ul>
    {sessions.length > 1 && (
      <Action frame={frame} to="/account/sessions" fields={{ session: "others" }} class="small danger">
        Sign out everywhere else
      </Action>
    )}
  </Panel>
);
