import { html } from "hono/html";
import type { Child } from "hono/jsx";

/** What every page needs to know. */
export type Frame = {
  readonly issuer: string;
  /** What the owner calls this deployment. */
  readonly deployment: string;
};

type LayoutProps = { frame: Frame; title: string; script?: string | undefined; children?: Child };

/** The frame of a page that asks one thing: one column, one card. */
export const Layout = ({ frame, title, script, children }: LayoutProps) => (
  <Document frame={frame} title={title} script={script}>
    <main class="card">
      <p class="brand">{frame.deployment}</p>
      {children}
    </main>
  </Document>
);

/** A whole HTML document. `script` is the name of one of ours. */
export const Document = ({ frame, title, script, children }: LayoutProps) =>
  html`<!doctype html>${(
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>{`${title} · ${frame.deployment}`}</title>
        <link rel="icon" href={`${frame.issuer}/icon.svg`} />
        <link rel="stylesheet" href={`${frame.issuer}/style.css`} />
        {script && <script type="module" src={`${frame.issuer}/${script}`} />}
      </head>
      <body>{children}</body>
    </html>
  )}`;
