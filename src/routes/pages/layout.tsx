import { html } from "hono/html";
import type { Child } from "hono/jsx";
import { Brand } from "./brand.tsx";
import { ZoneContext } from "./time.tsx";

/** What every page needs to know. */
export type PageShell = {
  readonly issuer: string;
  /** The owner's name for this deployment. */
  readonly deployment: string;
  /** Whether the owner has set a logo. */
  readonly hasLogo: boolean;
  /** The time zone in which the person reads times. */
  readonly zone: string;
};

type DocumentProps = { shell: PageShell; title: string; scripts: readonly string[]; children?: Child };

type LayoutProps = { shell: PageShell; title: string; script?: string; roomy?: boolean; children?: Child };

/** The shell of a page that asks one thing, with one column and one card. */
export const Layout = ({ shell, title, script, roomy = false, children }: LayoutProps) => (
  <Document shell={shell} title={title} scripts={["page.js", ...(script ? [script] : [])]}>
    <main class={roomy ? "card roomy" : "card"}>
      <Brand shell={shell} />
      {children}
    </main>
  </Document>
);

/** A whole HTML document. `scripts` holds the names of our scripts. */
export const Document = ({ shell, title, scripts, children }: DocumentProps) =>
  html`<!doctype html>${(
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>{`${title} · ${shell.deployment}`}</title>
        <link rel="icon" href={`${shell.issuer}/${shell.hasLogo ? "logo" : "icon.svg"}`} />
        <link rel="stylesheet" href={`${shell.issuer}/style.css`} />
        {scripts.map((name) => (
          <script key={name} type="module" src={`${shell.issuer}/${name}`} />
        ))}
      </head>
      <body>
        <ZoneContext.Provider value={shell.zone}>{children}</ZoneContext.Provider>
      </body>
    </html>
  )}`;
