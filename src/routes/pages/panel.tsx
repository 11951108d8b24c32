import type { Child } from "hono/jsx";
import { Action, type FormFrame } from "./form.tsx";
import { Document } from "./layout.tsx";

/** What the pages of somebody who is signed in need to know. */
export type PanelFrame = FormFrame & {
  /** Which page this is, under the issuer. */
  readonly path: string;
  readonly email: string;
  readonly isOwner: boolean;
  /** What was just done, in a sentence. */
  readonly notice: string | null;
};

const OWN_PAGES = [
  ["/account", "Connected apps"],
  ["/account/sessions", "Sign-ins"],
  ["/account/security", "Security"],
] as const;

const OWNER_PAGES = [
  ["/admin", "Overview"],
  ["/admin/resources", "Servers"],
  ["/admin/clients", "Apps"],
  ["/admin/people", "People"],
  ["/admin/registration", "Registration"],
  ["/admin/audit", "Audit log"],
] as const;

type Props = { frame: PanelFrame; title: string; script?: string; children?: Child };

/** The frame of the pages of somebody who is signed in: where one can go, and what is here. */
export const Panel = ({ frame, title, script, children }: Props) => (
  <Document frame={frame} title={title} script={script}>
    <a class="skip" href="#content">
      Skip to the content
    </a>
    <header class="top">
      <p class="brand">{frame.deployment}</p>
      <div class="quiet">
        <bdi>{frame.email}</bdi>{" "}
        <Action frame={frame} to="/logout" class="link">
          Sign out
        </Action>
      </div>
    </header>
    <div class="panel">
      <nav aria-label="Pages">
        <Links frame={frame} pages={OWN_PAGES} />
        {frame.isOwner && <Links frame={frame} pages={OWNER_PAGES} heading="This server" />}
      </nav>
      <main id="content" class="wide">
        <h1>{title}</h1>
        {frame.notice && (
          <p class="notice" role="status">
            {frame.notice}
          </p>
        )}
        {children}
      </main>
    </div>
  </Document>
);

type LinksProps = { frame: PanelFrame; pages: readonly (readonly [string, string])[]; heading?: string };

const Links = ({ frame, pages, heading }: LinksProps) => (
  <>
    {heading && <p class="quiet">{heading}</p>}
    <ul>
      {pages.map(([path, name]) => (
        <li key={path}>
          <a href={frame.issuer + path} {...(isHere(frame.path, path) ? { "aria-current": "page" } : {})}>
            {name}
          </a>
        </li>
      ))}
    </ul>
  </>
);

/** A page below another one is at home there; the two top ones have nothing below them that isn't another's. */
const isHere = (here: string, path: string): boolean =>
  here === path ||
  (here.startsWith(`${path}/`) && path !== "/admin" && path !== "/account") ||
  (path === "/account" && here.startsWith("/account/connections"));
