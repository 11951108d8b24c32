import type { Child } from "hono/jsx";
import type { ConsentQuestion } from "../../flows/authorize/evaluate.ts";
import { defaultDuration } from "../../oauth/connection-duration.ts";
import type { RefusedForm } from "../fields.ts";
import { AppName } from "./app-name.tsx";
import { TrustAdvice, TrustBadge, TrustNote } from "./client-trust.tsx";
import { Facing } from "./facing.tsx";
import { Action, Form, type FormShell, Select } from "./form.tsx";
import { NeededAccounts } from "./needed-accounts.tsx";
import { Permissions } from "./permissions.tsx";
import { describeDuration, Time } from "./time.tsx";

type Props = {
  shell: FormShell;
  question: ConsentQuestion;
  now: Date;
  /** Where the answer is sent, under the issuer, and what it carries. */
  to: string;
  fields: Readonly<Record<string, string>>;
  refused: RefusedForm | null;
  /** Whether `children` warn already, so that two warnings don't say the same. */
  warned: boolean;
  /** What else the person should know before answering. */
  children?: Child;
};

/** The question whether an app may use a server in the person's name. It is the same in a browser and for a device. */
export const ConsentQuestionForm = ({ shell, question, now, to, fields, refused, warned, children }: Props) => {
  const { client, resource, scopes, previous } = question;
  const fresh = previous ? scopes.filter(({ name }) => !previous.scopes.includes(name)) : [];
  return (
    <>
      <Facing names={[client.name, resource.name]} />
      <h1>
        Allow <AppName name={client.name} /> to use <bdi>{resource.name}</bdi>?
      </h1>
      <p class="trust">
        <TrustBadge trust={client.trust} />
        <span>
          <TrustNote trust={client.trust} /> {!warned && <TrustAdvice trust={client.trust} />}
        </span>
      </p>
      {children}
      {previous && (
        <p class="note">
          You allowed this app to use this server <Time at={previous.grantedAt} now={now} />.{" "}
          {fresh.length === 0
            ? "It asks for nothing new."
            : `New this time: ${fresh.map(({ name, description }) => description ?? name).join("; ")}.`}
        </p>
      )}
      {/* What can be wrong is that nothing is ticked or pressed, which no single field stands for. */}
      <Form shell={shell} to={to} refused={refused && { ...refused, field: null }} fields={fields}>
        <Permissions
          scopes={scopes}
          ticked={refused ? refused.typed.getAll("scope") : scopes.map(({ name }) => name)}
          fresh={fresh.map(({ name }) => name)}
        />
        <NeededAccounts accounts={question.accounts} />
        <DurationChoice durations={question.durations} accessSeconds={resource.accessSeconds} />
        <div class="actions">
          <button type="submit" name="decision" value="allow">
            Allow
          </button>
          <button type="submit" name="decision" value="deny" class="plain">
            Deny
          </button>
        </div>
      </Form>
    </>
  );
};

/** How often the app comes back for a new access token, in words. A day is "every day". */
const describeRenewal = (seconds: number) =>
  `Until then the app renews its access every ${describeDuration(seconds).replace(/^1 /, "")}. You can end it at any time.`;

type DurationProps = { durations: readonly number[]; accessSeconds: number | null };

const DurationChoice = ({ durations, accessSeconds }: DurationProps) => (
  <Select
    name="duration"
    label="Access ends after"
    {...(accessSeconds === null ? {} : { hint: describeRenewal(accessSeconds) })}
    value={String(defaultDuration(durations))}
    options={durations.map((seconds) => [String(seconds), describeDuration(seconds)] as const)}
  />
);

type SignedInProps = { shell: FormShell; email: string; returnTo: string };

/** Shows who is deciding, with a way for somebody else to sign in. */
export const SignedInAs = ({ shell, email, returnTo }: SignedInProps) => (
  <footer>
    Signed in as <bdi>{email}</bdi>.{" "}
    <Action shell={shell} to="/logout" fields={{ continue: returnTo }} class="link">
      Not you?
    </Action>
  </footer>
);
