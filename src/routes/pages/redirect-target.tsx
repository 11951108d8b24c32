import type { RedirectTarget } from "../../oauth/redirect-uri.ts";

type Props = { target: RedirectTarget };

/**
 * Where an answer is sent. A scheme is shown as a scheme, since `claude.ai://claude.ai` would read like somebody's
 * domain.
 */
export const RedirectTargetName = ({ target }: Props) =>
  target.kind === "app" ? (
    <>
      an app on this device that opens <code>{target.scheme}</code> links
    </>
  ) : (
    <code>{target.host}</code>
  );

/** What a person has to know before sending access to their own device. */
export const RedirectWarning = ({ target }: Props) => {
  switch (target.kind) {
    case "site":
      return null;
    case "loopback":
      return (
        <p class="warning">
          This sends access to a program on your own computer. Only allow it if you have just started one that asked for
          it.
        </p>
      );
    case "app":
      return (
        <p class="warning">
          Whichever app on this device claims <code>{target.scheme}</code> links gets the access. Only allow it if you
          have just come from an app that asked for it.
        </p>
      );
  }
};
