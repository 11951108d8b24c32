import type { ConsentView } from "../../flows/authorize/begin.ts";
import type { ClientTrust } from "../../oauth/client-trust.ts";
import { Layout } from "./layout.tsx";

type Props = { issuer: string; csrf: string; form: string; view: ConsentView };

/** Who asks, how far that is proven, what for, and where the browser goes next. */
export const ConsentPage = ({ issuer, csrf, form, view }: Props) => (
  <Layout title="Allow access?">
    <h1>
      Let <bdi>{view.client.name}</bdi> use <bdi>{view.resource.name}</bdi>?
    </h1>
    <dl class="facts">
      <dt>App</dt>
      <dd>
        <bdi>{view.client.name}</bdi>
        <br />
        <span class="quiet">{describeTrust(view.client.trust)}</span>
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
    <form method="post" action={`${issuer}/consent`}>
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
      <form class="inline" method="post" action={`${issuer}/logout`}>
        <input type="hidden" name="csrf" value={csrf} />
        <button type="submit" class="link">
          Not you?
        </button>
      </form>
    </div>
  </Layout>
);

/** How far it is proven who asks. */
function describeTrust(trust: ClientTrust) {
  switch (trust.level) {
    case "approved":
      return "Approved by the owner of this server";
    case "document":
      return (
        <>
          Vouched for by <code>{trust.host}</code>
        </>
      );
    case "self_asserted":
      return "It chose this name itself; nobody has checked it";
  }
}

/** The host as a browser resolves it (punycode), or the scheme of an app. */
function redirectHost(redirectUri: string): string {
  const { protocol, host } = new URL(redirectUri);
  return protocol === "https:" || protocol === "http:" ? host : `${protocol}${host && `//${host}`}`;
}
