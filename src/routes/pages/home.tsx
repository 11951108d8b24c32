import { Layout, type PageShell } from "./layout.tsx";

/** Says what this server is. */
export const HomePage = ({ shell }: { shell: PageShell }) => (
  <Layout shell={shell} title="Sign-in service">
    <h1>{shell.deployment}</h1>
    <p>The sign-in service for your MCP servers. Here you decide which apps can use them, and for how long.</p>
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
