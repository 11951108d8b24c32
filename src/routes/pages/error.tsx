import { type Frame, Layout } from "./layout.tsx";

/** What a person sees where a client would get an error. */
export const ErrorPage = ({ frame, status, message }: { frame: Frame; status: number; message: string }) => (
  <Layout frame={frame} title="That didn't work">
    <h1>That didn’t work</h1>
    <p>{message}</p>
    <p class="quiet">
      {status >= 500 || status === 429
        ? "Try again in a moment."
        : "You can close this page. If an app sent you here, its developer can tell what is wrong from the sentence above."}
    </p>
  </Layout>
);
