import type { ConnectView } from "../../flows/linked/connect.ts";
import { AccountScopes } from "./account-scopes.tsx";
import { AppName } from "./app-name.tsx";
import { Facing } from "./facing.tsx";
import { Action, Form, type FormShell } from "./form.tsx";
import { Layout } from "./layout.tsx";

type Props = { shell: FormShell; view: ConnectView; email: string };

/** Asks to link an account: which server asks, through which app, and for what. */
export const ConnectPage = ({ shell, view, email }: Props) => (
  <Layout shell={shell} title={`Connect ${view.provider}?`} roomy>
    <Facing names={[view.resource.name, view.provider]} />
    <h1>
      Let <bdi>{view.resource.name}</bdi> use your {view.provider} account?
    </h1>
    <p>
      You use this server with <AppName name={view.client} />. Only the server gets to use your account, never the app.
    </p>
    <dl class="facts">
      <dt>Server</dt>
      <dd>
        <code>{view.resource.uri}</code>
      </dd>
      {view.label !== null && (
        <>
          <dt>Account</dt>
          <dd>
            <bdi>{view.label}</bdi>
          </dd>
        </>
      )}
    </dl>
    <h2 class="label">What it can do at {view.provider}</h2>
    <AccountScopes scopes={view.scopes} reasons={view.reasons} markNew={view.label !== null} />
    <div class="actions">
      <Form shell={shell} to={`/connect/${view.link}`}>
        <button type="submit">Continue to {view.provider}</button>
      </Form>
      <Action shell={shell} to={`/connect/${view.link}/skip`} class="plain">
        {view.isDetour ? "Skip for now" : "Not now"}
      </Action>
    </div>
    <footer>
      Signed in as <bdi>{email}</bdi>.
    </footer>
  </Layout>
);

type RefusedProps = { shell: FormShell; link: string; provider: string };

/** The person declined at the provider. */
export const RefusedThere = ({ shell, link, provider }: RefusedProps) => (
  <Layout shell={shell} title="Not connected">
    <h1>Not connected</h1>
    <p>You didn’t allow it at {provider}. Nothing has changed.</p>
    <Choice shell={shell} link={link} again="Try again" />
  </Layout>
);

type OtherProps = RefusedProps & { label: string; linked: { readonly id: string; readonly label: string } };

/** The person came back with another account than the linked one. */
export const OtherAccountPage = ({ shell, link, provider, label, linked }: OtherProps) => (
  <Layout shell={shell} title="Another account">
    <h1>That is another account</h1>
    <p>
      Your linked {provider} account is <bdi>{linked.label}</bdi>, and you came back as <bdi>{label}</bdi>. Nothing has
      changed.
    </p>
    <p>
      To use <bdi>{label}</bdi> from now on, for every server, unlink <bdi>{linked.label}</bdi> first. To keep{" "}
      <bdi>{linked.label}</bdi>, sign in to {provider} with it and go there again.
    </p>
    <Action shell={shell} to={`/connect/${link}`} fields={{ replace: linked.id }} class="plain">
      Unlink {linked.label} and go to {provider} again
    </Action>
    <Choice shell={shell} link={link} again={`Keep ${linked.label} and go to ${provider} again`} />
  </Layout>
);

const Choice = ({ shell, link, again }: { shell: FormShell; link: string; again: string }) => (
  <div class="actions">
    <Action shell={shell} to={`/connect/${link}`} class="">
      {again}
    </Action>
    <Action shell={shell} to={`/connect/${link}/skip`} class="plain">
      Continue without it
    </Action>
  </div>
);
