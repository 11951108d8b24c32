import type { Child } from "hono/jsx";
import type { PasskeyOffer } from "../../flows/login/passkey.ts";
import { type FormFrame, Hidden } from "./form.tsx";

type Props = {
  frame: FormFrame;
  /** Where it is sent, under the issuer. */
  to: string;
  /** Whether the browser is to use a passkey or to make one. */
  kind: "get" | "create";
  offer: PasskeyOffer;
  fields?: Readonly<Record<string, string>>;
  children?: Child;
};

/** A form that a passkey answers. It shows itself only where script and browser can do that; see assets/passkeys.js. */
export const PasskeyForm = ({ frame, to, kind, offer, fields = {}, children }: Props) => (
  <form method="post" action={frame.issuer + to} data-passkey={kind} data-options={offer.options} hidden>
    <Hidden fields={{ csrf: frame.csrf, challenge: offer.challenge, ...fields }} />
    <input type="hidden" name="credential" />
    {children}
    <p class="error" role="alert" hidden />
  </form>
);
