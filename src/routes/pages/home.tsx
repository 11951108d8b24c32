import { type Frame, Layout } from "./layout.tsx";

/** What this server is. */
export const HomePage = ({ frame }: { frame: Frame }) => (
  <Layout frame={frame} title="Authorization server">
    <h1>This is an authorization server</h1>
    <p>It signs people in to MCP servers. Apps find all that they need in its metadata:</p>
    <p>
      <a href={`${frame.issuer}/.well-known/oauth-authorization-server`}>oauth-authorization-server</a>
    </p>
    <p>
      <a href={`${frame.issuer}/account`}>Your connected apps</a>
    </p>
  </Layout>
);
