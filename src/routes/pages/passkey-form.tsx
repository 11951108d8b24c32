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

/**
 * A form that a passkey answers. The stylesheet shows it only with script, from the first paint on, and
 * assets/passkeys.js hides it where the browser has no passkeys.
 */
export const PasskeyForm = ({ shell, to, kind, offer, fields = {}, children }: Props) => (
  <form method="post" action={shell.issuer + to} data-passkey={kind} data-options={offer.options} class="scripted">
    <Hidden fields={{ csrf: shell.csrf, challenge: offer.challenge, ...fields }} />
    <input type="hidden" name="credential" />
    {children}
    <p class="error" role="alert" hidden />
  </form>
);
