import type { ConsentView } from "../../flows/authorize/begin.ts";
import { TrustNote } from "./client-trust.tsx";
import { type Frame, Layout } from "./layout.tsx";
import { describeDuration } from "./time.tsx";

type Props = { frame: Frame; csrf: string; form: string; view: ConsentView };

/** Who asks, how far that is proven, what for, and where the browser goes next. */
export const ConsentPage = ({ frame, csrf, form, view }: Props) => (
  <Layout frame={frame} title="Allow access?">
    <h1>
      Let <bdi>{view.client.name}</bdi> use <bdi>{view.resource.name}</bdi>?
    </h1>
    <dl class="facts">
      <dt>App</dt>
      <dd>
        <bdi>{view.client.name}</bdi>
        <br />
        <span class="quiet">
          <TrustNote trust={view.client.trust} />
        </span>
      </dd>
      <dt>Server</dt>
      <dd>
        <code>{view.resource.uri}</code>
      </dd>
      <dt>Goes to</dt>
      <dd>
        <code>{redirectHost(view.redirectUri)}</code>
      </dd>
    </dl>
    {view.returnsToThisMachine && (
      <p class="warning">
        This sends access to a program on your own computer. Only allow it if you have just started one that asked for
        it.
      </p>
    )}
    <form method="post" action={`${frame.issuer}/consent`}>
      <input type="hidden" name="csrf" value={csrf} />
      <input type="hidden" name="request" value={form} />
      <h2 id="permissions">It may</h2>
      <ul class="scopes" aria-labelledby="permissions">
        {view.scopes.map((scope) => (
          <li key={scope.name}>
            <label>
              <input type="checkbox" name="scope" value={scope.name} checked />
              <span>
                {scope.description}
                <code>{scope.name}</code>
              </span>
            </label>
          </li>
        ))}
      </ul>
      <label for="duration">For how long</label>
      <select id="duration" name="duration">
        {view.durations.map((seconds, index) => (
          <option key={seconds} value={String(seconds)}>
            {index === 0 ? `Up to ${describeDuration(seconds)}` : describeDuration(seconds)}
          </option>
        ))}
      </select>
      <div class="actions">
        <button type="submit" name="decision" value="allow">
          Allow
        </button>
        <button type="submit" name="decision" value="deny">
          Deny
        </button>
      </div>
    </form>
    <div class="quiet">
      You are signed in as <bdi>{view.email}</bdi>.{" "}
      <form class="inline" method="post" action={`${frame.issuer}/logout`}>
        <input type="hidden" name="csrf" value={csrf} />
        <input type="hidden" name="continue" value={view.returnTo} />
        <button type="submit" class="link">
          Not you?
        </button>
      </form>
    </div>
  </Layout>
);

/** The host as a browser resolves it (punycode), or the scheme of an app. */
function redirectHost(redirectUri: string): string {
  const { protocol, host } = new URL(redirectUri);
  return protocol === "https:" || protocol === "http:" ? host : `${protocol}${host && `//${host}`}`;
}
