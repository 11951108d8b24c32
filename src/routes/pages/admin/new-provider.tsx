import { PROVIDER_PRESETS } from "../../../oauth/provider-presets.ts";
import type { RefusedForm } from "../../fields.ts";
import { CodedText } from "../coded-text.tsx";
import { Creation } from "../creation.tsx";
import { Checkbox, Field, Form, Select, TextArea } from "../form.tsx";
import type { PanelShell } from "../panel.tsx";

type Props = { shell: PanelShell; refused: RefusedForm | null };

const PRESETS = [
  ...Object.entries(PROVIDER_PRESETS).map(([key, { name }]) => [key, name] as const),
  ["", "Another provider"] as const,
];

const SECRET_METHODS = [
  ["", "Automatic"],
  ["client_secret_basic", "In a header"],
  ["client_secret_post", "In the body"],
] as const;

/** What the owner says about a provider. A preset knows the rest. For others, the issuer or the endpoints supply it. */
export const NewProvider = ({ shell, refused }: Props) => (
  <Creation title="Add a provider" open={refused !== null}>
    <p>
      Register this service at the provider first, with the redirect URI <code>{shell.issuer}/callback/</code> and the
      short name that you choose here, such as <code>{shell.issuer}/callback/github</code>.
    </p>
    <Form shell={shell} to="/admin/providers" refused={refused}>
      <div class="fields">
        <Select name="preset" label="Provider" options={PRESETS} />
        <Field name="slug" label="Short name" hint="Lower-case letters, digits and hyphens." required maxlength={32} />
        <Field name="name" label="Name" hint="What people see. Leave empty for the provider’s own." maxlength={100} />
        <Field name="client_id" label="ID that the provider gave" required maxlength={500} autocomplete="off" />
        <Field
          name="client_secret"
          label="Secret that the provider gave"
          hint="Sealed when it is saved, and never shown. Leave empty if there is none."
          type="password"
          maxlength={2000}
          autocomplete="off"
        />
        <Field name="host" label="Host" hint="For your own GitHub or GitLab server." type="url" maxlength={2000} />
        <Field name="tenant" label="Tenant" hint="For Microsoft." maxlength={100} />
      </div>
      <details class="fold" open={refused !== null}>
        <summary>For another provider</summary>
        <div class="fields">
          <Field
            name="issuer"
            label="Issuer"
            hint="For an OpenID provider. The rest is discovered."
            type="url"
            maxlength={2000}
          />
          <Field name="authorization_endpoint" label="Authorization endpoint" type="url" maxlength={2000} />
          <Field name="token_endpoint" label="Token endpoint" type="url" maxlength={2000} />
          <Select
            name="token_endpoint_auth_method"
            label="Where it takes the secret"
            hint="Automatic is what its metadata says, or else a header."
            options={SECRET_METHODS}
          />
          <Field name="user_endpoint" label="User endpoint" hint="Says who someone is." type="url" maxlength={2000} />
          <Field
            name="user_id"
            label="Where its answer has the ID"
            hint="The ID must never change or go to someone else, so not an address. Leave empty for id. Dots lead into nested members, as in data.id."
            maxlength={200}
          />
          <Field name="user_name" label="Where its answer has the name" hint="Leave empty for login." maxlength={200} />
          <Field name="revocation_endpoint" label="Endpoint that ends access" type="url" maxlength={2000} />
        </div>
        <TextArea
          name="scopes"
          label="Permissions that servers may ask for there"
          hint="One a line, as name=sentence, with an exclamation mark before one that allows a lot."
          placeholder="read:issues=Read your issues"
        />
      </details>
      <Checkbox name="signs_in" checked={false}>
        People can sign in with it
      </Checkbox>
      <Field
        name="joining"
        label="Who may join by signing in"
        hint="Leave empty for nobody new. Rules: invited, domain:example.com, org:acme, team:acme/devs, subject:12345."
        maxlength={4000}
      />
      <button type="submit">Add provider</button>
    </Form>
    <h2>Good to know</h2>
    <dl class="facts">
      {Object.values(PROVIDER_PRESETS).map(({ name, oddity, registerAt }) => (
        <>
          <dt>
            <a href={registerAt} rel="noreferrer">
              {name}
            </a>
          </dt>
          <dd>
            <CodedText>{oddity}</CodedText>
          </dd>
        </>
      ))}
    </dl>
  </Creation>
);
