import type { Child } from "hono/jsx";
import type { PasskeyOffer } from "../../flows/login/passkey.ts";
import { Form, type FormShell } from "./form.tsx";

type Props = {
  shell: FormShell;
  /** Where it is sent, under the issuer. */
  to: string;
  /** Whether the browser should use a passkey or make one. */
  kind: "get" | "create";
  offer: PasskeyOffer;
  fields?: Readonly<Record<string, string>>;
  children?: Child;
};

/**
 * A form that a passkey answers. The stylesheet shows it only with script, from the first paint on, and
 * assets/passkeys.js hides it where the browser has no passkeys.
 */
export const PasskeyForm = ({ shell, to, kind, offer, fields = {}, children }: Props) => (
  <Form
    shell={shell}
    to={to}
    fields={{ challenge: offer.challenge, ...fields, credential: "" }}
    class="scripted"
    data={{ "data-passkey": kind, "data-options": offer.options }}
  >
    {children}
    <p class="error" role="alert" hidden />
  </Form>
);
