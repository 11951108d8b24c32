import type { AppContext } from "../app-env.ts";

/** The one stylesheet. */
const STYLESHEET = `
:root {
  color-scheme: light dark;
  --accent: light-dark(#2b5fd9, #8fb2ff);
  --on-accent: light-dark(#ffffff, #0b1630);
  --text: light-dark(#1c2330, #e8ecf4);
  --quiet: light-dark(#566071, #a3aec0);
  --page: light-dark(#f3f5f9, #10141c);
  --card: light-dark(#ffffff, #181e29);
  --line: light-dark(#d5dbe6, #323c4e);
  --warn: light-dark(#8a4b00, #ffc069);
  --warn-page: light-dark(#fff6e6, #2b2213);
  --bad: light-dark(#b3261e, #ff9d94);
}
* { box-sizing: border-box; }
body {
  margin: 0; min-height: 100vh; padding: 2rem 1rem; display: grid; place-items: center;
  background: var(--page); color: var(--text);
  font: 1rem/1.5 system-ui, sans-serif;
}
main {
  width: 100%; max-width: 27rem; padding: 2rem 1.75rem;
  background: var(--card); border: 1px solid var(--line); border-radius: 1rem;
}
h1 { margin: 0 0 .5rem; font-size: 1.35rem; line-height: 1.3; text-wrap: balance; }
h2 { margin: 1.5rem 0 .5rem; font-size: .95rem; }
p { margin: .5rem 0; }
a { color: var(--accent); }
.brand { margin: 0 0 1.5rem; color: var(--quiet); font-size: .85rem; font-weight: 600; letter-spacing: .02em; }
.quiet { color: var(--quiet); font-size: .9rem; }
.facts { margin: 1rem 0; display: grid; align-items: baseline; gap: .25rem 1rem; grid-template-columns: max-content 1fr; }
.facts dt { color: var(--quiet); font-size: .9rem; }
.facts dd { margin: 0; overflow-wrap: anywhere; }
code { font: .9em ui-monospace, monospace; overflow-wrap: anywhere; }
label { display: block; margin: 1rem 0 .35rem; font-weight: 600; }
input:not([type=checkbox]) {
  width: 100%; padding: .65rem .75rem; font: inherit; color: inherit;
  background: transparent; border: 1px solid var(--quiet); border-radius: .6rem;
}
input[aria-invalid=true] { border-color: var(--bad); }
.error { margin: 1rem 0; color: var(--bad); font-weight: 600; }
.warning { margin: 1.25rem 0; padding: .75rem 1rem; color: var(--warn); background: var(--warn-page); border-radius: .6rem; }
.scopes { margin: 0; padding: 0; list-style: none; border: 1px solid var(--line); border-radius: .6rem; }
.scopes li + li { border-top: 1px solid var(--line); }
.scopes label { margin: 0; padding: .75rem 1rem; display: flex; gap: .75rem; align-items: start; font-weight: 400; cursor: pointer; }
.scopes input { flex: none; width: 1.1rem; height: 1.1rem; margin: .2rem 0 0; accent-color: var(--accent); }
.scopes code { display: block; color: var(--quiet); }
.actions { margin-top: 1.5rem; display: grid; gap: .75rem; grid-template-columns: 1fr 1fr; }
button {
  width: 100%; padding: .7rem 1rem; font: inherit; font-weight: 600; cursor: pointer;
  color: var(--on-accent); background: var(--accent); border: 1px solid var(--accent); border-radius: .6rem;
}
.actions button + button, button.plain { color: var(--text); background: transparent; border-color: var(--quiet); }
button.link {
  width: auto; padding: 0; display: inline; font-weight: 400; font-size: inherit; text-decoration: underline;
  color: var(--accent); background: none; border: 0;
}
form.inline { display: inline; }
form + .quiet { margin-top: 1.25rem; }
form > button[type=submit]:only-of-type:not(.link) { margin-top: 1.5rem; }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
`;

/** A gate, for the browser's tab. */
const ICON = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="7" fill="#2b5fd9"/>
<path d="M7 26V15a9 9 0 0 1 18 0v11M12 26V15M16 26V14M20 26V15" fill="none" stroke="#fff" stroke-width="2.4" stroke-linecap="round"/></svg>`;

const asset = (type: string, text: string) => (c: AppContext) =>
  c.body(text, 200, { "Content-Type": type, "Cache-Control": "public, max-age=3600" });

/** `GET /style.css`. */
export const getStylesheet = asset("text/css; charset=utf-8", STYLESHEET);

/** `GET /icon.svg`. */
export const getIcon = asset("image/svg+xml", ICON);
