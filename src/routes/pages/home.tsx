import { Layout, type PageShell } from "./layout.tsx";

/** Says what this server is. */
export const HomePage = ({ shell }: { shell: PageShell }) => (
  <Layout shell={shell} title="Sign-in service">
    <h1>This is the sign-in service of {shell.deployment}</h1>
    <p>It lets you decide which apps may use your MCP servers, and for how long.</p>
    <div class="buttons">
      <a class="button" href={`${shell.issuer}/account`}>
        Your connected apps
      </a>
    </div>
    <footer>
      Building an app? Everything it needs is in the{" "}
      <a href={`${shell.issuer}/.well-known/oauth-authorization-server`}>server metadata</a>.
    </footer>
  </Layout>
);
