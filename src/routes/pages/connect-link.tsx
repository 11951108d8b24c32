import type { ConnectView } from "../../flows/linked/connect-link.ts";
import { AppName } from "./app-name.tsx";
import { Confirm } from "./confirm.tsx";
import { Facing } from "./facing.tsx";
import { Action, Form, type FormShell } from "./form.tsx";
import { Layout } from "./layout.tsx";
import { AccountScopes } from "./needed-accounts.tsx";

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
    <h1>You came back with another account</h1>
    <p>
      Your linked {provider} account is <bdi>{linked.label}</bdi>, and you signed in there as <bdi>{label}</bdi>.
      Nothing has changed.
    </p>
    <Choice shell={shell} link={link} again={`Try again with ${linked.label}`} />
    <footer>
      <p>
        To use <bdi>{label}</bdi> instead, for every server, unlink <bdi>{linked.label}</bdi> first.
      </p>
      <div class="buttons">
        <Confirm
          shell={shell}
          id="unlink"
          to={`/connect/${link}`}
          fields={{ replace: linked.id }}
          action={`Unlink ${linked.label}`}
          title={`Unlink ${linked.label}?`}
        >
          <p>
            Every server that uses it loses access to it, and {provider} is told to end it as well. Then you go to{" "}
            {provider} again, to sign in as <bdi>{label}</bdi>.
          </p>
        </Confirm>
      </div>
    </footer>
  </Layout>
);

const Choice = ({ shell, link, again }: { shell: FormShell; link: string; again: string }) => (
  <div class="actions">
    <Action shell={shell} to={`/connect/${link}`} class="">
      {again}
    </Action>
    <Action shell={shell} to={`/connect/${link}/skip`} class="plain">
      Skip for now
    </Action>
  </div>
);
