import { html } from "hono/html";
import type { Child } from "hono/jsx";

/** The frame of every page: one column, one card. */
export const Layout = (props: { title: string; children?: Child }) =>
  html`<!doctype html>${(
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>{props.title} · Gatehouse</title>
        <link rel="icon" href="icon.svg" />
        <link rel="stylesheet" href="style.css" />
      </head>
      <body>
        <main>
          <p class="brand">Gatehouse</p>
          {props.children}
        </main>
      </body>
    </html>
  )}`;
