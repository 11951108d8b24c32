import type { Child } from "hono/jsx";
import { Avatar } from "./avatar.tsx";
import { Brand } from "./brand.tsx";
import { Action, type FormShell } from "./form.tsx";
import { Icon, type IconName } from "./icon.tsx";
import { Document } from "./layout.tsx";

/** What the pages of signed-in people need to know. */
export type PanelShell = FormShell & {
  /** This page's path under the issuer. */
  readonly path: string;
  readonly email: string;
  readonly isOwner: boolean;
  /** A sentence about what was just done. */
  readonly notice: string | null;
};

type Link = readonly [path: string, name: string, icon: IconName];

const OWN_PAGES: readonly Link[] = [
  ["/account", "Connected apps", "connections"],
  ["/account/linked", "Linked accounts", "globe"],
  ["/account/sessions", "Sign-ins", "sign_ins"],
  ["/account/security", "Security", "security"],
];

const OWNER_PAGES: readonly Link[] = [
  ["/admin", "Overview", "overview"],
  ["/admin/resources", "Servers", "servers"],
  ["/admin/clients", "Apps", "apps"],
  ["/admin/new-apps", "New apps", "checked"],
  ["/admin/people", "People", "people"],
  ["/admin/providers", "Providers", "globe"],
  ["/admin/issuers", "Issuers", "key"],
  ["/admin/registration", "Registration", "registration"],
  ["/admin/refusals", "Refused", "warning"],
  ["/admin/audit", "Audit log", "audit"],
];

type Props = {
  shell: PanelShell;
  title: string;
  /** A sentence about what the page is for. */
  lead?: Child;
  /** Beside the heading: a picture, a badge. */
  beside?: Child;
  /** The page's one primary action, if it isn't in a form. */
  action?: Child;
  /** The list that this page belongs to. */
  back?: { readonly path: string; readonly name: string };
  script?: string;
  children?: Child;
};

/** The shell of the pages of signed-in people: the navigation, and the page itself. */
export const Panel = ({ shell, title, lead, beside, action, back, script, children }: Props) => (
  <Document shell={shell} title={title} scripts={["page.js", ...(script ? [script] : [])]}>
    <a class="skip" href="#content">
      Skip to the content
    </a>
    <div class="panel">
      <header class="bar">
        <Brand shell={shell} />
        <button type="button" class="small" popovertarget="menu">
          <Icon name="menu" />
          Menu
        </button>
      </header>
      <Rail shell={shell} />
      <main id="content" class="page">
        <div class="heading">
          <div>
            {back && (
              <p class="back">
                <a href={shell.issuer + back.path}>
                  <Icon name="back" /> {back.name}
                </a>
              </p>
            )}
            <h1>
              <bdi>{title}</bdi>
              {beside}
            </h1>
            {lead && <p>{lead}</p>}
          </div>
          {action}
        </div>
        {shell.notice && (
          <p class="notice" role="status">
            {shell.notice}
          </p>
        )}
        {children}
      </main>
    </div>
  </Document>
);

/** The navigation. On a phone it is a popover that a button opens, which needs no script. */
const Rail = ({ shell }: { shell: PanelShell }) => (
  <aside class="rail" id="menu" popover="auto" aria-label="Menu">
    <Brand shell={shell} />
    <nav aria-label="Pages">
      <Links shell={shell} links={OWN_PAGES} />
      {shell.isOwner && (
        <>
          <h2>Administration</h2>
          <Links shell={shell} links={OWNER_PAGES} />
        </>
      )}
    </nav>
    <div class="whoami">
      <Avatar name={shell.email} shape="person" />
      <bdi title={shell.email}>{shell.email}</bdi>
      <Action shell={shell} to="/logout" class="link">
        Sign out
      </Action>
    </div>
  </aside>
);

const Links = ({ shell, links }: { shell: PanelShell; links: readonly Link[] }) => (
  <ul>
    {links.map(([path, name, icon]) => (
      <li key={path}>
        <a href={shell.issuer + path} {...(isHere(shell.path, path) ? { "aria-current": "page" } : {})}>
          <Icon name={icon} />
          {name}
        </a>
      </li>
    ))}
  </ul>
);

/**
 * Marks the section that a page is in. The two top pages are only marked by themselves, since the pages below them
 * belong to other sections.
 */
const isHere = (here: string, path: string): boolean =>
  here === path ||
  (here.startsWith(`${path}/`) && path !== "/admin" && path !== "/account") ||
  (path === "/admin/people" && here.startsWith("/admin/groups")) ||
  (path === "/account" && here.startsWith("/account/connections"));
