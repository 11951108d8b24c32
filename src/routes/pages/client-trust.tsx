import type { ClientTrust } from "../../oauth/client-trust.ts";
import { Badge } from "./badge.tsx";

/** A badge that says how well a client's identity is proven. */
export const TrustBadge = ({ trust }: { trust: ClientTrust }) => {
  switch (trust.level) {
    case "approved":
      return (
        <Badge tone="good" icon="checked">
          Approved
        </Badge>
      );
    case "document":
      return (
        <Badge tone="info" icon="globe">
          <bdi>{trust.host}</bdi>
        </Badge>
      );
    case "self_asserted":
      return (
        <Badge tone="warn" icon="warning">
          Unverified
        </Badge>
      );
  }
};

/** The same in a sentence. */
export const TrustNote = ({ trust }: { trust: ClientTrust }) => {
  switch (trust.level) {
    case "approved":
      return <>Checked and approved by the people who run this service.</>;
    case "document":
      return <>This site published the app. Nobody here has checked it.</>;
    case "self_asserted":
      return <>This app chose its own name, and nobody has checked it.</>;
  }
};

/** What to consider before allowing it anything. */
export const TrustAdvice = ({ trust }: { trust: ClientTrust }) => {
  switch (trust.level) {
    case "approved":
      return null;
    case "document":
      return <>Continue only if you trust the site.</>;
    case "self_asserted":
      return <>Continue only if you just started it yourself.</>;
  }
};
