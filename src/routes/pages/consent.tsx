import type { ConsentView } from "../../flows/authorize/begin.ts";
import { AskingParty, DecisionButtons, DurationChoice, ScopeChoice, SignedInAs } from "./consent-parts.tsx";
import { type Frame, Layout } from "./layout.tsx";

type Props = { frame: Frame; csrf: string; form: string; view: ConsentView };

/** Who asks, how far that is proven, what for, and where the browser goes next. */
export const ConsentPage = ({ frame, csrf, form, view }: Props) => (
  <Layout frame={frame} title="Allow access?">
    <h1>
      Let <bdi>{view.client.name}</bdi> use <bdi>{view.resource.name}</bdi>?
    </h1>
    <dl class="facts">
      <AskingParty client={view.client} resource={view.resource} />
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
      <ScopeChoice scopes={view.scopes} />
      <DurationChoice durations={view.durations} />
      <DecisionButtons />
    </form>
    <SignedInAs frame={frame} csrf={csrf} email={view.email} returnTo={view.returnTo} />
  </Layout>
);

/** The host as a browser resolves it (punycode), or the scheme of an app. */
function redirectHost(redirectUri: string): string {
  const { protocol, host } = new URL(redirectUri);
  return protocol === "https:" || protocol === "http:" ? host : `${protocol}${host && `//${host}`}`;
}
