import type { Child } from "hono/jsx";
import type { PasskeyOffer } from "../../flows/login/passkey.ts";
import { type FormShell, Hidden } from "./form.tsx";

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

/** A form that a passkey answers. It is only visible if script and browser support that, see assets/passkeys.js. */
export const PasskeyForm = ({ shell, to, kind, offer, fields = {}, children }: Props) => (
  <form method="post" action={shell.issuer + to} data-passkey={kind} data-options={offer.options} hidden>
    <Hidden fields={{ csrf: shell.csrf, challenge: offer.challenge, ...fields }} />
    <input type="hidden" name="credential" />
    {children}
    <p class="error" role="alert" hidden />
  </form>
);
