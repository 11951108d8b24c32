import type { ClientTrust } from "../../oauth/client-trust.ts";

/** How far it is proven who a client is. */
export const TrustNote = ({ trust }: { trust: ClientTrust }) => {
  switch (trust.level) {
    case "approved":
      return <>Approved by the owner of this server</>;
    case "document":
      return (
        <>
          Vouched for by <code>{trust.host}</code>
        </>
      );
    case "self_asserted":
      return <>It chose this name itself; nobody has checked it</>;
  }
};
