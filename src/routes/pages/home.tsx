import { type Frame, Layout } from "./layout.tsx";

/** What this server is. */
export const HomePage = ({ frame }: { frame: Frame }) => (
  <Layout frame={frame} title="Sign-in service">
    <h1>This is the sign-in service of {frame.deployment}</h1>
    <p>It lets you decide which apps may use your MCP servers, and for how long.</p>
    <div class="buttons">
      <a class="button" href={`${frame.issuer}/account`}>
        Your connected apps
      </a>
    </div>
    <footer>
      Building an app? Everything it needs is in the{" "}
      <a href={`${frame.issuer}/.well-known/oauth-authorization-server`}>server metadata</a>.
    </footer>
  </Layout>
);
