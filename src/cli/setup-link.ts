import { createSetupLink } from "../flows/admin/setup-links.ts";
import type { SetupLinkPurpose } from "../store/setup-links.ts";
import { connect, issuerOfDeployment } from "./database-connection.ts";
import { type OutputOptions, orFail, print } from "./output.ts";

type LinkOptions = OutputOptions & { readonly issuer?: string };

/** `owner invite [EMAIL]`, `user invite EMAIL` and `user reset EMAIL` print a link once. */
export const setupLinkCommand =
  (purposeOf: (email: string | null) => SetupLinkPurpose) =>
  async (email: string | undefined, options: LinkOptions): Promise<void> => {
    const issuer = await issuerOfDeployment(options.issuer);
    const link = orFail(await createSetupLink(await connect(), issuer, purposeOf(email ?? null)));
    print(
      options,
      link,
      `${link.url}\n\nIt works once, until ${link.expiresAt.toUTCString()}. Give it to nobody but the person it is for.`,
    );
  };
