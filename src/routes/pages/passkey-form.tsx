import type { Child } from "hono/jsx";
import type { PasskeyOffer } from "../../flows/login/passkey.ts";

type Props = {
  action: string;
  csrf: string;
  /** Whether the browser is to use a passkey or to make one. */
  kind: "get" | "create";
  offer: PasskeyOffer;
  children?: Child;
};

/** A form that a passkey answers. It shows itself only where script and browser can do that; see assets/passkeys.js. */
export const PasskeyForm = ({ action, csrf, kind, offer, children }: Props) => (
  <form method="post" action={action} data-passkey={kind} data-options={offer.options} hidden>
    <input type="hidden" name="csrf" value={csrf} />
    <input type="hidden" name="challenge" value={offer.challenge} />
    <input type="hidden" name="credential" />
    {children}
    <p class="error" role="alert" hidden />
  </form>
);
